"""An answer's meaning: status, headers and bytes in, an `EditResult` or an `EditError` out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from ..edits import EditResult, Wire
from ..errors import EditError
from . import chat_answer, native_answer
from .failures import blocks, find_failure, without_picture
from .findings import Gathered, Reading, gather
from .framing import read_documents

FORMATS: Mapping[Wire, ModuleType] = {"native": native_answer, "chat": chat_answer}
_REQUEST_IDS = ("x-request-id", "request-id", "x-oneapi-request-id", "x-generation-id", "cf-ray")


def read_answer(wire: Wire, status: int, headers: Mapping[str, str], body: bytes) -> EditResult:
    """Read one whole answer, streamed or not.

    Raises the `EditError` that says what went wrong; never anything else, whatever the bytes are. A picture that came
    is always returned, even when an error follows it in a stream: it was paid for.
    """
    framed = read_documents(body, FORMATS[wire].look)
    failure = find_failure(framed, status, headers)
    if failure is not None and not 200 <= status < 300:
        raise failure
    reading = _read(wire, framed.documents)
    gathered = gather(reading, blocked=failure is not None or blocks(reading))
    if not gathered.pictures and not gathered.links:
        raise failure or without_picture(framed, reading, gathered, status)
    return EditResult(
        pictures=gathered.pictures,
        links=gathered.links,
        text=reading.words,
        thoughts=reading.thoughts,
        drafts=gathered.drafts,
        finish=reading.reasons[0] if reading.reasons else "",
        usage=reading.usage,
        model=reading.model,
        request_id=_request_id(headers) or reading.id,
        signatures=gathered.signatures,
        notes=_notes(gathered, flawed=bool(framed.flaw), failure=failure),
    )


def _read(wire: Wire, documents: tuple[Any, ...]) -> Reading:
    """The reading in the format that was asked for, or, where that says nothing, in the one that answered."""
    others = (FORMATS[other] for other in FORMATS if other != wire)
    readings: list[Reading] = [FORMATS[wire].read(documents)]
    if not readings[0].says_something:
        readings += [reading for other in others if (reading := other.read(documents)).says_something]
    return readings[-1]


def _request_id(headers: Mapping[str, str]) -> str:
    lowered = {name.lower(): value for name, value in headers.items()}
    return next((lowered[name][:200] for name in _REQUEST_IDS if lowered.get(name)), "")


def _notes(gathered: Gathered, *, flawed: bool, failure: EditError | None) -> tuple[str, ...]:
    notes = []
    if gathered.damaged:
        notes.append(f"{len(gathered.damaged)} more picture(s) came damaged. {gathered.damaged[0].why}")
    if gathered.left_out:
        notes.append(f"{gathered.left_out} earlier picture(s) of a very long answer were left out.")
    if flawed:
        notes.append("The answer broke off after the picture.")
    if failure is not None:
        notes.append(f"An error followed the picture. {failure}")
    return tuple(notes)
