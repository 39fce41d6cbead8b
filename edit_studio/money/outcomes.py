"""What became of a take, said in the ledger: at once where that works, else again until it does.

Until it is written a reservation counts; the next start finds in the history what was never written. So few wait here,
as nothing new is sent while the ledger cannot be written. Lives in one event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable

from .ledger import LedgerUnwritable, NoReservation

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two tries. Each try waits for the lock by itself besides."""


class Outcomes:
    """Says outcomes, each a call of the ledger that blocks; those that wait one after the other, the last of a take."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, Callable[[], None]] = {}
        self._trying: asyncio.Task[None] | None = None

    async def say(self, take: Hashable, outcome: Callable[[], None]) -> None:
        """Write it down, or see to it that it is tried again. What goes wrong costs no picture, and no job its end."""
        if await asyncio.to_thread(_is_done, outcome):
            return
        log.warning("The costs of a take wait until they can be written down.")
        self._waiting[take] = outcome
        if self._trying is None:
            self._trying = asyncio.create_task(self._try_again())

    async def try_each_once(self) -> bool:
        """Write down what waits, up to the first that cannot be; whether nothing is left."""
        for take, outcome in list(self._waiting.items()):
            if not await asyncio.to_thread(_is_done, outcome):
                return False
            if self._waiting.get(take) is outcome:
                del self._waiting[take]
        return not self._waiting

    async def _try_again(self) -> None:
        while self._waiting:
            if not await self.try_each_once():
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
