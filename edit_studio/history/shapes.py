"""The shapes of receipts and failures as this app writes them, and what of a piece of JSON has them.

Whoever shows a receipt believes it. So what comes from a file is brought into shape first: a part that is odd is left
out, the rest stays. Parts with names that are unknown here stay when they are plain, as a later version may write them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from edit_core.errors import MONEY

from .rows import Json

Shape = Callable[[Any], Any]
"""Gives the value, or what of it is in shape. Raises `Odd`."""

LONGEST_TEXT = 100_000
LONGEST_PART = 2_000
MOST_PARTS = 64
LARGEST = 1e15


class Odd(ValueError):
    """A value that could not have been written here."""


def of_receipt(value: Json) -> Json:
    """What of a take's receipt is in shape."""
    return _only(value, _RECEIPT)


def of_failure(value: Json) -> Json:
    """What of a job's failure is in shape."""
    return _only(value, _FAILURE)


def _only(value: Json, parts: Mapping[str, Shape]) -> Json:
    found = {}
    for name, each in value.items():
        try:
            found[name] = parts.get(name, _plain)(each)
        except Odd:
            continue
    return found


def _fields(**parts: Shape) -> Shape:
    return lambda value: _only(value, parts) if isinstance(value, dict) else _refuse()


def _list(shape: Shape) -> Shape:
    def listed(value: Any) -> list[Any]:
        if not isinstance(value, list) or len(value) > MOST_PARTS:
            raise Odd
        return [shape(each) for each in value]

    return listed


def _either(*shapes: Shape) -> Shape:
    def first_that_fits(value: Any) -> Any:
        for shape in shapes:
            try:
                return shape(value)
            except Odd:
                continue
        raise Odd

    return first_that_fits


def _refuse() -> Any:
    raise Odd


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= LONGEST_TEXT else _refuse()


def _number(value: Any) -> float:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return value if fits and 0 <= value <= LARGEST else _refuse()


def _yes(value: Any) -> bool:
    return value if isinstance(value, bool) else _refuse()


def _nothing(value: Any) -> None:
    if value is not None:
        raise Odd


def _charged(value: Any) -> str:
    return value if isinstance(value, str) and value in MONEY else _refuse()


def _word(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= LONGEST_PART else _refuse()


def _counts(value: Any) -> dict[str, float]:
    if not isinstance(value, dict) or len(value) > MOST_PARTS:
        raise Odd
    return {name: _number(each) for name, each in value.items()}


_plain = _either(_nothing, _yes, _number, _word)
_maybe_text, _maybe_number = _either(_nothing, _text), _either(_nothing, _number)
_PAIR = _fields(asked=_text, got=_text)

_RECEIPT: Mapping[str, Shape] = {
    "provider": _text,
    "wire": _text,
    "model": _fields(asked=_text, answered=_maybe_text),
    "ratio": _PAIR,
    "size": _PAIR,
    "format": _text,
    "bytes": _number,
    "inputs": _list(_fields(picture=_text, role=_text, done=_list(_text))),
    "seconds": _fields(queue=_number, upstream=_number, save=_maybe_number),
    "usage": _either(_text, _counts),
    "cost": _either(_text, _fields(**{"dollars": _number, "from": _text, "for": _text})),
    "request_id": _maybe_text,
    "finish": _maybe_text,
    "notes": _list(_text),
    "links": _list(_text),
    "thoughts": _text,
}
"""As `receipts.write_receipt` writes it."""

_FAILURE: Mapping[str, Shape] = {
    "kind": _text,
    "message": _text,
    "money": _text,
    "charged": _charged,
    "next_step": _text,
    "retryable": _yes,
    "retry_after": _maybe_number,
    "status": _maybe_number,
    "said": _text,
}
"""As `failures.as_json` writes it."""
