"""Many edits for a long time, with faults and people who go away: what grows, what is left, and whether it adds up."""

from __future__ import annotations

import asyncio
import math
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from . import accounts
from .accounts import Accounts
from .apps import App
from .arrivals import added_seconds, at_a_rate
from .people import Site, Visit
from .plan import Plan
from .relay import Relay
from .watch import MB, Census, Watch, census, watching

_WINDOW = 15.0
"""Seconds of which the lowest memory counts: between two edits, not in the middle of some."""
_START = 0.2
"""The part of the soak in which pages come that are not forgotten yet."""


@dataclass(frozen=True)
class Soak:
    """`slope` is MB a thousand edits, `slope_error` its standard error.

    `drift`, `files` and `threads` are from quiet before to quiet afterwards. `leftovers` counts temporary files,
    uploads not included; `log` is the most MB of the database's write-ahead log.
    """

    slope: float
    slope_error: float
    drift: float
    files: int
    threads: int
    leftovers: int
    log: float
    added: tuple[float, ...]
    visits: tuple[Visit, ...]
    accounts: Accounts
    levels: tuple[float, ...]


@dataclass(frozen=True)
class _Quiet:
    """An app that nobody uses."""

    memory: float
    census: Census
    files: int


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
        visits = await at_a_rate(site, numbers, plan.rate, lambda number: _patience(number, plan))
        ended = time.monotonic()
        await site.close()
        await asyncio.sleep(plan.forgotten)
        after = _quiet(app, watch)
        over.set()
        levels = _levels(watch, began, ended)
    report = relay.report()
    of_app = accounts.of_studio(app.data, visits, report) if app.data.exists() else accounts.of_naive(visits, report)
    return Soak(
        *_slope(levels, plan.rate),
        after.memory - before.memory,
        after.census.files - before.census.files,
        after.census.threads - before.census.threads,
        after.files - before.files - len(numbers),
        await log / MB,
        tuple(added_seconds(visits, report)),
        tuple(visits),
        of_app,
        tuple(levels),
    )


def _patience(number: int, plan: Plan) -> float | None:
    """Every so many people go away while their edit runs, at some moment of it."""
    every = round(1 / plan.leaving)
    return (1 + number // every % every) * plan.soak_wait / every if number % every == 0 else None


def _quiet(app: App, watch: Watch) -> _Quiet:
    folders = (app.temp, app.uploads, app.data / "tmp")
    files = sum(file.is_file() for folder in folders for file in folder.rglob("*"))
    return _Quiet(watch.level(time.monotonic() - 5), census(app.pid), files)


async def _largest(file: Path, over: asyncio.Event) -> int:
    """The most bytes that a file has until it is over."""
    most = 0
    while not over.is_set():
        most = max(most, _size(file))
        await asyncio.sleep(1)
    return most


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _levels(watch: Watch, began: float, ended: float) -> list[float]:
    """The lowest MB of each window, from the start of the soak."""
    windows = range(int((ended - began) / _WINDOW))
    return [min(mb for _, mb in watch.samples(began + i * _WINDOW, began + (i + 1) * _WINDOW)) for i in windows]


def _slope(levels: list[float], rate: float) -> tuple[float, float]:
    """MB a thousand edits, by the straight line through the levels after the start, and the standard error of that."""
    settled = levels[int(len(levels) * _START) :]
    if len(settled) < 3:
        return 0.0, 0.0
    thousands = [i * _WINDOW * rate / 1000 for i in range(len(settled))]
    slope, level = statistics.linear_regression(thousands, settled)
    astray = sum((mb - level - slope * edits) ** 2 for edits, mb in zip(thousands, settled, strict=True))
    spread = statistics.variance(thousands) * (len(thousands) - 1)
    return slope, math.sqrt(astray / (len(settled) - 2) / spread)
