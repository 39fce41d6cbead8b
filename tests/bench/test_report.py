"""The load bench's tables: names that say what a figure is, and figures that may stand side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.load.accounts import Accounts
from bench.load.findings import Finding, Table
from bench.load.levels import Rise
from bench.load.people import Visit
from bench.load.plan import Plan
from bench.load.report import of_saving, of_soak
from bench.load.saving import Saving
from bench.load.soak import Soak

ADDS_UP = Accounts(posts=0, pictures=0, lost=0, repeated=0, untrue=0, failed=0)
OURS = Soak(
    rise=Rise(0.5, 0.2),
    drift=0.0,
    files=0,
    threads=0,
    leftovers=0,
    uploads=2.0,
    log=4.0,
    added=(0.5,) * 1000,
    visits=(Visit("edit-000001", 0.0, 1.0, "picture"),) * 1200,
    accounts=ADDS_UP,
    levels=((100, 250.0), (200, 260.0)),
    meanwhile=260.0,
)
NAIVE = replace(OURS, added=(0.5,) * 300, visits=OURS.visits[:360])


def row(table: Table, what: str) -> Finding:
    """The one finding whose name contains these words."""
    (found,) = (finding for finding in table.findings if what in finding.what)
    return found


@pytest.mark.parametrize(
    ("rounds", "name", "figure"),
    [(999, "Save 12 MB, slowest of 999", 998), (1000, "Save 12 MB, p99 of 1,000", 989)],
)
def test_a_p99_is_told_of_a_thousand_saves_or_more(rounds: int, name: str, figure: float) -> None:
    saves = tuple(float(number) for number in range(rounds))
    assert row(of_saving(Saving(saves, (1.0,), (1.0,), (1.0,))), name).ours == figure


def test_accounts_are_of_a_thousand_edits_each() -> None:
    ours, naive = (replace(soak, accounts=replace(ADDS_UP, lost=3)) for soak in (OURS, NAIVE))
    found = row(of_soak(ours, naive, Plan()), "nobody has")
    assert found.ours == 2.5
    assert found.naive == pytest.approx(8.33, abs=0.01)
    assert not found.is_met


def test_a_naive_figure_of_another_kind_is_left_out() -> None:
    table = of_soak(OURS, NAIVE, Plan())
    assert row(table, "p99 of 1,000").naive is None
    assert row(table, "gained in 1,000 edits").naive is None
    assert row(of_soak(NAIVE, NAIVE, Plan()), "slowest of 300").naive == 0.5


@pytest.mark.parametrize(
    ("spoiled", "what"),
    [
        (replace(OURS, rise=Rise(1.1, 0.2)), "gained in 1,000 edits"),
        (replace(OURS, drift=20.1), "beyond before"),
        (replace(OURS, files=-3), "Open files"),
        (replace(OURS, threads=3), "Threads"),
        (replace(OURS, leftovers=1), "Temporary files"),
        (replace(OURS, log=16.1), "write-ahead log"),
        (replace(OURS, accounts=replace(ADDS_UP, failed=1)), "failed without a fault"),
        (replace(OURS, accounts=replace(ADDS_UP, repeated=1)), "sent again"),
        (replace(OURS, accounts=replace(ADDS_UP, untrue=1)), "ended otherwise"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_soak_that_leaves_something_behind_does_not_meet_its_goal(spoiled: Soak, what: str) -> None:
    assert of_soak(OURS, NAIVE, Plan()).is_met
    table = of_soak(spoiled, NAIVE, Plan())
    assert [finding.what for finding in table.findings if not finding.is_met] == [row(table, what).what]


def test_too_short_a_soak_has_no_row_of_what_is_gained() -> None:
    assert "gained" not in " ".join(of_soak(replace(OURS, rise=None), NAIVE, Plan()).markdown())
