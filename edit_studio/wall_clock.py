"""The time of day, and whether to act on it: a clock that has just been set may be set back soon."""

from __future__ import annotations

import time
from collections.abc import Callable

LARGEST_STEP = 600.0
"""Seconds by which a clock may be put right between two looks without anybody minding."""


class WallClock:
    """Compares the time of day with a clock that nobody can set. Both give seconds; the first since 1970."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._steady = steady
        self._offset = wall() - steady()

    def look(self) -> tuple[float, bool]:
        """The time of day, and whether it went on evenly since the last look. A machine that slept was set too."""
        now = self._wall()
        offset = now - self._steady()
        is_even = abs(offset - self._offset) <= LARGEST_STEP
        self._offset = offset
        return now, is_even
