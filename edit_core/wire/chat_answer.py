"""What comes back in the OpenAI-compatible format: the pictures and words of an answer, streamed or not.

OpenAI's format has no place for result pictures, so every relay made its own; all known places are read. Sources are
named beside the answers in `tests/answers/INDEX.json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..edits import Usage
from .fields import (
    amount,
    answers_in,
    count,
    first,
    last_name,
    last_object,
    listed,
    name,
    objects,
    place_of,
    said,
)
from .findings import Reading, Sighting, sightings_in
from .folding import Bare
from .prose import Prose, read_prose

_MESSAGE_PICTURES = ("images", "image", "attachments", "image_url")
_MESSAGE_PARTS = ("content", "multi_mod_content", "multi_modal_content")
_TOP_PICTURES = ("data", "images", "url", "image_url", "output", "results")
_BARE_TEXTS = ("content", "reasoning_content")
_BARE = frozenset(
    {"id", "object", "created", "model", "choices", "usage", "system_fingerprint", "provider", "service_tier"}
)
_BARE_CHOICE = frozenset({"index", "delta", "finish_reason", "logprobs"})
_BARE_DELTA = frozenset({"role", "refusal", *_BARE_TEXTS})
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")


def read(documents: tuple[Any, ...]) -> Reading:
    """Everything the documents of one answer hold, streamed or not."""
    answers = list(_answers(documents))
    choices = [choice for answer in answers for choice in objects(answer.get("choices"))]
    messages = [*_messages(choices, "delta"), *_messages(choices, "message")]
    prose = [_prose(mine) for mine in _by_place(choices)]
    structured = [sighting for message in messages for sighting in _in_message(message)]
    in_prose = tuple(sighting for each in prose for sighting in each.sightings)
    thoughts = read_prose("".join(said(message, *_THOUGHTS) for message in messages), draft=True)
    native = [word for choice in choices if (word := name(choice, "native_finish_reason"))]
    finish = [word for choice in choices if (word := name(choice, "finish_reason", "finishReason"))]
    return Reading(
        structured=tuple(structured or (() if in_prose else _beside(answers))),
        prose=in_prose,
        thought=thoughts.sightings,
        words="\n\n".join(each.words for each in prose if each.words),
        thoughts=thoughts.words,
        reasons=(*reversed(native), *reversed(finish)),
        explanation=" ".join(text for choice in choices if (text := said(choice, "finish_message"))),
        refusal=" ".join(text for message in messages if (text := said(message, "refusal"))),
        failed_role=any(message.get("role") == "error" for message in messages),
        usage=read_usage(last_object(answers, "usage")),
        model=last_name(answers, "model"),
        id=last_name(answers, "id", "request_id"),
    )


def read_usage(usage: Mapping[str, Any]) -> Usage:
    """Token counts of `usage`, in the names of either OpenAI endpoint; `cost` as OpenRouter tells it, in US dollars."""
    details = usage.get("completion_tokens_details")
    return Usage(
        prompt_tokens=count(first(usage, "prompt_tokens", "input_tokens")),
        output_tokens=count(first(usage, "completion_tokens", "output_tokens")),
        thought_tokens=count(details.get("reasoning_tokens")) if isinstance(details, dict) else None,
        total_tokens=count(usage.get("total_tokens")),
        cost=_cost(usage),
    )


def _cost(usage: Mapping[str, Any]) -> float | None:
    """US dollars, where `usage` tells them.

    With a key of one's own at the maker of the model (`is_byok`), `cost` is OpenRouter's share alone, mostly 0, and the
    maker's is in `cost_details`: https://openrouter.ai/docs/cookbook/administration/usage-accounting. A bare 0 of
    others, who do not say whose key it was, tells nothing: taken at its word, no budget would ever be used up.
    """
    cost, own_key = amount(usage.get("cost")), usage.get("is_byok")
    if own_key is True:
        details = usage.get("cost_details")
        makers = amount(details.get("upstream_inference_cost")) if isinstance(details, dict) else None
        return None if makers is None else (cost or 0.0) + makers
    return cost if own_key is False else cost or None


def read_words(document: Any) -> tuple[str, str]:
    """(text, thoughts) of one streamed document."""
    choices = [choice for answer in _answers((document,)) for choice in objects(answer.get("choices"))]
    deltas = _messages(choices, "delta")
    return _text(deltas), "".join(said(delta, *_THOUGHTS) for delta in deltas)


def look(document: Any) -> Bare | None:
    """A chunk that only goes on with a text of the one choice it holds."""
    choices = document.get("choices") if isinstance(document, dict) and _BARE.issuperset(document) else None
    choice = choices[0] if isinstance(choices, list) and len(choices) == 1 else None
    if not isinstance(choice, dict) or not _BARE_CHOICE.issuperset(choice):
        return None
    delta = choice.get("delta")
    if not isinstance(delta, dict) or not _BARE_DELTA.issuperset(delta) or choice.get("finish_reason") is not None:
        return None
    told = [(place, text) for place in _BARE_TEXTS if (text := delta.get(place))]
    if len(told) != 1 or not isinstance(told[0][1], str):
        return None
    (where, text), index = told[0], place_of(choice)

    def around(joined: str) -> dict[str, Any]:
        return {**document, "choices": [{"index": index, "delta": {where: joined}}]}

    return Bare((index, where), text, around)


def _answers(documents: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """The answers; a document that is a bare text, as one relay's last resort, counts as the words of one."""
    spoken = ({"choices": [{"message": {"content": d}}]} if isinstance(d, str) else d for d in documents)
    return answers_in(spoken, "choices")


def _by_place(choices: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """The choices by their index, so that two pictures that arrive in turns are not woven into one."""
    places: dict[int, list[dict[str, Any]]] = {}
    for choice in choices:
        places.setdefault(place_of(choice), []).append(choice)
    return places.values()


def _messages(choices: list[dict[str, Any]], where: str) -> list[dict[str, Any]]:
    """Deltas or messages. A choice of the older completions has `text` in their place; some put a bare text there."""
    found = []
    for choice in choices:
        held = choice.get(where)
        if isinstance(held, dict):
            found.append(held)
        elif isinstance(held, str) and held:
            found.append({"content": held})
        elif where == "message" and said(choice, "text"):
            found.append({"content": choice["text"]})
    return found


def _prose(choices: list[dict[str, Any]]) -> Prose:
    """The words of one answer. A stream may end with the full message again; then its words count once."""
    whole = read_prose(_text(_messages(choices, "message")))
    streamed = read_prose(_text(_messages(choices, "delta")))
    return Prose(whole.words or streamed.words, whole.sightings or streamed.sightings)


def _text(messages: Iterable[dict[str, Any]]) -> str:
    """The words of messages: strings, or the text parts of lists, wherever the relay puts that list."""
    parts = (part for message in messages for part in _parts(message))
    return "".join(part if isinstance(part, str) else said(part, "text") for part in parts)


def _parts(message: dict[str, Any]) -> Iterator[str | dict[str, Any]]:
    for place in _MESSAGE_PARTS:
        for part in listed(message.get(place)):
            if isinstance(part, dict) and isinstance(part.get("parts"), list):
                yield from (inner for inner in listed(part["parts"]) if isinstance(inner, (str, dict)))
            elif isinstance(part, (str, dict)):
                yield part


def _in_message(message: dict[str, Any]) -> Iterator[Sighting]:
    for part in _parts(message):
        if isinstance(part, dict):
            yield from sightings_in(part)
    for place in _MESSAGE_PICTURES:
        if place in message:
            yield from sightings_in(message[place])


def _beside(answers: list[dict[str, Any]]) -> Iterator[Sighting]:
    """Pictures beside the messages: relays that answer like OpenAI's images endpoint, and those with `media`."""
    for answer in answers:
        media = answer.get("media")
        yield from sightings_in(media.get("outputs") if isinstance(media, dict) else media)
        for place in _TOP_PICTURES:
            if place in answer:
                yield from sightings_in(answer[place])
