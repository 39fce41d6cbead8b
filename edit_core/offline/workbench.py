"""Where pictures are worked on: a few threads of the engine's own, so that a crowd waits and holds no memory.

Work that hangs cannot be ended, for Python ends no thread; but it can be left, and then others have fresh threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from .asking import Refused

PLACES = 2
"""Pieces of work at once. Each may hold some hundred megabytes of pixels."""

P = ParamSpec("P")
T = TypeVar("T")


class Workbench:
    """Does work in threads, in the order in which it came. Raises `Refused` where there is no room for a thread."""

    def __init__(self, places: int = PLACES) -> None:
        self._places = places
        self._threads = self._fresh()

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the work gives or raises. Whoever is cancelled here leaves it behind, running or not."""
        while True:
            threads = self._threads
            try:
                doing = threads.submit(work, *args, **kwargs)
            except RuntimeError as error:  # Python's for a system that has no room for one more thread
                raise Refused("The engine is busy: this machine has no room for its work just now.", 503) from error
            try:
                return await asyncio.wrap_future(doing)
            except asyncio.CancelledError:
                if doing.running() and threads is self._threads:
                    self._threads = self._fresh()
                    threads.shutdown(wait=False, cancel_futures=True)
                # What waited behind work that was left begins anew; whoever left does not.
                if not doing.cancelled() or _is_leaving():
                    raise

    def _fresh(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._places, "engine")


def _is_leaving() -> bool:
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0
