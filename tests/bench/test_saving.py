"""Percentiles and medians of the load bench."""

from __future__ import annotations

import pytest

from bench.load.saving import median, percentile

HUNDRED = tuple(float(number) for number in range(1, 101))
THOUSAND = tuple(float(number) for number in range(1, 1001))


@pytest.mark.parametrize(
    ("figures", "share", "figure"),
    [
        (HUNDRED, 0.99, 99),
        (HUNDRED, 1.0, 100),
        (HUNDRED, 0.5, 50),
        (HUNDRED, 0.0, 1),
        (HUNDRED, 0.001, 1),
        (THOUSAND, 0.99, 990),
        (THOUSAND, 0.991, 991),
        ((7.0,), 0.99, 7),
        ((7.0, 9.0), 0.5, 7),
        ((7.0, 9.0), 0.51, 9),
    ],
)
def test_a_percentile_is_the_least_figure_that_so_many_do_not_exceed(
    figures: tuple[float, ...], share: float, figure: float
) -> None:
    assert percentile(figures, share) == figure


@pytest.mark.parametrize(("figures", "middle"), [((1.0,), 1), ((1.0, 2.0, 9.0), 2), ((1.0, 2.0, 4.0, 9.0), 3)])
def test_a_median_is_the_middle(figures: tuple[float, ...], middle: float) -> None:
    assert median(figures) == middle
