"""What history can be narrowed to: only what occurs in it, and only in one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edit_studio.history.facets import MOST_VALUES, Facets
from edit_studio.history.history import History
from edit_studio.history.lookup import Search
from edit_studio.history.rows import State
from edit_studio.page.finder import filters
from edit_studio.settings import Settings
from edit_studio.storage.database import Database
from edit_studio.storage.vault import Vault
from tests.edit_studio.examples import ANN, BOB, click, picture


@pytest.fixture
def history(database: Database, tmp_path: Path) -> Iterator[History]:
    kept = History(database, Vault(tmp_path / "data", floor_bytes=0), pause=0.01)
    yield kept
    kept.close()


def ended(history: History, token: str, state: State = "done", **others) -> str:
    job, _ = history.begin(click(token, **others))
    if state == "done":
        history.save_take(job.id, 0, picture(1))
    history.finish(job.id, state)
    return job.id


def test_an_empty_history_gives_no_choice(history: History) -> None:
    assert history.facets(ANN) == Facets()
    assert not history.facets(ANN).any


def test_each_value_that_occurs_is_named_once(history: History) -> None:
    ended(history, "1", provider="google", model="pro")
    ended(history, "2", provider="google", model="flash")
    ended(history, "3", "failed", provider="offline", model="pro")
    ended(history, "4", "stopped", provider="offline", model="")
    assert history.facets(ANN) == Facets(("google", "offline"), ("flash", "pro"), ("done", "failed", "stopped"))


def test_an_edit_that_runs_is_one_outcome_whatever_it_does(history: History) -> None:
    states: tuple[State, ...] = ("queued", "sending", "waiting")
    for state in states:
        job, _ = history.begin(click(state))
        history.advance(job.id, state)
    assert history.facets(ANN).outcomes == ("running",)


def test_what_is_anothers_does_not_occur(history: History) -> None:
    history.favourite(BOB, ended(history, "b", owner=BOB, provider="secret", model="secret"), True)
    ended(history, "a")
    assert history.facets(ANN) == Facets(("offline",), ("sample",), ("done",))
    assert history.facets(BOB).favourites


def test_a_very_long_list_is_cut(history: History) -> None:
    for number in range(MOST_VALUES + 3):
        history.begin(click(str(number), model=f"model-{number:03}"))
    assert len(history.facets(ANN).models) == MOST_VALUES


def names(facets: Facets, search: Search | None = None) -> list[str]:
    return [each["name"] for each in filters(Settings.read({}), facets, search or Search())]


@pytest.mark.parametrize(
    ("facets", "search", "expected"),
    [
        pytest.param(Facets(("offline",), ("a",), ("done",)), Search(), [], id="one of each is no choice"),
        pytest.param(Facets(("a", "b"), ("m",), ("done",)), Search(), ["provider"], id="two providers"),
        pytest.param(
            Facets(("a",), ("m", "n"), ("done", "failed"), True),
            Search(),
            ["outcome", "model", "favourite"],
            id="all else",
        ),
        pytest.param(Facets(("a",), ("m",), ("done", "running")), Search(), [], id="what runs is no outcome"),
        pytest.param(Facets(("a",), ("m",), ("done",)), Search(model="n"), ["model"], id="what is asked for stays"),
        pytest.param(Facets(), Search(favourite=True), ["favourite"], id="the last favourite is gone"),
    ],
)
def test_a_filter_is_there_where_it_gives_a_choice(facets: Facets, search: Search, expected: list[str]) -> None:
    assert names(facets, search) == expected


def test_a_filter_says_the_names_that_people_know() -> None:
    facets = Facets(("google", "gone-relay"), ("offline-engine", "unknown-model"), ("done", "unknown"))
    outcome, provider, model = filters(Settings.read({}), facets, Search())
    labels = [[option["label"] for option in each["options"]] for each in (outcome, provider, model)]
    assert labels == [
        ["Any outcome", "Done", "Interrupted, may have been charged"],
        ["Any provider", "Google (official)", "gone-relay"],
        ["Any model", "Offline engine (not an AI)", "unknown-model"],
    ]
