"""Picture files read as containers: one module for each, none of which decodes a pixel or knows an imaging library.

    header.py      what each of them finds out
    jpeg, png, webp, gif, heif
    exif.py        which way is up, and is there a GPS position
    strangers.py   what a file is when it is none of these
    complaints.py  the sentences for cut and damaged files

`inspect(data)` gives the `Header`, `strip(data)` the file without its metadata. Both raise only `UnreadablePicture`,
whatever the bytes, and take time in proportion to the number of parts, not of pixels.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from . import gif, heif, jpeg, png, strangers, webp
from .header import Header as Header

Stripper = Callable[[bytes], tuple[bytes, tuple[str, ...]]]


@dataclass(frozen=True)
class Container:
    """A row: how files begin, and who reads them. `strip` is missing where pictures are always converted."""

    begins: re.Pattern[bytes]
    inspect: Callable[[bytes], Header]
    strip: Stripper | None = None


CONTAINERS = (
    Container(re.compile(rb"\xff\xd8\xff"), jpeg.inspect, jpeg.strip),
    Container(re.compile(re.escape(png.SIGNATURE)), png.inspect, png.strip),
    Container(re.compile(rb"RIFF.{4}WEBP", re.DOTALL), webp.inspect, webp.strip),
    Container(re.compile(rb"GIF8[79]a"), gif.inspect),
    Container(re.compile(rb".{4}ftyp", re.DOTALL), heif.inspect),
)


def identify(data: bytes) -> Container:
    """The row for these bytes. Raises `UnreadablePicture` saying what they are instead."""
    for container in CONTAINERS:
        if container.begins.match(data):
            return container
    raise strangers.refusal(data)


def inspect(data: bytes) -> Header:
    """The facts of a picture file, by its container alone. Raises `UnreadablePicture`."""
    return identify(data).inspect(data)


def strip(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The file without metadata and the names of what was removed, where its container allows it.

    Elsewhere (GIF, HEIC, AVIF) `data` comes back as it is. Raises `UnreadablePicture`.
    """
    stripper = identify(data).strip
    return stripper(data) if stripper else (data, ())
