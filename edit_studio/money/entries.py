"""What stands in the ledger: values, with no idea of where they are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

State = Literal["reserved", "settled", "released", "held"]

COUNTED: tuple[State, ...] = ("reserved", "settled", "held")
"""The states that count as spent."""


def is_entry(state: str, day: str, micros: int) -> bool:
    """Whether an entry could say this."""
    try:
        return state in get_args(State) and date.fromisoformat(day).isoformat() == day and micros >= 0
    except ValueError:
        return False


@dataclass(frozen=True)
class Entry:
    """One take. `micros` is the estimate as long as `estimated` says so, else what the service took."""

    job_id: str
    take: int
    owner: str
    day: str
    state: State
    micros: int
    estimated: bool
    created: float


@dataclass(frozen=True)
class Admitted:
    """Which takes were reserved and which were refused. `reason` is a sentence when any was."""

    takes: tuple[int, ...]
    refused: tuple[int, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Sum:
    """How many entries, and their micro-dollars."""

    entries: int = 0
    micros: int = 0


@dataclass(frozen=True)
class Balance:
    """All entries by their state. At rest `reserved` is empty: every take that was sent has an outcome."""

    reserved: Sum = field(default_factory=Sum)
    settled: Sum = field(default_factory=Sum)
    released: Sum = field(default_factory=Sum)
    held: Sum = field(default_factory=Sum)

    @property
    def counted(self) -> int:
        """Micro-dollars that count as spent."""
        return self.reserved.micros + self.settled.micros + self.held.micros
