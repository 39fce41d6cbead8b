"""Who may send now: a number of places, and a queue in front of them that is fair between owners.

The next free place goes to the waiting owner who holds the fewest, and among those to the one who was served longest
ago. So a person with fifty edits delays another's first one by one edit at the most. Lives in one event loop.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from edit_core.errors import RateLimited


class TooBusy(RateLimited):
    """So many wait already that one more would wait without an end in sight. Nothing was sent."""

    next_step = "Try again in a few minutes."


@dataclass(eq=False)
class Ticket:
    """A wish for one place. `granted` is done when the place is held."""

    owner: str
    granted: asyncio.Future[None] = field(repr=False)


class FairQueue:
    """`places` at once, and at most `most_waiting` behind them."""

    def __init__(self, places: int = 40, most_waiting: int = 100) -> None:
        self._places = places
        self._most_waiting = most_waiting
        self._waiting: dict[str, deque[Ticket]] = {}
        self._holders: set[Ticket] = set()
        self._held: Counter[str] = Counter()
        self._served: dict[str, int] = {}
        self._clock = 0
        # Kept until somebody comes or goes: each of a hundred who wait asks twice a second.
        self._line: dict[Ticket, int] | None = None

    @property
    def held(self) -> int:
        """Places that are taken."""
        return self._held.total()

    @property
    def waiting(self) -> int:
        """Tickets without a place yet."""
        return sum(map(len, self._waiting.values()))

    def check_room(self, wanted: int = 1) -> None:
        """Raises `TooBusy` when so many more would not fit into places and queue."""
        free = self._places - self.held + self._most_waiting - self.waiting
        if wanted > free:
            raise TooBusy(f"{self.waiting} edits are waiting already, so this one was not taken.")

    def enter(self, owner: str) -> Ticket:
        """Ask for a place. Raises `TooBusy` when the queue is full."""
        self.check_room()
        ticket = Ticket(owner, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(owner, deque()).append(ticket)
        self._grant()
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Give up a ticket, whether it waits or holds its place; a second time changes nothing."""
        line = self._waiting.get(ticket.owner, deque())
        if ticket in line:
            line.remove(ticket)
            ticket.granted.cancel()
        elif ticket in self._holders:
            self._holders.remove(ticket)
            self._held[ticket.owner] -= 1
        self._forget(ticket.owner)
        self._grant()

    @asynccontextmanager
    async def place(self, ticket: Ticket) -> AsyncIterator[None]:
        """Hold the ticket's place, after waiting for it."""
        try:
            await asyncio.shield(ticket.granted)
            yield
        finally:
            self.leave(ticket)

    def position(self, ticket: Ticket) -> int:
        """How many are served before this ticket gets its place, plus one; 0 when it has it. As things stand now."""
        if ticket.granted.done():
            return 0
        if self._line is None:
            self._line = {each: number for number, each in enumerate(self._foreseen(), 1)}
        return self._line[ticket]

    def _foreseen(self) -> Iterator[Ticket]:
        """Who will be served, in that order, if nobody comes or goes."""
        lines = {owner: deque(line) for owner, line in self._waiting.items() if line}
        held, served, clock = self._held.copy(), dict(self._served), self._clock
        while lines:
            owner = _next(lines, held, served)
            yield lines[owner].popleft()
            held[owner] += 1
            clock += 1
            served[owner] = clock
            if not lines[owner]:
                del lines[owner]

    def _grant(self) -> None:
        """Hand out the places that are free; called whenever somebody came or went."""
        self._line = None
        while self.held < self._places and (lines := {o: line for o, line in self._waiting.items() if line}):
            owner = _next(lines, self._held, self._served)
            ticket = lines[owner].popleft()
            self._held[owner] += 1
            self._clock += 1
            self._served[owner] = self._clock
            self._holders.add(ticket)
            ticket.granted.set_result(None)

    def _forget(self, owner: str) -> None:
        """Drop what is kept of an owner who neither waits nor holds a place."""
        if not self._waiting.get(owner) and not self._held[owner]:
            self._waiting.pop(owner, None)
            self._held.pop(owner, None)
            self._served.pop(owner, None)


def _next(lines: dict[str, deque[Ticket]], held: Counter[str], served: dict[str, int]) -> str:
    return min(lines, key=lambda owner: (held[owner], served.get(owner, 0)))
