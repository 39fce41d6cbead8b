"""The level of memory and its rise, as the load bench works them out: from lines that are known beforehand."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from bench.load.levels import WINDOW, Sample, rise

RATE = 2.0
MINUTES = 10
EACH_WINDOW = WINDOW * RATE / 1000
"""Thousands of edits in a window."""

Line = Callable[[float], float]


def at_each_window(mb: Line) -> list[Sample]:
    """Levels that lie on a line over the windows."""
    return [(place * WINDOW, mb(place)) for place in range(int(MINUTES * 60 / WINDOW))]


@pytest.mark.parametrize("slope", [0.0, 2.5, -4.0])
def test_a_line_is_found_as_it_is(slope: float) -> None:
    found = rise(at_each_window(lambda place: 250 + slope * place * EACH_WINDOW), RATE)
    assert found is not None
    assert found.slope == pytest.approx(slope, abs=1e-9)
    assert found.error == pytest.approx(0, abs=1e-6)


def test_the_error_is_how_far_astray_the_slopes_of_noisy_lines_are() -> None:
    found = [rise(at_each_window(noisy(random.Random(seed))), RATE) for seed in range(200)]
    slopes = [each.slope for each in found if each]
    errors = [each.error for each in found if each]
    assert sum(slopes) / 200 == pytest.approx(3, abs=0.3)
    astray = math.sqrt(sum((slope - 3) ** 2 for slope in slopes) / 200)
    assert sum(errors) / 200 == pytest.approx(astray, rel=0.15)


def noisy(dice: random.Random) -> Line:
    """3 MB a thousand edits, each level some MB astray."""
    return lambda place: 250 + 3 * place * EACH_WINDOW + dice.gauss(0, 2.5)


def test_the_start_does_not_count() -> None:
    found = rise(at_each_window(lambda place: min(200 + 10.0 * place, 250)), RATE)
    assert found is not None
    assert found.slope == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_levels_have_no_rise(count: int) -> None:
    assert rise([(place * WINDOW, 250.0) for place in range(count)], RATE) is None
