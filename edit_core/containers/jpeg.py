"""JPEG: segments that begin with 0xFF, and between them the coded picture, which is skipped and never read.

Segments: ITU-T T.81 annex B. What applications put into APPn: JFIF (APP0), EXIF and XMP (APP1), ICC and MPF (APP2),
content credentials (APP11), Photoshop and IPTC (APP13), Adobe's colour transform (APP14).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .complaints import cut_short, damaged
from .exif import PREFIX, Exif
from .header import Header

NAME = "JPEG"
_MOST_SEGMENTS = 20_000
_MOST_STRAY = 65_536
"""Bytes between two segments that may belong to neither."""

_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff]")
"""A marker. Fill bytes and stray bytes before it are skipped, as libjpeg does."""
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""The first marker after coded data, where FF 00 is a byte and D0 to D7 are restarts."""

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""
_DECODING = _FRAMES | {0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, 0xD9}
"""What a decoder needs; everything else is an application's."""

_JFIF_LENGTH = 16
_ADOBE_LENGTH = 14
_APPLICATIONS: tuple[tuple[int, bytes, tuple[str, ...]], ...] = (
    (0xE0, b"JFXX\0", ("thumbnail",)),
    (0xE1, b"http://ns.adobe.com/", ("XMP",)),
    (0xE2, b"MPF\0", ("second picture",)),
    (0xEB, b"JP", ("content credentials",)),
    (0xED, b"Photoshop", ("IPTC",)),
    (0xFE, b"", ("comment",)),
)


class Segment(NamedTuple):
    """`start` is the offset of its marker, `body` of what follows the length, `end` of the byte after it."""

    marker: int
    start: int
    body: int
    end: int


def inspect(data: bytes) -> Header:
    """The facts of a JPEG file. Raises `UnreadablePicture` if it is cut short or damaged."""
    frame: Segment | None = None
    exif = Exif()
    seen_exif = False
    for segment in _segments(data):
        if segment.marker in _FRAMES and frame is None:
            frame = segment
        elif not seen_exif and _is_exif(data, segment):
            exif, seen_exif = Exif.read(data[segment.body : segment.end]), True
        elif segment.marker == _SOS:
            break
        elif segment.marker == _EOI:
            raise damaged(NAME, "it holds no picture")
    if frame is None:
        raise damaged(NAME, "it does not say how large the picture is")
    if data.rfind(b"\xff\xd9", segment.end) < 0:
        raise cut_short(NAME)
    return _read_frame(data[frame.body : frame.end], exif.orientation)


def _read_frame(body: bytes, orientation: int) -> Header:
    if len(body) < 6:
        raise damaged(NAME, "it does not say how large the picture is")
    depth, channels = body[0], body[5]
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    return Header("image/jpeg", width, height, orientation, depth, cmyk=channels == 4)


def strip(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The same picture without anything but pixels and colours, and the names of what was removed.

    Kept: what decodes, JFIF without its thumbnail, the ICC profile, Adobe's colour transform. Coded data is copied
    byte for byte. When nothing is removed, `data` itself comes back.
    """
    kept = [b"\xff\xd8"]
    removed: dict[str, None] = {}
    ended = False
    for segment in _segments(data, whole=True):
        if segment.marker == _SOI:
            raise damaged(NAME, "a second picture begins inside the first")
        keep, names = _judge(data, segment)
        kept.append(keep)
        removed |= dict.fromkeys(names)
        ended = segment.marker == _EOI
    if not ended:
        raise cut_short(NAME)
    if segment.end < len(data):
        removed["data after the picture"] = None
    return (b"".join(kept), tuple(removed)) if removed else (data, ())


def _judge(data: bytes, segment: Segment) -> tuple[bytes, tuple[str, ...]]:
    """What to keep of a segment, and the names of what is dropped."""
    marker, start, body, end = segment
    whole = data[start:end]
    if marker in _DECODING:
        return whole, ()
    if marker == 0xE2 and data.startswith(b"ICC_PROFILE\0", body):
        return whole, ()
    if marker == 0xEE and data.startswith(b"Adobe", body) and end - body >= _ADOBE_LENGTH - 2:
        short = whole[:2] + _ADOBE_LENGTH.to_bytes(2, "big") + data[body : body + _ADOBE_LENGTH - 2]
        return short, () if len(short) == len(whole) else ("unknown data",)
    if marker == 0xE0 and data.startswith(b"JFIF\0", body) and end - body >= _JFIF_LENGTH - 2:
        plain = b"\xff\xe0" + _JFIF_LENGTH.to_bytes(2, "big") + data[body : body + _JFIF_LENGTH - 4] + b"\0\0"
        return plain, () if plain == whole else ("thumbnail",)
    if _is_exif(data, segment):
        return b"", Exif.read(data[body:end]).names
    for application, prefix, names in _APPLICATIONS:
        if marker == application and data.startswith(prefix, body):
            return b"", names
    return b"", ("unknown data",)


def _is_exif(data: bytes, segment: Segment) -> bool:
    return segment.marker == 0xE1 and data.startswith(PREFIX, segment.body)


def _segments(data: bytes, *, whole: bool = False) -> Iterator[Segment]:
    """The segments after SOI: up to the first SOS, or with `whole` up to EOI, each SOS with its coded data."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        found = _NEXT_MARKER.search(data, at, at + _MOST_STRAY)
        if found is None:
            raise cut_short(NAME) if len(data) < at + _MOST_STRAY else damaged(NAME, "its parts are lost in noise")
        marker, start, body = data[found.end() - 1], found.end() - 2, found.end()
        if marker in _LONE:
            at = body
            continue
        if marker in (_SOI, _EOI):
            yield Segment(marker, start, body, body)
            return
        at = body + int.from_bytes(data[body : body + 2], "big")
        if at < body + 2:
            raise damaged(NAME, "a part of it has no length")
        if whole and marker == _SOS:
            after = _AFTER_SCAN.search(data, at)
            at = after.start() if after else len(data)
        yield Segment(marker, start, body + 2, at)
        if marker == _SOS and not whole:
            return
    raise damaged(NAME, f"it has more than {_MOST_SEGMENTS:,} parts")
