"""Effects of colour and light. Every one takes an RGB or RGBA picture and a strength, and gives a new one."""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from .colours import Rgb


def on_colour(image: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Apply a change to the RGB part and put the transparency back."""
    if image.mode != "RGBA":
        return change(image)
    changed = change(image.convert("RGB"))
    changed.putalpha(image.getchannel("A"))
    return changed


def curves(image: Image.Image, *by_channel: Callable[[float], float]) -> Image.Image:
    """Bend the channels of an RGB picture; each curve maps 0..1 to 0..1, one curve serves all three."""
    three = by_channel * 3 if len(by_channel) == 1 else by_channel
    table = [round(255 * min(max(curve(level / 255), 0.0), 1.0)) for curve in three for level in range(256)]
    return image.point(table)


def blended(image: Image.Image, changed: Image.Image, share: float) -> Image.Image:
    """Between the two; 1 is all of the change."""
    return Image.blend(image, changed, min(max(share, 0.0), 1.0))


def black_and_white(image: Image.Image) -> Image.Image:
    """Greys by perceived light, with the range opened a little."""
    return on_colour(image, lambda rgb: ImageOps.autocontrast(rgb.convert("L"), cutoff=0.3).convert("RGB"))


def sepia(image: Image.Image, strength: float) -> Image.Image:
    """A brown toned print."""

    def tone(rgb: Image.Image) -> Image.Image:
        grey = ImageOps.autocontrast(rgb.convert("L"), cutoff=0.3)
        toned = ImageOps.colorize(grey, (26, 15, 8), (255, 243, 216), mid=(152, 113, 72))
        return blended(rgb, toned, strength)

    return on_colour(image, tone)


def tint(image: Image.Image, rgb: Rgb, strength: float) -> Image.Image:
    """Light and shade stay, the hue becomes the colour's."""
    shade: Rgb = (rgb[0] // 6, rgb[1] // 6, rgb[2] // 6)
    glow: Rgb = (215 + rgb[0] * 40 // 255, 215 + rgb[1] * 40 // 255, 215 + rgb[2] * 40 // 255)

    def tone(picture: Image.Image) -> Image.Image:
        toned = ImageOps.colorize(picture.convert("L"), shade, glow, mid=rgb, midpoint=118)
        return blended(picture, toned, max(strength, 0.45))

    return on_colour(image, tone)


def warmer(image: Image.Image, strength: float) -> Image.Image:
    """Towards evening light; a negative strength goes towards shade."""
    push = 0.36 * max(-2.0, min(strength, 2.0))

    def warm(rgb: Image.Image) -> Image.Image:
        return curves(rgb, lambda x: x ** (1 - push * 0.6), lambda x: x ** (1 - push * 0.15), lambda x: x ** (1 + push))

    return on_colour(image, warm)


def brighter(image: Image.Image, strength: float) -> Image.Image:
    """Lift the middle tones and keep white white; a negative strength darkens."""
    power = 1 / (1 + 1.7 * strength) if strength >= 0 else 1 - 1.7 * strength
    return on_colour(image, lambda rgb: curves(rgb, lambda x: x**power))


def contrast(image: Image.Image, strength: float) -> Image.Image:
    """Spread tones about the picture's own mean; a negative strength draws them together."""
    return on_colour(image, lambda rgb: ImageEnhance.Contrast(rgb).enhance(max(1 + strength, 0.1)))


def saturation(image: Image.Image, strength: float) -> Image.Image:
    """Stronger colours; a negative strength pales them, to grey at -1."""
    return on_colour(image, lambda rgb: ImageEnhance.Color(rgb).enhance(max(1 + strength, 0.0)))


def invert(image: Image.Image) -> Image.Image:
    """The negative."""
    return on_colour(image, ImageOps.invert)


def posterise(image: Image.Image, strength: float) -> Image.Image:
    """Few flat tones in strong colours."""
    levels = 6 if strength < 0.8 else 4

    def flatten(rgb: Image.Image) -> Image.Image:
        strong = ImageEnhance.Color(ImageOps.autocontrast(rgb, cutoff=1)).enhance(1.25)
        calm = strong.filter(ImageFilter.GaussianBlur(sum(rgb.size) / 1200))
        return curves(calm, lambda x: round(x * (levels - 1)) / (levels - 1))

    return on_colour(image, flatten)


def oval(size: tuple[int, int], inner: float, outer: float) -> Image.Image:
    """A mask: 0 inside the oval of half-axes `inner`, 255 beyond `outer`, soft between.

    Half-axes are shares of the half sides, so 1.0 touches the edges and 1.414 the corners.
    """

    def rise(level: int) -> int:
        # Pillow's radial gradient is 255 in the corners: level 255 is the square root of 2 half sides.
        share = min(max((level / 255 * 2**0.5 - inner) / (outer - inner), 0.0), 1.0)
        return round(255 * share * share * (3 - 2 * share))

    gradient = Image.radial_gradient("L").point([rise(level) for level in range(256)])
    return gradient.resize(size, Image.Resampling.BICUBIC)


def vignette(image: Image.Image, strength: float) -> Image.Image:
    """Darken towards the corners."""

    def shade(rgb: Image.Image) -> Image.Image:
        darkness = 1 - min(0.62 * strength, 0.95)
        edges = curves(rgb, lambda x: x * darkness)
        return Image.composite(edges, rgb, oval(rgb.size, 0.55, 1.35))

    return on_colour(image, shade)


def vintage(image: Image.Image, strength: float) -> Image.Image:
    """Faded film: lifted shadows, yellowed light, pale colours, dark corners and grain."""

    def age(rgb: Image.Image) -> Image.Image:
        pale = ImageEnhance.Color(rgb).enhance(0.62)
        faded = curves(pale, lambda x: 0.10 + 0.90 * x**0.85, lambda x: 0.06 + 0.90 * x**0.9, lambda x: 0.12 + 0.66 * x)
        return blended(rgb, vignette(_grainy(faded), 0.6), 0.35 + 0.65 * strength)

    return on_colour(image, age)


def _grainy(rgb: Image.Image) -> Image.Image:
    """Film grain, the same every time, laid as tiles because noise is slow to make."""
    grain = Image.frombytes("L", (256, 256), random.Random(7).randbytes(256 * 256)).point(
        [122 + level // 20 for level in range(256)]
    )
    sheet = Image.new("L", rgb.size)
    for left in range(0, rgb.width, 256):
        for top in range(0, rgb.height, 256):
            sheet.paste(grain, (left, top))
    return ImageChops.overlay(rgb, Image.merge("RGB", (sheet, sheet, sheet)))
