"""Pixels: decoding a picture so that it stands upright in 8 bits, and encoding it again.

The only file of the core that knows the imaging libraries. Works in memory; a picture of 50 megapixels takes some
hundred megabytes while it is here, and a decoder may crash: an app runs it in a process that may be killed.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, replace
from typing import cast

import pillow_heif
from PIL import Image, ImageCms, ImageMath

from .containers import Header
from .containers.exif import Exif
from .errors import UnreadablePicture
from .pictures import FORMATS, INPUT_LIMITS, check

_OPENERS = {
    "image/jpeg": ("JPEG",),
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
    "image/gif": ("GIF",),
    "image/avif": ("AVIF",),
}
"""Pillow may try one parser: that of the container we found. HEIC is read by libheif, without registering it."""

_DAMAGE = (
    *(OSError, SyntaxError, ValueError, EOFError, RuntimeError, IndexError, KeyError, TypeError, OverflowError),
    *(struct.error, UserWarning, Image.DecompressionBombError, Image.DecompressionBombWarning),
)
"""All that Pillow and libheif were seen to raise for bytes they cannot decode; they have no error of their own."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation to what undoes it; Pillow turns anticlockwise."""


@dataclass(frozen=True)
class Pixels:
    """A decoded picture, upright, 8 bits a channel, grey, RGB or palette, perhaps with alpha.

    `profile` is its ICC profile (b"" means sRGB), `found` names the metadata that was in the file.
    """

    image: Image.Image
    profile: bytes = b""
    found: tuple[str, ...] = ()

    @classmethod
    def decode(cls, data: bytes, header: Header) -> Pixels:
        """The first frame of these bytes, whose `header` was read from them.

        Raises `UnreadablePicture` when they are damaged, or larger inside than their header said.
        """
        try:
            image = _open(data, header)
        except _DAMAGE as error:
            name = FORMATS[header.mime].name
            raise UnreadablePicture(f"This {name} file is damaged: its pixels cannot be decoded.") from error
        info, profile = image.info, image.info.get("icc_profile") or b""
        image = _eight_bits(image, header.depth)
        if image.mode == "CMYK":
            image, profile = _srgb(image, profile, "RGB"), b""
        if header.mime in _OPENERS and header.orientation in _TURNS:  # libheif has turned its pictures already
            image = image.transpose(_TURNS[header.orientation])
        image.info = {key: value for key, value in image.info.items() if key == "transparency"}
        return cls(image, profile, _metadata(info))

    @property
    def transparent(self) -> bool:
        """Whether the picture has an alpha channel or a transparent colour."""
        return self.image.has_transparency_data

    def plain(self) -> Pixels:
        """The same without palette, and without alpha where every pixel is opaque."""
        if not self.transparent:
            grey = self.image.mode in ("1", "L")
            return replace(self, image=_in_mode(self.image, "L" if grey else "RGB"))
        image = _in_mode(self.image, "RGBA")
        opaque = image.getchannel("A").getextrema() == (255, 255)
        return replace(self, image=image.convert("RGB") if opaque else image)

    def in_srgb(self) -> Pixels:
        """The same in sRGB, without a profile. Colours of a profile that cannot be read are taken for sRGB."""
        mode = "RGBA" if self.transparent else "RGB"
        return replace(self, image=_srgb(self.image, self.profile, mode), profile=b"")

    def scaled(self, longest: int) -> Pixels:
        """The same with `longest` pixels on its longest side."""
        width, height = self.image.size
        if longest >= max(width, height):
            return self
        share = longest / max(width, height)
        size = (max(1, round(width * share)), max(1, round(height * share)))
        return replace(self, image=self.image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))

    def roughly(self, longest: int) -> Pixels:
        """The same made smaller by a whole number, so that its longest side is `longest` pixels or little more.

        A tenth of the time of `scaled`, which then has far less to do.
        """
        times = max(self.image.size) // longest
        return replace(self, image=self.image.reduce(times)) if times > 1 else self

    def jpeg(self, quality: int, *, full_colour: bool = True) -> bytes:
        """As JPEG, colours at full resolution (4:4:4) or halved (4:2:0). Alpha is lost."""
        image = self.image if self.image.mode == "L" else _in_mode(self.image, "RGB")
        sampling = "4:4:4" if full_colour else "4:2:0"
        return self._save(image, "JPEG", quality=quality, subsampling=sampling)

    def png(self) -> bytes:
        """As PNG, without loss."""
        return self._save(self.image, "PNG")

    def webp(self, quality: int) -> bytes:
        """As WebP with its alpha. Method 2 costs a third of the time of the default for a few percent of size."""
        return self._save(self.image, "WEBP", quality=quality, method=2)

    def webp_lossless(self) -> bytes:
        """As WebP without loss: of flat drawings smaller than with it, of photos ten times as large and as slow."""
        return self._save(self.image, "WEBP", lossless=True, method=2)

    def _save(self, image: Image.Image, kind: str, **options: object) -> bytes:
        out = io.BytesIO()
        image.save(out, kind, icc_profile=self.profile or None, **options)
        return out.getvalue()


def _open(data: bytes, header: Header) -> Image.Image:
    """The loaded first frame, its size checked again before a pixel is decoded."""
    if header.mime not in _OPENERS:
        heif = pillow_heif.open_heif(data)
        check(replace(header, width=heif.size[0], height=heif.size[1]), INPUT_LIMITS)
        return heif.to_pillow()
    image = Image.open(io.BytesIO(data), formats=_OPENERS[header.mime])
    check(replace(header, width=image.width, height=image.height), INPUT_LIMITS)
    image.load()
    return image


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    """The picture in this mode. Pillow would copy one that has it already: a second one in memory for nothing."""
    return image if image.mode == mode else image.convert(mode)


def _eight_bits(image: Image.Image, depth: int) -> Image.Image:
    """Sixteen bits cut to their upper eight, as Pillow itself does for colour; it would clip grey to white."""
    colour = image.info.get("transparency")
    if image.mode.startswith("I;16"):
        grey = Image.frombytes("L", image.size, image.convert("I;16").tobytes()[1::2])
        grey.info = {key: value for key, value in image.info.items() if key != "transparency"}
        if colour is not None:
            grey.putalpha(_all_but(image, colour))
        return grey
    if depth == 16 and isinstance(colour, tuple):
        image.info["transparency"] = tuple(value >> 8 for value in colour)
    return image


def _all_but(image: Image.Image, colour: int) -> Image.Image:
    """An alpha channel that hides one grey of 16 bits."""
    mask = ImageMath.lambda_eval(lambda names: (names["grey"] != colour) * 255, grey=image.convert("I"))
    return cast(Image.Image, mask).convert("L")


def _srgb(image: Image.Image, profile: bytes, mode: str) -> Image.Image:
    """A picture as sRGB, in RGB or RGBA, through its own profile where that can be read."""
    if profile:
        try:
            source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode=mode)
        except (ImageCms.PyCMSError, OSError):
            converted = None
        if converted is not None:
            return converted
    return image.convert(mode)


def _metadata(info: dict[str | tuple[int, int], object]) -> tuple[str, ...]:
    """Names of what a decoder found beside the pixels, for containers that are not stripped first."""
    exif = info.get("exif")
    names = Exif.read(exif).names if isinstance(exif, bytes) else ()
    return (*names, *(name for key, name in (("xmp", "XMP"), ("comment", "comment")) if info.get(key)))
