"""Where memory lies over a long time, and whether that rises.

Edits come and go, so memory goes up and down by some hundred megabytes; what is of interest is the level it comes back
to between them.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

Sample = tuple[float, float]
"""Seconds since the beginning, and MB then."""

WINDOW = 15.0
"""Seconds of which the lowest memory is the level: between two edits, not in the middle of some."""
START = 0.2
"""The part of a soak in which pages come that are not forgotten yet."""
FEWEST = 3
"""Levels through which a line says how far astray they lie."""


@dataclass(frozen=True)
class Rise:
    """MB gained in a thousand edits, and the standard error of that."""

    slope: float
    error: float


def levels(samples: Sequence[Sample]) -> list[Sample]:
    """The level of each window that has ended, at the moment it began."""
    windows: dict[int, list[float]] = {}
    for at, mb in samples:
        windows.setdefault(int(at // WINDOW), []).append(mb)
    return [(place * WINDOW, min(window)) for place, window in sorted(windows.items())[:-1]]


def rise(levels: Sequence[Sample], rate: float) -> Rise | None:
    """By the straight line through the levels after the start, at so many edits a second; None for too few levels."""
    settled = levels[int(len(levels) * START) :]
    if len(settled) < FEWEST:
        return None
    thousands, amounts = [at * rate / 1000 for at, _ in settled], [mb for _, mb in settled]
    slope, level = statistics.linear_regression(thousands, amounts)
    astray = sum((mb - level - slope * edits) ** 2 for edits, mb in zip(thousands, amounts, strict=True))
    spread = statistics.variance(thousands) * (len(settled) - 1)
    return Rise(slope, math.sqrt(astray / (len(settled) - 2) / spread))
