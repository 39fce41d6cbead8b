"""The owner's command on edits that may have been charged, run as the owner runs it, while the app has the database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edit_studio.history.opening import open_history
from edit_studio.history.rows import take_id
from edit_studio.money.ledger import Ledger
from edit_studio.storage.database import open_database
from edit_studio.storage.vault import Vault

from .examples import ANN, click

ROOT = Path(__file__).parents[2]
CENT = 10_000
NOON = 1_795_262_400.0


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command, with the data in this folder."""
    told = os.environ | {"EDIT_DATA": str(folder), "PYTHONIOENCODING": "utf-8"} | settings
    command = [sys.executable, "-m", "edit_studio.money", *arguments]
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_owner_sees_what_may_have_been_charged_and_marks_it_while_the_app_runs(
    tmp_path: Path, database_url: str
) -> None:
    app = open_history(Vault(tmp_path), database_url)
    ledger = Ledger(app.history.database, clock=lambda: NOON)
    prompt = "make the\nsky \x1b[31mpink " + "and very wide " * 10
    job, _ = app.history.begin(click(prompt=prompt, provider="google", model="gemini-x", takes_asked=2))
    app.history.finish(job.id, "unknown")
    for take in (0, 1):
        ledger.reserve(job.id, take, ANN, 5 * CENT)
        ledger.hold(job.id, take)
    first, second = take_id(job.id, 0), take_id(job.id, 1)

    listed = run(tmp_path, EDIT_DATABASE_URL=database_url)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "until you say: 2 ($0.10)" in listed.stdout
    assert (
        f"\n{second}\n    2026-11-21 12:00 UTC  $0.05  google/gemini-x  unknown  “make the sky ?[31mpink"
        in listed.stdout
    )
    assert listed.stdout.index(second) < listed.stdout.index(first)
    assert "\x1b" not in listed.stdout
    assert "…”" in listed.stdout

    charged = run(tmp_path, "--charged", first, EDIT_DATABASE_URL=database_url)
    assert (charged.returncode, charged.stdout) == (0, f"{first}: $0.05 is spent.\n")
    free = run(tmp_path, "--not-charged", second, EDIT_DATABASE_URL=database_url)
    assert (free.returncode, free.stdout) == (0, f"{second}: $0.05 is not spent, and free again.\n")
    assert [entry.state for entry in ledger.entries_of(job.id)] == ["settled", "released"]
    assert ledger.spent(ANN).today == 5 * CENT
    assert run(tmp_path, EDIT_DATABASE_URL=database_url).stdout.startswith("No edit waits for your word")
    app.close()


def with_entries(folder: Path) -> None:
    """A settled entry, and a held one of an edit that is no more."""
    database = open_database(f"sqlite:///{folder}/history.db")
    ledger = Ledger(database)
    for job in ("settled", "held"):
        ledger.reserve(job, 0, ANN, CENT)
    ledger.settle("settled", 0, CENT, estimated=True)
    ledger.hold("held", 0)
    database.close()


def empty_file(folder: Path) -> None:
    (folder / "history.db").touch()


def no_database(folder: Path) -> None:
    (folder / "history.db").write_bytes(b"this was never a database" * 300)


Wrong = tuple[Callable[[Path], object], tuple[str, ...], dict[str, str], str]
WRONG: dict[str, Wrong] = {
    "no such entry": (with_entries, ("--charged", "held-7"), {}, "There is no entry held-7;"),
    "no name of an entry": (with_entries, ("--charged", ""), {}, "There is no entry ;"),
    "known already": (with_entries, ("--not-charged", "settled-0"), {}, "does not wait for your word: it is settled."),
    "nothing there yet": (lambda _folder: None, (), {}, "There is no history in"),
    "an empty file": (empty_file, (), {}, "The database is damaged; start the app"),
    "no database": (no_database, (), {}, "The database is damaged; start the app"),
    "a setting that cannot be meant": (with_entries, (), {"EDIT_BUDGET": "much"}, "EDIT_BUDGET: “much” is no budget"),
    "an address of no database": (
        with_entries,
        (),
        {"EDIT_DATABASE_URL": "nothing"},
        "EDIT_DATABASE_URL is no address",
    ),
    "a server that is not there": (
        with_entries,
        (),
        {"EDIT_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"},
        "The database cannot be reached",
    ),
}


@pytest.mark.parametrize(("before", "arguments", "settings", "sentence"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_said_in_one_sentence_and_changes_nothing(
    tmp_path: Path, before, arguments, settings, sentence
) -> None:
    before(tmp_path)
    files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    ended = run(tmp_path, *arguments, **settings)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert sentence in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == files


def test_an_entry_of_a_deleted_edit_can_still_be_marked(tmp_path: Path) -> None:
    with_entries(tmp_path)
    assert "$0.01  of an edit that was deleted" in run(tmp_path).stdout
    assert run(tmp_path, "--not-charged", "held-0").returncode == 0
    assert run(tmp_path).stdout.startswith("No edit waits")
