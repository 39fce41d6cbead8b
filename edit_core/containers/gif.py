"""GIF: a canvas, then blocks; only the first frame is walked, however many follow.

Blocks: the GIF89a specification, sections 17 to 27.
"""

from __future__ import annotations

import struct

from .complaints import cut_short, damaged
from .header import Header

NAME = "GIF"
_MOST_BLOCKS = 300_000
"""Sub-blocks of at most 255 bytes: enough for 75 MB in one frame."""

_SCREEN = struct.Struct("<HHB")
_FRAME = struct.Struct("<HHHHB")
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B


def inspect(data: bytes) -> Header:
    """The facts of a GIF file; a frame that sticks out widens the picture, as it does for Pillow.

    Raises `UnreadablePicture` if it is cut short or damaged.
    """
    if len(data) < 14:
        raise cut_short(NAME)
    width, height, flags = _SCREEN.unpack_from(data, 6)
    at = _after_extensions(data, 13 + _palette(flags))
    if data[at] == _TRAILER:
        raise damaged(NAME, "it holds no picture")
    if at + 1 + _FRAME.size >= len(data):
        raise cut_short(NAME)
    left, top, frame_width, frame_height, flags = _FRAME.unpack_from(data, at + 1)
    at = _after_extensions(data, _after_blocks(data, at + 1 + _FRAME.size + _palette(flags) + 1))
    animated = data[at] == _IMAGE
    if animated and not data.rstrip(b"\0\r\n ").endswith(b"\0;"):
        raise cut_short(NAME)
    return Header("image/gif", max(width, left + frame_width), max(height, top + frame_height), animated=animated)


def _palette(flags: int) -> int:
    """Bytes of the colour table that the flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_extensions(data: bytes, at: int) -> int:
    """The offset of the next image or of the trailer."""
    for _ in range(_MOST_BLOCKS):
        if at >= len(data):
            raise cut_short(NAME)
        if data[at] in (_IMAGE, _TRAILER):
            return at
        if data[at] != _EXTENSION:
            raise damaged(NAME, "its parts do not follow one another")
        at = _after_blocks(data, at + 2)
    raise damaged(NAME, f"it has more than {_MOST_BLOCKS:,} parts")


def _after_blocks(data: bytes, at: int) -> int:
    """The offset after a run of sub-blocks, each led by its length; a length of 0 ends the run."""
    try:
        for _ in range(_MOST_BLOCKS):
            length = data[at]
            at += length + 1
            if not length:
                return at
    except IndexError:
        raise cut_short(NAME) from None
    raise damaged(NAME, f"it has more than {_MOST_BLOCKS:,} parts")
