"""What comes back in Gemini's own format: the pictures and words of an answer, streamed or not.

Field names: ai.google.dev/api/generate-content. Relays spell them in snake_case as well; both are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..edits import Usage
from .fields import answers_in, count, first, last_name, last_object, listed, name, objects, place_of, said
from .findings import Reading, Sighting, sightings_in
from .folding import Bare
from .prose import read_prose

_PART_PICTURES = ("inlineData", "inline_data", "fileData", "file_data", "image_url")
_BARE = frozenset({"candidates", "usageMetadata", "modelVersion", "responseId", "createTime"})
_BARE_CANDIDATE = frozenset({"content", "index", "finishReason"})
_BARE_CONTENT = frozenset({"parts", "role"})
_BARE_PART = frozenset({"text", "thought"})


def read(documents: tuple[Any, ...]) -> Reading:
    """Everything the documents of one answer hold, streamed or not."""
    answers = list(answers_in(documents, "candidates"))
    candidates = [candidate for answer in answers for candidate in objects(answer.get("candidates"))]
    parts = [part for candidate in candidates for part in _parts(candidate)]
    prose = [read_prose(_text(mine, thought=False)) for mine in _by_place(candidates)]
    thoughts = read_prose(_text(parts, thought=True), draft=True)
    feedback = [held for answer in answers for held in objects(first(answer, "promptFeedback", "prompt_feedback"))]
    block = [reason for each in feedback if (reason := name(each, "blockReason", "block_reason"))]
    finish = [reason for each in candidates if (reason := name(each, "finishReason", "finish_reason"))]
    return Reading(
        structured=(*(s for part in parts for s in _in_part(part)), *_beside(answers)),
        prose=tuple(sighting for each in prose for sighting in each.sightings),
        thought=thoughts.sightings,
        words="\n\n".join(each.words for each in prose if each.words),
        thoughts=thoughts.words,
        reasons=(*block, *reversed(finish)),
        explanation=_explanation(candidates, feedback),
        blocked_prompt=bool(block),
        failed_role=not finish and any(isinstance(answer.get("candidates"), dict) for answer in answers),
        usage=read_usage(last_object(answers, "usageMetadata", "usage_metadata")),
        model=last_name(answers, "modelVersion", "model_version"),
        id=last_name(answers, "responseId", "response_id"),
    )


def read_usage(usage: Mapping[str, Any]) -> Usage:
    """Token counts of `usageMetadata`."""
    return Usage(
        prompt_tokens=count(first(usage, "promptTokenCount", "prompt_token_count")),
        output_tokens=count(first(usage, "candidatesTokenCount", "candidates_token_count")),
        thought_tokens=count(first(usage, "thoughtsTokenCount", "thoughts_token_count")),
        total_tokens=count(first(usage, "totalTokenCount", "total_token_count")),
    )


def read_words(document: Any) -> tuple[str, str]:
    """(text, thoughts) of one streamed document."""
    answers = answers_in((document,), "candidates")
    parts = [p for answer in answers for c in objects(answer.get("candidates")) for p in _parts(c)]
    return _text(parts, thought=False), _text(parts, thought=True)


def look(document: Any) -> Bare | None:
    """A chunk that only goes on with a text of the one candidate it holds. The counts it brings are kept."""
    candidate = _only(document, "candidates", _BARE)
    content = candidate.get("content") if candidate is not None and _BARE_CANDIDATE.issuperset(candidate) else None
    part = _only(content, "parts", _BARE_CONTENT)
    if candidate is None or part is None or not _BARE_PART.issuperset(part) or candidate.get("finishReason"):
        return None
    text, thought, index = part.get("text"), _is_thought(part), place_of(candidate)
    if not isinstance(text, str):
        return None

    def around(joined: str) -> dict[str, Any]:
        told = {"text": joined, "thought": thought}
        return {**document, "candidates": [{"index": index, "content": {"parts": [told]}}]}

    return Bare((index, thought), text, around)


def _only(holder: Any, place: str, known: frozenset[str]) -> dict[str, Any] | None:
    """The one object in a list of an object that holds nothing unknown."""
    held = holder.get(place) if isinstance(holder, dict) and known.issuperset(holder) else None
    return held[0] if isinstance(held, list) and len(held) == 1 and isinstance(held[0], dict) else None


def _by_place(candidates: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """The parts of each candidate of several, so that the chunks of two are not woven into one."""
    places: dict[int, list[dict[str, Any]]] = {}
    for candidate in candidates:
        places.setdefault(place_of(candidate), []).extend(_parts(candidate))
    return places.values()


def _parts(candidate: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts of a candidate; a bare text in the place of a part, of all parts or of the content counts as one."""
    for content in listed(candidate.get("content")):
        held = content.get("parts", content) if isinstance(content, dict) else content
        for part in listed(held):
            if isinstance(part, dict):
                yield part
            elif isinstance(part, str):
                yield {"text": part}


def _text(parts: Iterable[dict[str, Any]], *, thought: bool) -> str:
    return "".join(said(part, "text") for part in parts if _is_thought(part) is thought)


def _is_thought(part: dict[str, Any]) -> bool:
    return part.get("thought") in (True, "true", "True")


def _in_part(part: dict[str, Any]) -> Iterator[Sighting]:
    signature = said(part, "thoughtSignature", "thought_signature")
    for place in _PART_PICTURES:
        if place in part:
            yield from sightings_in(part[place], draft=_is_thought(part), signature=signature)


def _beside(answers: list[dict[str, Any]]) -> Iterator[Sighting]:
    """Pictures in the answers of Google's picture-only models, which relays pass on under this path as well."""
    for answer in answers:
        for place in ("predictions", "generatedImages"):
            if place in answer:
                yield from sightings_in(answer[place])


def _explanation(candidates: list[dict[str, Any]], feedback: list[dict[str, Any]]) -> str:
    told = [said(each, "blockReasonMessage", "block_reason_message") for each in feedback]
    told += [said(each, "finishMessage", "finish_message") for each in candidates]
    return " ".join(filter(None, told))
