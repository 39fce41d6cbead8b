"""EXIF, as little of it as we need: which way is up, and whether a place is given away.

The block is the same in every container: a small TIFF file. A broken block is treated like none at all, as browsers
do, because it says nothing about the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PREFIX = b"Exif\0\0"
"""Stands before the block in JPEG, and by mistake in some PNG and WebP files."""

_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II*\0": "little", b"MM\0*": "big"}
_ORIENTATION = 0x0112
_GPS = 0x8825
_ENTRY = 12
_MOST_ENTRIES = 1000


@dataclass(frozen=True)
class Exif:
    """`orientation` is 1 (upright) to 8; `located` says that the block holds a GPS directory."""

    orientation: int = 1
    located: bool = False

    @classmethod
    def read(cls, block: bytes) -> Exif:
        """Reads the first directory of an EXIF block, with or without its prefix. Never raises."""
        block = block.removeprefix(PREFIX)
        order = _ORDERS.get(block[:4])
        if order is None:
            return cls()
        values = _directory(block, order)
        orientation = values.get(_ORIENTATION, 1)
        return cls(orientation if 1 <= orientation <= 8 else 1, _GPS in values)

    @property
    def names(self) -> tuple[str, ...]:
        """What to tell a person was in it."""
        return ("EXIF", "GPS") if self.located else ("EXIF",)


def _directory(block: bytes, order: Literal["little", "big"]) -> dict[int, int]:
    """Tag to the first 16 bits of its value, for the first directory."""

    def number(at: int, length: int) -> int:
        return int.from_bytes(block[at : at + length], order)

    start = number(4, 4)
    count = min(number(start, 2), _MOST_ENTRIES, max(0, len(block) - start - 2) // _ENTRY)
    places = (start + 2 + _ENTRY * each for each in range(count))
    return {number(at, 2): number(at + 8, 2) for at in places}
