"""Settings of what is kept and how much is spent, and their sentences when they cannot be meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edit_studio.money.budget import Budget
from edit_studio.settings import BadSettings, Settings

HOME = Path("/home/ann/app")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, {"folder": HOME / "data", "seconds": None, "ephemeral": False}, id="one's own machine keeps"),
        pytest.param({"EDIT_SHARED": "1"}, {"seconds": 7 * 86400.0, "free_bytes": 2**30}, id="shared keeps a week"),
        pytest.param({"EDIT_SHARED": "1", "EDIT_KEEP_DAYS": "0"}, {"seconds": None}, id="0 days is for ever"),
        pytest.param({"EDIT_DATA": "/srv/edits"}, {"folder": Path("/srv/edits")}, id="another folder"),
        pytest.param({"EDIT_BUDGET": "5/day"}, {"budget": Budget(day_micros=5_000_000)}, id="a budget"),
        pytest.param({"EDIT_IN_FLIGHT": "3", "EDIT_WAITING": "0"}, {"in_flight": 3, "waiting": 0}, id="queue"),
        pytest.param({"EDIT_DRAIN": "2.5"}, {"drain_seconds": 2.5}, id="time to end"),
        pytest.param({"EDIT_QUOTA_MB": "5"}, {"quota_bytes": 5 * 2**20}, id="quota"),
        pytest.param({"SPACE_ID": "a/b", "EDIT_DATA": "/srv"}, {"ephemeral": False}, id="a Space with a disk"),
    ],
)
def test_settings_say_what_is_kept(environ: dict[str, str], expected: dict[str, Any]) -> None:
    keeping = Settings.read(environ, HOME / ".env").keeping
    assert {name: getattr(keeping, name) for name in expected} == expected


@pytest.mark.parametrize(
    "environ",
    [
        {"EDIT_KEEP_DAYS": "soon"},
        {"EDIT_QUOTA_MB": "-1"},
        {"EDIT_IN_FLIGHT": "0"},
        {"EDIT_WAITING": "many"},
        {"EDIT_DRAIN": "a while"},
        {"EDIT_BUDGET": "5/fortnight"},
        {"EDIT_PRICES": "cheap"},
    ],
    ids=lambda environ: next(iter(environ)),
)
def test_a_setting_that_cannot_be_meant_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(BadSettings, match=next(iter(environ))):
        Settings.read(environ)


OURS = "postgresql+psycopg://ann:p%40ss@db:5433/edits"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://ann:p%40ss@db:5433/edits", OURS),
        ("postgres://ann:p%40ss@db:5433/edits", OURS),
        (OURS, OURS),
        ("sqlite:////data/edits.db", "sqlite:////data/edits.db"),
    ],
)
def test_the_address_of_a_database_is_used_with_the_driver_that_is_ours(given: str, used: str) -> None:
    assert Settings.read({"EDIT_DATABASE_URL": given}).keeping.database_url == used


@pytest.mark.parametrize(
    "given",
    [
        "canary",
        "mysql://ann:canary@db/edits",
        "postgresql://ann:canary@db:port/edits",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:canary?mode=memory&uri=true",
        "sqlite://canary/history.db",
        "sqlite+canary:////data/history.db",
    ],
)
def test_an_address_of_no_database_is_refused_without_being_shown(given: str) -> None:
    with pytest.raises(BadSettings, match="EDIT_DATABASE_URL is no address") as refused:
        Settings.read({"EDIT_DATABASE_URL": given})
    assert "canary" not in str(refused.value)


def test_the_address_of_a_database_may_hold_a_password_and_is_not_shown() -> None:
    keeping = Settings.read({"EDIT_DATABASE_URL": "postgresql://ann:canary@db/edits"}).keeping
    assert keeping.database_url.endswith("@db/edits")
    assert "canary" not in repr(keeping)
