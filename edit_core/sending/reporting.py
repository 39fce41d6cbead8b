"""How far an edit is, told to whoever waits: often enough to be lively, seldom enough to be cheap, never the key."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from ..edits import Wire
from ..wire.progress import ProgressReader, Words
from .redaction import Redactor

_BETWEEN_REPORTS = 0.1
"""Seconds. A flood of tiny pieces would otherwise mean a report for each."""
_MOST_LINES = 100_000
"""Lines of an answer that are read for their words as they come; a flood beyond them is only counted."""


@dataclass(frozen=True)
class Progress:
    """How far an edit is. `text` and `thoughts` are all the words so far, without pictures.

    `sent` says that a request may be out, or its answer lost: an edit that is cut short then may have been charged. It
    is untrue while a connection is made, and after a request that did no work.
    """

    state: Literal["sending", "waiting", "receiving"]
    received_bytes: int = 0
    text: str = ""
    thoughts: str = ""
    sent: bool = True


OnProgress = Callable[[Progress], None]


class Reporter:
    """Tells how far one attempt is, its words as they come and without the key.

    `lost` says that the answer to an earlier attempt was lost, so that a request may be out whatever this one does.
    """

    def __init__(self, wire: Wire, redactor: Redactor, tell: OnProgress | None, *, lost: bool = False) -> None:
        self._reader = ProgressReader(wire)
        self._redactor = redactor
        self._tell = tell
        self._lost = lost
        self._last = Progress("sending", sent=lost)
        self._words = Words()
        self._next = 0.0
        self._lines = 0

    def connecting(self) -> None:
        """The service is looked for; not a byte of the request has left."""
        self._report(Progress("sending", sent=self._lost))

    def sending(self) -> None:
        """The request is on its way."""
        self._report(Progress("sending"))

    def waiting(self) -> None:
        """All of the request was sent."""
        self._report(Progress("waiting"))

    def received(self, size: int, piece: bytes) -> None:
        """More of the answer came; `size` are its bytes so far."""
        if self._tell is None:
            return
        self._lines += piece.count(b"\n")
        if self._lines <= _MOST_LINES:
            self._words = self._reader.feed(piece)
        if time.monotonic() >= self._next:
            self._report(self._receiving(size))
            self._next = time.monotonic() + _BETWEEN_REPORTS

    def ended(self, size: int) -> None:
        """The answer is complete, or will not become so."""
        if size:
            self._report(self._receiving(size))

    def in_vain(self) -> None:
        """The attempt is over and did no work: nothing was sent, or the service refused."""
        self._report(replace(self._last, sent=self._lost))

    def _receiving(self, size: int) -> Progress:
        clean = self._redactor.growing
        return Progress("receiving", size, clean(self._words.text), clean(self._words.thoughts))

    def _report(self, progress: Progress) -> None:
        self._last = progress
        if self._tell is not None:
            self._tell(progress)
