"""Looking again and again until something real has happened: a port that opens, a row that is written, a process."""

from __future__ import annotations

import time
from collections.abc import Callable

PAUSE = 0.01
PATIENCE = 40.0
"""Seconds. A slow machine is no fault of what is tested; where the time is what is tested, the test names its own."""


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it holds within these seconds."""
    deadline = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(PAUSE)
    return held


def wait_until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until it holds; fails when it does not within these seconds."""
    assert eventually(holds, seconds)
