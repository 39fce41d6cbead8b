"""The outcome of a run, as a Markdown table for people and as plain data for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from .timing import median, spread


@dataclass(frozen=True)
class Row:
    """Our figures on one case beside one rival's; less is better."""

    what: str
    unit: str
    ours: list[float]
    rival: str
    theirs: list[float]
    goal: float

    @property
    def ratio(self) -> float:
        """Their median over ours."""
        return median(self.theirs) / median(self.ours)

    @property
    def is_met(self) -> bool:
        """Whether the ratio reaches the goal."""
        return self.ratio >= self.goal

    def as_data(self) -> dict[str, object]:
        """Everything, with what is worked out."""
        return {**asdict(self), "ratio": self.ratio, "met": self.is_met}


def markdown(rows: list[Row]) -> Iterator[str]:
    """The lines of the table. A case is named on its first line only."""
    yield "| Work | Edit Studio | Beside | Takes | Ratio | Goal | |"
    yield "|---|---:|---|---:|---:|---:|---|"
    before = ""
    for row in rows:
        cells = (
            row.what if row.what != before else "",
            _amount(row.ours, row.unit) if row.what != before else "",
            row.rival,
            _amount(row.theirs, row.unit),
            f"{row.ratio:.2f}" if row.goal < 1 else f"{row.ratio:.1f}",
            f"≥ {row.goal:.2f}" if row.goal < 1 else f"≥ {row.goal:.0f}",
            "met" if row.is_met else "**not met**",
        )
        yield f"| {' | '.join(cells)} |"
        before = row.what


def footnote(rows: list[Row]) -> str:
    """How to read the ratios, and how noisy the run was."""
    spreads = [spread(figures) for row in rows for figures in (row.ours, row.theirs)]
    return (
        "Ratio: theirs over ours; a goal below 1 says how much more we may take. The middle half of the runs lies "
        f"within {median(spreads):.0%} of the median typically, {max(spreads):.0%} at worst."
    )


def _amount(figures: list[float], unit: str) -> str:
    middle = median(figures)
    return f"{middle:.0f} {unit}" if middle >= 100 else f"{middle:.1f} {unit}"
