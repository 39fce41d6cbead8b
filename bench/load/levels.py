"""Whether the level of memory rises over a long time.

While edits come and go, memory goes up and down by a hundred megabytes; a line through that says little. So it is
looked at in pauses, in which nothing is under way.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

Level = tuple[int, float]
"""Edits so far, and the MB then."""

START = 2
"""Levels at the beginning that do not count: pages come that are not forgotten yet."""
FEWEST = 3
"""Levels through which a line says how far astray they lie."""


@dataclass(frozen=True)
class Rise:
    """MB gained in a thousand edits, and the standard error of that."""

    slope: float
    error: float


def rise(levels: Sequence[Level]) -> Rise | None:
    """By the straight line through the levels after the start; None for too few levels."""
    settled = levels[START:]
    if len(settled) < FEWEST:
        return None
    thousands, amounts = [edits / 1000 for edits, _ in settled], [mb for _, mb in settled]
    slope, level = statistics.linear_regression(thousands, amounts)
    astray = sum((mb - level - slope * edits) ** 2 for edits, mb in zip(thousands, amounts, strict=True))
    spread = statistics.variance(thousands) * (len(settled) - 1)
    return Rise(slope, math.sqrt(astray / (len(settled) - 2) / spread))
