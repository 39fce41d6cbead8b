"""PNG: a signature, then chunks, each with its length, its name and its checksum.

Chunks: the PNG specification, third edition, sections 5 and 11. Checksums are left to the decoder.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from .complaints import cut_short, damaged
from .exif import Exif
from .header import Header

NAME = "PNG"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_CHUNKS = 100_000
_MOST_PROFILE = 1 << 20
"""Bytes a colour profile may unpack to: Pillow's limit too, so that what passes here can be opened there."""
_FRAME = struct.Struct(">I4s")
_SIZE = struct.Struct(">IIBB")

_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV mDCv cLLI cLLi bKGD pHYs".split(),
)
_REMOVED: dict[bytes, str] = {
    b"tEXt": "text",
    b"zTXt": "text",
    b"iTXt": "text",
    b"tIME": "time",
    b"acTL": "animation",
    b"fcTL": "animation",
    b"fdAT": "animation",
    b"caBX": "content credentials",
}
_KEYWORDS: tuple[tuple[bytes, str], ...] = (
    (b"XML:com.adobe.xmp\0", "XMP"),
    (b"Raw profile type xmp\0", "XMP"),
    (b"Raw profile type iptc\0", "IPTC"),
    (b"Raw profile type 8bim\0", "IPTC"),
    (b"Raw profile type exif\0", "EXIF"),
    (b"Raw profile type APP1\0", "EXIF"),
)
"""Text chunks by which other programs carry metadata."""


class Chunk(NamedTuple):
    """`start` is the offset of its length, `end` of the byte after its checksum; the body lies between."""

    kind: bytes
    start: int
    end: int

    def body(self, data: bytes) -> bytes:
        """What the chunk holds."""
        return data[self.start + 8 : self.end - 4]


def inspect(data: bytes) -> Header:
    """The facts of a PNG file. Raises `UnreadablePicture` if it is cut short or damaged."""
    kinds: set[bytes] = set()
    exif = Exif()
    for chunk in _chunks(data):
        kinds.add(chunk.kind)
        if chunk.kind == b"eXIf":
            exif = Exif.read(chunk.body(data))
    if data[12:16] != b"IHDR" or data[8:12] != b"\0\0\0\r":
        raise damaged(NAME, "it does not say how large the picture is")
    if b"IDAT" not in kinds:
        raise damaged(NAME, "it holds no picture")
    width, height, depth, _ = _SIZE.unpack_from(data, 16)
    return Header("image/png", width, height, exif.orientation, depth, animated=b"acTL" in kinds)


def strip(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The same picture without anything but pixels and colours, and the names of what was removed.

    Of an animation the default picture stays. When nothing is removed, `data` itself comes back. Raises
    `UnreadablePicture`, also for a small colour profile that unpacks to a huge one.
    """
    kept = [SIGNATURE]
    removed: dict[str, None] = {}
    for chunk in _chunks(data):
        if chunk.kind == b"iCCP":
            _check_profile(chunk.body(data))
        if chunk.kind in _KEPT:
            kept.append(data[chunk.start : chunk.end])
        else:
            removed |= dict.fromkeys(_names(chunk.kind, chunk.body(data)))
    if chunk.end < len(data):
        removed["data after the picture"] = None
    return (b"".join(kept), tuple(removed)) if removed else (data, ())


def _check_profile(body: bytes) -> None:
    _, _, packed = body.partition(b"\0")
    try:
        unpacked = zlib.decompressobj().decompress(packed[1:], _MOST_PROFILE + 1)
    except zlib.error:
        return  # decoders ignore a broken profile, and so do we
    if len(unpacked) > _MOST_PROFILE:
        raise damaged(NAME, "its colour profile is far too large")


def _names(kind: bytes, body: bytes) -> tuple[str, ...]:
    """What to tell a person was in a removed chunk."""
    if kind == b"eXIf":
        return Exif.read(body).names
    if _REMOVED.get(kind) == "text":
        for keyword, name in _KEYWORDS:
            if body.startswith(keyword):
                return (name,)
    return (_REMOVED.get(kind, "unknown data"),)


def _chunks(data: bytes) -> Iterator[Chunk]:
    """Every chunk up to and including IEND."""
    at = len(SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        if at + 12 > len(data):
            raise cut_short(NAME)
        length, kind = _FRAME.unpack_from(data, at)
        if not kind.isalpha():
            raise damaged(NAME, "its parts do not follow one another")
        end = at + 12 + length
        if end > len(data):
            raise cut_short(NAME)
        yield Chunk(kind, at, end)
        if kind == b"IEND":
            return
        at = end
    raise damaged(NAME, f"it has more than {_MOST_CHUNKS:,} parts")
