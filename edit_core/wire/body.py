"""JSON with pictures in it, written without copying them: small pieces of JSON, and the base64 between them.

A body of three photos has sixteen megabytes, and every copy of it costs more than its base64.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson


@dataclass(frozen=True)
class Spliced:
    """A JSON string in a tree whose inside, escaped where needed, is these pieces."""

    pieces: tuple[bytes, ...] = field(repr=False)


def write_pieces(tree: Any) -> tuple[bytes, ...]:
    """A JSON tree with `Spliced` strings, as pieces which joined are the document."""
    mark = "spliced"
    while True:
        found: list[Spliced] = []
        small = orjson.dumps(tree, default=partial(_noted, found, mark), option=orjson.OPT_PASSTHROUGH_DATACLASS)
        gaps = small.split(orjson.dumps(mark))
        if len(gaps) == len(found) + 1:
            break
        # Somebody's text is our mark by itself.
        mark += "+"
    pieces = [gaps[0]]
    for spliced, gap in zip(found, gaps[1:], strict=True):
        pieces[-1] += b'"'
        pieces += spliced.pieces
        pieces.append(b'"' + gap)
    return tuple(pieces)


def _noted(found: list[Spliced], mark: str, value: Any) -> str:
    """What orjson writes in the place of something it does not know."""
    if not isinstance(value, Spliced):
        raise TypeError(f"{type(value).__name__} is not JSON")
    found.append(value)
    return mark
