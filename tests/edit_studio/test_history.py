"""History, on SQLite and on a real PostgreSQL: what is kept, who sees it, and what happens when nothing can be."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

import pytest
from sqlalchemy import Connection, event, select
from sqlalchemy.exc import OperationalError

from edit_core.errors import MONEY, BadInput
from edit_studio.history.history import History, HistoryUnwritable, QuotaReached, TokenReused
from edit_studio.history.late import Moved
from edit_studio.history.lookup import Search
from edit_studio.history.opening import open_history
from edit_studio.history.reading import Reading, with_waiting
from edit_studio.history.rows import RUNNING, JobRow, NewJob
from edit_studio.history.start_up import start_up
from edit_studio.storage import schema
from edit_studio.storage.database import Database, open_database
from edit_studio.storage.disk import NoRoom
from edit_studio.storage.vault import NotKept, Vault
from tests.edit_studio.examples import ANN, BOB, click, picture, tells, with_inputs
from tests.waiting import eventually

SOON = 10
"""Seconds within which a thing that happens by itself must have happened."""


@pytest.fixture
def history(database: Database, tmp_path: Path) -> Iterator[History]:
    kept = History(database, Vault(tmp_path / "data", floor_bytes=0), pause=0.01)
    yield kept
    kept.close()


def made(history: History, token: str, prompt: str = "make the sky pink", seed: int | None = None, **others) -> JobRow:
    """A whole edit, done."""
    job, _ = history.begin(click(token, prompt, **others))
    history.advance(job.id, "sending")
    history.save_take(job.id, 0, picture(1000 + crc32(token.encode()) % 1000 if seed is None else seed))
    history.finish(job.id, "done")
    return history.job(job.owner, job.id)


def count(history: History, table) -> int:
    with history.database.reading() as connection:
        return len(connection.execute(select(table)).all())


# A job's life


def test_the_receipt_of_a_take_says_how_long_its_file_took_and_its_note_does_not(history: History) -> None:
    job, _ = history.begin(click())
    take = history.save_take(job.id, 0, picture(1), receipt=lambda seconds: {"save": seconds})
    assert history.take(ANN, take.id).receipt == take.receipt
    assert 0 < take.receipt["save"] < SOON
    assert b'"save":null' in history.vault.read_note(take.id).replace(b" ", b"")


def test_a_job_is_kept_with_all_that_was_said_of_it(history: History) -> None:
    new = click("t", "Make it blue", request={"ratio": "16:9"}, takes_asked=2, **with_inputs(picture(1), picture(2)))
    job, fresh = history.begin(new)
    assert fresh
    assert (job.state, job.prompt, job.takes_asked, job.request) == ("queued", "Make it blue", 2, {"ratio": "16:9"})
    assert [each.picture.sha256 for each in job.inputs] == [picture(1).sha256, picture(2).sha256]
    for state in ("sending", "waiting", "receiving", "saving"):
        history.advance(job.id, state)
        assert history.job(ANN, job.id).state == state
    second = history.save_take(job.id, 1, picture(4), "here you are", tells(tokens=7))
    first = history.save_take(job.id, 0, picture(3))
    history.finish(job.id, "done")
    kept = history.job(ANN, job.id)
    assert (kept.state, kept.takes) == ("done", (first, second))
    assert kept.finished
    assert history.take(ANN, second.id).receipt == {"tokens": 7}
    assert history.vault.read(second.picture.sha256, second.picture.mime).data == picture(4).data


def test_the_same_click_twice_is_one_job(history: History) -> None:
    job, _ = history.begin(click("t"))
    again, fresh = history.begin(click("t"))
    assert (again.id, fresh) == (job.id, False)
    other, fresh = history.begin(click("t", owner=BOB))
    assert fresh
    assert other.id != job.id


def test_a_click_with_another_request_is_refused(history: History) -> None:
    history.begin(click("t"))
    with pytest.raises(TokenReused):
        history.begin(click("t", fingerprint="0" * 64))
    assert count(history, schema.jobs) == 1


def test_many_threads_with_one_click_make_one_job(history: History) -> None:
    barrier = threading.Barrier(8)

    def press(_: int) -> tuple[JobRow, bool]:
        barrier.wait()
        return history.begin(click("t", **with_inputs(picture(1))))

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(press, range(8)))
    assert len({job.id for job, _ in results}) == 1
    assert sum(fresh for _, fresh in results) == 1


@pytest.mark.parametrize("new", [click(""), click("t" * 129), click("t", **with_inputs(*[picture(1)] * 65))])
def test_a_click_that_no_page_makes_is_refused(history: History, new: NewJob) -> None:
    with pytest.raises(BadInput):
        history.begin(new)


def test_a_take_that_is_saved_twice_is_one(history: History) -> None:
    job, _ = history.begin(click())
    assert history.save_take(job.id, 0, picture(1)) == history.save_take(job.id, 0, picture(2))
    history.finish(job.id, "done")
    assert history.save_take(job.id, 0, picture(3)).picture.sha256 == picture(1).sha256


def test_a_picture_that_arrives_after_stop_is_kept(history: History) -> None:
    job, _ = history.begin(click())
    history.finish(job.id, "stopped", {"charged": "maybe"})
    history.save_take(job.id, 0, picture(1))
    history.advance(job.id, "saving")
    kept = history.job(ANN, job.id)
    assert (kept.state, kept.failure, len(kept.takes)) == ("stopped", {"charged": "maybe"}, 1)


def test_a_take_of_no_job_is_refused(history: History) -> None:
    with pytest.raises(NotKept):
        history.save_take("0" * 32, 0, picture(1))
    assert history.vault.names() == {}


@pytest.mark.parametrize("text", ["nul \0 inside", "half a pair \ud83d", "emoji 🎨 and 中文", "'; DROP TABLE jobs; --"])
def test_any_text_can_be_kept(history: History, text: str) -> None:
    job, _ = history.begin(click("t", text, request={"words": [text]}))
    take = history.save_take(job.id, 0, picture(1), text, tells(**{text: text}))
    history.finish(job.id, "failed", {"said": text})
    clean = text.replace("\0", "").replace("\ud83d", "?")
    kept = history.job(ANN, job.id)
    assert (kept.prompt, kept.request, kept.failure) == (clean, {"words": [clean]}, {"said": clean})
    assert history.take(ANN, take.id).text == clean


def test_long_names_are_cut_to_what_a_row_holds(history: History) -> None:
    new = click()
    inputs = tuple(replace(each, name="n" * 5000, role="r" * 5000) for each in with_inputs(picture(1))["inputs"])
    job, _ = history.begin(replace(new, inputs=inputs))
    kept = history.job(ANN, job.id).inputs[0]
    assert (len(kept.name), len(kept.role)) == (200, 80)


def test_a_clock_that_jumps_changes_no_order(database: Database, tmp_path: Path) -> None:
    times = iter([1e9, 1e9, 5e8, 5e8, 2e9, 2e9] + [1e9] * 20)
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), clock=lambda: next(times))
    jobs = [history.begin(click(token))[0].id for token in "abcd"]
    assert [row.id for row in history.page(ANN).rows] == jobs[::-1]
    history.close()


# Who sees what


def test_nobody_sees_what_is_anothers(history: History) -> None:
    job = made(history, "t", **with_inputs(picture(1)))
    take = job.takes[0]
    asks: list[Callable[[str], object]] = [
        lambda owner: history.job(owner, job.id),
        lambda owner: history.take(owner, take.id),
        lambda owner: history.visible(owner, take.picture.sha256),
        lambda owner: history.visible(owner, picture(1).sha256),
        lambda owner: history.tree(owner, job.id),
        lambda owner: history.favourite(owner, job.id, True),
        lambda owner: history.job_of_click(owner, "t"),
        lambda owner: history.delete(owner, job.id),
    ]
    for ask in asks:
        for stranger in (BOB, "", ANN + " ", "ANN"):
            with pytest.raises(NotKept):
                ask(stranger)
        ask(ANN)
    assert history.page(BOB).rows == ()
    assert history.running(BOB) == ()
    assert history.bytes_of(BOB) == 0
    assert history.draft(BOB) == {}


def test_a_picture_two_people_have_is_seen_by_both_and_no_third(history: History) -> None:
    made(history, "a", seed=5)
    made(history, "b", seed=5, owner=BOB)
    assert history.visible(ANN, picture(5).sha256) == history.visible(BOB, picture(5).sha256)
    with pytest.raises(NotKept):
        history.visible("carl", picture(5).sha256)


def test_a_link_to_anothers_take_is_cut(history: History) -> None:
    take = made(history, "a").takes[0].id
    job, _ = history.begin(click("b", owner=BOB, **with_inputs(picture(1), from_take=take)))
    own, _ = history.begin(click("c", **with_inputs(picture(1), from_take=take)))
    assert (job.inputs[0].from_take, own.inputs[0].from_take) == (None, take)


def test_a_draft_is_remembered_replaced_and_forgotten(history: History) -> None:
    for form in ({"prompt": "one"}, {"prompt": "two", "pictures": [1, 2]}, {}):
        history.keep_draft(ANN, form)
        assert history.draft(ANN) == form
    assert count(history, schema.drafts) == 0


def test_running_jobs_are_found_again(history: History) -> None:
    jobs = [history.begin(click(token))[0] for token in "abc"]
    history.begin(click("other", owner=BOB))
    history.finish(jobs[1].id, "failed", {})
    assert [job.id for job in history.running(ANN)] == [jobs[0].id, jobs[2].id]
    assert len(history.running()) == 3


# Search and tree


@pytest.fixture
def shelf(history: History) -> History:
    made(history, "a", "Make the SKY blue", model="one")
    made(history, "b", "把天空变成粉红色", model="two")
    made(history, "c", "100% sharper_edges", model="one", provider="relay")
    made(history, "d", "Straße im \uff26\uff35\uff2c\uff2c width", model="two")
    failed, _ = history.begin(click("e", "the sky again"))
    history.finish(failed.id, "failed", {"kind": "blocked"})
    history.begin(click("f", "still running"))
    history.favourite(ANN, history.job_of_click(ANN, "c").id, True)
    made(history, "x", "Bob's sky", owner=BOB)
    return history


@pytest.mark.parametrize(
    ("search", "tokens"),
    [
        (Search(), "fedcba"),
        (Search(words="sky"), "ea"),
        (Search(words="  SKY   blue "), "a"),
        (Search(words="m a k e t h s y blue"), "a"),
        (Search(words="m a k e t h s y purple"), ""),
        (Search(words=" ".join(map(chr, range(0x4E00, 0x4E00 + 2000)))), ""),
        (Search(words="天空"), "b"),
        (Search(words="粉红 天"), "b"),
        (Search(words="strasse"), "d"),
        (Search(words="full"), "d"),
        (Search(words="100%"), "c"),
        (Search(words="%"), "c"),
        (Search(words="r_e"), "c"),
        (Search(words="k_b"), ""),
        (Search(words="nothing"), ""),
        (Search(words="/"), ""),
        (Search(provider="relay"), "c"),
        (Search(model="two"), "db"),
        (Search(model="two", words="width"), "d"),
        (Search(outcome="done"), "dcba"),
        (Search(outcome="failed"), "e"),
        (Search(outcome="running"), "f"),
        (Search(outcome="unknown"), ""),
        (Search(favourite=True), "c"),
        (Search(favourite=True, model="two"), ""),
    ],
)
def test_a_search_finds(shelf: History, search: Search, tokens: str) -> None:
    assert "".join(row.token for row in shelf.page(ANN, search).rows) == tokens


def test_pages_follow_each_other_without_gap_or_double(history: History) -> None:
    for number in range(23):
        history.begin(click(str(number)))
    seen: list[str] = []
    sizes: list[int] = []
    cursor = None
    while True:
        page = history.page(ANN, before=cursor, most=5)
        history.begin(click(f"meanwhile {len(sizes)}"))
        seen += [row.token for row in page.rows]
        sizes.append(len(page.rows))
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [str(number) for number in reversed(range(23))]
    assert sizes == [5, 5, 5, 5, 3]


def test_a_full_last_page_is_the_last(history: History) -> None:
    for number in range(4):
        history.begin(click(str(number)))
    page = history.page(ANN, most=2)
    assert history.page(ANN, before=page.next_cursor, most=2).next_cursor is None


def test_edits_of_edits_are_a_tree(history: History) -> None:
    root = made(history, "root", seed=1)
    left = made(history, "left", seed=2, **with_inputs(picture(1), from_take=root.takes[0].id))
    right = made(history, "right", seed=3, **with_inputs(picture(1), from_take=root.takes[0].id))
    joined, _ = history.begin(
        click(
            "both",
            inputs=(
                *with_inputs(picture(2), from_take=left.takes[0].id)["inputs"],
                *with_inputs(picture(3), from_take=right.takes[0].id)["inputs"],
            ),
        )
    )
    made(history, "alone")
    for start in (root, left, right, joined):
        tree = history.tree(ANN, start.id)
        assert [job.token for job in tree.jobs] == ["root", "left", "right", "both"]
        assert {(branch.take_id, branch.job_id) for branch in tree.branches} == {
            (root.takes[0].id, left.id),
            (root.takes[0].id, right.id),
            (left.takes[0].id, joined.id),
            (right.takes[0].id, joined.id),
        }
        assert tree.whole
    history.delete(ANN, left.id)
    assert [job.token for job in history.tree(ANN, root.id).jobs] == ["root", "right", "both"]


def test_a_huge_tree_is_shown_in_part(history: History) -> None:
    take = made(history, "root").takes[0].id
    for number in range(203):
        history.begin(click(str(number), **with_inputs(picture(1), from_take=take)))
    tree = history.tree(ANN, history.job_of_click(ANN, "root").id)
    assert (len(tree.jobs), tree.whole) == (200, False)


# Delete, retention, quota


def traces(folder: Path, *needles: bytes) -> list[str]:
    """Files that hold one of the needles, in their name or in their bytes."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    return [each.name for each in files if any(n in each.name.encode() or n in each.read_bytes() for n in needles)]


def test_delete_leaves_no_trace_on_disk(database: Database, tmp_path: Path) -> None:
    removed: list[str] = []
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), on_removed=removed.append)
    keep = made(history, "keep", "another prompt entirely", seed=3)
    job = made(history, "t", "unmistakable words", seed=2, **with_inputs(picture(1)))
    needles = [b"unmistakable", *(each.encode() for each in (picture(1).sha256, picture(2).sha256, job.id))]
    assert traces(tmp_path, picture(2).data)
    history.delete(ANN, job.id)
    assert traces(tmp_path, *needles, picture(1).data, picture(2).data) == []
    assert sorted(removed) == sorted([picture(1).sha256, picture(2).sha256])
    assert history.page(ANN).rows == (keep,)
    assert (count(history, schema.inputs), count(history, schema.takes), count(history, schema.pictures)) == (0, 1, 1)
    history.close()


def test_a_picture_that_another_job_needs_outlives_the_first(history: History) -> None:
    first = made(history, "a", seed=1)
    second = made(history, "b", seed=2, owner=BOB, **with_inputs(picture(1)))
    history.delete(ANN, first.id)
    assert history.vault.is_whole(picture(1).sha256, "image/png")
    history.delete(BOB, second.id)
    assert history.vault.names() == {}


def test_a_running_job_is_not_deleted(history: History) -> None:
    job, _ = history.begin(click())
    with pytest.raises(BadInput, match="stop it first"):
        history.delete(ANN, job.id)
    assert history.job(ANN, job.id) == job


def test_a_picture_is_never_removed_while_somebody_else_saves_it(history: History) -> None:
    """One thread deletes what another saves again, over and over; a row without its file would show."""

    def make_and_delete(name: str) -> None:
        for number in range(12):
            job = made(history, f"{name}{number}", seed=7, owner=name)
            assert history.vault.is_whole(picture(7).sha256, "image/png")
            history.delete(name, job.id)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(make_and_delete, ["a", "b", "c", "d"]))
    assert history.vault.names() == {}


def test_what_is_too_old_is_deleted_and_what_runs_is_not(database: Database, tmp_path: Path) -> None:
    now = [100.0]
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), clock=lambda: now[0])
    made(history, "old", seed=1)
    history.begin(click("running"))
    now[0] = 200.0
    made(history, "new", seed=2)
    assert history.expire(150.0) == 1
    assert [row.token for row in history.page(ANN).rows] == ["new", "running"]
    assert list(history.vault.names()) == [picture(2).sha256]
    assert history.expire(150.0) == 0
    history.close()


def test_an_edit_that_cannot_be_deleted_keeps_no_other(database: Database, tmp_path: Path) -> None:
    now = [100.0]
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), clock=lambda: now[0])
    jobs = [made(history, token, seed=seed) for seed, token in enumerate("abc")]
    note = history.vault.note_path(jobs[1].takes[0].id)
    note.unlink()
    # What no unlink removes, of whoever runs this.
    note.mkdir()
    assert history.expire(150.0) == 2
    assert [row.id for row in history.page(ANN).rows] == [jobs[1].id]
    note.rmdir()
    assert history.expire(150.0) == 1
    history.close()


def test_of_old_edits_there_may_be_more_than_a_query_may_name(database: Database, tmp_path: Path) -> None:
    if database.is_sqlite:
        # In reality 32,766 and more.
        event.listen(
            database.engine, "checkout", lambda raw, *_: raw.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 300)
        )
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), clock=lambda: 100.0)
    for number in range(400):
        history.insert(replace(click(f"click {number}").begun(100.0), state="done"))
    assert history.expire(150.0) == 400
    assert history.page(ANN).rows == ()
    history.close()


def test_a_draft_goes_when_it_was_left_as_it_is_for_too_long(database: Database, tmp_path: Path) -> None:
    now = [100.0]
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), clock=lambda: now[0])
    history.keep_draft(ANN, {"prompt": "unmistakable words"})
    history.keep_draft(BOB, {"prompt": "old"})
    now[0] = 200.0
    history.keep_draft(BOB, {"prompt": "new"})
    assert history.expire(150.0) == 0
    assert (history.draft(ANN), history.draft(BOB)) == ({}, {"prompt": "new"})
    assert traces(tmp_path, b"unmistakable") == []
    history.close()


def test_bytes_are_counted_once_for_each_picture(history: History) -> None:
    made(history, "a", seed=1, **with_inputs(picture(2)))
    made(history, "b", seed=2, **with_inputs(picture(1), picture(2)))
    assert history.bytes_of(ANN) == len(picture(1).data) + len(picture(2).data)


def test_a_quota_refuses_the_edit_that_would_pass_it(database: Database, tmp_path: Path) -> None:
    size = len(picture(1).data)
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), quota_bytes=size * 2 + size // 2)
    history.begin(click("a", **with_inputs(picture(1), picture(2))))
    with pytest.raises(NoRoom, match=r"MB there are for each person\. Nothing was sent\.$") as caught:
        history.begin(click("b", **with_inputs(picture(3))))
    assert caught.value.charged == "no"
    history.begin(click("c", owner=BOB, **with_inputs(picture(3))))
    history.begin(click("d"))
    history.close()


def test_a_picture_that_is_kept_already_needs_no_room_again(database: Database, tmp_path: Path) -> None:
    size = len(picture(1).data)
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), quota_bytes=size + size // 2)
    history.begin(click("twice in one", **with_inputs(picture(1), picture(1))))
    assert history.begin(click("again", **with_inputs(picture(1))))[1]
    with pytest.raises(QuotaReached):
        history.begin(click("another", **with_inputs(picture(1), picture(2))))
    with pytest.raises(QuotaReached):
        history.begin(click("b", owner=BOB, **with_inputs(picture(1), picture(2))))
    history.close()


# What cannot be written


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another program holds the database meanwhile."""
    other = open_database(url)
    with other.writing() as connection:
        other.lock_whole(connection)
        yield
    other.close()


@pytest.fixture
def hasty(database_url: str, tmp_path: Path) -> Iterator[History]:
    """A history that waits a tenth of a second for a lock, where the real one waits ten."""
    kept = History(open_database(database_url, busy_seconds=0.1), Vault(tmp_path / "data", floor_bytes=0), pause=0.02)
    yield kept
    kept.close()


def test_a_take_is_safe_and_seen_while_the_database_is_locked(hasty: History, database_url: str) -> None:
    job, _ = hasty.begin(click(takes_asked=2, **with_inputs(picture(9))))
    hasty.advance(job.id, "sending")
    with locked(database_url):
        hasty.advance(job.id, "saving")
        takes = tuple(hasty.save_take(job.id, position, picture(position)) for position in range(2))
        hasty.finish(job.id, "done")
        seen = hasty.job(ANN, job.id)
        assert (seen.state, seen.takes) == ("done", takes)
        assert hasty.page(ANN).rows[0].takes == takes
        assert hasty.take(ANN, takes[1].id) == takes[1]
        assert hasty.visible(ANN, picture(1).sha256) == takes[1].picture
        assert hasty.running() == ()
        with pytest.raises(NotKept):
            hasty.visible(BOB, picture(1).sha256)
        assert count(hasty, schema.takes) == 0
    assert eventually(lambda: not hasty.late.waiting)
    assert count(hasty, schema.takes) == 2
    assert hasty.job(ANN, job.id).state == "done"


@dataclass(frozen=True)
class Watched(Database):
    """A database that says when somebody has read a part."""

    after: Callable[[], object] = lambda: None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with super().reading() as connection:
            event.listen(connection, "after_cursor_execute", lambda *_: self.after())
            yield connection


READS: dict[str, Callable[[Reading, str], object]] = {
    "the job": lambda reading, job_id: reading.job(ANN, job_id).state,
    "the job of a click": lambda reading, _: reading.job_of_click(ANN, "first").state,
    "a page": lambda reading, _: reading.page(ANN).rows[0].state,
    "what runs": lambda reading, _: "done" if not reading.running(ANN) else "it runs",
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_row_that_is_written_while_somebody_reads_is_seen(
    database_url: str, tmp_path: Path, read: Callable[[Reading, str], object]
) -> None:
    database = open_database(database_url, busy_seconds=0.1)
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), pause=60)
    job, _ = history.begin(click())
    with locked(database_url):
        history.finish(job.id, "done")
    reading = Reading(Watched(database.engine, history.late.write_waiting), history.late)
    assert read(reading, job.id) == "done"
    assert not history.late.waiting
    history.close()


def test_a_job_that_is_over_does_not_run_again_by_what_waited_before(history: History) -> None:
    job, _ = history.begin(click())
    history.finish(job.id, "done")
    over = history.job(ANN, job.id)
    assert with_waiting(over, (Moved(job.id, "saving"),)) == over


def test_nothing_begins_while_the_database_is_locked(hasty: History, database_url: str) -> None:
    job, _ = hasty.begin(click("before"))
    with locked(database_url):
        with pytest.raises(HistoryUnwritable) as caught:
            hasty.begin(click("meanwhile", **with_inputs(picture(1))))
        with pytest.raises(HistoryUnwritable):
            hasty.advance(job.id, "sending")
    assert caught.value.charged == "no"
    assert [row.token for row in hasty.page(ANN).rows] == ["before"]
    assert hasty.vault.names() == {}
    assert hasty.begin(click("meanwhile"))[1]


def test_what_waits_when_the_app_ends_comes_back_at_the_next_start(hasty: History, database_url: str) -> None:
    job, _ = hasty.begin(click())
    with locked(database_url):
        take = hasty.save_take(job.id, 0, picture(1))
        assert hasty.close() == 1
    opened = open_history(Vault(hasty.vault.root, floor_bytes=0), database_url)
    assert opened.found.adopted == 1
    assert opened.history.take(ANN, take.id) == take
    opened.close()


def test_a_deleted_job_takes_what_waits_of_it_along(hasty: History, database_url: str) -> None:
    job, _ = hasty.begin(click())
    hasty.finish(job.id, "stopped")
    with locked(database_url):
        hasty.save_take(job.id, 0, picture(1))
        waiting = hasty.late.forget(job.id)
        assert len(waiting) == 1
        hasty.late.add(waiting[0])
    assert eventually(lambda: not hasty.late.waiting)
    hasty.delete(ANN, job.id)
    assert hasty.vault.names() == {}
    assert list(hasty.vault.note_ids()) == []


@pytest.mark.parametrize(
    "step",
    ["note: opened", "note: written", "note: renamed", "picture: written", "picture: renamed"],
)
def test_a_disk_that_fills_up_during_a_save_harms_nothing(database: Database, tmp_path: Path, step: str) -> None:
    full = [False]

    def steps(name: str) -> None:
        if full[0] and name == step:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    history = History(database, Vault(tmp_path / "data", floor_bytes=0, steps=steps), pause=60)
    job, _ = history.begin(click(takes_asked=2))
    history.save_take(job.id, 0, picture(1))
    full[0] = True
    take = history.save_take(job.id, 1, picture(2), receipt=tells(tokens=7))
    history.finish(job.id, "done")
    assert history.job(ANN, job.id).takes[1:] == (take,)
    assert history.visible(ANN, take.picture.sha256) == take.picture
    assert history.vault.read(take.picture.sha256, take.picture.mime).data == picture(2).data
    assert len([*history.vault.note_ids()]) == count(history, schema.takes)
    full[0] = False
    history.late.write_waiting()
    assert history.late.waiting == ()
    assert history.vault.unsaved(take.picture.sha256) is None
    assert history.vault.read(take.picture.sha256, take.picture.mime).data == picture(2).data
    assert history.vault.read_note(take.id)
    assert history.job(ANN, job.id).takes[1:] == (take,)
    assert history.job(ANN, job.id).state == "done"
    history.close()


def test_a_picture_that_never_finds_room_is_put_on_another_disk_at_the_end(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    history, job = on_a_full_disk(database, tmp_path)
    history.save_take(job.id, 0, picture(1))
    assert history.close() == 1
    (rescued,) = tmp_path.glob("edit-studio-rescued-*/*.png")
    assert rescued.read_bytes() == picture(1).data


def test_an_unsaved_picture_can_be_deleted(database: Database, tmp_path: Path) -> None:
    history, job = on_a_full_disk(database, tmp_path)
    history.save_take(job.id, 0, picture(1))
    history.finish(job.id, "done")
    history.delete(ANN, job.id)
    assert history.vault.unsaved(picture(1).sha256) is None
    assert history.close() == 0


def test_what_memory_has_no_room_for_is_told(database: Database, tmp_path: Path) -> None:
    history, job = on_a_full_disk(database, tmp_path, unsaved_bytes=10)
    with pytest.raises(NoRoom):
        history.save_take(job.id, 0, picture(1))
    history.close()


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO])
def test_a_picture_is_held_where_clearing_up_fails_as_well(database: Database, tmp_path: Path, number: int) -> None:
    history, breaks = on_a_disk_that_breaks(database, tmp_path, number)
    job, _ = history.begin(click())
    breaks.set()
    take = history.save_take(job.id, 0, picture(1))
    assert history.vault.unsaved(take.picture.sha256) == picture(1)
    assert history.vault.read(take.picture.sha256, take.picture.mime) == picture(1)
    breaks.clear()
    history.late.write_waiting()
    assert history.late.waiting == ()
    assert history.vault.is_whole(take.picture.sha256, take.picture.mime)
    assert count(history, schema.takes) == 1
    history.finish(job.id, "done")
    history.delete(ANN, job.id)
    assert history.vault.names() == {}
    history.close()


def on_a_disk_that_breaks(database: Database, folder: Path, number: int) -> tuple[History, threading.Event]:
    """Once the event is set, the next picture meets this error, and so does all that syncs a folder after it."""
    breaks, broken = threading.Event(), threading.Event()

    def steps(name: str) -> None:
        if name == "picture: opened" and breaks.is_set():
            broken.set()
            raise OSError(number, os.strerror(number))

    def sync(file: int) -> None:
        if breaks.is_set() and broken.is_set() and stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(number, os.strerror(number))

    return History(database, Vault(folder / "data", floor_bytes=0, steps=steps, sync=sync), pause=60), breaks


def test_a_save_that_breaks_holds_its_picture_no_longer(history: History) -> None:
    job, _ = history.begin(click())

    def broken(_seconds: float | None) -> dict[str, float]:
        return {"seconds": 1 / 0} if _seconds is not None else {}

    with pytest.raises(ZeroDivisionError):
        history.save_take(job.id, 0, picture(1), receipt=broken)
    assert history.vault.remove_unless(lambda _: False, picture(1).sha256, "image/png")


@pytest.mark.parametrize("error", [RuntimeError("a fault of ours"), OSError(errno.EIO, "I/O error")], ids=repr)
def test_whatever_goes_wrong_a_row_that_waits_is_written_later(
    database: Database, tmp_path: Path, error: Exception
) -> None:
    failed: list[str] = []

    def steps(name: str) -> None:
        if name == "row: begun" and len(failed) < 5:
            failed.append(name)
            raise error

    history = History(database, Vault(tmp_path / "data", floor_bytes=0, steps=steps), pause=0.01)
    job, _ = history.begin(click())
    history.save_take(job.id, 0, picture(1))
    history.finish(job.id, "done")
    assert eventually(lambda: not history.late.waiting)
    assert (count(history, schema.takes), history.job(ANN, job.id).state, len(failed)) == (1, "done", 5)
    history.close()


@contextmanager
def no_thread_to_spare() -> Iterator[None]:
    """The system refuses every new thread meanwhile, as it has no room for a stack of an exabyte."""
    usual = threading.stack_size(2**60)
    try:
        yield
    finally:
        threading.stack_size(usual)


def test_a_take_is_kept_and_written_later_where_no_thread_was_to_spare(
    hasty: History, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    job, _ = hasty.begin(click(takes_asked=2))
    with locked(database_url):
        with no_thread_to_spare():
            takes = tuple(hasty.save_take(job.id, position, picture(position)) for position in range(2))
        assert [row.takes for row in hasty.page(ANN).rows] == [takes]
        hasty.finish(job.id, "done")
    assert eventually(lambda: not hasty.late.waiting)
    assert (count(hasty, schema.takes), hasty.job(ANN, job.id).state) == (2, "done")
    assert caplog.text.count("there is none to spare") == 1


def test_a_picture_in_memory_is_put_on_another_disk_where_no_thread_was_to_spare(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    history, job = on_a_full_disk(database, tmp_path)
    with no_thread_to_spare():
        history.save_take(job.id, 0, picture(1))
        assert history.close() == 1
    (rescued,) = tmp_path.glob("edit-studio-rescued-*/*.png")
    assert rescued.read_bytes() == picture(1).data


@pytest.mark.parametrize("again_at", ["", "row: begun"], ids=["its row has no job", "its row fails just then"])
def test_what_is_on_its_way_to_the_disk_while_its_edit_is_deleted_does_not_bring_it_back(
    database_url: str, tmp_path: Path, again_at: str
) -> None:
    full, on_its_way, deleted = [True], threading.Event(), threading.Event()

    def steps(name: str) -> None:
        if full[0] and name == "picture: opened":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if not full[0] and name == "note: opened":
            on_its_way.set()
            assert deleted.wait(SOON)
        if deleted.is_set() and name == again_at:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    vault = Vault(tmp_path / "data", floor_bytes=0, steps=steps)
    history = History(open_database(database_url), vault, pause=0.01)
    job, _ = history.begin(click())
    history.save_take(job.id, 0, picture(1))
    history.finish(job.id, "done")
    full[0] = False
    assert on_its_way.wait(SOON)
    history.delete(ANN, job.id)
    deleted.set()
    history.close()
    assert (list(vault.note_ids()), vault.names()) == ([], {})
    opened = open_history(Vault(tmp_path / "data", floor_bytes=0), database_url)
    assert opened.history.page(ANN).rows == ()
    opened.close()


def test_an_edit_that_cannot_be_deleted_just_now_stays_whole(hasty: History, database_url: str) -> None:
    job = made(hasty, "t", seed=1)
    other, _ = hasty.begin(click("late"))
    with locked(database_url):
        late = hasty.save_take(other.id, 0, picture(2))
        hasty.finish(other.id, "done")
        for job_id in (job.id, other.id):
            with pytest.raises(OperationalError):
                hasty.delete(ANN, job_id)
        assert hasty.vault.read_note(job.takes[0].id)
        assert hasty.vault.read_note(late.id)
        assert [len(row.takes) for row in hasty.page(ANN).rows] == [1, 1]
    assert eventually(lambda: not hasty.late.waiting)
    assert count(hasty, schema.takes) == 2
    hasty.delete(ANN, job.id)
    hasty.delete(ANN, other.id)
    assert (list(hasty.vault.note_ids()), hasty.vault.names()) == ([], {})


def test_what_came_damaged_goes_with_its_edit(history: History) -> None:
    job, other = made(history, "t"), made(history, "other")
    history.vault.put_damaged(f"{job.id}-0-0", b"half a picture")
    kept = history.vault.put_damaged(f"{other.id}-0-0", b"half another")
    history.delete(ANN, job.id)
    assert list(kept.parent.iterdir()) == [kept]


def test_many_clicks_at_once_do_not_pass_a_quota(database: Database, tmp_path: Path) -> None:
    size = max(len(picture(number).data) for number in range(8))
    barrier = threading.Barrier(8)

    def steps(name: str) -> None:
        if name == "job: begun":
            barrier.wait(SOON)

    vault = Vault(tmp_path / "data", floor_bytes=0, steps=steps)
    history = History(database, vault, quota_bytes=size + 10)

    def press(number: int) -> bool:
        try:
            return history.begin(click(str(number), **with_inputs(picture(number))))[1]
        except QuotaReached:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(press, range(8))) == 1
    assert history.bytes_of(ANN) <= size + 10
    assert len(history.vault.names()) == 1
    history.close()


def test_of_two_requests_with_one_click_only_the_first_leaves_its_picture(database: Database, tmp_path: Path) -> None:
    barrier = threading.Barrier(2)

    def steps(name: str) -> None:
        if name == "job: begun":
            barrier.wait(SOON)

    history = History(database, Vault(tmp_path / "data", floor_bytes=0, steps=steps))

    def press(number: int) -> bool:
        try:
            return history.begin(click(fingerprint=str(number) * 64, **with_inputs(picture(number))))[1]
        except TokenReused:
            return False

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(press, range(2))) == 1
    assert list(history.vault.names()) == [each.picture.sha256 for each in history.page(ANN).rows[0].inputs]
    history.close()


@pytest.mark.parametrize("also_bobs", [False, True], ids=["nobody's else", "on its way to a row of another's"])
def test_an_edit_that_cannot_begin_takes_its_pictures_back_unless_somebody_needs_them(
    database: Database, tmp_path: Path, also_bobs: bool
) -> None:
    full = [not also_bobs]

    def steps(name: str) -> None:
        if name == "picture: opened" and full[0] and vault.names():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if name == "job: begun":
            full[0] = True
            anns()

    def anns() -> None:
        with pytest.raises(NoRoom):
            kept.begin(click(**with_inputs(picture(1), picture(2))))

    vault = Vault(tmp_path / "data", floor_bytes=0, steps=steps)
    kept = History(database, vault)
    if also_bobs:
        kept.begin(click(owner=BOB, **with_inputs(picture(1))))
    else:
        anns()
    assert kept.page(ANN).rows == ()
    assert list(vault.names()) == [picture(1).sha256] * also_bobs
    kept.close()


def on_a_full_disk(database: Database, folder: Path, unsaved_bytes: int = 2**20) -> tuple[History, JobRow]:
    """A job that has begun when the disk fills up for good."""

    def full(name: str) -> None:
        if name == "picture: written":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    history = History(
        database, Vault(folder / "data", floor_bytes=0, steps=full, unsaved_bytes=unsaved_bytes), pause=0.01
    )
    return history, history.begin(click())[0]


def test_nothing_begins_on_a_disk_that_is_nearly_full(database: Database, tmp_path: Path) -> None:
    history = History(database, Vault(tmp_path / "data", free=lambda _: 100 * 2**20))
    with pytest.raises(NoRoom, match="Nothing was sent"):
        history.begin(click(**with_inputs(picture(1))))
    assert history.page(ANN).rows == ()
    assert history.vault.names() == {}
    history.close()


# The next start


def test_jobs_that_were_under_way_end_and_nothing_else_changes(history: History) -> None:
    done = made(history, "done")
    states = RUNNING
    jobs = {state: history.begin(click(state, takes_asked=2))[0].id for state in states}
    for state, job_id in jobs.items():
        history.advance(job_id, state)
    history.save_take(jobs["saving"], 0, picture(1))
    whole = history.begin(click("whole"))[0].id
    history.save_take(whole, 0, picture(2))
    found = start_up(history, 5.0)
    assert set(found.interrupted) == {jobs[state] for state in states[1:]}
    assert (found.never_sent, found.completed) == ((jobs["queued"],), (whole,))
    ended = {row.token: row for row in history.page(ANN).rows}
    assert [ended[state].state for state in states[1:]] == ["unknown"] * 3 + ["done"]
    assert {(ended[s].failure or {})["charged"] for s in states[1:]} == {"maybe"}
    assert (ended["queued"].state, (ended["queued"].failure or {})["charged"]) == ("stopped", "no")
    assert (ended["whole"].state, len(ended["saving"].takes)) == ("done", 1)
    assert ended["done"] == done
    assert start_up(history, 6.0).sentences() == ()


@pytest.mark.parametrize(
    ("places", "state", "words"),
    [
        ([], "unknown", "no picture had arrived."),
        ([0], "done", "not all of its pictures had arrived."),
        ([0, 2], "done", "not all of its pictures had arrived."),
        ([0, 1, 2], "done", ""),
    ],
)
def test_an_interrupted_edit_says_what_came_of_it(history: History, places: list[int], state: str, words: str) -> None:
    """Of two takes; what a take brings besides its first picture lies behind both."""
    job, _ = history.begin(click(takes_asked=2))
    history.advance(job.id, "sending")
    for position in places:
        history.save_take(job.id, position, picture(position))
    found = start_up(history, 5.0)
    kept = history.job(ANN, job.id)
    assert (kept.state, len(kept.takes)) == (state, len(places))
    if words:
        assert (found.interrupted, found.completed) == ((job.id,), ())
        assert str((kept.failure or {})["message"]).endswith(words)
        assert (kept.failure or {})["money"] == MONEY["maybe"]
    else:
        assert (found.interrupted, found.completed, kept.failure) == ((), (job.id,), None)


@pytest.mark.parametrize(("places", "state"), [([], "stopped"), ([0], "done")], ids=["no picture", "one of two"])
def test_an_interrupted_edit_of_a_free_provider_says_that_it_was_not_charged(
    history: History, places: list[int], state: str
) -> None:
    for provider in ("free", "paid"):
        job, _ = history.begin(click(provider, provider=provider, takes_asked=2))
        history.advance(job.id, "sending")
        for position in places:
            history.save_take(job.id, position, picture(position))
    found = start_up(history, 5.0, free={"free"})
    paid, free = history.page(ANN).rows
    assert (found.interrupted, found.unpaid, found.never_sent) == ((paid.id,), (free.id,), ())
    assert (free.state, (free.failure or {})["charged"], (paid.failure or {})["charged"]) == (state, "no", "maybe")
    assert "bill" not in str(free.failure)
    assert "Edits that were interrupted and cost nothing: 1." in found.sentences()


def test_an_edit_that_was_never_sent_says_that_it_was_not_charged(history: History) -> None:
    job, _ = history.begin(click())
    assert start_up(history, 5.0).never_sent == (job.id,)
    assert (history.job(ANN, job.id).failure or {})["money"] == MONEY["no"]


def test_leftovers_are_swept_and_said(history: History) -> None:
    kept = made(history, "kept", seed=1)
    history.vault.put(picture(50))
    history.vault.put_note(
        f"{'a' * 32}-0", history.vault.read_note(kept.takes[0].id).replace(kept.id.encode(), b"a" * 32)
    )
    history.vault.remove(picture(1).sha256, "image/png")
    found = start_up(history, 5.0)
    assert (found.swept, found.missing, found.adopted) == (2, 1, 0)
    assert history.vault.names() == {}
    assert any("gone from the data folder: 1" in sentence for sentence in found.sentences())


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"version": 1}', b'{"version": 2, "job": {}}', b"\xff\xfe"])
def test_a_note_that_is_none_stops_nothing_and_nothing_is_swept_then(history: History, damage: bytes) -> None:
    made(history, "kept", seed=1)
    history.vault.put_note(f"{'b' * 32}-0", damage)
    history.vault.put(picture(2))
    found = start_up(history, 5.0)
    assert (found.unreadable, found.swept) == (1, 0)
    assert picture(2).sha256 in history.vault.names()


def test_another_database_on_the_same_folder_sweeps_nothing(history: History, tmp_path: Path) -> None:
    failed, _ = history.begin(click("failed", **with_inputs(picture(3))))
    history.finish(failed.id, "failed", {})
    made(history, "kept", seed=1)
    opened = open_history(Vault(tmp_path / "data", floor_bytes=0), f"sqlite:///{tmp_path / 'other.db'}")
    assert (opened.found.adopted, opened.found.swept) == (1, 0)
    assert picture(3).sha256 in opened.history.vault.names()
    opened.close()
