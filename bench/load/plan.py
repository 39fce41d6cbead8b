"""How much is done in a run. The quick one shows that everything works, not how well."""

from __future__ import annotations

from dataclasses import dataclass

EDIT_BYTES = 24_000_000
"""What an edit fills of the disk until a run is over: the photo as it came, as it was put right and as it was sent, and
the result."""


@dataclass(frozen=True)
class Plan:
    """Times in seconds. `wait` is the relay's for a picture, `rate` people a second, `edits` people of a round.

    In the crowd all come at once, so many that `places` edits run, `waiting` wait and `refused` are turned away;
    `crowd_wait` is longer than it takes to hear them all. After each round nobody comes for `settle`, before and after
    the soak for `forgotten`: after so long (not when quick) the app has forgotten pages that were closed. In the soak
    nobody comes for `pause` after each `stretch`.
    """

    wait: float = 20
    rate: float = 2
    edits: int = 80
    settle: float = 60
    places: int = 40
    waiting: int = 100
    refused: int = 20
    crowd_wait: float = 30
    forgotten: float = 90
    warm_up: float = 600
    soak_seconds: float = 600
    naive_warm_up: float = 30
    naive_soak_seconds: float = 180
    soak_wait: float = 1
    stretch: float = 50
    pause: float = 12
    faults: float = 0.05
    leaving: float = 0.1
    saves: int = 1000
    takes: int = 200
    commits: int = 1000
    rows: int = 10_000

    @property
    def soak_bytes(self) -> int:
        """The disk that our soak fills, the most of all parts."""
        return round((self.warm_up + self.soak_seconds) * self.rate) * EDIT_BYTES


QUICK = Plan(
    edits=44,
    settle=8,
    forgotten=15,
    warm_up=10,
    soak_seconds=50,
    stretch=10,
    pause=6,
    naive_warm_up=5,
    naive_soak_seconds=30,
    saves=30,
    takes=30,
    commits=100,
)


def minutes(seconds: float) -> str:
    """For a sentence, to a tenth."""
    return f"{round(seconds / 60, 1):g}"
