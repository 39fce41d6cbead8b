"""How long it takes to put things on the disk for good, and to list ten thousand edits: on this machine's disk.

The disk is that of the system's folder for temporary files; `disk_of` says what it is.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from edit_core.pictures import Picture
from edit_studio.history.history import History
from edit_studio.history.lookup import Search
from edit_studio.history.rows import NewJob
from edit_studio.storage.database import open_database
from edit_studio.storage.vault import Vault

from ..history import OWNER, fill
from .plan import Plan

SAVED_BYTES = 12_000_000
_LISTS = 20

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Saving:
    """Milliseconds, sorted: of a picture's file, of a whole take with its note and row, of one commit, of a list."""

    saves: tuple[float, ...]
    takes: tuple[float, ...]
    commits: tuple[float, ...]
    lists: tuple[float, ...]


def save_and_list(folder: Path, plan: Plan) -> Saving:
    """Measure one thing after the other, nobody else at work in this process."""
    history = History(open_database(f"sqlite:///{folder}/history.db"), Vault(folder / "data"))
    fill(history.database, 1, plan.rows + 1)
    job, _ = history.begin(NewJob("saver", "click", "", "offline", "native", "m", "save this"))
    saving = Saving(
        saves=_each(plan.saves, _noise, history.vault.put, Path.unlink),
        takes=_each(
            plan.takes, lambda: (_begun(history), _noise()), lambda given: history.save_take(given[0], 0, given[1])
        ),
        commits=_each(plan.commits, lambda: None, lambda _: history.advance(job.id, "sending")),
        lists=_each(_LISTS, lambda: None, lambda _: history.page(OWNER, Search())),
    )
    history.close()
    return saving


def percentile(figures: tuple[float, ...], share: float) -> float:
    """The least figure that so many of them do not exceed. Takes them sorted."""
    return figures[max(0, -int(-share * len(figures) // 1) - 1)]


def disk_of(folder: Path) -> str:
    """The kind of file system and the device a folder lies on."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2] == number:
            kind, source = after.split()[:2]
            return f"{kind} on {source}"
    return "an unknown disk"


def _begun(history: History) -> str:
    """The id of a job that waits for its take."""
    new = NewJob("saver", str(time.monotonic_ns()), "", "offline", "native", "m", "save this")
    return history.begin(new)[0].id


def _noise() -> Picture:
    # Not a picture, which only `Picture.read` would mind.
    return Picture(os.urandom(SAVED_BYTES), "image/png", 4096, 4096)


def _each(
    rounds: int, make: Callable[[], T], work: Callable[[T], U], clear: Callable[[U], object] = lambda _: None
) -> tuple[float, ...]:
    """Milliseconds of a work, sorted; what it is given is made, and what it gives is cleared away, off the clock."""
    took = []
    for _ in range(rounds):
        given = make()
        start = time.perf_counter()
        done = work(given)
        took.append((time.perf_counter() - start) * 1000)
        clear(done)
    return tuple(sorted(took))


def median(figures: tuple[float, ...]) -> float:
    """The middle one."""
    return statistics.median(figures)
