"""Money: whole micro-dollars, so that sums are exact, and the words for them.

An amount that has to be rounded is rounded up: a budget errs on the side of whoever pays.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal, InvalidOperation

MICROS = 1_000_000
"""Micro-dollars in a US dollar."""

MOST_DOLLARS = 1_000_000
_SHOWN = Decimal("0.0001")


def micros(dollars: float | str) -> int:
    """Dollars as micro-dollars. Raises `ValueError` for what is no amount from 0 to a million."""
    try:
        amount = Decimal(str(dollars))
    except InvalidOperation as error:
        raise ValueError(f"“{dollars}” is no amount of dollars") from error
    if not amount.is_finite() or not 0 <= amount <= MOST_DOLLARS:
        raise ValueError(f"“{dollars}” is no amount of dollars from 0 to {MOST_DOLLARS:,}")
    return int((amount * MICROS).to_integral_value(ROUND_CEILING))


def said(amount: int) -> str:
    """Micro-dollars as people read them: $5.00, $0.067, $0.0336."""
    exact = (Decimal(amount) / MICROS).quantize(_SHOWN, ROUND_CEILING)
    digits = f"{exact:,}".rstrip("0")
    return "$" + digits + "0" * (2 - len(digits.partition(".")[2]))
