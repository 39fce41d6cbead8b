"""Preparation: what is done to a picture before it leaves the machine, and the receipt's words for it.

An upright JPEG, PNG or WebP of 8 bits keeps its pixels byte for byte and only loses its metadata. Everything else is
decoded once, put right and encoded again. Preparing a prepared picture changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from .containers import Header, inspect, strip
from .errors import TooLarge
from .pictures import FORMATS, INPUT_LIMITS, Picture, check
from .pixels import Pixels

Kind = Literal["turned", "stripped", "converted", "first_frame", "depth", "colours", "shrunk"]

_SENTENCES: dict[Kind, str] = {
    "turned": "Turned upright: {}.",
    "stripped": "For privacy: {}.",
    "converted": "Converted: {}.",
    "first_frame": "Animation: {}.",
    "depth": "Colour depth: {}.",
    "colours": "Colours: {}.",
    "shrunk": "Shrunk to fit: {}.",
}
_TURNS = {
    2: "mirrored",
    3: "by 180 degrees",
    4: "mirrored, by 180 degrees",
    5: "mirrored, by 90 degrees anticlockwise",
    6: "by 90 degrees clockwise",
    7: "mirrored, by 90 degrees clockwise",
    8: "by 90 degrees anticlockwise",
}
_SENT_AS_IS = ("image/jpeg", "image/png", "image/webp")
_LOSSLESS = ("image/png", "image/gif")

_QUALITY = 95
_SHRUNK_JPEG, _SHRUNK_WEBP = 92, 90
_SMALLEST_SIDE = 64
"""Pixels on the longest side; below this there is nothing left to edit."""
_TRIES = 12
_FULL_ENOUGH = 0.9
"""Of the room there is: a closer fit is not worth another encoding."""


@dataclass(frozen=True)
class Change:
    """One thing that was done to a picture; `str()` is its sentence for a receipt."""

    kind: Kind
    detail: str

    def __str__(self) -> str:
        return _SENTENCES[self.kind].format(self.detail)


@dataclass(frozen=True)
class Prepared:
    """A picture ready to be sent, and what was done to it."""

    picture: Picture
    changes: tuple[Change, ...] = ()


def prepare(data: bytes) -> Prepared:
    """The picture in a file as it may be sent: upright, 8 bits, still, JPEG or PNG or WebP, without metadata.

    Raises `UnreadablePicture`. Decodes what `prepare_undecoded` has no answer for: an app that has other things to
    lose does that in a process that may die.
    """
    return prepare_undecoded(data) or _decoded(data)


def prepare_undecoded(data: bytes) -> Prepared | None:
    """As `prepare`, for a picture whose pixels stay as they are; None for one that must be decoded.

    Raises `UnreadablePicture`.
    """
    header = inspect(data)
    check(header, INPUT_LIMITS)
    if not _may_go_as_it_is(header):
        return None
    bare, names = strip(data)
    picture = Picture(bare, header.mime, header.width, header.height)
    return Prepared(picture, _changes(header, header.mime, names))


def _decoded(data: bytes) -> Prepared:
    """The picture decoded once, put right and encoded again. Raises `UnreadablePicture`."""
    header = inspect(data)
    bare, names = strip(data)
    pixels = Pixels.decode(bare, header)
    lossless = header.mime in _LOSSLESS or header.animated or pixels.transparent
    picture = Picture.read(pixels.png() if lossless else pixels.jpeg(_QUALITY))
    return Prepared(picture, _changes(header, picture.mime, (*names, *pixels.found)))


def _may_go_as_it_is(header: Header) -> bool:
    """Whether the container can be stripped around the untouched pixels. An APNG's default picture is kept so."""
    still = not header.animated or header.mime == "image/png"
    plain = header.orientation == 1 and header.depth <= 8 and not header.cmyk
    return header.mime in _SENT_AS_IS and still and plain


def _changes(header: Header, mime: str, names: Sequence[str]) -> tuple[Change, ...]:
    """What was done, from what the header said, the type that came out, and the metadata that is gone."""
    private = [name for name in dict.fromkeys(names) if name != "animation"]
    rows: tuple[tuple[bool, Kind, str], ...] = (
        (header.orientation != 1, "turned", _TURNS.get(header.orientation, "")),
        (header.mime != mime, "converted", f"{FORMATS[header.mime].name} to {FORMATS[mime].name}"),
        (header.animated or "animation" in names, "first_frame", "only its first frame is used"),
        (header.depth > 8, "depth", f"{header.depth} bits to 8"),
        (header.cmyk, "colours", "CMYK to sRGB"),
        (bool(private), "stripped", f"{_listed(private)} removed"),
    )
    return tuple(Change(kind, detail) for done, kind, detail in rows if done)


def _listed(names: Sequence[str]) -> str:
    """A, B and C."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def shrink(picture: Picture, most_bytes: int) -> Prepared:
    """The picture in at most `most_bytes`: encoded tighter at full size if that is enough, else scaled down.

    Raises `TooLarge` when even a small one would not fit. Always decodes.
    """
    pixels = Pixels.decode(picture.data, inspect(picture.data)).plain()
    encode = _as_webp if pixels.transparent else _as_jpeg
    data = _largest(lambda side: encode(pixels.scaled(side)), max(pixels.image.size), most_bytes)
    if not data:
        raise TooLarge(
            f"A picture of {picture.width:,} x {picture.height:,} pixels cannot be shrunk to {_weight(most_bytes)}, "
            "which is what is left for it in this request."
        )
    smaller = Picture.read(data)
    return Prepared(smaller, (Change("shrunk", _difference(picture, smaller)),))


def fit(
    pictures: Sequence[Picture], most_bytes: int, shrink: Callable[[Picture, int], Prepared] = shrink
) -> tuple[Prepared, ...]:
    """The pictures, in order, with at most `most_bytes` of file together.

    Only the largest are touched, and each by the least that fits: a smaller picture's unused share is the others'.
    Raises `TooLarge` when even small pictures would not fit. A sum that fits is left alone; else `shrink` decodes, here
    or wherever it does its work.
    """
    fitted: dict[int, Prepared] = {}
    room = most_bytes
    smallest_first = sorted(range(len(pictures)), key=lambda place: len(pictures[place].data))
    for place in smallest_first:
        share = room // (len(pictures) - len(fitted))
        picture = pictures[place]
        fitted[place] = Prepared(picture) if len(picture.data) <= share else shrink(picture, share)
        room -= len(fitted[place].picture.data)
    return tuple(fitted[place] for place in range(len(pictures)))


def _largest(encode: Callable[[int], bytes], full: int, most_bytes: int) -> bytes:
    """What `encode` gives for nearly the longest side that fits; b"" when even the smallest side is too much.

    Bytes grow about as the side squared, which leads near the answer; from both sides of it, halving leads on.
    """
    best, fits, over, side = b"", 0, full, full
    for _ in range(_TRIES):
        if side < _SMALLEST_SIDE:
            break
        data = encode(side)
        if len(data) > most_bytes:
            over = side
        else:
            best, fits = data, side
        if fits == full or over - fits < 2 or len(best) > _FULL_ENOUGH * most_bytes:
            break
        side = (fits + over) // 2 if best else int(side * min(0.98, math.sqrt(most_bytes / len(data))))
    return best


def _as_jpeg(pixels: Pixels) -> bytes:
    return pixels.jpeg(_SHRUNK_JPEG, full_colour=False)


def _as_webp(pixels: Pixels) -> bytes:
    return pixels.webp(_SHRUNK_WEBP)


def _difference(before: Picture, after: Picture) -> str:
    """From what to what, in pixels where those changed, and in bytes."""
    sizes = [f"{each.width} x {each.height}" for each in (before, after)]
    kept = f"{sizes[0]} kept" if sizes[0] == sizes[1] else f"{sizes[0]} to {sizes[1]}"
    kind = "" if before.mime == after.mime else f" as {after.format.name}"
    return f"{kept}, {_weight(len(before.data))} to {_weight(len(after.data))}{kind}"


def _weight(length: int) -> str:
    """Bytes in a unit for people."""
    return f"{length / 1e6:.1f} MB" if length >= 100_000 else f"{length / 1e3:.1f} KB"
