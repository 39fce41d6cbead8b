"""Money after a bad end: what was spent outlives a lost database, and what was never written gets its outcome."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import pytest

from edit_core.errors import CHARGED_TWICE
from edit_studio.history.opening import Opened, open_history
from edit_studio.history.rows import take_id
from edit_studio.money.budget import Budget, BudgetReached, Spent
from edit_studio.money.entries import Balance, Sum
from edit_studio.money.ledger import Ledger
from edit_studio.money.prices import UNKNOWN_PRICE
from edit_studio.storage.schema import entries
from edit_studio.storage.vault import Vault

from .examples import ANN, BOB, click, picture, tells

CENT = 10_000
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
YESTERDAY = NOW - 24 * 3600
RECKONED = "What was spent was reckoned again from the receipts: "


def opened(folder: Path, url: str = "", now: float = NOW) -> Opened:
    return open_history(Vault(folder, floor_bytes=0), url, clock=lambda: now)


def book(app: Opened, **limits: int) -> Ledger:
    return Ledger(app.history.database, Budget(**limits), lambda: NOW)


def keep(app: Opened, token: str, position: int = 0, owner: str = ANN, **receipt) -> str:
    """An edit with a picture, whose receipt says this; returns its id."""
    job, _ = app.history.begin(click(token, owner=owner))
    app.history.save_take(job.id, position, picture(crc32(token.encode()) % 1000 + position), receipt=tells(**receipt))
    app.history.finish(job.id, "done")
    return job.id


def costs(dollars: object, source: str = "estimate") -> dict:
    return {"cost": {"dollars": dollars, "from": source}}


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def zeros(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def deleted(file: Path) -> None:
    file.unlink()


def without_its_entries(file: Path) -> None:
    """The page that the entries begin on, and a part of an index so that it is noticed."""
    with closing(sqlite3.connect(file)) as raw:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'entries'"
        page = raw.execute(query).fetchone()[0]
    with file.open("r+b") as data:
        data.seek((page - 1) * 4096)
        data.write(b"\xff" * 4096)


@pytest.mark.parametrize("lose", [emptied, zeros, deleted, without_its_entries])
def test_what_was_spent_goes_on_counting_when_the_database_is_lost(
    tmp_path: Path, lose: Callable[[Path], None]
) -> None:
    app = opened(tmp_path, now=YESTERDAY)
    keep(app, "yesterday", **costs(0.03))
    app.close()
    app = opened(tmp_path)
    keep(app, "anns", **costs(0.0336, "the service"))
    keep(app, "bobs", owner=BOB, **costs(0.02))
    app.close()
    lose(tmp_path / "history.db")

    app = opened(tmp_path)
    assert app.sentences()[-1] == RECKONED + "$0.0836."
    assert book(app).spent(ANN) == Spent("2026-11-21", 53_600, 83_600, 33_600, 63_600)
    with pytest.raises(BudgetReached):
        book(app, day_micros=6 * CENT).reserve("next", 0, ANN, CENT)
    app.close()
    again = opened(tmp_path)
    assert (again.reckoned, again.sentences()) == (0, ())
    assert book(again).balance() == Balance(settled=Sum(3, 83_600))
    again.close()


def test_another_database_over_the_same_pictures_knows_what_they_cost(tmp_path: Path, database_url: str) -> None:
    app = opened(tmp_path / "data", f"sqlite:///{tmp_path}/first.db")
    keep(app, "a", **costs(0.05))
    app.close()
    app = opened(tmp_path / "data", database_url)
    assert book(app).balance() == Balance(settled=Sum(1, 5 * CENT))
    app.close()


def test_entries_that_can_be_read_are_copied_as_they_are_and_impossible_ones_are_not(tmp_path: Path) -> None:
    app = opened(tmp_path)
    ledger = book(app)
    ids = {token: keep(app, token, **costs(0.05)) for token in ("free", "of no day", "of no state")}
    for job_id in (*ids.values(), "of an edit that was deleted"):
        ledger.reserve(job_id, 0, ANN, 7 * CENT)
    ledger.release(ids["free"], 0)
    ledger.hold("of an edit that was deleted", 0)
    with app.history.database.writing() as connection:
        for token, wrong in (("of no day", {"day": "someday"}), ("of no state", {"state": "spent?"})):
            connection.execute(entries.update().where(entries.c.job_id == ids[token]).values(wrong))
    app.close()
    with closing(sqlite3.connect(tmp_path / "history.db")) as raw:
        page = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'jobs_by_age'").fetchone()[0]
    with (tmp_path / "history.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 200)

    app = opened(tmp_path)
    assert app.found.set_aside
    assert book(app).balance() == Balance(released=Sum(1, 7 * CENT), held=Sum(1, 7 * CENT), settled=Sum(2, 10 * CENT))
    assert app.reckoned == 10 * CENT
    app.close()


RECEIPTS: dict[str, tuple[dict, int, bool]] = {
    "the service said it": (costs(0.0336, "the service"), 33_600, False),
    "an estimate": (costs(0.05), 5 * CENT, True),
    "it was free": (costs(0), 0, True),
    "no usage": ({"cost": "the relay gave no usage"}, UNKNOWN_PRICE, True),
    "nothing about it": ({}, UNKNOWN_PRICE, True),
    "less than nothing": (costs(-5, "the service"), UNKNOWN_PRICE, True),
    "no number": (costs("a lot", "the service"), UNKNOWN_PRICE, True),
    "no amount": (costs(None), UNKNOWN_PRICE, True),
    "a list": (costs([1]), UNKNOWN_PRICE, True),
}


@pytest.mark.parametrize(("receipt", "micros", "estimated"), RECEIPTS.values(), ids=RECEIPTS)
def test_a_lost_entry_is_what_the_receipt_says(tmp_path: Path, receipt, micros: int, estimated: bool) -> None:
    app = opened(tmp_path)
    job_id = keep(app, "a", **receipt)
    app.close()
    app = opened(tmp_path)
    (entry,) = book(app).entries_of(job_id)
    assert (entry.state, entry.micros, entry.estimated) == ("settled", micros, estimated)
    assert (entry.owner, entry.day, entry.take) == (ANN, "2026-11-21", 0)
    assert (app.sentences() == ()) == (micros == 0)
    app.close()


def picture_came(**receipt) -> Callable[[Opened, str], None]:
    """A picture whose receipt says this was saved, and the edit ended well."""

    def end(app: Opened, job_id: str) -> None:
        app.history.save_take(job_id, 0, picture(1), receipt=tells(**receipt))
        app.history.finish(job_id, "done")

    return end


def failed(charged: str) -> Callable[[Opened, str], None]:
    """The edit ended with a failure that says this of money."""
    return lambda app, job_id: app.history.finish(job_id, "failed", {"kind": "upstream", "charged": charged})


def was_deleted(app: Opened, job_id: str) -> None:
    app.history.finish(job_id, "failed", {"charged": "no"})
    app.history.delete(ANN, job_id)


def was_saved(app: Opened, job_id: str) -> None:
    """The app ended right after its picture was saved."""
    app.history.save_take(job_id, 0, picture(1), receipt=tells(**costs(0.05)))


LEFT_OPEN: dict[str, tuple[Callable[[Opened, str], None], str, tuple[str, int, bool]]] = {
    "a picture whose price the service named": (
        *(picture_came(**costs(0.0336, "the service")), "apiyi"),
        ("settled", 33_600, False),
    ),
    "a picture at an estimate": (picture_came(**costs(0.05)), "apiyi", ("settled", 5 * CENT, True)),
    "a picture, after a first request that was lost": (
        *(picture_came(**costs(0.03, "the service"), notes=[CHARGED_TWICE]), "apiyi"),
        ("settled", 7 * CENT, True),
    ),
    "a picture whose receipt names no cost": (picture_came(), "apiyi", ("settled", 7 * CENT, True)),
    "a picture and then the app's end": (was_saved, "apiyi", ("settled", 5 * CENT, True)),
    "a refusal that was not charged": (failed("no"), "apiyi", ("released", 7 * CENT, True)),
    "an answer that was lost": (failed("maybe"), "apiyi", ("held", 7 * CENT, True)),
    "an answer that was lost where nobody pays": (failed("maybe"), "offline", ("released", 7 * CENT, True)),
    "words that may be all that was charged": (failed("yes"), "apiyi", ("held", 7 * CENT, True)),
    "never sent": (lambda _app, _job_id: None, "apiyi", ("released", 7 * CENT, True)),
    "under way": (lambda app, job_id: app.history.advance(job_id, "sending"), "apiyi", ("held", 7 * CENT, True)),
    "under way where nobody pays": (
        *(lambda app, job_id: app.history.advance(job_id, "sending"), "offline"),
        ("released", 7 * CENT, True),
    ),
    "an edit that was deleted": (was_deleted, "apiyi", ("held", 7 * CENT, True)),
}


@pytest.mark.parametrize(("ends", "provider", "entry"), LEFT_OPEN.values(), ids=LEFT_OPEN)
def test_an_entry_whose_outcome_was_never_written_gets_the_one_that_history_tells(
    tmp_path: Path, database_url: str, ends: Callable[[Opened, str], None], provider: str, entry: tuple[str, int, bool]
) -> None:
    """Also where a start before this one was cut off between the history and the ledger."""
    folder = tmp_path / "data"
    app = opened(folder, database_url)
    job, _ = app.history.begin(click(provider=provider))
    book(app).reserve(job.id, 0, ANN, 7 * CENT)
    ends(app, job.id)
    app.close()
    opened(folder, database_url).close()
    app = opened(folder, database_url)
    held = book(app).end_open(free=["offline"])
    (found,) = book(app).entries_of(job.id)
    assert (found.state, found.micros, found.estimated) == entry
    assert held == (found.state == "held")
    app.close()


def test_of_several_takes_each_gets_its_own_end(tmp_path: Path) -> None:
    app = opened(tmp_path)
    job, _ = app.history.begin(click(provider="apiyi", takes_asked=3))
    ledger = book(app)
    ledger.reserve_many(job.id, range(3), ANN, 7 * CENT)
    app.history.save_take(job.id, 1, picture(1), receipt=tells(**costs(0.05)))
    ledger.release(job.id, 2)
    app.history.finish(job.id, "done", {"charged": "maybe"})
    assert ledger.end_open() == 1
    assert [(entry.state, entry.micros) for entry in ledger.entries_of(job.id)] == [
        ("held", 7 * CENT),
        ("settled", 5 * CENT),
        ("released", 7 * CENT),
    ]
    app.close()


def test_neither_further_pictures_of_a_take_nor_imported_edits_were_paid_for_here(tmp_path: Path) -> None:
    app = opened(tmp_path)
    extra = keep(app, "extra", position=3, **costs(0.05))
    mine = keep(app, "mine", **costs(0.05))
    job = app.history.job(ANN, mine)
    copy = "c" * 32
    takes = tuple(replace(each, id=take_id(copy, 0), job_id=copy) for each in job.takes)
    app.history.insert(replace(job, id=copy, token="import", imported=True, takes=takes))
    app.close()
    app = opened(tmp_path)
    assert [len(book(app).entries_of(each)) for each in (extra, mine, copy)] == [0, 1, 0]
    app.close()


def test_a_picture_of_a_day_that_is_yet_to_come_counts_today(tmp_path: Path) -> None:
    app = opened(tmp_path, now=datetime(2099, 1, 1, tzinfo=UTC).timestamp())
    job_id = keep(app, "a", **costs(0.05))
    app.close()
    app = opened(tmp_path)
    assert [entry.day for entry in book(app).entries_of(job_id)] == ["2026-11-21"]
    assert book(app).spent(ANN).today == 5 * CENT
    app.close()
