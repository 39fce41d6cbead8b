"""The rise of memory, as the load bench works it out: from lines that are known beforehand."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from bench.load.levels import Level, rise

EDITS = range(100, 1300, 100)
"""After how many edits it was looked at."""

Line = Callable[[float], float]


def on(mb: Line) -> list[Level]:
    """Levels that lie on a line over thousands of edits."""
    return [(edits, mb(edits / 1000)) for edits in EDITS]


@pytest.mark.parametrize("slope", [0.0, 2.5, -4.0])
def test_a_line_is_found_as_it_is(slope: float) -> None:
    found = rise(on(lambda thousands: 250 + slope * thousands))
    assert found is not None
    assert found.slope == pytest.approx(slope, abs=1e-9)
    assert found.error == pytest.approx(0, abs=1e-6)


def test_the_error_is_how_far_astray_the_slopes_of_noisy_lines_are() -> None:
    found = [rise(on(noisy(random.Random(seed)))) for seed in range(400)]
    slopes = [each.slope for each in found if each]
    errors = [each.error for each in found if each]
    assert sum(slopes) / 400 == pytest.approx(3, abs=0.1)
    astray = math.sqrt(sum((slope - 3) ** 2 for slope in slopes) / 400)
    assert sum(errors) / 400 == pytest.approx(astray, rel=0.15)


def noisy(dice: random.Random) -> Line:
    """3 MB a thousand edits, each level half a megabyte astray."""
    return lambda thousands: 250 + 3 * thousands + dice.gauss(0, 0.5)


def test_the_start_does_not_count() -> None:
    found = rise(on(lambda thousands: min(200 + 250 * thousands, 250)))
    assert found is not None
    assert found.slope == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_too_few_levels_have_no_rise(count: int) -> None:
    assert rise([(edits, 250.0) for edits in range(count)]) is None
