"""What the form says, made into an order: pictures read, choices made to fit, the request written down."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from edit_core.edits import EditResult
from edit_core.errors import BadInput
from edit_core.pictures import Picture

from ..editor import Ready, Wanted
from ..history.rows import JobRow, Json, NewInput, NewJob, TakeRow
from ..intake import take_in
from ..money.prices import estimate
from ..receipts import Asked, Times, write_receipt
from ..studio import Studio
from ..takes import Order
from .choices import MOST_TAKES, Chosen
from .tray import Notes, noted_now

EXTRA_EACH = 12
"""Pictures beyond the first that one take may bring; positions are made so that no two takes meet."""


@dataclass(frozen=True)
class Form:
    """What the form says when Edit is pressed, as it stands there."""

    paths: tuple[str, ...]
    prompt: str
    provider: str
    model: str
    wire: str
    ratio: str
    size: str
    takes: int = 1
    noted: Notes = ()


async def make_order(studio: Studio, owner: str, token: str, form: Form) -> Order:
    """The order of a click. Raises `EditError`; nothing was written or sent then."""
    if not 1 <= form.takes <= MOST_TAKES:
        raise BadInput(f"{form.takes} pictures cannot be asked for; {MOST_TAKES} are the most.")
    intake = await take_in(studio.shelf, studio.darkroom, form.paths, studio.settings.limits.most_pictures)
    if intake.refused:
        raise intake.refused[0].error
    chosen = Chosen.of(studio.settings, form.provider, form.model, form.wire, form.ratio, form.size)
    pictures = tuple(each.picture for each in intake.taken)
    ready = await studio.editor.prepare(
        Wanted(
            form.prompt, pictures, chosen.provider.id, chosen.model.id, chosen.wire, chosen.ratio, chosen.size
        )
    )  # fmt: skip
    notes = [noted_now(each, form.noted) for each in intake.taken]
    changes = [(*note.done, *fitted) for note, fitted in zip(notes, ready.changes, strict=True)]
    inputs = tuple(
        NewInput(picture, note.name, changes=done, from_take=note.from_take or None)
        for picture, note, done in zip(pictures, notes, changes, strict=True)
    )
    cost = estimate(chosen.provider, chosen.model.id, ready.request.image_size, studio.settings.keeping.prices)
    asked = Asked(chosen.provider.id, chosen.wire, chosen.model.id, ready.request, cost, tuple(changes))
    return Order(
        _job(owner, token, ready, form.takes, inputs),
        partial(studio.editor.send, ready),
        partial(_keep, studio, asked),
        cost.micros,
        most_sent=2 if studio.settings.policy.retry_unknown else 1,
        free=chosen.provider.free,
    )


def _job(owner: str, token: str, ready: Ready, takes: int, inputs: Sequence[NewInput]) -> NewJob:
    wanted = ready.wanted
    request = {"ratio": wanted.ratio, "size": wanted.size, "takes": takes}
    whole = [
        *(wanted.provider, wanted.wire, wanted.model, wanted.prompt, request),
        *(each.picture.sha256 for each in inputs),
    ]
    fingerprint = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    return NewJob(
        owner, token, fingerprint, wanted.provider, wanted.wire, wanted.model, wanted.prompt, takes, request,
        tuple(inputs),
    )  # fmt: skip


def _keep(studio: Studio, asked: Asked, job: JobRow, index: int, result: EditResult, times: Times) -> list[TakeRow]:
    """Every picture of an answer, byte for byte as it came, each with its receipt; the words with the first. Blocks."""
    rows = []
    for number, picture in enumerate(result.pictures[: EXTRA_EACH + 1]):
        position = index if number == 0 else job.takes_asked + index * EXTRA_EACH + number - 1
        told = result if number == 0 else replace(result, text="", thoughts="")
        receipt = partial(_receipt, asked, told, picture, times)
        rows.append(studio.history.save_take(job.id, position, picture, told.text, receipt))
    return rows


def _receipt(asked: Asked, result: EditResult, picture: Picture, times: Times, save: float | None) -> Json:
    return write_receipt(asked, result, picture, replace(times, save=save))
