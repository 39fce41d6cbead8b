"""Findings of the load bench: what counts as met, which ratios are told, and how the table reads."""

from __future__ import annotations

import pytest

from bench.load.findings import Finding, Table, amount


@pytest.mark.parametrize(
    ("ours", "most", "least", "met"),
    [
        (1.0, 1.0, None, True),
        (1.1, 1.0, None, False),
        (40.0, None, 40.0, True),
        (39.0, None, 40.0, False),
        (20.0, 20.0, 20.0, True),
        (19.0, 20.0, 20.0, False),
        (21.0, 20.0, 20.0, False),
        (1e9, None, None, True),
    ],
)
def test_a_goal_is_met_up_to_its_very_edge(ours: float, most: float | None, least: float | None, met: bool) -> None:
    assert Finding("x", "MB", ours, most=most, least=least).is_met is met


@pytest.mark.parametrize(
    ("ours", "naive", "unit", "ratio"),
    [
        (2.0, 5.0, "MB", 2.5),
        (2.0, None, "MB", None),
        (0.0, 5.0, "MB", None),
        (-0.5, 5.0, "MB", None),
        (0.5, -29.0, "MB", None),
        (2.0, 5.0, "%", None),
    ],
)
def test_a_ratio_is_told_of_two_amounts_only(ours: float, naive: float | None, unit: str, ratio: float | None) -> None:
    assert Finding("x", unit, ours, naive).ratio == ratio


@pytest.mark.parametrize(
    ("figure", "unit", "error", "text"),
    [
        (40, "", None, "40"),
        (2289, "MB", None, "2,289 MB"),
        (2289.44, "MB", None, "2,289.4 MB"),
        (0.937, "s", None, "0.94 s"),
        (-0.04, "MB", None, "0.0 MB"),
        (-0.4, "MB", None, "-0.4 MB"),
        (3.71, "MB", 1.16, "3.7 ± 1.2 MB"),
    ],
)
def test_a_figure_reads(figure: float, unit: str, error: float | None, text: str) -> None:
    assert amount(figure, unit, error) == text


def test_a_table_beside_the_naive_app_reads() -> None:
    table = Table(
        "Ten minutes",
        (
            Finding("Memory, idle", "MB", 155.2, 126.0, most=200),
            Finding("Memory gained", "MB", 3.7, most=1, error=1.2),
            Finding("Edits at once", "", 40, 40, least=40),
            Finding("People refused", "", 20, most=20, least=20),
            Finding("Edits that failed", "", 0.5, 94.4, most=0),
            Finding("Memory meanwhile", "MB", 249.0),
        ),
    )
    assert list(table.markdown()) == [
        "| Ten minutes | Edit Studio | Naive | Ratio | Goal | |",
        "|---|---:|---:|---:|---:|---|",
        "| Memory, idle | 155.2 MB | 126 MB | 0.8 | ≤ 200 MB | met |",
        "| Memory gained | 3.7 ± 1.2 MB |  |  | ≤ 1 MB | **not met** |",
        "| Edits at once | 40 | 40 | 1.0 | ≥ 40 | met |",
        "| People refused | 20 |  |  | 20 | met |",
        "| Edits that failed | 0.5 | 94.4 | 188.8 | 0 | **not met** |",
        "| Memory meanwhile | 249 MB |  |  |  |  |",
    ]
    assert not table.is_met


def test_a_table_without_naive_figures_has_no_columns_for_them() -> None:
    table = Table("The disk", (Finding("Save", "ms", 70.25, most=100),))
    assert list(table.markdown()) == [
        "| The disk | Edit Studio | Goal | |",
        "|---|---:|---:|---|",
        "| Save | 70.2 ms | ≤ 100 ms | met |",
    ]
    assert table.is_met


def test_programs_get_what_was_worked_out() -> None:
    data = Finding("Memory", "MB", 2.0, 5.0, most=1).as_data()
    assert (data["ours"], data["naive"], data["most"]) == (2.0, 5.0, 1)
    assert (data["ratio"], data["met"]) == (2.5, False)
