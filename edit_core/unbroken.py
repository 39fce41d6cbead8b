"""Work that a cancellation must not leave half done, as something was paid for by then."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def to_its_end(task: asyncio.Task[T]) -> T:
    """The task's result. A cancellation is heard only when the task is over, as it must not be left half done."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        # What it raised is of no interest any more, but must be looked at.
        with suppress(Exception):
            task.result()
        raise
