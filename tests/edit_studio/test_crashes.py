"""The app is killed at every step of a save, and loses power: what was acknowledged is there afterwards, whole.

`CRASH_ROUNDS=200` kills that often at each step; without it, as often as fits into a test run.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from edit_studio.history.history import History
from edit_studio.history.lookup import find_any_job
from edit_studio.history.opening import Opened, open_history
from edit_studio.storage import schema
from edit_studio.storage.vault import Vault
from tests.edit_studio.examples import click, picture, with_inputs
from tests.edit_studio.victim import Nursery, Order, nursery

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "6"))
RANDOM_ROUNDS = ROUNDS * 5

WRITING = ("opened", "half written", "written", "synced", "renamed", "settled")
CHANGING = ("begun", "inserted", "committed")
STEPS = [
    *(f"{what}: {step}" for what in ("picture", "note") for step in WRITING),
    *(f"{what}: {step}" for what in ("job", "row") for step in CHANGING),
]
KILLED = -signal.SIGKILL

MEMORY = Path("/dev/shm")  # noqa: S108
"""A killed process does not lose what it handed to the system, so a disk in memory tells as much, and much faster."""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for a victim."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def victims() -> Iterator[Nursery]:
    with nursery() as running:
        yield running


def check(opened: Opened, promises: Path) -> None:
    """Nothing acknowledged is lost, every row has its file, every file its row, and nothing is under way."""
    history = opened.history
    history.database.check()
    lines = [line.split() for line in promises.read_text().splitlines()] if promises.exists() else []
    with history.database.reading() as connection:
        takes = {row.id: row.sha256 for row in connection.execute(select(schema.takes))}
        pictures = {row.sha256: row.mime for row in connection.execute(select(schema.pictures))}
        states = {row.id: row.state for row in connection.execute(select(schema.jobs.c.id, schema.jobs.c.state))}
        for kind, name, *sha256 in lines:
            if kind == "saved":
                assert takes[name] == sha256[0], "an acknowledged picture is lost"
            else:
                assert find_any_job(connection, name).over
            if kind == "done":
                assert states[name] == "done"
    assert set(history.vault.note_ids()) == set(takes)
    assert history.vault.names() == pictures
    assert all(history.vault.is_whole(sha256, mime) for sha256, mime in pictures.items())
    assert list((history.vault.root / "tmp").iterdir()) == []
    assert set(states.values()) <= {"done", "stopped", "unknown"}


def revive(folder: Path, url: str, promises: Path) -> Opened:
    """Start again after a death, look at what is left, and end."""
    opened = open_history(Vault(folder, floor_bytes=0), url)
    check(opened, promises)
    opened.close()
    return opened


def test_the_steps_are_all_steps_there_are(tmp_path: Path) -> None:
    seen: list[str] = []
    opened = open_history(Vault(tmp_path, steps=seen.append))
    save(opened.history)
    opened.close()
    assert set(seen) == set(STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_this_step_loses_nothing(step: str, victims: Nursery, place: Path) -> None:
    folder, promises = place / "data", place / "promises"
    for round_ in range(ROUNDS):
        ended = victims.die(
            Order(
                str(folder),
                str(promises),
                "",
                round_,
                die_at=step,
                nth=1 + round_ % (2 if step.startswith("job") else 4),
            )
        )
        assert ended == KILLED
        revive(folder, "", promises)


@pytest.mark.parametrize("step", [step for step in STEPS if step.startswith(("job", "row", "picture: settled"))])
def test_a_kill_at_this_step_loses_nothing_on_a_server(
    step: str, victims: Nursery, place: Path, postgres_server
) -> None:
    folder, promises, url = place / "data", place / "promises", postgres_server.fresh()
    for round_ in range(max(2, ROUNDS // 4)):
        ended = victims.die(Order(str(folder), str(promises), url, round_, die_at=step, nth=1 + round_ % 2))
        assert ended == KILLED
        revive(folder, url, promises)


def test_a_kill_at_any_moment_loses_nothing(victims: Nursery, place: Path) -> None:
    folder, promises = place / "data", place / "promises"
    delays, ends = random.Random(20261121), []
    for round_ in range(RANDOM_ROUNDS):
        ends.append(victims.die(Order(str(folder), str(promises), "", round_, die_after=delays.uniform(0.005, 0.12))))
        revive(folder, "", promises)
    assert KILLED in ends
    assert "saved" in promises.read_text()


def save(history: History, promises: list[str] | None = None) -> None:
    """One edit with two takes; adds to `promises` what was acknowledged, when it was."""
    job, _ = history.begin(click(takes_asked=2, **with_inputs(picture(1))))
    history.advance(job.id, "sending")
    for position in range(2):
        take = history.save_take(job.id, position, picture(2 + position))
        if promises is not None:
            promises.append(f"saved {take.id} {take.picture.sha256}")
    history.finish(job.id, "done")


class Power:
    """Knows what a disk still has after a power cut: bytes of files that were synced, names in folders that were."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._synced: set[int] = set()
        self._settled: set[Path] = set()

    def sync(self, number: int) -> None:
        """In place of `os.fsync`."""
        self._synced.add(os.fstat(number).st_ino)
        folders = [self._root, *(each for each in self._root.rglob("*") if each.is_dir())]
        for folder in folders:
            if folder.exists() and folder.stat().st_ino == os.fstat(number).st_ino:
                self._settled = {each for each in self._settled if each.parent != folder} | set(folder.iterdir())

    def at_risk(self) -> tuple[list[str], list[str]]:
        """Files whose bytes, and files whose names may be lost. The database looks after its own."""
        files = [each for each in self._root.rglob("*") if each.is_file() and each.parent != self._root]
        torn = [each for each in files if each.stat().st_ino not in self._synced]
        gone = [each for each in files if not {each, *each.parents[:-1]} & self._inside() <= self._settled]
        return self._named(torn), self._named(gone)

    def _inside(self) -> set[Path]:
        return set(self._root.rglob("*"))

    def _named(self, files: list[Path]) -> list[str]:
        return [str(each.relative_to(self._root)) for each in files]


@dataclass(frozen=True)
class Moment:
    """The folder at one step: a copy, what was at risk in it, and what was promised by then."""

    copy: Path
    torn: list[str]
    gone: list[str]
    promised: tuple[str, ...]

    def lose(self, loss: str) -> None:
        """Damage the copy as a disk may."""
        (self.copy / "history.db-shm").unlink()
        for name in self.torn:
            file = self.copy / name
            if loss == "bytes lost":
                file.write_bytes(b"")
            elif loss == "bytes torn":
                os.truncate(file, file.stat().st_size // 3)
            elif loss == "bytes zeroed":
                file.write_bytes(bytes(file.stat().st_size))
        for name in self.gone if loss == "names lost" else ():
            (self.copy / name).unlink()


@pytest.mark.parametrize("loss", ["nothing lost", "bytes lost", "bytes torn", "bytes zeroed", "names lost"])
def test_a_power_cut_at_any_step_loses_nothing(loss: str, place: Path) -> None:
    """Each step's folder is copied as it stands, damaged as a disk may, and opened."""
    moments: list[Moment] = []
    promises: list[str] = []
    power = Power(place / "data")

    def step(_name: str) -> None:
        copy = place / f"copy-{len(moments)}"
        shutil.copytree(place / "data", copy)
        moments.append(Moment(copy, *power.at_risk(), tuple(promises)))

    opened = open_history(Vault(place / "data", steps=step, floor_bytes=0, sync=power.sync))
    with opened.history.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2, "commits must be synced"
    save(opened.history, promises)
    opened.close()
    assert any(moment.torn for moment in moments)
    assert any(moment.gone for moment in moments)
    for moment in moments:
        moment.lose(loss)
        said = moment.copy.with_suffix(".promises")
        said.write_text("\n".join(moment.promised))
        revive(moment.copy, "", said)
