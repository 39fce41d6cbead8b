"""WebP: a RIFF file whose chunks are the picture (VP8, VP8L), its alpha, and in the extended form (VP8X) more.

Chunks: RFC 9649, sections 2 and 3. The canvas of VP8X must agree with the picture inside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .complaints import cut_short, damaged
from .exif import Exif
from .header import Header

NAME = "WebP"
_MOST_CHUNKS = 50_000

_EXIF_FLAG, _XMP_FLAG, _ANIMATION_FLAG = 0x08, 0x04, 0x02
_KEPT = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP", b"ANIM", b"ANMF"))
_REMOVED = {b"XMP ": "XMP", b"C2PA": "content credentials"}


class Chunk(NamedTuple):
    """`start` is the offset of its name, `end` of the byte after its body, padding not counted."""

    kind: bytes
    start: int
    end: int

    def body(self, data: bytes) -> bytes:
        """What the chunk holds."""
        return data[self.start + 8 : self.end]


def inspect(data: bytes) -> Header:
    """The facts of a WebP file. Raises `UnreadablePicture` if it is cut short or damaged."""
    sizes: dict[bytes, tuple[int, int]] = {}
    exif = Exif()
    animated = framed = False
    for chunk in _chunks(data):
        if chunk.kind in _SIZES and chunk.kind not in sizes:
            body = data[chunk.start + 8 : min(chunk.end, chunk.start + 8 + 10)]
            sizes[chunk.kind] = _SIZES[chunk.kind](body)
            animated |= chunk.kind == b"VP8X" and bool(body[0] & _ANIMATION_FLAG)
        elif chunk.kind == b"ANMF":
            framed = True
        elif chunk.kind == b"EXIF":
            exif = Exif.read(chunk.body(data))
    if not (framed if animated else sizes.keys() & {b"VP8 ", b"VP8L"}):
        raise damaged(NAME, "it holds no picture")
    if not animated and len(set(sizes.values())) > 1:
        raise damaged(NAME, "it gives two sizes for one picture")
    width, height = sizes.get(b"VP8X") or next(iter(sizes.values()))
    return Header("image/webp", width, height, exif.orientation, animated=animated)


def _extended(body: bytes) -> tuple[int, int]:
    if len(body) < 10:
        raise damaged(NAME, "it does not say how large the picture is")
    return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1


def _lossy(body: bytes) -> tuple[int, int]:
    if len(body) < 10 or body[3:6] != b"\x9d\x01\x2a":
        raise damaged(NAME, "it does not say how large the picture is")
    return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF


def _lossless(body: bytes) -> tuple[int, int]:
    if len(body) < 5 or body[0] != 0x2F:
        raise damaged(NAME, "it does not say how large the picture is")
    bits = int.from_bytes(body[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


_SIZES = {b"VP8X": _extended, b"VP8 ": _lossy, b"VP8L": _lossless}
"""Where each chunk says the width and height, in its first ten bytes."""


def strip(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The same picture without anything but pixels and colours, and the names of what was removed.

    The flags of VP8X and the RIFF length are mended. When nothing is removed, `data` itself comes back.
    """
    kept: list[bytes] = []
    removed: dict[str, None] = {}
    for chunk in _chunks(data):
        body = chunk.body(data)
        if chunk.kind == b"EXIF":
            removed |= dict.fromkeys(Exif.read(body).names)
        elif chunk.kind not in _KEPT:
            removed[_REMOVED.get(chunk.kind, "unknown data")] = None
        else:
            if chunk.kind == b"VP8X":
                body = bytes(flags & ~(_EXIF_FLAG | _XMP_FLAG) for flags in body[:1]) + body[1:]
            kept += (chunk.kind, len(body).to_bytes(4, "little"), body, b"\0" * (len(body) & 1))
    if len(data) > _end(data) + 1:
        removed["data after the picture"] = None
    if not removed:
        return data, ()
    content = b"".join(kept)
    return b"RIFF" + (len(content) + 4).to_bytes(4, "little") + b"WEBP" + content, tuple(removed)


def _end(data: bytes) -> int:
    """The offset after the RIFF file, as its length says."""
    return 8 + int.from_bytes(data[4:8], "little")


def _chunks(data: bytes) -> Iterator[Chunk]:
    """Every chunk of the RIFF file."""
    at, end = 12, _end(data)
    if end > len(data) + 1:  # some writers count a last padding byte they do not write
        raise cut_short(NAME)
    for _ in range(_MOST_CHUNKS):
        if at + 8 > min(end, len(data)):
            return
        kind = data[at : at + 4]
        last = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        if last > min(end, len(data)):
            raise damaged(NAME, "a part of it is longer than the file")
        yield Chunk(kind, at, last)
        at = last + (last - at & 1)
    raise damaged(NAME, f"it has more than {_MOST_CHUNKS:,} parts")
