"""Which pixels a ratio and a size word come to."""

from __future__ import annotations

import math

from PIL import Image, ImageOps

from .plan import Ratio

SIZES: dict[str, float] = {"512": 0.5, "0.5K": 0.5, "1K": 1, "2K": 2, "4K": 4}
"""Size words with the factor on the pixels of 1K."""

AT_1K: dict[Ratio, tuple[int, int]] = {
    (1, 1): (1024, 1024),
    (2, 3): (848, 1264),
    (3, 2): (1264, 848),
    (3, 4): (896, 1200),
    (4, 3): (1200, 896),
    (4, 5): (928, 1152),
    (5, 4): (1152, 928),
    (9, 16): (768, 1376),
    (16, 9): (1376, 768),
    (21, 9): (1584, 672),
}
"""Width and height in pixels as the Gemini 3 image models give them."""


def pixels(now: tuple[int, int], ratio: Ratio | None, size: str | None) -> tuple[int, int]:
    """Width and height of the result for a picture that is `now` so large.

    Neither asked: as it is. A ratio alone: the largest part of it in that ratio. A size: an area of about 1 megapixel
    for 1K, four times that for 2K; with a ratio, exactly what the services give.
    """
    wide, high = ratio or now
    if size is None:
        fits = min(now[0] / wide, now[1] / high)
        return max(round(wide * fits), 1), max(round(high * fits), 1)
    width, height = AT_1K.get((wide, high)) or _by_area(wide, high, step=16 if ratio else 1)
    return max(round(width * SIZES[size]), 1), max(round(height * SIZES[size]), 1)


def _by_area(wide: float, high: float, step: int) -> tuple[int, int]:
    unit = math.sqrt(1024 * 1024 / (wide * high))
    return max(round(wide * unit / step), 1) * step, max(round(high * unit / step), 1) * step


def fitted(image: Image.Image, ratio: Ratio | None, size: str | None) -> Image.Image:
    """The picture cropped about its middle and scaled to `pixels`."""
    target = pixels(image.size, ratio, size)
    return image if target == image.size else ImageOps.fit(image, target, Image.Resampling.LANCZOS)
