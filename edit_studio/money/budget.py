"""How much may be spent: for a day and a month, by everybody together and by one person.

Days and months are those of UTC, so that no change of clocks in any country makes one longer or shorter. Pure: what
was spent is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from edit_core.errors import BadInput, PaymentNeeded

from .amounts import micros, said

Period = Literal["day", "month"]


class BudgetReached(PaymentNeeded):
    """The owner's budget has no room for this. Nothing was sent; `retry_after` is when the budget renews."""

    kind = "budget"
    next_step = "Wait until the budget renews, or have the owner raise EDIT_BUDGET."


@dataclass(frozen=True)
class Spent:
    """Micro-dollars that count against a budget on `day` (UTC, as 2026-11-21) and in its month.

    Settled, reserved and held all count. The owner's figures are part of the others. `held` is the part, of all
    months and people, of which nobody knows whether it was charged.
    """

    day: str
    today: int = 0
    month: int = 0
    owner_today: int = 0
    owner_month: int = 0
    held: int = 0


@dataclass(frozen=True)
class Cap:
    """One limit, and what of it is used, in micro-dollars. `whose` is "everybody" or "one person"."""

    period: Period
    whose: str
    limit: int
    used: int

    @property
    def left(self) -> int:
        """What may still be spent."""
        return max(0, self.limit - self.used)

    def room(self, each: int) -> int | None:
        """How many amounts of this size still fit; None when they cost nothing and any number does."""
        return self.left // each if each else None


@dataclass(frozen=True)
class Budget:
    """The owner's limits in micro-dollars; None where there is none."""

    day_micros: int | None = None
    month_micros: int | None = None
    owner_day_micros: int | None = None
    owner_month_micros: int | None = None

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return self != Budget()

    def caps(self, spent: Spent) -> tuple[Cap, ...]:
        """The limits there are, with what is used of each."""
        rows: tuple[tuple[Period, str, int | None, int], ...] = (
            ("day", "everybody", self.day_micros, spent.today),
            ("month", "everybody", self.month_micros, spent.month),
            ("day", "one person", self.owner_day_micros, spent.owner_today),
            ("month", "one person", self.owner_month_micros, spent.owner_month),
        )
        return tuple(Cap(period, whose, limit, used) for period, whose, limit, used in rows if limit is not None)

    def tightest(self, spent: Spent, each: int) -> Cap | None:
        """The limit with room for the fewest amounts of this size; None when nothing limits them."""
        limiting = [cap for cap in self.caps(spent) if cap.room(each) is not None]
        return min(limiting, key=lambda cap: (cap.room(each) or 0, cap.period == "day"), default=None)


def reached(cap: Cap, each: int, day: str, now: float) -> BudgetReached:
    """The error of a limit that has no room for an amount of this size."""
    renews = renewal(cap.period, day)
    message = (
        f"The budget of {said(cap.limit)} a {cap.period} for {cap.whose} is reached: {said(cap.left)} is left, "
        f"and this takes {said(each)}. It renews on {renews:%Y-%m-%d} at 00:00 UTC."
    )
    return BudgetReached(message, retry_after=max(0.0, renews.timestamp() - now))


def renewal(period: Period, day: str) -> datetime:
    """When the budget of the period that holds this day begins anew."""
    here = date.fromisoformat(day)
    next_month = (here.replace(day=1) + timedelta(days=32)).replace(day=1)
    begins = here + timedelta(days=1) if period == "day" else next_month
    return datetime(begins.year, begins.month, begins.day, tzinfo=UTC)


_WORDS = {
    "day": "day_micros",
    "month": "month_micros",
    "person/day": "owner_day_micros",
    "person/month": "owner_month_micros",
}


def parse_budget(text: str) -> Budget:
    """Limits in dollars, as in `5/day, 50/month, 1/person/day`. Raises `BadInput`."""
    limits: dict[str, int] = {}
    for each in filter(None, map(str.strip, text.split(","))):
        amount, _, period = "".join(each.split()).removeprefix("$").partition("/")
        if period not in _WORDS:
            raise BadInput(f"“{each}” is no budget; it looks like 5/day, 50/month, 1/person/day or 10/person/month.")
        if _WORDS[period] in limits:
            raise BadInput(f"The budget names two amounts a {period}.")
        try:
            limits[_WORDS[period]] = micros(amount)
        except ValueError as error:
            raise BadInput(f"The budget “{each}” cannot be used: {error}.") from error
    return Budget(**limits)
