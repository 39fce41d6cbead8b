"""The event loop that the app lives in, made ready for a crowd: few threads, all there, and a log that stays short."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from anyio.to_thread import current_default_thread_limiter

from .heap import share_heap

log = logging.getLogger(__name__)

THREADS = 8
"""In which the app does what blocks, and as many in which Gradio does. The offline engine has others."""

QUIET_SECONDS = 60.0
_FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def settle(loop: asyncio.AbstractEventLoop) -> None:
    """Make the loop that runs ready. Raises `NoThreads`."""
    share_heap()
    loop.set_default_executor(all_started(THREADS))
    current_default_thread_limiter().total_tokens = THREADS
    loop.set_exception_handler(Complaints())
    # What is there by now stays to the end. Looking through it again and again was seen to take a tenth of the time.
    gc.collect()
    gc.freeze()


class NoThreads(RuntimeError):
    """The system has no room for the threads that this app needs."""


def all_started(count: int, name: str = "app") -> ThreadPoolExecutor:
    """So many threads, all of them there. Raises `NoThreads`.

    Python starts such threads when they are first needed. Where the system then has no room for one more, the call
    fails although its work is in line and will be done, and nobody hears how it ended.
    """
    threads, together = ThreadPoolExecutor(count, name), threading.Barrier(count + 1)
    try:
        for _ in range(count):
            # None of them comes back before all are there, so each of these calls starts one.
            threads.submit(together.wait)
    except RuntimeError as error:
        together.abort()
        raise NoThreads("The system has no room for the threads that this app needs.") from error
    together.wait()
    return threads


class Complaints:
    """What the loop has to say goes to the log, but a full house only once a minute.

    With no file left for one more connection, asyncio complains of each place in the line at the door, 2048 times a
    second (Python 3.11, `_accept_connection`): 183 MB of log were seen to come in half a minute.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._quiet_until = float("-inf")

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not (isinstance(error, OSError) and error.errno in _FULL and "socket" in context):
            loop.default_exception_handler(context)
        elif self._now() >= self._quiet_until:
            self._quiet_until = self._now() + QUIET_SECONDS
            log.warning("More connections than this process may have (%s); the next ones wait.", error.strerror)
