"""Row M-09: Stop, at each step of an edit that the real client sends: what is said of money, and what stays held."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edit_core import Client
from edit_core.client import Clocks, Progress
from edit_core.edits import EditResult
from edit_core.sending.outcome import Policy
from edit_core.sending.resolver import Resolver, resolve
from edit_studio.fair_queue import FairQueue
from edit_studio.history.history import History
from edit_studio.jobs import Jobs
from edit_studio.money.ledger import Ledger
from edit_studio.storage.database import Database
from edit_studio.storage.vault import Vault
from edit_studio.takes import Order, Report
from tests.edit_core.spellings import KEY
from tests.edit_core.trials import MODEL, REQUEST, relay_row
from tests.fault_relay import FaultRelay
from tests.faults import failed, hangs, resets, sends

from .examples import ANN, click

BUSY = sends(failed(503, "Busy.", "Retry-After: 20"))
NOT_SENT = ("stopped", "no", "released")
MAYBE_CHARGED = ("stopped", "maybe", "held")


@dataclass
class Desk:
    """Jobs whose edits go to a relay; Stop is pressed at the `moment` that a test waits for."""

    history: History
    ledger: Ledger
    jobs: Jobs
    moment: asyncio.Event = field(default_factory=asyncio.Event)

    async def stopped(
        self,
        url: str,
        when: Callable[[Progress], bool] = lambda _: False,
        resolver: Resolver = resolve,
        policy: Policy | None = None,
    ) -> tuple[str, str, str]:
        """How an edit ended, whether it may have been charged, and its entry. `when` says that the moment is here."""

        async def send(_take: str, report: Report) -> EditResult:
            def hear(progress: Progress) -> None:
                report(progress)
                if when(progress):
                    self.moment.set()

            row, clocks = relay_row(url), Clocks(connect=20, backoff=0.01)
            async with Client(row, KEY, resolve=resolver, policy=policy, clocks=clocks) as client:
                return await client.edit(REQUEST, MODEL, on_progress=hear)

        order = Order(click(), send, lambda *_: [], micros=40_000, most_sent=2)
        job_id = await self.jobs.submit(order)
        await asyncio.wait_for(self.moment.wait(), 10)
        await self.jobs.stop(ANN, job_id)
        *_, last = [snapshot async for snapshot in self.jobs.follow(ANN, job_id)]
        (entry,) = self.ledger.entries_of(job_id)
        assert last.job.failure is not None
        return last.job.state, last.job.failure["charged"], entry.state


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Iterator[Desk]:
    with closing(History(database, Vault(tmp_path / "data"))) as history:
        ledger = Ledger(database)
        yield Desk(history, ledger, Jobs(history, ledger, FairQueue(places=1, most_waiting=1)))


@pytest.mark.parametrize("failures", [0, 1], ids=["on the first try", "on the second"])
async def test_while_the_service_is_looked_for_nothing_was_sent(desk: Desk, failures: int) -> None:
    asked = 0

    async def look_up(*_: object) -> list[str]:
        nonlocal asked
        asked += 1
        if asked <= failures:
            raise OSError("no such name")
        desk.moment.set()
        await asyncio.Event().wait()
        raise AssertionError

    assert await desk.stopped("https://relay.example", resolver=look_up) == NOT_SENT


async def test_before_the_second_try_of_a_lost_answer_it_may_have_been_charged(desk: Desk) -> None:
    """The name is known at first, and looked up without end once the answer to the first request was lost."""
    asked = 0

    async def look_up(*_: object) -> list[str]:
        nonlocal asked
        asked += 1
        if asked == 1:
            return ["127.0.0.1"]
        desk.moment.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with FaultRelay(resets()) as relay:
        url = relay.url.replace("127.0.0.1", "localhost")
        ended = await desk.stopped(url, resolver=look_up, policy=Policy(retry_unknown=True))
    assert (ended, relay.posts) == (MAYBE_CHARGED, 1)


async def test_between_two_tries_a_refusal_was_not_charged(desk: Desk) -> None:
    async with FaultRelay(BUSY) as relay:
        assert await desk.stopped(relay.url, lambda progress: relay.posts == 1 and not progress.sent) == NOT_SENT
        assert relay.posts == 1


async def test_while_the_answer_is_awaited_it_may_have_been_charged(desk: Desk) -> None:
    async with FaultRelay(hangs()) as relay:
        assert await desk.stopped(relay.url, lambda progress: progress.state == "waiting") == MAYBE_CHARGED


async def test_while_a_large_request_is_on_its_way_it_may_have_been_charged(desk: Desk) -> None:
    async with FaultRelay(hangs(), reads_body=False) as relay:
        ended = await desk.stopped(relay.url, lambda progress: progress.state == "sending" and progress.sent)
        assert ended == MAYBE_CHARGED


async def test_after_a_lost_answer_no_refusal_says_that_nothing_was_charged(desk: Desk) -> None:
    async with FaultRelay(resets(), BUSY) as relay:
        policy = Policy(retry_unknown=True)
        ended = await desk.stopped(
            relay.url, lambda progress: relay.posts == 2 and progress.state == "receiving", policy=policy
        )
        assert ended == MAYBE_CHARGED
