"""What is left of the owner's budget, in one line, and what the next edit is thought to cost."""

from __future__ import annotations

from edit_core.errors import EditError

from ..money.amounts import said
from ..money.prices import estimate
from ..settings import Settings
from ..studio import Studio
from . import words
from .choices import AUTO, Chosen
from .markup import safe


def html(studio: Studio, owner: str) -> str:
    """The tightest limit and what is left of it; "" without a budget. Blocks."""
    budget = studio.ledger.budget
    if not budget.limited:
        return ""
    try:
        caps = budget.caps(studio.ledger.spent(owner))
    except EditError as error:
        return f'<p class="quiet">{safe(error)}</p>'
    cap = min(caps, key=lambda each: each.left)
    text = words.BUDGET_LEFT.format(
        left=said(cap.left),
        limit=said(cap.limit),
        period=words.BUDGET_PERIODS[cap.period],
        whose=words.BUDGET_OF[cap.whose],
    )
    return f'<p class="quiet">{safe(text)}</p>'


def edit_label(settings: Settings, chosen: Chosen, takes: int) -> str:
    """The words on the button: with the price where it is known and not nothing."""
    size = None if chosen.size == AUTO else chosen.size
    cost = estimate(chosen.provider, chosen.model.id, size, settings.keeping.prices)
    if not cost.known or not cost.micros:
        return words.EDIT
    return words.EDIT_FOR.format(price=words.PRICE_UNKNOWN.format(price=said(cost.micros * takes)))
