"""More people at once than there is room for: all places taken, a queue that says how long it is, and a refusal."""

from __future__ import annotations

from dataclasses import dataclass

from .apps import App
from .arrivals import all_at_once
from .people import Site, Visit
from .plan import Plan
from .relay import Relay, Report


@dataclass(frozen=True)
class Crowd:
    """What became of everybody."""

    visits: tuple[Visit, ...]
    report: Report

    @property
    def pictures(self) -> int:
        """People who saw their picture."""
        return sum(visit.end == "picture" for visit in self.visits)

    @property
    def told_places(self) -> int:
        """People who were told how many are served before them."""
        return sum(visit.place > 0 for visit in self.visits)

    @property
    def longest_queue(self) -> int:
        """The furthest place anybody was told."""
        return max(visit.place for visit in self.visits)

    @property
    def refused(self) -> tuple[Visit, ...]:
        """People who were told that there is no room."""
        return tuple(visit for visit in self.visits if visit.end == "failed" and "was not taken" in visit.said)

    @property
    def posts_of_refused(self) -> int:
        """What the relay got of them all the same."""
        return sum(len(self.report.of(visit.edit)) for visit in self.refused)


async def crowd(app: App, relay: Relay, plan: Plan) -> Crowd:
    """Everybody at once."""
    relay.begin(plan.crowd_wait)
    site = Site(app)
    visits = await all_at_once(site, range(plan.places + plan.waiting + plan.refused))
    await site.close()
    return Crowd(tuple(visits), relay.report())
