"""Bytes to a picture to work on: upright, sRGB, 8 bits, RGB or RGBA."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from .asking import Edited, Refused

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""What is opened; Pillow knows more, some of it by calling other programs."""

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 12_000

# What Pillow's readers raise for damaged files.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, OverflowError, struct.error)


@dataclass(frozen=True)
class Loaded:
    """A picture in memory; `jpeg` tells whether it came as JPEG, for then it leaves as JPEG."""

    image: Image.Image
    jpeg: bool


def load(data: bytes, number: int) -> Loaded:
    """Decode one picture; `number` counts from 1 and is for the sentence of `Refused`."""
    try:
        image = Image.open(io.BytesIO(data), formats=_readable())
        _check(image.size, number)
        image.load()
        return Loaded(_normal(ImageOps.exif_transpose(image)), image.format in ("JPEG", "MPO"))
    except UnidentifiedImageError as error:
        raise Refused(f"Picture {number} is not a picture this engine can read.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(f"Picture {number} is too large.") from error
    except _DAMAGE as error:
        raise Refused(f"Picture {number} is damaged and cannot be decoded.") from error


def _readable() -> list[str]:
    # Pillow raises KeyError for a format it was built without, and knows its formats only after `init`.
    Image.init()
    return [each for each in FORMATS if each in Image.OPEN]


def _check(size: tuple[int, int], number: int) -> None:
    if size[0] * size[1] > MOST_PIXELS or max(size) > LONGEST_SIDE:
        raise Refused(
            f"Picture {number} is too large: {size[0]} x {size[1]} pixels. "
            f"The most are {MOST_PIXELS // 1_000_000} megapixels and {LONGEST_SIDE:,} a side."
        )


def _normal(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        image = image.point(lambda level: level * (1 / 256) + 0).convert("L")
    clear = image.has_transparency_data
    if not clear:
        return _srgb(image)
    solid = image.convert("RGBA")
    alpha = solid.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return _srgb(solid.convert("RGB"), image)
    coloured = _srgb(solid.convert("RGB"), image)
    coloured.putalpha(alpha)
    return coloured


def _srgb(image: Image.Image, source: Image.Image | None = None) -> Image.Image:
    """To sRGB by the profile of the file, or plainly where there is none or none that fits."""
    profile = (source or image).info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            wanted = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, given, wanted, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            return image.convert("RGB")
        return converted if converted is not None else image.convert("RGB")
    return image.convert("RGB")


def save(image: Image.Image, *, as_jpeg: bool) -> Edited:
    """JPEG of quality 92 where that is wanted and nothing is transparent, else PNG. No metadata."""
    out = io.BytesIO()
    bare = image.copy()
    bare.info = {}
    if as_jpeg and bare.mode == "RGB":
        bare.save(out, "JPEG", quality=92)
        return Edited(out.getvalue(), "image/jpeg")
    bare.save(out, "PNG", compress_level=4)
    return Edited(out.getvalue(), "image/png")
