"""What was found, held against its goal: as Markdown for people and as plain data for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One figure of the app's, and of the naive one where it has such a thing.

    `most` and `least` are the goal; a finding without one is there to be known.
    """

    what: str
    unit: str
    ours: float
    naive: float | None = None
    most: float | None = None
    least: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether it keeps its goal."""
        return (self.most is None or self.ours <= self.most) and (self.least is None or self.ours >= self.least)

    @property
    def ratio(self) -> float | None:
        """The naive figure over ours, where that says something."""
        return None if self.naive is None or self.ours <= 0 else self.naive / self.ours

    def as_data(self) -> dict[str, object]:
        """Everything, with what is worked out."""
        return {**asdict(self), "ratio": self.ratio, "met": self.is_met}


def markdown(findings: Sequence[Finding]) -> Iterator[str]:
    """The lines of the table."""
    yield "| Under load | Edit Studio | Naive | Ratio | Goal | |"
    yield "|---|---:|---:|---:|---:|---|"
    for each in findings:
        has_goal = each.most is not None or each.least is not None
        cells = (
            each.what,
            amount(each.ours, each.unit),
            "" if each.naive is None else amount(each.naive, each.unit),
            "" if each.ratio is None else f"{each.ratio:.1f}",
            _goal(each),
            "" if not has_goal else "met" if each.is_met else "**not met**",
        )
        yield f"| {' | '.join(cells)} |"


def amount(figure: float, unit: str) -> str:
    """A figure as it was measured, to a tenth; whole numbers as such."""
    digits = f"{figure:,.0f}" if figure == int(figure) else f"{figure:,.2f}" if unit == "s" else f"{figure:,.1f}"
    return f"{digits} {unit}".rstrip()


def _goal(finding: Finding) -> str:
    if finding.most is not None and finding.most == finding.least:
        return amount(finding.most, finding.unit)
    if finding.most is not None:
        return f"≤ {amount(finding.most, finding.unit)}"
    return "" if finding.least is None else f"≥ {amount(finding.least, finding.unit)}"
