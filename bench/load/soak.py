"""Many edits for a long time, with faults and people who go away: what grows, what is left, and whether it adds up."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from . import accounts
from .accounts import Accounts
from .apps import App
from .arrivals import added_seconds, at_a_rate
from .levels import Level, Rise, rise
from .people import Site, Visit
from .plan import Plan
from .relay import Relay
from .watch import MB, Census, Watch, census, watching


@dataclass(frozen=True)
class Soak:
    """`rise` is that of memory, in MB a thousand edits, through the `levels` in the pauses; `meanwhile` is the median
    of its MB while people came, pauses included.

    `drift`, `files` and `threads` are from quiet before to quiet afterwards. `leftovers` counts the temporary files
    there are afterwards, and `uploads` those files that were added for each person who came: what they uploaded, and
    what was made of it. `log` is the most MB of the database's write-ahead log.
    """

    rise: Rise | None
    drift: float
    files: int
    threads: int
    leftovers: int
    uploads: float
    log: float
    added: tuple[float, ...]
    visits: tuple[Visit, ...]
    accounts: Accounts
    levels: tuple[Level, ...]
    meanwhile: float


@dataclass(frozen=True)
class _Quiet:
    """An app that nobody uses."""

    memory: float
    census: Census
    temporary: int
    uploads: int


async def soak(app: App, relay: Relay, plan: Plan, warm_up: float, seconds: float) -> Soak:
    """Warm up for so many seconds, in which memory may find its level; look, soak, look again."""
    site, first = Site(app), round(warm_up * plan.rate)
    with watching(app.pid) as watch:
        relay.begin(plan.soak_wait)
        await at_a_rate(site, range(first), plan.rate)
        await asyncio.sleep(plan.forgotten)
        before = _quiet(app, watch)
        relay.begin(plan.soak_wait, plan.faults)
        numbers = range(first, first + round(seconds * plan.rate))
        began = time.monotonic()
        over = asyncio.Event()
        log = asyncio.create_task(_largest(app.data / "history.db-wal", over))
        visits, levels = await _with_pauses(site, numbers, plan, watch)
        meanwhile = watch.level(began)
        await site.close()
        await asyncio.sleep(plan.forgotten)
        after = _quiet(app, watch)
        over.set()
    report = relay.report()
    of_app = accounts.of_studio(app.data, visits, report) if app.data.exists() else accounts.of_naive(visits, report)
    return Soak(
        rise(levels),
        after.memory - before.memory,
        after.census.files - before.census.files,
        after.census.threads - before.census.threads,
        after.temporary,
        (after.uploads - before.uploads) / len(numbers),
        await log / MB,
        tuple(added_seconds(visits, report)),
        tuple(visits),
        of_app,
        tuple(levels),
        meanwhile,
    )


async def _with_pauses(site: Site, numbers: range, plan: Plan, watch: Watch) -> tuple[list[Visit], list[Level]]:
    """People at the rate. After each stretch nobody comes for a moment, and the level of memory is read."""
    visits: list[Visit] = []
    levels: list[Level] = []
    stretch = round(plan.stretch * plan.rate)
    for start in range(0, len(numbers), stretch):
        part = numbers[start : start + stretch]
        visits += await at_a_rate(site, part, plan.rate, lambda number: _patience(number, plan))
        await asyncio.sleep(plan.pause)
        levels.append((len(visits), watch.level(time.monotonic() - plan.pause / 3)))
    return visits, levels


def _patience(number: int, plan: Plan) -> float | None:
    """Every so many people go away while their edit runs, at some moment of it."""
    every = round(1 / plan.leaving)
    return (1 + number // every % every) * plan.soak_wait / every if number % every == 0 else None


def _quiet(app: App, watch: Watch) -> _Quiet:
    temporary = _files(app.temp) + _files(app.data / "tmp")
    return _Quiet(watch.level(time.monotonic() - 5), census(app.pid), temporary, _files(app.uploads))


def _files(folder: Path) -> int:
    """How many there are in it and below."""
    return sum(file.is_file() for file in folder.rglob("*"))


async def _largest(file: Path, over: asyncio.Event) -> int:
    """The most bytes that a file has until it is over."""
    most = 0
    while not over.is_set():
        most = max(most, _size(file))
        await asyncio.sleep(1)
    return most


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
