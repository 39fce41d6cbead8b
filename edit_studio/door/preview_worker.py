"""Makes previews in a process of its own, which may be killed and knows no secret. Started by `previews.py`.

Asked with one JSON line (`file`, `sides`), it answers with one JSON line and then bytes: `{"sizes": [...]}` and so
many WebP files, or `{"said": "..."}` when the picture cannot be decoded. It ends when its input does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edit_core.containers import inspect
from edit_core.errors import UnreadablePicture
from edit_core.pixels import Pixels
from edit_core.worker import Pipes, at_the_other_end

from ..heap import trim_heap

MOST_MEMORY = 2 * 2**30
"""Bytes of address space, libraries included: a picture of 48 megapixels was seen to take 0.55 GB."""

QUALITY = 78

LIGHT = 0.05
"""Of the bytes of a PNG. Those of photos keep far below; one that does not is of a drawing."""

MOST_PROFILE_BYTES = 16 * 2**10
"""Of a colour profile that a preview carries. Those of cameras have 3 KB, those of printers and scanners a megabyte."""


def make(data: bytes, sides: Sequence[int]) -> list[bytes]:
    """WebP files of at most so many pixels on the longest side, largest first: upright, colours and alpha kept, a small
    colour profile too, no other metadata. Raises `UnreadablePicture`.
    """
    header, size = inspect(data), len(data)
    pixels = Pixels.decode(data, header).plain()
    # What is needed no more is let go at once, here and below: a picture of 4K has 33 MB, and 11 as a file.
    del data
    made = []
    for side in sorted(sides, reverse=True):
        pixels = pixels.roughly(side)
        pixels = pixels.scaled(side)
        if len(pixels.profile) > MOST_PROFILE_BYTES:
            pixels = pixels.in_srgb()
        light = pixels.webp(QUALITY)
        if header.mime == "image/png" and len(light) > LIGHT * size:
            # Flat colours and sharp edges are blurred by a lossy WebP, and larger than in one without loss.
            light = min(light, pixels.webp_lossless(), key=len)
        made.append(light)
    return made


def serve(pipes: Pipes) -> None:
    """Answer until nobody asks any more."""
    for question in pipes:
        try:
            made = make(Path(question["file"]).read_bytes(), question["sides"])
        except UnreadablePicture as error:
            pipes.say({"said": str(error)})
        else:
            pipes.say({"sizes": [len(each) for each in made]}, *made)
        # It stays for as long as the app does, and most of that time nobody asks.
        trim_heap()


if __name__ == "__main__":
    serve(at_the_other_end(MOST_MEMORY))
