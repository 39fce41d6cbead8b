"""Jobs: one for each click, carried out on a real history and ledger, whatever becomes of who follows them."""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from edit_core.client import Progress
from edit_core.edits import EditResult, Usage
from edit_core.errors import EditError, KeyRefused, Malformed, NoImage, RateLimited, TimedOut, UpstreamFailed
from edit_studio import jobs
from edit_studio.failures import Restarting
from edit_studio.fair_queue import FairQueue, TooBusy
from edit_studio.history.history import History, TokenReused
from edit_studio.history.rows import AFTER_APP_ENDED, JobRow, TakeRow
from edit_studio.jobs import BEAT, LONGEST_SILENCE, Jobs, Snapshot
from edit_studio.money.budget import Budget
from edit_studio.money.ledger import Ledger
from edit_studio.receipts import Times
from edit_studio.storage.database import Database, open_database
from edit_studio.storage.disk import NoRoom
from edit_studio.storage.schema import entries
from edit_studio.storage.vault import NotKept, Vault
from edit_studio.takes import Order, Report
from tests.waiting import wait_until

from .broken_databases import BROKEN
from .examples import ANN, BOB, click, picture

PRICE = 40_000


@dataclass
class Service:
    """Stands where the client does: reports, waits until it is let go, then answers or fails."""

    error: EditError | None = None
    calls: int = 0
    ended: int = 0
    names: list[str] = field(default_factory=list)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, take_id: str, report: Report) -> EditResult:
        self.names.append(take_id)
        self.calls += 1
        number = self.calls
        report(Progress("waiting"))
        try:
            await self.go.wait()
        finally:
            self.ended += 1
        if self.error and number == 1:
            raise self.error
        return EditResult((picture(number),), text="made")


@dataclass
class Desk:
    """Jobs with all that they work with."""

    history: History
    ledger: Ledger
    jobs: Jobs
    service: Service = field(default_factory=Service)

    def order(self, token: str = "first", owner: str = ANN, **others) -> Order:
        return Order(click(token, owner=owner, **others), self.service, self.keep, PRICE)

    def keep(self, job: JobRow, index: int, result: EditResult, _times: Times) -> list[TakeRow]:
        return [self.history.save_take(job.id, index, result.pictures[0], result.text)]

    async def last(self, job_id: str, owner: str = ANN) -> Snapshot:
        return [snapshot async for snapshot in self.jobs.follow(owner, job_id)][-1]

    async def until_sent(self, count: int = 1) -> None:
        await self.until(lambda: self.service.calls >= count)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():  # noqa: ASYNC110 - whatever a test looks at, which no event stands for
                await asyncio.sleep(0.005)

    def entries(self, job_id: str) -> list[str]:
        return [entry.state for entry in self.ledger.entries_of(job_id)]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Iterator[Desk]:
    history = History(database, Vault(tmp_path / "data"))
    ledger = Ledger(database, Budget(day_micros=10 * PRICE))
    yield Desk(history, ledger, Jobs(history, ledger, FairQueue(places=3, most_waiting=2)))
    history.close()


async def test_the_same_click_sent_twice_at_once_and_later_is_one_job_and_one_call(desk: Desk) -> None:
    first, second = await asyncio.gather(desk.jobs.submit(desk.order()), desk.jobs.submit(desk.order()))
    desk.service.go.set()
    assert (await desk.last(first)).job.state == "done"
    assert first == second == await desk.jobs.submit(desk.order())
    assert desk.service.calls == 1


async def test_the_token_of_one_click_with_another_request_is_refused(desk: Desk) -> None:
    desk.service.go.set()
    await desk.last(await desk.jobs.submit(desk.order()))
    with pytest.raises(TokenReused):
        await desk.jobs.submit(desk.order(fingerprint="0" * 64))
    assert desk.service.calls == 1


@pytest.mark.parametrize("pressed", [False, True], ids=["followed", "stopped"])
async def test_an_edit_that_is_written_down_and_was_never_begun_ends_as_not_sent(desk: Desk, pressed: bool) -> None:
    """As where the database took the row and broke off before it said so."""
    row = desk.history.insert(click().begun(100.0))
    if pressed:
        await desk.jobs.stop(ANN, row.id)
    ended = (await desk.last(row.id)).job
    assert ended.failure is not None
    assert (ended.state, ended.failure["charged"]) == ("failed", "no")
    assert "nothing was sent" in ended.failure["message"]
    assert desk.history.running(ANN) == ()
    assert desk.service.calls == 0


async def test_an_edit_that_was_written_down_just_now_is_not_taken_for_lost(desk: Desk) -> None:
    row = desk.history.insert(click().begun(time.time()))
    assert (await desk.last(row.id)).job.state == "queued"


async def test_of_a_lost_edit_that_may_have_been_sent_nobody_says_that_it_was_not(desk: Desk) -> None:
    row = desk.history.insert(replace(click().begun(100.0), state="sending"))
    last = (await desk.last(row.id)).job
    assert (last.state, last.failure) == ("sending", None)


async def test_an_edit_that_is_about_to_begin_is_not_taken_for_one_that_never_will(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that takes."""
    monkeypatch.setattr(jobs, "STRANDED_AFTER", -1.0)
    written, go_on = threading.Event(), threading.Event()

    def wait(step: str) -> None:
        if step == "job: committed":
            written.set()
            assert go_on.wait(5)

    desk.history.vault.steps = wait
    submitting = asyncio.create_task(desk.jobs.submit(desk.order()))
    assert await asyncio.to_thread(written.wait, 5)
    (row,) = desk.history.running(ANN)
    await desk.jobs.stop(ANN, row.id)
    assert desk.history.job(ANN, row.id).state == "queued"
    go_on.set()
    desk.service.go.set()
    assert (await desk.last(await submitting)).job.state == "done"


async def test_one_token_for_two_requests_at_once_is_one_edit_and_one_refusal(desk: Desk) -> None:
    desk.service.go.set()
    orders = desk.order(), desk.order(fingerprint="0" * 64)
    ids = await asyncio.gather(*map(desk.jobs.submit, orders), return_exceptions=True)
    assert {type(each) for each in ids} == {str, TokenReused}
    await desk.last(next(each for each in ids if isinstance(each, str)))
    assert desk.service.calls == 1


CUT = {
    "in line": (0, False, "no"),
    "with a service": (1, False, "maybe"),
    "with one that is free": (1, True, "no"),
}


@pytest.mark.parametrize(("sent", "free", "charged"), CUT.values(), ids=CUT)
async def test_a_stopped_edit_says_whether_it_may_have_been_charged(
    desk: Desk, sent: int, free: bool, charged: str
) -> None:
    if not sent:
        for number in range(3):
            await desk.jobs.submit(desk.order(f"before {number}"))
    job_id = await desk.jobs.submit(replace(desk.order("it"), free=free))
    await desk.until_sent(sent or 3)
    await desk.jobs.stop(ANN, job_id)
    ended = (await desk.last(job_id)).job
    assert ended.failure is not None
    assert (ended.state, ended.failure["charged"]) == ("stopped", charged)
    desk.service.go.set()


async def test_what_breaks_in_the_app_before_anything_is_sent_is_not_charged(desk: Desk) -> None:
    async def breaks(_take: str, _report: Report) -> EditResult:
        raise MemoryError

    job_id = await desk.jobs.submit(replace(desk.order(), send=breaks))
    ended = (await desk.last(job_id)).job
    assert ended.failure is not None
    assert (ended.state, ended.failure["charged"], desk.entries(job_id)) == ("failed", "no", ["released"])


async def test_takes_that_the_budget_has_no_room_for_are_told_before_one_is_answered(desk: Desk) -> None:
    """Row M-10: of four takes two fit, two are sent, and nobody learns of it only at the end."""
    job_id = await desk.jobs.submit(replace(desk.order(takes_asked=4), micros=4 * PRICE))
    await desk.until_sent(2)
    snapshot = await anext(aiter(desk.jobs.follow(ANN, job_id)))
    assert "is reached" in snapshot.refused
    assert desk.entries(job_id) == ["reserved", "reserved"]
    desk.service.go.set()
    ended = (await desk.last(job_id)).job
    assert ended.failure is not None
    assert (ended.state, len(ended.takes), ended.failure["kind"]) == ("done", 2, "budget")
    assert (desk.service.calls, desk.entries(job_id)) == (2, ["settled", "settled"])


async def test_what_was_set_aside_for_takes_that_never_had_their_turn_is_given_back(desk: Desk) -> None:
    job_id = await desk.jobs.submit(desk.order(takes_asked=5))
    await desk.until_sent(3)
    await desk.jobs.stop(ANN, job_id)
    await desk.last(job_id)
    assert desk.entries(job_id) == ["held", "held", "held", "released", "released"]


async def test_where_a_lost_answer_is_asked_for_again_money_for_both_is_set_aside(desk: Desk) -> None:
    job_id = await desk.jobs.submit(replace(desk.order(), most_sent=2))
    await desk.until_sent()
    assert desk.ledger.spent().today == 2 * PRICE
    desk.service.go.set()
    await desk.last(job_id)
    assert desk.ledger.spent().today == PRICE


AFTER_A_LOST_ANSWER = {
    "a picture": (EditResult((picture(1),), lost=1), "settled", 2 * PRICE, PRICE),
    "a picture whose price is named": (
        EditResult((picture(1),), usage=Usage(cost=0.03), lost=1),
        *("settled", 30_000 + PRICE, 30_000),
    ),
    "words alone": (NoImage("No picture.", lost=1), "settled", 2 * PRICE, PRICE),
    "words whose price is named": (NoImage("No picture.", cost=0.001, lost=1), "settled", 1_000 + PRICE, 1_000),
    "another that is lost": (TimedOut("No answer.", lost=2), "held", 2 * PRICE, PRICE),
    "a refusal": (KeyRefused("No.", charged="maybe", lost=1), "held", PRICE, PRICE),
}


@pytest.mark.parametrize(
    ("answer", "state", "for_both", "for_one"), AFTER_A_LOST_ANSWER.values(), ids=AFTER_A_LOST_ANSWER
)
async def test_m_05_a_lost_answer_goes_on_counting_whatever_came_after_it(
    desk: Desk, answer: EditResult | EditError, state: str, for_both: int, for_one: int
) -> None:
    """Twice, unless the relay charges for a request's name once: then no second price was set aside."""

    async def send(_take: str, report: Report) -> EditResult:
        report(Progress("waiting"))
        if isinstance(answer, EditError):
            raise answer
        return answer

    for most_sent, micros in ((2, for_both), (1, for_one)):
        order = replace(desk.order(f"click {most_sent}"), send=send, most_sent=most_sent)
        job_id = await desk.jobs.submit(order)
        await desk.last(job_id)
        (entry,) = desk.ledger.entries_of(job_id)
        assert (entry.state, entry.micros) == (state, micros)
        assert entry.estimated == (micros >= PRICE)


async def test_money_for_a_second_request_that_was_never_sent_is_given_back(desk: Desk) -> None:
    desk.service.error = TimedOut("No answer.", lost=1)
    desk.service.go.set()
    job_id = await desk.jobs.submit(replace(desk.order(), most_sent=2))
    await desk.last(job_id)
    assert [(each.state, each.micros) for each in desk.ledger.entries_of(job_id)] == [("held", PRICE)]


async def test_of_several_failures_the_one_that_may_have_been_charged_is_told(desk: Desk) -> None:
    desk.service.error = RateLimited("Too many.", charged="no")
    desk.service.go.set()
    waiting, never = asyncio.Event(), asyncio.Event()

    async def send(take: str, report: Report) -> EditResult:
        if take.endswith("-1"):
            report(Progress("waiting"))
            waiting.set()
            await never.wait()
        return await desk.service(take, report)

    job_id = await desk.jobs.submit(replace(desk.order(takes_asked=2), send=send))
    await desk.until_sent()
    await waiting.wait()
    await desk.jobs.stop(ANN, job_id)
    ended = (await desk.last(job_id)).job
    assert ended.failure is not None
    assert (ended.state, ended.failure["charged"]) == ("stopped", "maybe")


async def test_every_link_to_a_picture_that_was_paid_for_is_kept(desk: Desk) -> None:
    """Three takes: one is turned down, and of two that were paid for the picture could not be fetched."""
    links = {"1": "https://cdn.example/1.png", "2": "https://cdn.example/2.png"}

    async def send(take: str, _report: Report) -> EditResult:
        if link := links.get(take[-1]):
            raise UpstreamFailed("The picture's host broke off.", charged="yes", said=link)
        raise RateLimited("Too many.", charged="no", said="Slow down.")

    ended = await desk.last(await desk.jobs.submit(replace(desk.order(takes_asked=3), send=send)))
    assert ended.job.failure is not None
    assert sorted(ended.job.failure["said"].split()) == sorted(links.values())


async def test_words_without_a_picture_cost_what_the_service_says(desk: Desk) -> None:
    desk.service.error = NoImage("No picture.", cost=0.0012)
    desk.service.go.set()
    job_id = await desk.jobs.submit(desk.order())
    await desk.last(job_id)
    assert [(each.state, each.micros, each.estimated) for each in desk.ledger.entries_of(job_id)] == [
        ("settled", 1200, False)
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(NoRoom("The picture could not be saved: the disk is full."), "the disk is full", id="no room"),
        pytest.param(MemoryError(), "its owner finds it in the log", id="no memory"),
        pytest.param(KeyError("a fault"), "its owner finds it in the log", id="a fault of ours"),
    ],
)
async def test_a_picture_that_cannot_be_saved_was_paid_and_goes_to_another_disk(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def breaks(*_: object) -> list[TakeRow]:
        raise error

    desk.service.go.set()
    job_id = await desk.jobs.submit(replace(desk.order(), keep=breaks))
    ended = (await desk.last(job_id)).job
    assert ended.failure is not None
    assert (ended.state, ended.failure["charged"], desk.entries(job_id)) == ("failed", "yes", ["settled"])
    assert said in ended.failure["message"]
    assert "temporary files" in ended.failure["message"]
    assert rescued_in(tmp_path) == [picture(1).data]


async def test_what_cannot_be_settled_costs_no_picture(desk: Desk) -> None:
    """As where the database was replaced by another meanwhile, which has no such entry."""

    async def send(take: str, report: Report) -> EditResult:
        with desk.history.database.writing() as connection:
            connection.execute(entries.delete())
        return await desk.service(take, report)

    desk.service.go.set()
    ended = (await desk.last(await desk.jobs.submit(replace(desk.order(), send=send)))).job
    assert (ended.state, len(ended.takes), ended.failure) == ("done", 1, None)


def rescued_in(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.glob("edit-studio-rescued-*/*.png")]


async def test_each_take_is_sent_under_its_own_name(desk: Desk) -> None:
    desk.service.go.set()
    job_id = await desk.jobs.submit(desk.order(takes_asked=2))
    await desk.last(job_id)
    assert sorted(desk.service.names) == [f"{job_id}-0", f"{job_id}-1"]


async def test_the_picture_is_kept_and_paid_before_anybody_is_told(desk: Desk) -> None:
    desk.service.go.set()
    ended = await desk.last(await desk.jobs.submit(desk.order()))
    assert [take.picture.sha256 for take in ended.job.takes] == [picture(1).sha256]
    assert desk.entries(ended.job.id) == ["settled"]
    assert desk.jobs.running == 0


async def test_a_follower_hears_each_beat_of_what_moves_and_seldom_of_what_does_not(desk: Desk) -> None:
    reports: list[Report] = []

    async def send(_take: str, report: Report) -> EditResult:
        reports.append(report)
        report(Progress("waiting"))
        await desk.service.go.wait()
        return EditResult((picture(1),))

    job_id, seen, began = await desk.jobs.submit(replace(desk.order(), send=send)), [], time.monotonic()
    async for snapshot in desk.jobs.follow(ANN, job_id):
        seen.append((snapshot.job.state, snapshot.received_bytes))
        if seen[-1] == ("waiting", 0):
            if seen.count(("waiting", 0)) == 2:
                assert time.monotonic() - began > LONGEST_SILENCE
                moved = time.monotonic()
                reports[0](Progress("receiving", received_bytes=1))
        elif seen[-1] == ("receiving", 1):
            assert time.monotonic() - moved < BEAT + 0.4
            desk.service.go.set()
    assert seen[-3:] == [("waiting", 0), ("receiving", 1), ("done", 0)]


async def test_a_job_outlives_a_follower_and_a_clicker_that_go_away(desk: Desk) -> None:
    clicking = asyncio.ensure_future(desk.jobs.submit(desk.order()))
    await asyncio.sleep(0)
    clicking.cancel()
    await desk.until_sent()
    (job,) = desk.history.running(ANN)
    following = asyncio.ensure_future(desk.last(job.id))
    await asyncio.sleep(0.01)
    following.cancel()
    desk.service.go.set()
    assert (await desk.last(job.id)).job.state == "done"


async def test_stop_reaches_the_call_at_once_and_its_money_is_held(desk: Desk) -> None:
    job_id = await desk.jobs.submit(desk.order())
    await desk.until_sent()
    began = time.monotonic()
    await desk.jobs.stop(ANN, job_id)
    ended = await desk.last(job_id)
    assert (ended.job.state, desk.service.ended) == ("stopped", 1)
    assert ended.job.failure is not None
    assert ended.job.failure["charged"] == "maybe"
    assert desk.entries(job_id) == ["held"]
    assert time.monotonic() - began < 1


async def test_stop_that_comes_while_the_picture_is_saved_keeps_it(desk: Desk) -> None:
    stopped = threading.Event()

    def hold(_step: str) -> None:
        stopped.wait(5)

    job_id = await desk.jobs.submit(desk.order())
    await desk.until_sent()
    desk.history.vault.steps = hold
    desk.service.go.set()
    async with asyncio.timeout(5):
        while (await anext(aiter(desk.jobs.follow(ANN, job_id)))).job.state != "saving":  # noqa: ASYNC110 - as a page looks
            await asyncio.sleep(0)
    await desk.jobs.stop(ANN, job_id)
    stopped.set()
    ended = await desk.last(job_id)
    assert (ended.job.state, len(ended.job.takes)) == ("done", 1)


@pytest.mark.parametrize(
    ("error", "state", "entry"),
    [
        pytest.param(RateLimited("Too many.", status=429), "failed", "released", id="a refusal gives the money back"),
        pytest.param(TimedOut("No answer."), "unknown", "held", id="an answer that was lost holds it"),
    ],
)
async def test_a_failure_is_written_down_with_its_money(desk: Desk, error: EditError, state: str, entry: str) -> None:
    desk.service.error = error
    desk.service.go.set()
    ended = await desk.last(await desk.jobs.submit(desk.order()))
    assert ended.job.failure is not None
    assert (ended.job.state, ended.job.failure["message"]) == (state, str(error))
    assert desk.entries(ended.job.id) == [entry]


async def test_some_of_several_takes_are_a_success_with_a_note(desk: Desk) -> None:
    desk.service.error = RateLimited("Too many.", status=429)
    desk.service.go.set()
    ended = await desk.last(await desk.jobs.submit(desk.order(takes_asked=3)))
    assert (ended.job.state, len(ended.job.takes), desk.service.calls) == ("done", 2, 3)
    assert ended.job.failure is not None
    assert sorted(desk.entries(ended.job.id)) == ["released", "settled", "settled"]


async def test_a_budget_without_room_sends_nothing(desk: Desk) -> None:
    desk.ledger.reserve("another", 0, BOB, 10 * PRICE)
    ended = await desk.last(await desk.jobs.submit(desk.order()))
    assert ended.job.failure is not None
    assert (ended.job.state, ended.job.failure["kind"], desk.service.calls) == ("failed", "budget", 0)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
async def test_m_08_without_a_ledger_nothing_is_sent_and_the_edit_ends_in_words(
    tmp_path: Path, broken: Callable[[Path], AbstractContextManager[Database]]
) -> None:
    file = tmp_path / "ledger.db"
    open_database(f"sqlite:///{file}").close()
    with (
        closing(History(open_database(f"sqlite:///{tmp_path}/history.db"), Vault(tmp_path / "data"))) as history,
        broken(file) as database,
    ):
        ledger = Ledger(database)
        desk = Desk(history, ledger, Jobs(history, ledger, FairQueue(places=3)))
        desk.service.go.set()
        async with asyncio.timeout(10):
            ended = (await desk.last(await desk.jobs.submit(desk.order(takes_asked=2)))).job
        assert desk.service.calls == desk.jobs.running == 0
        assert ended.failure is not None
        assert (ended.state, ended.failure["kind"], ended.failure["charged"]) == ("failed", "ledger", "no")
        assert "nothing was sent" in ended.failure["message"]


@pytest.mark.parametrize(
    ("error", "entry"),
    [
        pytest.param(None, "settled", id="a picture"),
        pytest.param(RateLimited("Too many."), "released", id="a refusal"),
        pytest.param(TimedOut("No answer."), "held", id="an answer that was lost"),
    ],
)
async def test_an_outcome_that_the_ledger_cannot_take_is_written_as_soon_as_it_can(
    database_url: str, tmp_path: Path, error: EditError | None, entry: str
) -> None:
    """Row L-03: another program holds the database while the answer comes."""
    hasty, other = open_database(database_url, busy_seconds=0.1), open_database(database_url)
    with closing(History(hasty, Vault(tmp_path / "data"), pause=0.02)) as history:
        desk = Desk(history, Ledger(hasty), Jobs(history, Ledger(hasty), FairQueue(places=3)), Service(error))
        job_id = await desk.jobs.submit(desk.order())
        await desk.until_sent()
        with other.writing() as connection:
            other.lock_whole(connection)
            connection.execute(entries.update().values(estimated=True))
            desk.service.go.set()
            ended = (await desk.last(job_id)).job
            assert (ended.over, desk.entries(job_id)) == (True, ["reserved"])
        await asyncio.to_thread(wait_until, lambda: desk.entries(job_id) == [entry])
    other.close()


OUTCOMES: dict[str, tuple[EditError | None, str]] = {
    "a picture": (None, "settled"),
    "words alone": (NoImage("No picture."), "settled"),
    "too many": (RateLimited("Too many.", status=429), "released"),
    "a wrong key": (KeyRefused("No.", status=401), "released"),
    "lost": (TimedOut("No answer."), "held"),
    "damaged": (Malformed("The picture is cut short.", damaged=(b"half a picture",)), "held"),
}


async def test_m_11_calls_are_entries_and_pictures_are_files(desk: Desk) -> None:
    """After every outcome there is, one that was stopped and one that the budget had no room for among them."""
    desk.service.go.set()
    for token, (error, entry) in OUTCOMES.items():
        one = Service(error, go=desk.service.go)
        job_id = await desk.jobs.submit(replace(desk.order(token), send=one))
        await desk.last(job_id)
        desk.service.calls += one.calls
        assert desk.entries(job_id) == [entry]
    stopped = Service()
    job_id = await desk.jobs.submit(replace(desk.order("stopped"), send=stopped))
    await desk.until(lambda: stopped.calls == 1)
    await desk.jobs.stop(ANN, job_id)
    await desk.last(job_id)
    await desk.last(await desk.jobs.submit(replace(desk.order("too dear"), micros=100 * PRICE)))
    balance = desk.ledger.balance()
    assert (balance.reserved.entries, desk.service.calls + stopped.calls) == (0, len(OUTCOMES) + 1)
    assert [each.entries for each in (balance.settled, balance.released, balance.held)] == [2, 2, 3]
    takes = [take for job in desk.history.page(ANN).rows for take in job.takes]
    assert set(desk.history.vault.names()) == {take.picture.sha256 for take in takes}
    assert len(takes) == 1


async def test_the_place_in_line_is_that_of_the_takes_that_still_wait(database: Database, tmp_path: Path) -> None:
    with closing(History(database, Vault(tmp_path / "data"))) as history:
        desk = Desk(history, Ledger(database), Jobs(history, Ledger(database), FairQueue(places=1)))
        answers = Service()
        answers.go.set()
        job_id = await desk.jobs.submit(replace(desk.order(takes_asked=2), send=answers))
        other = await desk.jobs.submit(desk.order("another's", owner=BOB))
        await desk.until_sent()
        snapshot = await anext(aiter(desk.jobs.follow(ANN, job_id)))
        assert (snapshot.job.state, answers.calls, snapshot.place) == ("queued", 1, 1)
        desk.service.go.set()
        await desk.last(other, BOB)
        await desk.last(job_id)


async def test_a_full_queue_is_a_polite_refusal_and_places_are_told(desk: Desk) -> None:
    ids = [await desk.jobs.submit(desk.order(f"click {number}")) for number in range(5)]
    with pytest.raises(TooBusy):
        await desk.jobs.submit(desk.order("one more"))
    assert await desk.jobs.submit(desk.order("click 0")) == ids[0]
    places = [(await anext(aiter(desk.jobs.follow(ANN, job_id)))).place for job_id in ids]
    assert places == [0, 0, 0, 1, 2]
    desk.service.go.set()
    assert {(await desk.last(job_id)).job.state for job_id in ids} == {"done"}


async def test_another_person_can_neither_follow_nor_stop(desk: Desk) -> None:
    job_id = await desk.jobs.submit(desk.order())
    with pytest.raises(NotKept):
        await desk.last(job_id, BOB)
    with pytest.raises(NotKept):
        await desk.jobs.stop(BOB, job_id)
    desk.service.go.set()
    assert (await desk.last(job_id)).job.state == "done"


async def test_at_the_end_what_waits_is_not_sent_and_what_runs_is_marked(desk: Desk) -> None:
    ids = [await desk.jobs.submit(desk.order(f"click {number}")) for number in range(4)]
    await desk.until_sent(3)
    draining = asyncio.ensure_future(desk.jobs.drain(0.3))
    await asyncio.sleep(0.01)
    with pytest.raises(Restarting):
        await desk.jobs.submit(desk.order("too late"))
    assert await draining == 3
    ended = [(await desk.last(job_id)).job for job_id in ids]
    steps = [job.failure["next_step"] if job.failure else "" for job in ended]
    assert [job.state for job in ended] == ["unknown"] * 3 + ["stopped"]
    assert steps == [AFTER_APP_ENDED["maybe"]] * 3 + [AFTER_APP_ENDED["no"]]
    assert desk.service.calls == 3


async def test_a_click_that_is_being_written_down_when_the_end_comes_is_not_sent(desk: Desk) -> None:
    writing, go_on = threading.Event(), threading.Event()

    def step(name: str) -> None:
        if name == "job: inserted":
            writing.set()
            go_on.wait(5)

    desk.history.vault.steps = step
    clicking = asyncio.ensure_future(desk.jobs.submit(desk.order()))
    await asyncio.to_thread(writing.wait, 5)
    draining = asyncio.ensure_future(desk.jobs.drain(5))
    await asyncio.sleep(0.01)
    go_on.set()
    job_id = await clicking
    await draining
    ended = await desk.last(job_id)
    assert ended.job.failure is not None
    assert (ended.job.state, ended.job.failure["charged"], desk.service.calls) == ("stopped", "no", 0)


async def test_a_click_sent_again_while_the_app_ends_is_still_the_same_job(desk: Desk) -> None:
    job_id = await desk.jobs.submit(desk.order())
    await desk.until_sent()
    draining = asyncio.ensure_future(desk.jobs.drain(5))
    await asyncio.sleep(0.01)
    assert await desk.jobs.submit(desk.order()) == job_id
    desk.service.go.set()
    assert await draining == 0
    assert desk.service.calls == 1


async def test_another_persons_first_edit_waits_for_one_answer_and_not_for_fifty(
    database: Database, tmp_path: Path
) -> None:
    history, ledger = History(database, Vault(tmp_path / "data")), Ledger(database)
    desk = Desk(history, ledger, Jobs(history, ledger, FairQueue(places=3, most_waiting=60)))
    answers = asyncio.Semaphore(0)

    async def one_by_one(take: str, report: Report) -> EditResult:
        sent.append(take)
        report(Progress("waiting"))
        await answers.acquire()
        return EditResult((picture(len(sent)),))

    def order(owner: str, token: str) -> Order:
        return Order(click(token, owner=owner), one_by_one, desk.keep)

    sent: list[str] = []
    ann = [await desk.jobs.submit(order(ANN, f"click {number}")) for number in range(50)]
    bob = await desk.jobs.submit(order(BOB, "his first"))
    assert (await anext(aiter(desk.jobs.follow(BOB, bob)))).place == 1
    answers.release()
    async with asyncio.timeout(5):
        while len(sent) < 4:  # noqa: ASYNC110 - a count, which no event stands for
            await asyncio.sleep(0.005)
    assert any(take.startswith(bob) for take in sent[:4])
    for _ in range(50):
        answers.release()
    ended = [await desk.last(job_id) for job_id in ann] + [await desk.last(bob, BOB)]
    assert {each.job.state for each in ended} == {"done"}
    assert len(sent) == len(set(sent)) == 51
    history.close()


async def test_what_ends_in_time_is_saved_at_the_end(desk: Desk) -> None:
    job_id = await desk.jobs.submit(desk.order())
    await desk.until_sent()
    draining = asyncio.ensure_future(desk.jobs.drain(5))
    await asyncio.sleep(0.01)
    desk.service.go.set()
    assert await draining == 0
    assert (await desk.last(job_id)).job.state == "done"


async def test_a_picture_that_came_damaged_is_set_aside_and_said_to_be(desk: Desk) -> None:
    desk.service.error = Malformed("The picture is cut short.", damaged=(b"half a picture",))
    desk.service.go.set()
    job_id = await desk.jobs.submit(desk.order())
    ended = await desk.last(job_id)
    assert (ended.job.state, desk.entries(job_id)) == ("unknown", ["held"])
    assert ended.job.failure
    assert "damaged" in ended.job.failure["message"]
    assert [file.read_bytes() for file in (desk.history.vault.root / "damaged").iterdir()] == [b"half a picture"]


async def test_what_came_damaged_and_cannot_be_set_aside_is_told_all_the_same(
    database: Database, tmp_path: Path
) -> None:
    def break_down(step: str) -> None:
        if step.startswith("damaged picture"):
            raise MemoryError

    with closing(History(database, Vault(tmp_path / "data", steps=break_down))) as history:
        desk = Desk(history, Ledger(database), Jobs(history, Ledger(database), FairQueue()))
        desk.service.error = Malformed("The picture is cut short.", damaged=(b"half a picture",))
        desk.service.go.set()
        ended = (await desk.last(await desk.jobs.submit(desk.order()))).job
        assert ended.failure is not None
        assert (ended.failure["kind"], ended.failure["message"]) == ("malformed", "The picture is cut short.")


async def test_stop_comes_too_late_for_a_picture_that_came_damaged(desk: Desk) -> None:
    database = desk.history.database
    desk.service.error = Malformed("The picture is cut short.", damaged=(b"half a picture",))
    job_id = await desk.jobs.submit(desk.order())
    await desk.until_sent()
    with database.writing() as connection:
        # So its entry in the ledger cannot be closed yet.
        database.lock_whole(connection)
        desk.service.go.set()
        while not desk.service.ended:  # noqa: ASYNC110 - a count, which no event stands for
            await asyncio.sleep(0)
        await desk.jobs.stop(ANN, job_id)
    ended = (await desk.last(job_id)).job
    assert ended.failure is not None
    assert (ended.state, desk.entries(job_id)) == ("unknown", ["held"])
    assert "kept in the folder “damaged”" in ended.failure["message"]
    assert [file.read_bytes() for file in (desk.history.vault.root / "damaged").iterdir()] == [b"half a picture"]
