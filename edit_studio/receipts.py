"""The receipt of a take: what was asked and what came, side by side, as JSON that is stored, shown and copied.

Also what stands out: another shape or size than asked for, or another model. Whether the picture is the one that was
sent is for `looks.py` to say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from edit_core.edits import EditRequest, EditResult, Usage, Wire
from edit_core.pictures import Picture

from .money.amounts import MICROS
from .money.prices import Estimate

SIDES = {"512": 512, "0.5K": 512, "1K": 1024, "2K": 2048, "4K": 4096}
"""Pixels of the side of a square of each size; other shapes have about its area."""

RATIO_SLACK = 0.04
"""Services round to multiples of 16 or 32 pixels: 16:9 comes as 1376 x 768, which is 0.8 % off."""
SIZE_SLACK = 0.3
LONGEST_THOUGHTS = 20_000
NO_USAGE = "the relay gave no usage"
GUESS = "guess: no price of this model is known here"
_VERSION = re.compile(r"(?:[-@:](?:preview|exp|experimental|latest|free|\d{2,8}|v\d+))*")
"""What may follow the name of a model and still mean the same one: `-preview`, `-001`, `-2025-11-20`, `:free`."""


@dataclass(frozen=True)
class Times:
    """Seconds spent waiting for a place, with the service, and on saving; None where that is not done yet."""

    queue: float
    upstream: float
    save: float | None = None


@dataclass(frozen=True)
class Asked:
    """What a take was asked of, what it was thought to cost, and what was done to each input."""

    provider: str
    wire: Wire
    model: str
    request: EditRequest
    estimate: Estimate
    changes: tuple[tuple[str, ...], ...] = ()


def write_receipt(asked: Asked, result: EditResult, picture: Picture, times: Times) -> dict[str, Any]:
    """The receipt of one picture of a result."""
    request = asked.request
    links = {"links": list(result.links)} if result.links else {}
    thoughts = {"thoughts": result.thoughts[:LONGEST_THOUGHTS]} if result.thoughts else {}
    return {
        "provider": asked.provider,
        "wire": asked.wire,
        "model": {"asked": asked.model, "answered": result.model or None},
        "ratio": {"asked": request.aspect_ratio or "auto", "got": _ratio(picture)},
        "size": {"asked": request.image_size or "auto", "got": f"{picture.width} x {picture.height}"},
        "format": picture.mime,
        "bytes": len(picture.data),
        "inputs": [
            {
                "picture": f"{reference.picture.width} x {reference.picture.height} {reference.picture.mime}",
                "role": reference.role,
                "done": list(done),
            }
            for reference, done in zip(request.references, _padded(asked.changes, request), strict=True)
        ],
        "seconds": {name: None if seconds is None else round(seconds, 3) for name, seconds in asdict(times).items()},
        "usage": _usage(result.usage),
        "cost": _cost(result, asked.estimate),
        "request_id": result.request_id or None,
        "finish": result.finish or None,
        "notes": [*result.notes, *stands_out(asked, result, picture)],
        **links,
        **thoughts,
    }


def stands_out(asked: Asked, result: EditResult, picture: Picture) -> tuple[str, ...]:
    """Sentences on where what came differs from what was asked."""
    request, notes = asked.request, []
    if request.aspect_ratio and not _has_ratio(picture, request.aspect_ratio):
        notes.append(f"You asked for {request.aspect_ratio}; the picture is {_ratio(picture)}.")
    side = SIDES.get(request.image_size or "")
    if side and abs(math.log(math.sqrt(picture.width * picture.height) / side)) > SIZE_SLACK:
        notes.append(f"You asked for {request.image_size}; the picture has {picture.width} x {picture.height} pixels.")
    if result.model and not _same_model(asked.model, result.model):
        notes.append(f"You asked {asked.model}; {result.model} answered.")
    if result.links:
        notes.append("The link of what could not be fetched is in the receipt; it may still lead to the picture.")
    return tuple(notes)


def _padded(changes: Sequence[tuple[str, ...]], request: EditRequest) -> list[tuple[str, ...]]:
    return [*changes, *[()] * (len(request.references) - len(changes))]


def _ratio(picture: Picture) -> str:
    return f"{picture.width / picture.height:.2f}:1"


def _has_ratio(picture: Picture, asked: str) -> bool:
    across, _, down = asked.partition(":")
    return abs(math.log(picture.width / picture.height * int(down) / int(across))) <= RATIO_SLACK


def _same_model(asked: str, answered: str) -> bool:
    """Whether two names mean one model: relays put a maker in front, and versions or “-preview” behind."""
    one, other = sorted((name.rsplit("/", 1)[-1].lower() for name in (asked, answered)), key=len)
    return other.startswith(one) and _VERSION.fullmatch(other[len(one) :]) is not None


def _usage(usage: Usage) -> dict[str, int] | str:
    counts = {
        "prompt": usage.prompt_tokens,
        "output": usage.output_tokens,
        "thoughts": usage.thought_tokens,
        "total": usage.total_tokens,
    }
    return {name: count for name, count in counts.items() if count is not None} or NO_USAGE


def _cost(result: EditResult, estimate: Estimate) -> dict[str, Any]:
    """What the answer cost, as it was counted: one that brought several pictures was paid for once."""
    shared = {"for": f"{len(result.pictures)} pictures together"} if len(result.pictures) > 1 else {}
    if result.usage.cost is not None:
        return {"dollars": result.usage.cost, "from": "the service", **shared}
    return {"dollars": estimate.micros / MICROS, "from": "estimate" if estimate.known else GUESS, **shared}
