"""How history grows: `python -m bench.history [--database URL]`. Ends with status 1 when a goal is missed.

The first page of 10,000 edits has 50 ms, and ten times as many edits may cost a little more, not ten times as much. A
search for words that hardly any edit has reads all of one's edits: its row shows what that costs, and has no goal.
Pictures are saved for real, on the disk of the system's folder for such files.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from edit_core.pictures import Picture
from edit_studio.history.history import History
from edit_studio.history.lookup import Search
from edit_studio.history.rows import NewJob, words_of
from edit_studio.storage import schema
from edit_studio.storage.database import Database, open_database
from edit_studio.storage.vault import Vault

from .machine import machine

SIZES = (100, 1_000, 10_000, 100_000)
GOAL_SIZE = 10_000
GOAL_MS = 50.0
GOAL_GROWTH = 2.0
"""From 10,000 edits to ten times as many."""

OWNER = "owner"
ROUNDS = 40
WORDS = ("make", "the", "sky", "pink", "blue", "cat", "dog", "house", "warm", "light", "soft", "tree", "天空", "背景")
PICTURE_BYTES = 12 * 2**20
SAVES = 30
GOAL_SAVE_MS = 100.0


@dataclass(frozen=True)
class Ask:
    """A question to history; the ones with a goal must stay fast as history grows."""

    what: str
    search: Search
    has_goal: bool = True


ASKS = (
    Ask("first page", Search()),
    Ask("first page, one model of four", Search(model="model-2")),
    Ask("first page, favourites (1 of 50)", Search(favourite=True)),
    Ask("first page, failed (1 of 20)", Search(outcome="failed")),
    Ask("first page, a common word", Search(words="sky")),
    Ask("a word nobody wrote", Search(words="zeppelin"), has_goal=False),
)


def fill(database: Database, first: int, last: int) -> None:
    """Edits of one owner, each with an input and a take."""
    dice = random.Random(first)
    for numbers in _portions(range(first, last), 2_000):
        jobs = [_job(number, dice) for number in numbers]
        with database.writing() as connection:
            connection.execute(schema.pictures.insert(), [_picture(number) for number in numbers])
            connection.execute(schema.jobs.insert(), jobs)
            connection.execute(schema.inputs.insert(), [_input(number) for number in numbers])
            connection.execute(schema.takes.insert(), [_take(number) for number in numbers])
    if not database.is_sqlite:
        with database.writing() as connection:
            # A server does this by itself, some time after so many rows came.
            connection.exec_driver_sql("ANALYZE")


def _portions(numbers: range, most: int) -> Iterator[range]:
    for start in range(numbers.start, numbers.stop, most):
        yield range(start, min(start + most, numbers.stop))


def _job(number: int, dice: random.Random) -> dict[str, object]:
    prompt = " ".join(dice.choices(WORDS, k=20))
    return {
        "id": f"{number:032x}",
        "owner": OWNER,
        "token": str(number),
        "fingerprint": f"{number:064x}",
        "state": "failed" if number % 20 == 0 else "done",
        "created": float(number),
        "finished": float(number + 20),
        "provider": f"provider-{number % 3}",
        "wire": "native",
        "model": f"model-{number % 4}",
        "prompt": prompt,
        "words": words_of(prompt),
        "takes_asked": 1,
        "request": {"ratio": "16:9", "size": "1K"},
        "favourite": number % 50 == 0,
    }


def _picture(number: int) -> dict[str, object]:
    return {"sha256": f"{number:064x}", "mime": "image/png", "width": 1024, "height": 1024, "bytes": 2_000_000}


def _input(number: int) -> dict[str, object]:
    parent = f"{number - 1:032x}-0" if number % 3 else None
    return {"job_id": f"{number:032x}", "position": 0, "sha256": f"{number:064x}", "changes": [], "from_take": parent}


def _take(number: int) -> dict[str, object]:
    receipt = {
        "model": f"model-{number % 4}",
        "seconds": 20.1,
        "tokens": {"prompt": 300, "output": 1290},
        "cost": 0.039,
    }
    return {
        "id": f"{number:032x}-0",
        "job_id": f"{number:032x}",
        "position": 0,
        "sha256": f"{number:064x}",
        "created": float(number),
        "receipt": receipt,
    }


def median_ms(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median of some runs, after one that warms up."""
    work()
    return statistics.median(_ms(work) for _ in range(rounds))


def _ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def measure(history: History) -> dict[str, list[float]]:
    """For each question its milliseconds at each size."""
    figures: dict[str, list[float]] = {ask.what: [] for ask in ASKS}
    filled = 1
    for size in SIZES:
        fill(history.database, filled, size + 1)
        filled = size + 1
        for ask in ASKS:
            figures[ask.what].append(median_ms(partial(history.page, OWNER, ask.search)))
    return figures


def saves(history: History) -> list[float]:
    """Milliseconds of saving 12 MiB pictures, the slowest last."""
    took = []
    for number in range(SAVES):
        noise = random.Random(number).randbytes(PICTURE_BYTES)
        job, _ = history.begin(NewJob("saver", str(number), "", "offline", "native", "m", "save this"))
        # Not a picture, which only `Picture.read` would mind.
        picture = Picture(noise, "image/png", 4096, 4096)
        took.append(_ms(partial(history.save_take, job.id, 0, picture)))
        history.finish(job.id, "done")
    return sorted(took)


def main() -> int:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=__doc__)
    parser.add_argument("--database", default="", help="URL of an empty database; a SQLite file unless given")
    url = parser.parse_args().database
    with TemporaryDirectory() as folder:
        database = open_database(url or f"sqlite:///{folder}/history.db")
        history = History(database, Vault(Path(folder) / "data"))
        figures, took = measure(history), saves(history)
        history.close()
    met = _print(figures, took)
    return 0 if met else 1


def _print(figures: dict[str, list[float]], took: list[float]) -> bool:
    print(f"Medians of {ROUNDS} runs, in ms. {machine()}.\n")
    print("| History of 50 edits a page | " + " | ".join(f"{size:,}" for size in SIZES) + " | goal |")
    print("|---|" + "--:|" * len(SIZES) + "---|")
    met = True
    for ask in ASKS:
        values = figures[ask.what]
        fast = values[SIZES.index(GOAL_SIZE)] < GOAL_MS and values[-1] < GOAL_GROWTH * values[SIZES.index(GOAL_SIZE)]
        met = met and (fast or not ask.has_goal)
        goal = f"< {GOAL_MS:.0f} ms at {GOAL_SIZE:,}: {'met' if fast else 'not met'}" if ask.has_goal else ""
        print(f"| {ask.what} | " + " | ".join(f"{value:.1f}" for value in values) + f" | {goal} |")
    slowest = took[-1] < GOAL_SAVE_MS
    print(
        f"\nSaving a 12 MiB picture, synced: median {statistics.median(took):.0f} ms, slowest of {len(took)} "
        f"{took[-1]:.0f} ms (goal: under {GOAL_SAVE_MS:.0f} ms, {'met' if slowest else 'not met'})."
    )
    return met and slowest


if __name__ == "__main__":
    sys.exit(main())
