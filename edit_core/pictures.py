"""Picture: the bytes of a picture with their true type and size.

A picture is accepted by its container alone (how it begins, a header within limits, its proper end); no pixel is
decoded here, so that reading costs the same for a stamp and for a poster. Knows no imaging library.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from .containers import Header, inspect
from .errors import UnreadablePicture


@dataclass(frozen=True)
class Limits:
    """The most pixels and the longest side, in pixels, that a header may claim."""

    most_pixels: int
    longest_side: int


INPUT_LIMITS = Limits(most_pixels=50_000_000, longest_side=12_000)
OUTPUT_LIMITS = Limits(most_pixels=80_000_000, longest_side=40_000)
"""Pictures that were paid for are kept even when larger than what we would take in."""


class Format(NamedTuple):
    """How a type is called, and how its files end."""

    name: str
    suffix: str


FORMATS = {
    "image/jpeg": Format("JPEG", ".jpg"),
    "image/png": Format("PNG", ".png"),
    "image/webp": Format("WebP", ".webp"),
    "image/gif": Format("GIF", ".gif"),
    "image/heic": Format("HEIC", ".heic"),
    "image/heif": Format("HEIF", ".heif"),
    "image/avif": Format("AVIF", ".avif"),
}


@dataclass(frozen=True)
class Picture:
    """The bytes of one picture. Make one with `Picture.read`.

    `mime` comes from the bytes, never from a name or a declared type. `width` and `height` are as the header stores
    them, in pixels: a phone's sideways photo is wide here until it is prepared.
    """

    data: bytes = field(repr=False)
    mime: str
    width: int
    height: int

    @classmethod
    def read(cls, data: bytes, limits: Limits = INPUT_LIMITS) -> Picture:
        """The picture in these bytes. Raises `UnreadablePicture` with a sentence of its own for each cause."""
        header = inspect(data)
        check(header, limits)
        return cls(data, header.mime, header.width, header.height)

    @cached_property
    def sha256(self) -> str:
        """The hash of the bytes in hexadecimal, made when first asked for."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def format(self) -> Format:
        """What people call this type, and its file suffix."""
        return FORMATS[self.mime]

    @property
    def suffix(self) -> str:
        """The file suffix with its dot, such as ".jpg"."""
        return self.format.suffix


def check(header: Header, limits: Limits) -> None:
    """Raises `UnreadablePicture` when the size is none, or beyond the limits, before anything is decoded."""
    width, height = header.width, header.height
    if not width or not height:
        raise UnreadablePicture("The picture says it has no width or no height.")
    if width * height > limits.most_pixels:
        raise UnreadablePicture(
            f"The picture claims {width:,} x {height:,} pixels ({width * height / 1e6:,.0f} megapixels); "
            f"{limits.most_pixels / 1e6:,.0f} megapixels are the most."
        )
    if max(width, height) > limits.longest_side:
        raise UnreadablePicture(
            f"The picture claims {width:,} x {height:,} pixels; {limits.longest_side:,} are the most on a side."
        )
