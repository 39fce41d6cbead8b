"""HEIC, HEIF and AVIF: boxes in boxes, with the primary picture's size among the properties it is linked to.

Boxes: ISO/IEC 14496-12 section 4 and 8.11 (meta, pitm), ISO/IEC 23008-12 section 6.5 and 9.3 (iprp, ispe, irot,
imir, pixi). A photo of tiles has its full size on the primary item, like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import UnreadablePicture
from .complaints import cut_short, damaged
from .header import Header

NAME = "HEIC or AVIF"
_MOST_BOXES = 10_000
_STILLS: tuple[tuple[str, frozenset[bytes]], ...] = (
    ("image/avif", frozenset((b"avif", b"avis"))),
    ("image/heic", frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"))),
    ("image/heif", frozenset((b"mif1", b"mif2", b"msf1"))),
)
_SEQUENCES = frozenset((b"avis", b"hevc", b"hevx", b"msf1"))

_TURNS = (1, 8, 3, 6)
"""irot counts quarter turns anticlockwise; these are the EXIF orientations of the same turns."""
_MIRRORED = {1: (4, 2), 8: (5, 7), 3: (2, 4), 6: (7, 5)}
"""EXIF orientation after imir, by its axis: 0 swaps top and bottom, 1 left and right."""


@dataclass(frozen=True)
class Box:
    """A box: `start` and `end` bound its body."""

    kind: bytes
    start: int
    end: int


def inspect(data: bytes) -> Header:
    """The facts of a HEIC, HEIF or AVIF file. Raises `UnreadablePicture` if cut short, damaged, or a video."""
    mime, sequence = _brand(data)
    top = {box.kind: box for box in _boxes(data, 0, len(data))}
    if b"meta" not in top:
        raise damaged(NAME, "it holds no still picture") if b"mdat" in top else cut_short(NAME)
    meta = _children(data, top[b"meta"], skip=4)
    properties = _children(data, meta.get(b"iprp"))
    linked = _linked(data, properties.get(b"ipma"), _primary(data, meta.get(b"pitm")))
    container = properties.get(b"ipco", Box(b"ipco", 0, 0))
    every = list(_boxes(data, container.start, container.end))
    mine = {box.kind: data[box.start : box.end] for box in (every[n - 1] for n in linked if 0 < n <= len(every))}
    size = mine.get(b"ispe", b"")
    if len(size) < 12:
        raise damaged(NAME, "it does not say how large the picture is")
    width, height = int.from_bytes(size[4:8], "big"), int.from_bytes(size[8:12], "big")
    depth = max(mine.get(b"pixi", b"")[5:], default=8)
    return Header(mime, width, height, _orientation(mine), depth, animated=sequence)


def _brand(data: bytes) -> tuple[str, bool]:
    """The true type by the brands of the first box, and whether the file is a sequence of pictures."""
    first = next(_boxes(data, 0, len(data)))
    body = data[first.start : first.end]
    brands = {body[at : at + 4] for at in (0, *range(8, min(len(body), 256), 4))}
    for mime, names in _STILLS:
        if brands & names:
            return mime, body[:4] in _SEQUENCES
    raise UnreadablePicture("This is a video, not a picture.")


def _orientation(properties: dict[bytes, bytes]) -> int:
    """The EXIF orientation that turns and mirrors alike."""
    turn = _TURNS[properties.get(b"irot", b"\0")[0] & 3] if properties.get(b"irot") else 1
    mirror = properties.get(b"imir")
    return _MIRRORED[turn][mirror[0] & 1] if mirror else turn


def _primary(data: bytes, box: Box | None) -> int:
    """The number of the picture that is meant when nobody asks for another."""
    body = data[box.start : box.end] if box else b""
    if len(body) < 6:
        raise damaged(NAME, "it does not say which picture is meant")
    return int.from_bytes(body[4:8] if body[0] else body[4:6], "big")


def _linked(data: bytes, box: Box | None, item: int) -> list[int]:
    """The properties of an item, as numbers from 1, in the order they apply."""
    body = data[box.start : box.end] if box else b""
    if len(body) < 8:
        raise damaged(NAME, "it does not say how large the picture is")
    wide_item, wide_link = body[0] > 0, body[3] & 1
    at, id_width, link_width = 8, 4 if wide_item else 2, 2 if wide_link else 1
    for _ in range(min(int.from_bytes(body[4:8], "big"), _MOST_BOXES)):
        number = int.from_bytes(body[at : at + id_width], "big")
        count = int.from_bytes(body[at + id_width : at + id_width + 1], "big")
        at += id_width + 1
        links = body[at : at + count * link_width]
        at += count * link_width
        if number == item:
            mask = 0x7FFF if wide_link else 0x7F
            places = range(0, len(links), link_width)
            return [int.from_bytes(links[place : place + link_width], "big") & mask for place in places]
    raise damaged(NAME, "it does not say how large the picture is")


def _children(data: bytes, box: Box | None, skip: int = 0) -> dict[bytes, Box]:
    """The boxes inside a box by name, the last of each name; none where the box is missing."""
    return {each.kind: each for each in _boxes(data, box.start + skip, box.end)} if box else {}


def _boxes(data: bytes, at: int, end: int) -> Iterator[Box]:
    """The boxes that lie one after another between two offsets; where one sticks out, the file is cut short."""
    for _ in range(_MOST_BOXES):
        if at == end:
            return
        if at + 8 > end:
            raise cut_short(NAME)
        length, kind, body = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], at + 8
        if length == 1:
            length, body = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        last = at + length if length else end
        if last < body:
            raise damaged(NAME, "its parts do not follow one another")
        yield Box(kind, body, last)
        at = last
    raise damaged(NAME, f"it has more than {_MOST_BOXES:,} parts")
