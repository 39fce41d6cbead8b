"""What the words of a prompt come to: steps in order, and what could not be done."""

from __future__ import annotations

from dataclasses import dataclass

Ratio = tuple[int, int]
"""Width to height."""


@dataclass(frozen=True)
class Step:
    """One effect with its details; what an effect has no use for stays at its default.

    `strength` is a share in the effect's own terms (0.35 is 35 % brighter), `degrees` turn clockwise, `vertical`
    flips upside down or puts a caption at the top, `colour` is a name in `colours.COLOURS`.
    """

    effect: str
    strength: float = 1.0
    much: str = ""
    colour: str = ""
    ratio: Ratio | None = None
    degrees: float = 0.0
    vertical: bool = False
    text: str = ""


@dataclass(frozen=True)
class Plan:
    """The steps in the order they were named; `left_out` quotes what was not understood, `notes` are sentences."""

    steps: tuple[Step, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
