"""Several pictures as one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageFilter, ImageOps

Pictures = Sequence[Image.Image]

LARGEST_CELL = 1600
"""Pixels; a row, column or cell is never made higher or wider than this."""
LONGEST_SIDE = 8000
"""Pixels, give or take the rounding of each picture; what a row, column or grid is shrunk to."""
_PAPER = (255, 255, 255)


def on_paper(image: Image.Image) -> Image.Image:
    """RGB, with white behind what is transparent."""
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, _PAPER)
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def side_by_side(pictures: Pictures) -> Image.Image:
    """A row: every picture whole, all of one height."""
    return _lined_up(pictures, along=0)


def stack(pictures: Pictures) -> Image.Image:
    """A column: every picture whole, all of one width."""
    return _lined_up(pictures, along=1)


def _lined_up(pictures: Pictures, along: int) -> Image.Image:
    across = 1 - along
    breadth = min(max(p.size[across] for p in pictures), LARGEST_CELL)
    lengths = [p.size[along] * breadth / p.size[across] for p in pictures]
    gap = max(round(breadth * 0.012), 2)
    room = LONGEST_SIDE - gap * (len(pictures) - 1)
    shrink = min(room / sum(lengths), 1.0)
    breadth = max(round(breadth * shrink), 1)
    sizes = [max(round(length * shrink), 1) for length in lengths]
    total = sum(sizes) + gap * (len(sizes) - 1)
    canvas = Image.new("RGB", (total, breadth) if along == 0 else (breadth, total), _PAPER)
    at = 0
    for picture, length in zip(pictures, sizes, strict=True):
        size = (length, breadth) if along == 0 else (breadth, length)
        canvas.paste(on_paper(picture).resize(size, Image.Resampling.LANCZOS), (at, 0) if along == 0 else (0, at))
        at += length + gap
    return canvas


def grid(pictures: Pictures) -> Image.Image:
    """Equal cells in rows, cropped to the first picture's shape; a last row that is not full stands in the middle."""
    columns = math.ceil(math.sqrt(len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    first = pictures[0]
    shape = min(max(first.width / first.height, 0.6), 1.7)
    scale = min(LARGEST_CELL, max(first.size), LONGEST_SIDE // columns - 40)
    cell = (scale, max(round(scale / shape), 1)) if shape >= 1 else (max(round(scale * shape), 1), scale)
    gap = max(round(scale * 0.02), 2)
    canvas = Image.new("RGB", (columns * (cell[0] + gap) + gap, rows * (cell[1] + gap) + gap), _PAPER)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, columns)
        in_row = min(columns, len(pictures) - row * columns)
        indent = (columns - in_row) * (cell[0] + gap) // 2
        # A little above the middle, where faces are.
        fitted = ImageOps.fit(on_paper(picture), cell, Image.Resampling.LANCZOS, centering=(0.5, 0.35))
        canvas.paste(fitted, (gap + indent + column * (cell[0] + gap), gap + row * (cell[1] + gap)))
    return canvas


def blend(pictures: Pictures) -> Image.Image:
    """All pictures on top of each other, each with an equal share, in the first one's frame."""
    mixed = on_paper(pictures[0])
    for number, picture in enumerate(pictures[1:], start=2):
        fitted = ImageOps.fit(on_paper(picture), mixed.size, Image.Resampling.LANCZOS)
        mixed = Image.blend(mixed, fitted, 1 / number)
    return mixed


def picture_in_picture(pictures: Pictures) -> Image.Image:
    """The first picture whole, the others small with a white edge, from the lower right corner leftwards."""
    base = on_paper(pictures[0]).copy()
    others = pictures[1:]
    margin = max(round(min(base.size) * 0.035), 1)
    columns = min(len(others), 4)
    width = max(min(round(base.width * 0.32), (base.width - margin * (columns + 1)) // columns), 8)
    right, bottom, highest = base.width - margin, base.height - margin, 0
    for number, picture in enumerate(others):
        if number and number % columns == 0:
            right, bottom, highest = base.width - margin, bottom - highest - margin, 0
        inset = on_paper(picture)
        inset.thumbnail((width, max(round(base.height * 0.38), 1)), Image.Resampling.LANCZOS)
        framed = ImageOps.expand(inset, max(width // 45, 2), _PAPER)
        _laid(base, framed, right - framed.width, bottom - framed.height)
        right, highest = right - framed.width - margin, max(highest, framed.height)
    return base


def collage(pictures: Pictures) -> Image.Image:
    """Prints with white edges and soft shadows, a little askew, on a table of paper grey."""
    columns = math.ceil(math.sqrt(len(pictures) * 1.2))
    rows = math.ceil(len(pictures) / columns)
    print_side = 720 if len(pictures) <= 4 else 480
    cell = round(print_side * 1.06)
    table = Image.new("RGB", (cell * columns + print_side // 4, cell * rows + print_side // 4), (226, 221, 212))
    for number, picture in enumerate(pictures):
        row, column = divmod(number, columns)
        indent = (columns - min(columns, len(pictures) - row * columns)) * cell // 2
        photo = ImageOps.contain(on_paper(picture), (print_side - 60, print_side - 60), Image.Resampling.LANCZOS)
        card = ImageOps.expand(photo, 20, _PAPER).convert("RGBA")
        # The angles follow no pattern the eye would find and are the same every time.
        angle = ((number * 37 + 11) % 13 - 6) * 0.9
        turned = card.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255, 0))
        x = print_side // 8 + indent + column * cell + (cell - turned.width) // 2
        y = print_side // 8 + row * cell + (cell - turned.height) // 2
        _laid(table, turned, x, y)
    return table


def _laid(base: Image.Image, top: Image.Image, x: int, y: int) -> None:
    """Put a picture on another with a soft shadow under it."""
    reach = max(min(top.size) // 24, 3)
    mask = top.getchannel("A") if top.mode == "RGBA" else Image.new("L", top.size, 255)
    shadow = Image.new("L", (top.width + 4 * reach, top.height + 4 * reach), 0)
    shadow.paste(mask.point([level * 2 // 5 for level in range(256)]), (2 * reach, 2 * reach))
    soft = shadow.filter(ImageFilter.GaussianBlur(reach))
    base.paste((20, 18, 16), (x - 2 * reach, y - 2 * reach + reach // 2), soft)
    base.paste(top, (x, y), mask)
