"""Two rounds of people at a rate that fills all places: what forty edits at once take, and what stays afterwards."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from .apps import App
from .arrivals import LEAD, added_seconds, at_a_rate
from .people import Site, Visit
from .plan import Plan
from .relay import Relay
from .watch import Watch, memory_of, watching

_JUST_BEFORE = 0.5


@dataclass(frozen=True)
class Round:
    """Memory in MB: at the highest point, and when all was quiet again. `upstream` is the relay's most at once.

    `waiting` is MB and edits just before the first answer came, when all who are there wait for the relay.
    """

    upstream: int
    waiting: tuple[float, int]
    peak: float
    after: float
    added: tuple[float, ...]
    visits: tuple[Visit, ...]

    @property
    def pictures(self) -> int:
        """Edits whose person saw the picture."""
        return sum(visit.end == "picture" for visit in self.visits)


@dataclass(frozen=True)
class Rounds:
    """The memory of an app that just started, and two rounds."""

    idle: float
    first: Round
    second: Round

    @property
    def waiting_each(self) -> float:
        """MB that an edit takes while it waits for the relay."""
        amount, edits = self.first.waiting
        return (amount - self.idle) / edits


async def two_rounds(app: App, relay: Relay, plan: Plan) -> Rounds:
    """Measure an app that has just been started."""
    with watching(app.pid) as watch:
        began = time.monotonic()
        await asyncio.sleep(3)
        idle = watch.level(began)
        first = await _round(app, relay, watch, plan, 0)
        second = await _round(app, relay, watch, plan, plan.edits)
    return Rounds(idle, first, second)


async def _round(app: App, relay: Relay, watch: Watch, plan: Plan, start: int) -> Round:
    relay.begin(plan.wait)
    began = time.monotonic()
    site = Site(app)
    waiting = asyncio.create_task(_while_all_wait(app, relay, plan))
    visits = await at_a_rate(site, range(start, start + plan.edits), plan.rate)
    await site.close()
    ended = time.monotonic()
    report = relay.report()
    await asyncio.sleep(plan.settle)
    return Round(
        report.peak,
        await waiting,
        watch.peak(began, ended),
        watch.level(time.monotonic() - 5),
        tuple(added_seconds(visits, report)),
        tuple(visits),
    )


async def _while_all_wait(app: App, relay: Relay, plan: Plan) -> tuple[float, int]:
    """MB and edits shortly before the first of them is answered."""
    await asyncio.sleep(LEAD + min(plan.wait, plan.places / plan.rate) - _JUST_BEFORE)
    return memory_of(app.pid), await asyncio.to_thread(relay.in_flight)
