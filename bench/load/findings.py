"""What was found, held against its goal: as Markdown for people and as plain data for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One figure of the app's, and of the naive one where it has such a thing.

    `most` and `least` are the goal; a finding without one is there to be known. `error` is the standard error of our
    figure, where it has one; the goal is for the figure.
    """

    what: str
    unit: str
    ours: float
    naive: float | None = None
    most: float | None = None
    least: float | None = None
    error: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether it keeps its goal."""
        return (self.most is None or self.ours <= self.most) and (self.least is None or self.ours >= self.least)

    @property
    def ratio(self) -> float | None:
        """The naive figure over ours, where that says something: of amounts, not of growth, which may go down."""
        if self.naive is None or self.unit == "%" or min(self.ours, self.naive) <= 0:
            return None
        return self.naive / self.ours

    def as_data(self) -> dict[str, object]:
        """Everything, with what is worked out."""
        return {**asdict(self), "ratio": self.ratio, "met": self.is_met}


@dataclass(frozen=True)
class Table:
    """The findings of one part of a run; `title` says what was done there."""

    title: str
    findings: tuple[Finding, ...]

    @property
    def is_met(self) -> bool:
        """Whether every goal is kept."""
        return all(finding.is_met for finding in self.findings)

    def as_data(self) -> dict[str, object]:
        """Everything, with what is worked out."""
        return {"title": self.title, "rows": [finding.as_data() for finding in self.findings]}

    def markdown(self) -> Iterator[str]:
        """Its lines. The naive app has columns where it has figures."""
        beside = any(finding.naive is not None for finding in self.findings)
        names = ("Edit Studio", *(("Naive", "Ratio") if beside else ()), "Goal")
        yield f"| {self.title} | {' | '.join(names)} | |"
        yield f"|---|{'---:|' * len(names)}---|"
        for finding in self.findings:
            yield f"| {' | '.join(_cells(finding, beside))} |"


def amount(figure: float, unit: str, error: float | None = None) -> str:
    """A figure to a tenth, of seconds to a hundredth, with its error if it has one; whole numbers as such."""
    around = "" if error is None else f" ± {_digits(error, unit)}"
    return f"{_digits(figure, unit)}{around} {unit}".rstrip()


def _digits(figure: float, unit: str) -> str:
    places = 0 if figure == int(figure) else 2 if unit == "s" else 1
    # A small loss is 0.0, not -0.0.
    return f"{round(figure, places) or 0.0:,.{places}f}"


def _cells(finding: Finding, beside: bool) -> Iterator[str]:
    yield finding.what
    yield amount(finding.ours, finding.unit, finding.error)
    if beside:
        yield "" if finding.naive is None else amount(finding.naive, finding.unit)
        yield "" if finding.ratio is None else f"{finding.ratio:.1f}"
    goal = _goal(finding)
    yield goal
    yield "" if not goal else "met" if finding.is_met else "**not met**"


def _goal(finding: Finding) -> str:
    if finding.most is not None and finding.most in (finding.least, 0):
        return amount(finding.most, finding.unit)
    if finding.most is not None:
        return f"≤ {amount(finding.most, finding.unit)}"
    return "" if finding.least is None else f"≥ {amount(finding.least, finding.unit)}"
