"""Turns: how many pictures this app decodes at once, whatever for.

A picture of 4K takes a hundred megabytes while it is decoded, and a core. More at once than this would take memory and
give nothing back, as they only wait for each other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2
PATIENCE = 10.0
"""Seconds after which somebody goes on out of turn: what is slow, or hostile, must not keep everybody."""


class Turns:
    """Places for `at_once` of those who decode; who has waited `patience` seconds goes on without one."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        self._at_once = at_once
        self._patience = patience
        self._busy = 0
        self._changed = threading.Condition()
        self._closed = False

    @contextmanager
    def taking_one(self) -> Iterator[None]:
        """Wait for a place, and have it meanwhile. Blocks."""
        with self._changed:
            self._changed.wait_for(lambda: self._busy < self._at_once or self._closed, self._patience)
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify()

    def close(self) -> None:
        """Keep nobody any longer: the app is about to end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
