"""The ledger on both kinds of database: budgets, outcomes, days, and what happens when it cannot be written."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edit_studio.money.budget import Budget
from edit_studio.money.entries import Balance, Sum
from edit_studio.money.ledger import AlreadyReserved, BudgetReached, Ledger, LedgerUnwritable, NoReservation
from edit_studio.storage.database import Database, open_database
from edit_studio.storage.schema import entries
from tests.databases import KINDS

from .broken_databases import BROKEN, locked, read_only

CENT = 10_000
OWNER, OTHER = "ada", "grace"


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> float:
        return self.now.timestamp()

    def set(self, text: str) -> None:
        self.now = datetime.fromisoformat(text)


@pytest.fixture(scope="module", params=KINDS)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database for all tests of this file: making the tables takes longer than any of them."""
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    opened = open_database(server.fresh() if server else f"sqlite:///{tmp_path_factory.mktemp('ledger')}/history.db")
    yield opened
    opened.close()


@pytest.fixture
def database(shared: Database) -> Database:
    """A database without entries."""
    with shared.writing() as connection:
        connection.execute(entries.delete())
    return shared


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(database: Database, clock: Clock) -> Callable[..., Ledger]:
    """A ledger with the limits that are named."""
    return lambda **limits: Ledger(database, Budget(**limits), clock)


CAPS = {
    "a day's": {"day_micros": 10 * CENT},
    "a month's": {"month_micros": 10 * CENT},
    "a person's day's": {"owner_day_micros": 10 * CENT},
    "a person's month's": {"owner_month_micros": 10 * CENT},
    "the tightest of several": {"day_micros": 90 * CENT, "month_micros": 10 * CENT, "owner_day_micros": 50 * CENT},
}


@pytest.mark.parametrize("limits", CAPS.values(), ids=CAPS)
def test_a_budget_is_filled_to_the_last_cent_and_no_further(ledger, limits) -> None:
    book = ledger(**limits)
    book.reserve("a", 0, OWNER, 6 * CENT)
    with pytest.raises(BudgetReached):
        book.reserve("b", 0, OWNER, 4 * CENT + 1)
    book.reserve("c", 0, OWNER, 4 * CENT)
    with pytest.raises(BudgetReached):
        book.reserve("d", 0, OWNER, 1)
    assert book.balance() == Balance(reserved=Sum(2, 10 * CENT))


def test_a_person_s_budget_leaves_the_others_theirs(ledger) -> None:
    book = ledger(owner_day_micros=5 * CENT, day_micros=8 * CENT)
    book.reserve("a", 0, OWNER, 5 * CENT)
    with pytest.raises(BudgetReached, match="one person"):
        book.reserve("b", 0, OWNER, 1)
    book.reserve("c", 0, OTHER, 3 * CENT)
    with pytest.raises(BudgetReached, match="everybody"):
        book.reserve("d", 0, OTHER, 1)


def test_a_budget_that_is_reached_says_what_is_left_and_when_it_renews(ledger) -> None:
    book = ledger(day_micros=5 * CENT)
    book.reserve("a", 0, OWNER, 3 * CENT)
    with pytest.raises(BudgetReached) as caught:
        book.reserve("b", 0, OWNER, 67_000)
    error = caught.value
    assert str(error) == (
        "The budget of $0.05 a day for everybody is reached: $0.02 is left, and this takes $0.067. "
        "It renews on 2026-11-22 at 00:00 UTC."
    )
    assert (error.kind, error.charged, error.retryable, error.retry_after) == ("budget", "no", False, 12 * 3600)
    assert "raise EDIT_BUDGET" in error.explain()


def test_what_costs_nothing_passes_when_nothing_is_left(ledger) -> None:
    book = ledger(day_micros=5 * CENT)
    book.reserve("a", 0, OWNER, 5 * CENT)
    book.settle("a", 0, 9 * CENT, estimated=False)
    book.reserve("b", 0, OWNER, 0)
    assert book.balance() == Balance(reserved=Sum(1, 0), settled=Sum(1, 9 * CENT))


def test_without_a_budget_everything_is_written_down_all_the_same(ledger) -> None:
    book = ledger()
    book.reserve("a", 0, OWNER, 900_000_000 * CENT)
    assert book.spent(OWNER).owner_month == 900_000_000 * CENT


OUTCOMES = {
    "reserved": (lambda _book: None, 5 * CENT),
    "settled at the price the service named": (lambda book: book.settle("a", 0, 2 * CENT, estimated=False), 2 * CENT),
    "settled for more than was reserved": (lambda book: book.settle("a", 0, 7 * CENT, estimated=False), 7 * CENT),
    "held": (lambda book: book.hold("a", 0), 5 * CENT),
    "released": (lambda book: book.release("a", 0), 0),
    "held, then marked as charged": (lambda book: (book.hold("a", 0), book.mark("a", 0, charged=True)), 5 * CENT),
    "held for less than was reserved": (lambda book: book.hold("a", 0, 2 * CENT), 2 * CENT),
    "held, then marked as free": (lambda book: (book.hold("a", 0), book.mark("a", 0, charged=False)), 0),
    "held, then a late picture": (lambda book: (book.hold("a", 0), book.settle("a", 0, CENT, estimated=False)), CENT),
    "released, then a picture after all": (
        lambda book: (book.release("a", 0), book.settle("a", 0, 5 * CENT, estimated=True)),
        5 * CENT,
    ),
    "still open when the app starts, of an edit that is gone": (lambda book: book.end_open(), 5 * CENT),
    "told twice": (lambda book: (book.release("a", 0), book.release("a", 0)), 0),
}


@pytest.mark.parametrize(("happens", "counted"), OUTCOMES.values(), ids=OUTCOMES)
def test_what_an_outcome_leaves_of_the_budget(ledger, happens, counted: int) -> None:
    book = ledger(day_micros=10 * CENT)
    book.reserve("a", 0, OWNER, 5 * CENT)
    happens(book)
    spent = book.spent(OWNER)
    assert (spent.today, spent.month, spent.owner_today, spent.owner_month) == (counted,) * 4
    assert book.balance().counted == counted
    book.reserve("b", 0, OWNER, 10 * CENT - counted)
    with pytest.raises(BudgetReached):
        book.reserve("c", 0, OWNER, 1)


WRONG = {
    "what was never reserved": (lambda _book: None, lambda book: book.settle("z", 0, 1, estimated=True)),
    "another take": (lambda _book: None, lambda book: book.release("a", 1)),
    "free, after it was paid": (lambda book: book.settle("a", 0, 1, estimated=True), lambda book: book.release("a", 0)),
    "unknown, after it was paid": (lambda book: book.settle("a", 0, 1, estimated=True), lambda book: book.hold("a", 0)),
    "unknown, after it was free": (lambda book: book.release("a", 0), lambda book: book.hold("a", 0)),
    "marked while it is under way": (lambda _book: None, lambda book: book.mark("a", 0, charged=False)),
    "marked twice, to free more": (
        lambda book: (book.hold("a", 0), book.mark("a", 0, charged=True)),
        lambda book: book.mark("a", 0, charged=False),
    ),
}


@pytest.mark.parametrize(("before", "then"), WRONG.values(), ids=WRONG)
def test_an_outcome_that_cannot_be_is_refused_and_changes_nothing(ledger, before, then) -> None:
    book = ledger()
    book.reserve("a", 0, OWNER, 5 * CENT)
    before(book)
    balance = book.balance()
    with pytest.raises(NoReservation):
        then(book)
    assert book.balance() == balance


def test_a_take_is_reserved_once(ledger) -> None:
    book = ledger()
    book.reserve("a", 0, OWNER, CENT)
    with pytest.raises(AlreadyReserved):
        book.reserve_many("a", (1, 0), OWNER, CENT)
    assert book.balance().reserved == Sum(1, CENT)


def test_no_amount_is_less_than_nothing(ledger) -> None:
    book = ledger()
    with pytest.raises(ValueError, match="no price"):
        book.reserve("a", 0, OWNER, -1)
    book.reserve("a", 0, OWNER, 1)
    with pytest.raises(ValueError, match="no price"):
        book.settle("a", 0, -1, estimated=False)


def test_of_twenty_takes_with_money_for_seven_seven_pass_and_thirteen_are_refused_at_once(ledger) -> None:
    book = ledger(day_micros=50 * CENT)
    book.reserve("before", 0, OTHER, CENT)
    admitted = book.reserve_many("batch", range(20), OWNER, 7 * CENT)
    assert (admitted.takes, admitted.refused) == (tuple(range(7)), tuple(range(7, 20)))
    assert admitted.reason.startswith("The budget of $0.50 a day for everybody is reached: $0.49 is left")
    assert book.balance().reserved == Sum(8, 50 * CENT)
    with pytest.raises(BudgetReached):
        book.reserve_many("more", range(3), OWNER, 7 * CENT)
    assert len(book.entries_of("batch")) == 7


def test_a_batch_that_is_asked_for_twice_at_once_is_reserved_once(ledger) -> None:
    book = ledger(day_micros=50 * CENT)
    both = threading.Barrier(2)

    def ask() -> str:
        both.wait()
        try:
            return f"{len(book.reserve_many('batch', range(5), OWNER, CENT).takes)} reserved"
        except AlreadyReserved:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        said = [each.result() for each in [pool.submit(ask) for _ in range(2)]]
    assert sorted(said) == ["5 reserved", "refused"]
    assert book.balance().reserved == Sum(5, 5 * CENT)


def test_the_held_are_listed_with_the_latest_first(ledger) -> None:
    book = ledger()
    for take in range(3):
        book.reserve("a", take, OWNER, CENT)
    book.hold("a", 0)
    book.hold("a", 2)
    book.settle("a", 1, CENT, estimated=False)
    assert [entry.take for entry in book.held()] == [2, 0]
    assert [(entry.state, entry.estimated) for entry in book.entries_of("a")] == [
        ("held", True),
        ("settled", False),
        ("held", True),
    ]
    assert book.spent(OWNER).held == 2 * CENT


# Each row: times and whether five cents still fit into a budget of five cents a day and ten a month.
DAYS = {
    "the next UTC day": [
        ("2026-11-21T23:59:59Z", True),
        ("2026-11-21T23:59:59Z", False),
        ("2026-11-22T00:00:00Z", True),
    ],
    "midnight elsewhere is none": [("2026-11-21T22:30:00Z", True), ("2026-11-22T00:30:00+01:00", False)],
    "a day of 25 hours": [("2026-10-24T23:30:00+02:00", True), ("2026-10-25T01:30:00+02:00", False)],
    "the month is used up": [
        ("2026-11-21T12:00:00Z", True),
        ("2026-11-22T12:00:00Z", True),
        ("2026-11-23T12:00:00Z", False),
    ],
    "the next month": [("2026-11-29T12:00:00Z", True), ("2026-11-30T12:00:00Z", True), ("2026-12-01T00:00:00Z", True)],
    "set back a day": [
        ("2026-11-21T12:00:00Z", True),
        ("2026-11-20T12:00:00Z", False),
        ("2026-11-21T13:00:00Z", False),
    ],
    "set back a month": [("2026-11-01T12:00:00Z", True), ("2026-10-20T12:00:00Z", False)],
    "set forward, and back": [
        ("2026-11-21T12:00:00Z", True),
        ("2026-11-22T12:00:00Z", True),
        ("2026-11-21T12:00:01Z", False),
        ("2026-11-22T09:00:00Z", False),
    ],
    "no clock at all after a restart": [("2026-11-21T12:00:00Z", True), ("1970-01-01T00:00:05Z", False)],
    "no clock at all for ten minutes": [
        ("2026-11-21T12:00:00Z", True),
        ("1970-01-01T00:00:05Z", False),
        ("2026-11-21T12:10:00Z", False),
        ("2026-11-22T00:00:00Z", True),
    ],
    "once in another century": [
        ("2099-01-01T12:00:00Z", True),
        ("2026-11-21T12:00:00Z", False),
        ("2026-11-21T23:59:59Z", False),
        ("2026-11-22T00:00:00Z", True),
        ("2026-11-23T00:00:00Z", False),
        ("2026-12-01T00:00:00Z", True),
    ],
    "in another century, and there again": [
        ("2026-11-21T12:00:00Z", True),
        ("2099-01-01T12:00:00Z", True),
        ("2026-11-21T13:00:00Z", False),
        ("2099-01-01T13:00:00Z", False),
    ],
    "far back, then forward by and by": [
        ("2026-11-21T12:00:00Z", True),
        ("2026-10-20T12:00:00Z", False),
        ("2026-11-20T12:00:00Z", False),
        ("2026-11-21T13:00:00Z", False),
        ("2026-11-22T00:00:00Z", True),
    ],
}


@pytest.mark.parametrize("steps", DAYS.values(), ids=DAYS)
def test_no_clock_frees_money_twice(database: Database, clock: Clock, steps) -> None:
    passed = []
    for number, (moment, _) in enumerate(steps):
        clock.set(moment)
        # A ledger of its own each time: what was spent outlives the app.
        book = Ledger(database, Budget(day_micros=5 * CENT, month_micros=10 * CENT), clock)
        try:
            book.reserve(f"job {number}", 0, OWNER, 5 * CENT)
            passed.append(True)
        except BudgetReached:
            passed.append(False)
    assert passed == [fits for _, fits in steps]


def test_what_lies_in_another_century_is_shown_as_spent_today(ledger, clock: Clock) -> None:
    book = ledger(day_micros=5 * CENT)
    clock.set("2099-01-01T12:00:00Z")
    book.reserve("a", 0, OWNER, 5 * CENT)
    clock.set("2026-11-21T12:00:00Z")
    spent = book.spent(OWNER)
    assert (spent.day, spent.today, spent.month, spent.owner_today) == ("2026-11-21", *(5 * CENT,) * 3)
    with pytest.raises(BudgetReached, match=r"renews on 2026-11-22 at 00:00 UTC"):
        book.reserve("b", 0, OWNER, 1)


@pytest.mark.parametrize("seed", range(4))
def test_however_a_clock_wanders_no_day_has_more_than_its_money(ledger, clock: Clock, seed: int) -> None:
    chance = random.Random(seed)
    book = ledger(day_micros=3 * CENT)
    days = ["1970-01-01", "2099-12-31", *(f"2026-11-{day}" for day in range(17, 25))]
    granted: Counter[str] = Counter()
    for number in range(120):
        day = chance.choice(days)
        clock.set(f"{day}T{chance.randrange(24):02}:30:00Z")
        with suppress(BudgetReached):
            book.reserve(f"job {number}", 0, OWNER, CENT)
            granted[book.spent().day] += 1
    assert max(granted.values()) <= 3


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A SQLite file with an entry in it."""
    path = tmp_path / "history.db"
    database = open_database(f"sqlite:///{path}")
    Ledger(database).reserve("old", 0, OWNER, CENT)
    database.close()
    return path


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_ledger_that_cannot_be_written_means_that_nothing_is_sent(file: Path, broken) -> None:
    with broken(file) as database, pytest.raises(LedgerUnwritable) as caught:
        Ledger(database).reserve("new", 0, OWNER, 1)
    assert (caught.value.kind, caught.value.charged) == ("ledger", "no")
    assert "nothing was sent" in str(caught.value)


@pytest.mark.parametrize("broken", [locked, read_only], ids=["locked", "read only"])
def test_an_outcome_that_cannot_be_written_leaves_the_reservation_counting(file: Path, broken) -> None:
    with broken(file) as database, pytest.raises(LedgerUnwritable, match="still counts"):
        Ledger(database).release("old", 0)
    database = open_database(f"sqlite:///{file}")
    assert Ledger(database).balance() == Balance(reserved=Sum(1, CENT))
    database.close()
