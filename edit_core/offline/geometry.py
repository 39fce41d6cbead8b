"""Effects of shape: turning, flipping, cropping, padding, borders."""

from __future__ import annotations

from PIL import Image, ImageOps

from .colours import Rgb
from .plan import Ratio

MOST_PIXELS = 25_000_000
"""What a step may grow a picture to; beyond it the picture is scaled down (one that came larger stays as large)."""

_RIGHT_ANGLES = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def rotate(image: Image.Image, degrees: float) -> Image.Image:
    """Turn clockwise. The canvas grows to hold it; new corners are white, or clear where there was transparency."""
    degrees %= 360
    if degrees == 0:
        return image.copy()
    if degrees in _RIGHT_ANGLES:
        return image.transpose(_RIGHT_ANGLES[int(degrees)])
    return image.rotate(
        -degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=_paint(image, (255, 255, 255), clear=True)
    )


def flip(image: Image.Image, *, vertical: bool) -> Image.Image:
    """Mirror left and right, or top and bottom."""
    return image.transpose(Image.Transpose.FLIP_TOP_BOTTOM if vertical else Image.Transpose.FLIP_LEFT_RIGHT)


def crop(image: Image.Image, ratio: Ratio) -> Image.Image:
    """The largest middle part in the ratio."""
    wide, high = ratio
    width = max(min(image.width, round(image.height * wide / high)), 1)
    height = max(min(image.height, round(image.width * high / wide)), 1)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def pad(image: Image.Image, ratio: Ratio, colour: Rgb | None = None) -> Image.Image:
    """The whole picture in the middle of a canvas in the ratio: white, clear for transparency, or in the colour."""
    wide, high = ratio
    area = max(image.width, image.height * wide / high) * max(image.height, image.width * high / wide)
    image = shrunk(image, area)
    size = max(image.width, round(image.height * wide / high)), max(image.height, round(image.width * high / wide))
    canvas = Image.new(image.mode, size, _paint(image, colour or (255, 255, 255), clear=colour is None))
    canvas.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return canvas


def shrunk(image: Image.Image, area: float) -> Image.Image:
    """The picture scaled so that what would become `area` pixels with it becomes `MOST_PIXELS` at most."""
    if area <= MOST_PIXELS:
        return image
    share = (MOST_PIXELS / area) ** 0.5
    return image.resize((max(int(image.width * share), 1), max(int(image.height * share), 1)), Image.Resampling.BICUBIC)


def border(image: Image.Image, colour: Rgb, strength: float) -> Image.Image:
    """A frame around the picture, 4 % of its short side when `strength` is 1."""
    thickness = max(round(min(image.size) * 0.04 * strength), 1)
    return ImageOps.expand(image, thickness, _paint(image, colour, clear=False))


def _paint(image: Image.Image, colour: Rgb, *, clear: bool) -> tuple[int, ...]:
    return (*colour, 0 if clear else 255) if image.mode == "RGBA" else colour
