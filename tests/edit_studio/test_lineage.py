"""Where the edits of a tree stand: a line goes on to the right, a branch begins a line of its own below."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edit_studio.history.history import History
from edit_studio.history.rows import JobRow, NewInput
from edit_studio.page.lineage import NOTHING, places, value
from edit_studio.storage.database import open_database
from edit_studio.storage.vault import Vault
from tests.edit_studio.examples import ANN, click, picture


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    database = open_database(f"sqlite:///{tmp_path / 'history.db'}")
    kept = History(database, Vault(tmp_path / "data", floor_bytes=0), pause=0.01)
    yield kept
    kept.close()


def made(history: History, name: str, *parents: JobRow) -> JobRow:
    """An edit that began with the results of others, or else with a picture of its own."""
    inputs = tuple(NewInput(picture(1), from_take=each.takes[0].id) for each in parents) or (NewInput(picture(1)),)
    job, _ = history.begin(click(name, name, inputs=inputs))
    history.save_take(job.id, 0, picture(2))
    history.finish(job.id, "done")
    return history.job(ANN, job.id)


def stand(history: History, job: JobRow) -> dict[str, tuple[int, int, int]]:
    tree = history.tree(ANN, job.id)
    return {place.job.prompt: (place.line, place.column, place.above) for place in places(tree)}


def test_a_chain_is_one_line(history: History) -> None:
    first = made(history, "a")
    second = made(history, "b", first)
    made(history, "c", second)
    assert stand(history, second) == {"a": (0, 1, 0), "b": (0, 2, 0), "c": (0, 3, 0)}


def test_a_branch_stands_below_all_that_came_of_its_elder(history: History) -> None:
    root = made(history, "root")
    elder = made(history, "elder", root)
    younger = made(history, "younger", root)
    made(history, "first of elder", elder)
    made(history, "second of elder", elder)
    made(history, "of younger", younger)
    assert stand(history, root) == {
        "root": (0, 1, 0),
        "elder": (0, 2, 0),
        "first of elder": (0, 3, 0),
        "second of elder": (1, 3, 1),
        "younger": (2, 2, 2),
        "of younger": (2, 3, 0),
    }


def test_an_edit_of_two_results_stands_once(history: History) -> None:
    left, right = made(history, "left"), made(history, "right")
    made(history, "both", left, right)
    assert stand(history, right) == {"left": (0, 1, 0), "both": (0, 2, 0), "right": (1, 1, 0)}


def test_an_edit_that_hangs_with_none_has_no_line(history: History) -> None:
    job = made(history, "alone")
    assert value(history.tree(ANN, job.id), job.id) == NOTHING


def test_the_line_begins_with_the_original_and_marks_what_is_shown(history: History) -> None:
    first = made(history, "a")
    second = made(history, "b", first)
    nodes = value(history.tree(ANN, first.id), second.id)["nodes"]
    assert [(node["label"], node["column"], node.get("shown")) for node in nodes] == [
        ("Original", 0, None),
        ("Edit 1", 1, False),
        ("Edit 2", 2, True),
    ]
    assert nodes[0]["href"] == f"pictures/{picture(1).sha256}/original"
