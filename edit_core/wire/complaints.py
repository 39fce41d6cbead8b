"""Errors as services write them, opened: where the text is, and what hides in it as JSON.

What a complaint means is not known here; see `reasons.py`. Places and spellings: one-api relay/controller/error.go,
FastAPI, google.rpc.Status, OpenRouter's `metadata.raw`, LiteLLM's exception texts, DashScope.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from .fields import count, listed, objects
from .waiting import delay_in_details, delay_in_fields

_MESSAGES = (
    "message", "msg", "err", "error_msg", "error_message", "errorMessage", "error_description", "detail", "header",
    "errors",
)  # fmt: skip
_WORDS = ("code", "type", "status", "reason", "title")
_CODES = ("code", "status_code", "statusCode", "http_status", "param", "status", "error_code")
_WRAPPERS = ("response", "output", "data", "result")
_ANSWERS = ("candidates", "choices", "data", "output", "response", "images", "usage", "usageMetadata")

_TELLING = frozenset({"error", *_MESSAGES, *_WRAPPERS})
"""What an error has at least one of, so that the events of a stream are passed over fast."""

_LONGEST = 20_000
_LONGEST_JSON = 200_000
_DEEPEST = 4
_STATUS_IN_WORDS = re.compile(r"status(?: code)?:? ([45]\d\d)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Complaint:
    """What a service says went wrong: its words for a person, all words for the tables, its own code, and the seconds
    it asks us to wait."""

    message: str
    words: str
    code: int | None = None
    delay: float | None = None


def find_complaint(documents: tuple[Any, ...]) -> Complaint | None:
    """The first error the documents state, wherever the services known so far put it.

    An object that is nothing but a message counts when no answer follows it: some relays stream their progress so.
    """
    flat: dict[str, Any] | None = None
    for document in documents:
        for item in listed(document):
            if isinstance(item, str) and len(documents) == 1:
                return _open({"message": item})
            if isinstance(item, dict):
                if found := next(_stated(item), None):
                    return found
                flat = _flat(item) or (None if _is_answer(item) else flat)
    return _open(flat) if flat else None


def _stated(item: dict[str, Any]) -> Iterator[Complaint]:
    """The errors under an `error` key, in the document, its wrappers and its choices."""
    choices = objects(item.get("choices"))
    within = (holder for choice in choices for holder in (choice, choice.get("message"), choice.get("delta")))
    around = (item, *(item.get(place) for place in _WRAPPERS)) if not _TELLING.isdisjoint(item) else ()
    for holder in (*around, *within):
        if isinstance(holder, dict) and _says(error := holder.get("error")):
            inner = next(objects(error), None)
            beside = {name: holder[name] for name in (*_MESSAGES, *_CODES) if name in holder}
            yield _open(inner if inner is not None else {**beside, "type": error, "message": _told(beside) or error})


def _says(error: Any, depth: int = _DEEPEST) -> bool:
    """Whether an error says anything: some relays send an empty one beside a good answer."""
    if isinstance(error, dict) and depth:
        return any(_says(value, depth - 1) for value in error.values())
    return bool(error) and error != "None"


def _flat(item: dict[str, Any]) -> dict[str, Any] | None:
    """An error without an `error` key: a message and no part of an answer; within a wrapper, with a code as well."""
    if _TELLING.isdisjoint(item):
        return None
    if not _is_answer(item) and _told(item):
        return item
    inner = (held for place in _WRAPPERS if isinstance(held := item.get(place), dict))
    return next((held for held in inner if held.get("code") and not _is_answer(held) and _told(held)), None)


def _is_answer(item: Mapping[str, Any]) -> bool:
    return any(item.get(name) for name in _ANSWERS)


def _open(error: Mapping[str, Any], depth: int = _DEEPEST) -> Complaint:
    """One error object; what hides in its message or its `metadata.raw` as JSON is nearer the truth."""
    metadata = error.get("metadata")
    message = _told(error)
    raw = _plain(metadata.get("raw")) if isinstance(metadata, dict) else ""
    if depth and isinstance(inner := error.get("error"), dict):
        return _open(inner, depth - 1)
    for text in (raw, message):
        if depth and (hidden := _json_inside(text)) is not None:
            inner = hidden.get("error", hidden)
            found = _open(inner if isinstance(inner, dict) else {**hidden, "message": inner}, depth - 1)
            words = f"{text[: text.find('{')]} {found.words}"
            return Complaint(found.message or message, words, found.code, found.delay)
    told = [_plain(error.get(name)) for name in _WORDS]
    words = " ".join(filter(None, (message, *told, _plain(error.get("details")), _plain(metadata))))
    return Complaint(
        message or ", ".join(filter(None, told)),
        words,
        _code(error, message),
        _delay(error),
    )


def _told(error: Mapping[str, Any]) -> str:
    return next((text for name in _MESSAGES if (text := _plain(error.get(name)))), "")


def _delay(error: Mapping[str, Any]) -> float | None:
    delay = delay_in_details(error.get("details"))
    return delay_in_fields(error) if delay is None else delay


def _code(error: Mapping[str, Any], message: str) -> int | None:
    """An HTTP status that an error names, in one of its fields or in its words."""
    codes = (count(error.get(name)) for name in _CODES)
    if named := next((code for code in codes if code is not None and 400 <= code < 600), None):
        return named
    found = _STATUS_IN_WORDS.search(message[:_LONGEST])
    return int(found[1]) if found else None


def _json_inside(text: str) -> dict[str, Any] | None:
    """The JSON object a text ends with, as in `VertexAIException - {"error": …}`, also one that Python has quoted."""
    start, end = text.find("{"), text.rfind("}") + 1
    if start < 0 or not start < end <= _LONGEST_JSON:
        return None
    for candidate in (text[start:end], text[start:end].replace("\\n", " ").replace("\\'", "'")):
        try:
            found = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        return found if isinstance(found, dict) else None
    return None


def _plain(value: Any) -> str:
    """A value as words: a text as it is, an object by its message, a list by its items, the rest as JSON."""
    if value is None or isinstance(value, (bool, float)):
        return ""
    if isinstance(value, (str, int)):
        return str(value)[:_LONGEST_JSON]
    for name in ("message", "msg"):
        if isinstance(value, dict) and isinstance(value.get(name), str):
            return str(value[name])[:_LONGEST_JSON]
    if isinstance(value, list) and any(
        isinstance(item, dict) and ("msg" in item or "message" in item) for item in value
    ):
        return "; ".join(_plain(item) for item in value[:20])
    try:
        return orjson.dumps(value).decode()[:_LONGEST] if value else ""
    except (TypeError, ValueError):
        return ""
