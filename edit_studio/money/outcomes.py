"""What became of a take, said in the ledger: at once where that works, else again until it does.

Until it is written the reservation counts; the next start finds in the history what was never written. So few wait
here, as nothing new is sent while the ledger cannot be written. Lives in one event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from .ledger import LedgerUnwritable, NoReservation

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two tries. Each try waits for the lock by itself besides."""


class Outcomes:
    """Says outcomes, each a call of the ledger that blocks; those that wait one after the other."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._trying: asyncio.Task[None] | None = None

    async def say(self, outcome: Callable[[], None]) -> None:
        """Write it down, or see to it that it is tried again. What goes wrong costs no picture, and no job its end."""
        if await asyncio.to_thread(_is_done, outcome):
            return
        log.warning("The costs of a take wait until they can be written down; its reservation counts until then.")
        self._waiting.append(outcome)
        if self._trying is None:
            self._trying = asyncio.create_task(self._try_again())

    async def _try_again(self) -> None:
        while self._waiting:
            if await asyncio.to_thread(_is_done, self._waiting[0]):
                self._waiting.popleft()
            else:
                await asyncio.sleep(PAUSE)
        self._trying = None


def _is_done(outcome: Callable[[], None]) -> bool:
    """Whether no other try is needed."""
    try:
        outcome()
    except NoReservation:
        # The budget had no room, or it was said before.
        return True
    except LedgerUnwritable:
        return False
    except Exception:
        # A fault of ours, which another try would not mend.
        log.exception("The costs of a take could not be written down; its reservation still counts.")
    return True
