"""Ctrl+C and SIGTERM: the first asks the app to come to its end, the second ends it at once."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

ENDED_BY_SIGNAL = 128


class Ending:
    """Listens for signals; made in the main thread, as Python wants it."""

    def __init__(self) -> None:
        self._wanted = threading.Event()
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self._hear)

    def wait(self) -> None:
        """Until somebody wants the end."""
        # On Windows a wait without a limit is not interrupted by Ctrl+C.
        while not self._wanted.wait(1):
            continue

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if self._wanted.is_set():
            os._exit(ENDED_BY_SIGNAL + number)
        self._wanted.set()
