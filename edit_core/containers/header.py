"""What a container says about its picture before any pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Header:
    """The facts of a header.

    `width` and `height` are in pixels as stored, before turning; `orientation` is the EXIF number, 1 (upright) to 8,
    saying how the stored picture must be turned to be seen right. `depth` is bits a channel.
    """

    mime: str
    width: int
    height: int
    orientation: int = 1
    depth: int = 8
    animated: bool = False
    cmyk: bool = False
