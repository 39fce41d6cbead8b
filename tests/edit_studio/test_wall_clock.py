"""Row L-12: on a clock that was just set nothing is deleted for good."""

from __future__ import annotations

import pytest

from edit_studio.wall_clock import LARGEST_STEP, WallClock

HOUR, YEAR = 3600.0, 365 * 24 * 3600.0
STEPS = {
    "an hour went by": ([HOUR], [True]),
    "it was put right a little": ([HOUR + LARGEST_STEP - 1], [True]),
    "it was set a year ahead": ([YEAR], [False]),
    "it was set back": ([-YEAR], [False]),
    "it was set ahead, and back": ([YEAR, -YEAR], [False, False]),
    "it was set right at last": ([YEAR, HOUR], [False, True]),
}


@pytest.mark.parametrize(("steps", "even"), STEPS.values(), ids=STEPS)
def test_whether_the_time_of_day_can_be_acted_on(steps: list[float], even: list[bool]) -> None:
    wall, steady = [1e9], [500.0]
    clock = WallClock(lambda: wall[0], lambda: steady[0])
    found = []
    for step in steps:
        wall[0] += step
        steady[0] += HOUR
        found.append(clock.look())
    assert found[-1][0] == 1e9 + sum(steps)
    assert [is_even for _, is_even in found] == even
