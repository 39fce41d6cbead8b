"""What the load bench counts as lost, repeated, untrue and failed: a relay's posts beside what a history keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bench.load.accounts import Accounts, of_naive, of_studio
from bench.load.people import End, Visit
from bench.load.relay import Outcome, Post, Report
from edit_core.pictures import Picture
from edit_studio.history.history import History
from edit_studio.history.rows import NewJob, State
from edit_studio.storage.database import open_database
from edit_studio.storage.vault import Vault

EDIT = "edit-000007"
RESULT = Picture(b"a picture that was paid for", "image/png", 1, 1)

Job = tuple[State, bool]
"""How an edit ended in the history, and whether it has its picture there."""
Spoiling = Callable[[Path], object]


def keep(data: Path, jobs: Sequence[Job]) -> None:
    """A history with these jobs, all of the one edit."""
    history = History(open_database(f"sqlite:///{data}/history.db"), Vault(data, floor_bytes=0), pause=0.01)
    for number, (state, has_picture) in enumerate(jobs):
        job, _ = history.begin(NewJob("ann", str(number), "", "custom", "native", "m", f"{EDIT}: make the sky pink"))
        history.advance(job.id, "sending")
        if has_picture:
            history.save_take(job.id, 0, RESULT)
        history.finish(job.id, state)
    history.close()


def told(outcomes: Sequence[Outcome]) -> Report:
    """The relay's list of the edit's posts."""
    return Report(1, tuple(Post(EDIT, outcome) for outcome in outcomes))


def seen(end: End) -> list[Visit]:
    """What the person saw."""
    return [Visit(EDIT, 0.0, 1.0, end)]


def wrong(accounts: Accounts) -> dict[str, int]:
    """The counts of what must not be, without those that are nought."""
    names = ("lost", "repeated", "untrue", "failed")
    return {name: getattr(accounts, name) for name in names if getattr(accounts, name)}


@pytest.mark.parametrize(
    ("outcomes", "jobs", "end", "counted"),
    [
        (["picture"], [("done", True)], "picture", {}),
        (["picture"], [("done", True)], "left", {}),
        (["busy", "busy", "picture"], [("done", True)], "picture", {}),
        (["busy"] * 3, [("failed", False)], "failed", {}),
        (["cut"], [("unknown", False)], "failed", {}),
        (["garbage"], [("unknown", False)], "failed", {}),
        (["gone"], [("unknown", False)], "left", {}),
        (["picture"], [("done", False)], "picture", {"lost": 1}),
        (["picture"], [("unknown", True)], "picture", {"untrue": 1}),
        (["picture"], [("unknown", False)], "failed", {"lost": 1, "untrue": 1, "failed": 1}),
        (["picture"], [], "failed", {"lost": 1, "untrue": 1, "failed": 1}),
        (["cut"], [("failed", False)], "failed", {"untrue": 1}),
        (["busy"], [("unknown", False)], "failed", {"untrue": 1}),
        (["cut", "picture"], [("done", True)], "picture", {"repeated": 1}),
        (["picture", "picture"], [("done", True)], "picture", {"repeated": 1}),
        (["picture", "busy"], [("failed", True)], "picture", {"repeated": 1}),
        (["busy"], [("failed", False), ("failed", False)], "failed", {"untrue": 1}),
        ([], [("failed", False)], "failed", {"failed": 1}),
    ],
)
def test_the_app_is_held_against_the_relay(
    tmp_path: Path, outcomes: list[Outcome], jobs: list[Job], end: End, counted: dict[str, int]
) -> None:
    keep(tmp_path, jobs)
    accounts = of_studio(tmp_path, seen(end), told(outcomes))
    assert wrong(accounts) == counted
    assert (accounts.posts, accounts.pictures) == (len(outcomes), outcomes.count("picture"))


@pytest.mark.parametrize(
    ("spoil", "lost"),
    [
        (Path.exists, 0),
        (Path.unlink, 1),
        (lambda file: file.write_bytes(RESULT.data[:-1]), 1),
    ],
    ids=["whole", "gone", "cut"],
)
def test_a_row_without_its_whole_file_is_a_lost_picture(tmp_path: Path, spoil: Spoiling, lost: int) -> None:
    keep(tmp_path, [("done", True)])
    spoil(Vault(tmp_path).path(RESULT.sha256, RESULT.mime))
    assert of_studio(tmp_path, seen("picture"), told(["picture"])).lost == lost


@pytest.mark.parametrize(
    ("outcomes", "end", "counted"),
    [
        (["picture"], "picture", {}),
        (["picture"], "left", {"lost": 1}),
        (["picture"], "failed", {"lost": 1, "failed": 1}),
        (["cut"], "failed", {}),
        (["cut", "picture"], "picture", {"repeated": 1}),
        ([], "failed", {"failed": 1}),
    ],
)
def test_the_naive_app_has_only_what_its_people_saw(outcomes: list[Outcome], end: End, counted: dict[str, int]) -> None:
    assert wrong(of_naive(seen(end), told(outcomes))) == counted
