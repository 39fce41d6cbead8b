"""Ctrl+C and SIGTERM: the first asks the app to come to its end, the second ends it at once."""

from __future__ import annotations

import os
import signal
import time
from types import FrameType

ENDED_BY_SIGNAL = 128
LOOKS_AFTER = 0.2
"""Seconds."""


class Ending:
    """Listens for signals; made in the main thread, as Python wants it."""

    def __init__(self) -> None:
        self._wanted = False
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self._hear)

    def wait(self) -> None:
        """Until somebody wants the end."""
        # Not an event: its lock may be held by this very thread when the signal comes, which would wait for itself.
        while not self._wanted:
            time.sleep(LOOKS_AFTER)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if self._wanted:
            os._exit(ENDED_BY_SIGNAL + number)
        self._wanted = True
