"""Fields of JSON documents, read leniently: other spellings, other types, objects where a list is normal.

Knows no format. Whatever a document holds, nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_DEEPEST = 6
_LONGEST_NAME = 200
_WRAPPERS_IN_ORDER = ("response", "output", "data", "result")
_WRAPPERS = frozenset(_WRAPPERS_IN_ORDER)


def first(values: Mapping[str, Any], *names: str) -> Any:
    """The first of these fields that is there and not null."""
    return next((values[name] for name in names if values.get(name) is not None), None)


def said(values: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that is a text with something in it, or ""."""
    return next((value for name in names if isinstance(value := values.get(name), str) and value), "")


def name(values: Mapping[str, Any], *names: str) -> str:
    """A field that names something, such as a reason, a model or an id: one short line, or ""."""
    return plain(" ".join(said(values, *names)[:_LONGEST_NAME].split()))


def plain(text: str) -> str:
    """A text without zero characters, which no database takes."""
    return text.replace("\x00", "") if "\x00" in text else text


def last_name(answers: Iterable[Mapping[str, Any]], *names: str) -> str:
    """The last such name in a row of answers, or ""."""
    return next((found for answer in reversed(list(answers)) if (found := name(answer, *names))), "")


def last_object(answers: Iterable[Mapping[str, Any]], *names: str) -> dict[str, Any]:
    """The last of these fields that is an object with something in it, or an empty one."""
    values = (first(answer, *names) for answer in reversed(list(answers)))
    return next((value for value in values if isinstance(value, dict) and value), {})


def listed(value: Any, depth: int = _DEEPEST) -> Iterator[Any]:
    """The items of a list and of lists within it; one that is no list as itself; nulls left out."""
    for item in value if isinstance(value, list) else (value,):
        if not isinstance(item, list):
            if item is not None:
                yield item
        elif depth:
            yield from listed(item, depth - 1)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects among the items of a list, or the one object that stands in its place."""
    return (item for item in listed(value) if isinstance(item, dict))


def answers_in(documents: Iterable[Any], mark: str) -> Iterator[dict[str, Any]]:
    """The answers in documents, out of lists (a stream without `alt=sse`) and out of the wrappers of relays.

    `mark` is the field an answer is known by; it may be missing, as in an error.
    """
    for item in objects(list(documents)):
        if item.get(mark) or _WRAPPERS.isdisjoint(item):
            yield item
        else:
            inner = [item[key] for key in _WRAPPERS_IN_ORDER if isinstance(item.get(key), dict)]
            yield {**item, **inner[0]} if inner else item


def place_of(choice: Mapping[str, Any]) -> int:
    """Which of several answers to one question this piece belongs to."""
    return count(choice.get("index")) or 0


def count(value: Any) -> int | None:
    """A number of things, also when it is written as a text; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 13:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12 else None


def amount(value: Any) -> float | None:
    """A sum of money, also when it is written as a text; None for anything else."""
    if isinstance(value, str) and len(value) < 30:
        try:
            value = float(value)
        except ValueError:
            return None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e6 else None
