"""Joins the pieces of a stream before they are read.

A relay may cut one picture into hundreds of thousands of events of fifty letters each; folded while they are parsed,
they take neither the memory nor the time of as many documents.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, NamedTuple


class Bare(NamedTuple):
    """An event that is nothing but a piece of text: which text it goes on with, the piece, and the event's own shape
    around another text."""

    place: tuple[Hashable, ...]
    text: str
    around: Callable[[str], dict[str, Any]]


Look = Callable[[Any], Bare | None]
"""How a format knows such an event; None for every other."""


def fold(documents: Iterable[Any], look: Look) -> Iterator[Any]:
    """The documents, each run of bare pieces as one. All others stay as they are and where they are."""
    last: Bare | None = None
    texts: list[str] = []
    for document in documents:
        bare = look(document)
        if last is not None and (bare is None or bare.place != last.place):
            yield last.around("".join(texts))
            texts = []
        if bare is None:
            yield document
        else:
            texts.append(bare.text)
        last = bare
    if last is not None:
        yield last.around("".join(texts))
