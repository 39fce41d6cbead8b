"""Makes previews in a process of its own, which may be killed and knows no secret. Started by `previews.py`.

Asked with one JSON line (`file`, `sides`), it answers with one JSON line and then bytes: `{"sizes": [...]}` and so
many WebP files, or `{"said": "..."}` when the picture cannot be decoded. It ends when its input does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from edit_core.containers import inspect
from edit_core.errors import UnreadablePicture
from edit_core.pixels import Pixels

MOST_MEMORY = 2 * 2**30
"""Bytes of address space, libraries included: a picture of 48 megapixels was seen to take 0.55 GB."""

QUALITY = 78


def make(data: bytes, sides: Sequence[int]) -> list[bytes]:
    """WebP files of at most so many pixels on the longest side, largest first: upright, colour profile and alpha kept,
    no other metadata. Raises `UnreadablePicture`.
    """
    pixels = Pixels.decode(data, inspect(data)).plain()
    made = []
    for side in sorted(sides, reverse=True):
        pixels = pixels.roughly(side).scaled(side)
        made.append(pixels.webp(QUALITY))
    return made


def serve(asked: BinaryIO, answered: BinaryIO) -> None:
    """Answer until nobody asks any more."""
    for line in asked:
        request = json.loads(line)
        head: dict[str, object]
        try:
            made = make(Path(request["file"]).read_bytes(), request["sides"])
        except UnreadablePicture as error:
            made, head = [], {"said": str(error)}
        else:
            head = {"sizes": [len(each) for each in made]}
        answered.write(json.dumps(head).encode() + b"\n" + b"".join(made))
        answered.flush()


def limit_memory() -> None:
    """A picture that wants more fails alone, here. Windows has no such limit."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    limit_memory()
    serve(sys.stdin.buffer, sys.stdout.buffer)
