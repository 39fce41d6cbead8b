"""Figures of contenders that take turns: A B C A B C, so that whatever slows the machine down slows all of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

Measure = Callable[[], float]
"""One run of a contender: does the work, checks what came out of it, returns the figure."""

T = TypeVar("T")


class Watch:
    """Measures the part of a run that counts. Starting again starts afresh."""

    def __init__(self) -> None:
        self._started = self._stopped = 0.0

    def start(self) -> None:
        """What counts begins now."""
        self._started = time.perf_counter()

    def stop(self) -> None:
        """What counts has ended."""
        self._stopped = time.perf_counter()

    @property
    def milliseconds(self) -> float:
        """The time from the last start to the last stop."""
        return (self._stopped - self._started) * 1000


def timed(work: Callable[[Watch], T], check: Callable[[T], None]) -> Measure:
    """Milliseconds of a work that starts and stops the watch itself; its outcome is checked off the clock."""

    def measure() -> float:
        watch = Watch()
        check(work(watch))
        return watch.milliseconds

    return measure


def take_turns(contenders: Mapping[str, Measure], rounds: int, *, warm_up: bool = True) -> dict[str, list[float]]:
    """The figures of every contender, in the order of the rounds. Rubbish of one is not collected in another's time."""
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + warm_up):
        for name, measure in contenders.items():
            gc.collect()
            figure = measure()
            if number >= warm_up:
                figures[name].append(figure)
    return figures


def spread(figures: list[float]) -> float:
    """How far apart the middle half of the figures lies, as a share of the median: how noisy the run was."""
    low, middle, high = statistics.quantiles(figures, n=4, method="inclusive")
    return (high - low) / middle


def median(figures: list[float]) -> float:
    """The middle one, which a single disturbed run does not move."""
    return statistics.median(figures)
