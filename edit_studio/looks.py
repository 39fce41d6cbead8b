"""Whether a picture came back unchanged, by what people see: both thumbnails, which we made ourselves, compared."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from PIL import Image

from .door.previews import NoPreview, Previews
from .history.rows import JobRow, PictureRow
from .storage.disk import NoRoom
from .storage.vault import NotKept

ACROSS, DOWN = 9, 8
SAME_HASH = 2
"""Bits of 64 in which the hashes of one picture may differ."""

FIELDS = 16
SAME_COLOUR = 8
"""Levels of 255 by which a field's colour may differ. Photos saved again as JPEG (quality 30) or at half their size
were off by 6 at most, a spot of a thousandth of the picture in a light tint by 10 at least.
"""
SAME_SHAPE = 0.02


@dataclass(frozen=True)
class Look:
    """What is seen of a picture from afar: a perceptual hash of 64 bits, and the mean red, green, blue and opacity of
    16 x 16 fields. The hash alone is blind to colour, to what is small, and to a background that was taken away."""

    hash: int
    colours: bytes

    @classmethod
    def of(cls, thumbnail: Path) -> Look:
        """Of the picture in this file. Each bit of the hash is a step from left to right in a tiny grey copy: brighter
        or not.
        """
        with Image.open(thumbnail) as image:
            grey = image.convert("L").resize((ACROSS, DOWN), Image.Resampling.BOX).tobytes()
            fields = [
                each.resize((FIELDS, FIELDS), Image.Resampling.BOX)
                for each in (image.convert("RGB"), image.convert("RGBA").getchannel("A"))
            ]
        rows = [grey[start : start + ACROSS] for start in range(0, len(grey), ACROSS)]
        bits = 0
        for row in rows:
            for left, right in pairwise(row):
                bits = bits << 1 | (left < right)
        return cls(bits, b"".join(each.tobytes() for each in fields))

    def is_like(self, other: Look) -> bool:
        """Whether people would call these the same picture."""
        if (self.hash ^ other.hash).bit_count() > SAME_HASH:
            return False
        return all(abs(one - two) <= SAME_COLOUR for one, two in zip(self.colours, other.colours, strict=True))


def unchanged(previews: Previews, job: JobRow) -> tuple[int, ...]:
    """Which results, counted from 1, look like a picture that went in. Blocks. What has no preview is not judged."""
    inputs = [each.picture for each in job.inputs]
    return tuple(
        number for number, take in enumerate(job.takes, 1) if any(_same(previews, one, take.picture) for one in inputs)
    )


def thumbnails_are_there(previews: Previews, job: JobRow) -> bool:
    """Whether `unchanged` has nothing to wait for."""
    pictures = [*(each.picture for each in job.inputs), *(take.picture for take in job.takes)]
    return all(previews.path(each.sha256, "thumb").is_file() for each in pictures)


def _same(previews: Previews, one: PictureRow, other: PictureRow) -> bool:
    if one.sha256 == other.sha256:
        return True
    if abs(one.width * other.height - other.width * one.height) > SAME_SHAPE * one.width * other.height:
        return False
    try:
        looks = [Look.of(previews.file(each.sha256, each.mime, "thumb")) for each in (one, other)]
    except (NoPreview, NotKept, NoRoom):
        return False
    return looks[0].is_like(looks[1])
