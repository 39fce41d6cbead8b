"""One edit, from what the form says to what the provider answers.

Chooses the provider's row, key and address from the settings. Knows no page and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from edit_core.client import Client, Progress, in_process
from edit_core.edits import EditRequest, EditResult, Reference, Wire
from edit_core.errors import BadInput
from edit_core.pictures import Picture
from edit_core.providers import is_model_id
from edit_core.sending.outcome import RetryBudget

from .darkroom import Darkroom
from .settings import OFFLINE, Settings

BASE64_ROOM = 0.74
"""Of a request's bytes, the part that pictures may have: base64 makes four of three, and the words need a little."""


@dataclass(frozen=True)
class Wanted:
    """What is wanted, in the form's own terms: "" or "auto" leave the ratio and the size to the model."""

    prompt: str
    pictures: tuple[Picture, ...]
    provider: str
    model: str
    wire: Wire
    ratio: str = ""
    size: str = ""


@dataclass(frozen=True)
class Ready:
    """A request that can be sent, and what was done to each of its pictures to make them fit."""

    wanted: Wanted
    request: EditRequest
    changes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Editor:
    """Carries out what is wanted.

    `engine` is the offline engine, asked in this process; `darkroom` makes pictures fit; `budget` bounds what all
    edits together may repeat.
    """

    settings: Settings
    engine: ASGIApp
    darkroom: Darkroom
    budget: RetryBudget = field(default_factory=RetryBudget)

    async def prepare(self, wanted: Wanted) -> Ready:
        """What will be sent: the pictures made to fit, and what was done to each. Raises `EditError`."""
        self._check(wanted)
        room = int(self.settings.providers[wanted.provider].most_request_bytes * BASE64_ROOM)
        fitted = await self.darkroom.fit(wanted.pictures, room)
        request = EditRequest(
            wanted.prompt,
            tuple(Reference(each.picture) for each in fitted),
            aspect_ratio=wanted.ratio,
            image_size=wanted.size,
        )
        return Ready(wanted, request, tuple(tuple(map(str, each.changes)) for each in fitted))

    async def send(self, ready: Ready, take_id: str, report: Callable[[Progress], None]) -> EditResult:
        """The provider's answer, with a picture in it. Raises `EditError`; cancelling closes the connection.

        `take_id` names the request to relays that answer the same name once only, where the settings say so.
        """
        wanted = ready.wanted
        provider = self.settings.providers[wanted.provider]
        transport = in_process(self.engine) if provider.id == OFFLINE else None
        key = self.settings.keys.get(provider.id, "")
        policy, model = self.settings.policy, provider.model(wanted.model)
        async with Client(
            provider, key, wire=wanted.wire, transport=transport, policy=policy, budget=self.budget
        ) as client:
            return await client.edit(ready.request, model, on_progress=report, idempotency_key=take_id)

    def _check(self, wanted: Wanted) -> None:
        if not wanted.pictures:
            raise BadInput("There is no picture yet: choose at least one.")
        if not wanted.prompt.strip():
            raise BadInput("The prompt is empty: say what should change.")
        if wanted.provider not in {row.id for row in self.settings.offered()}:
            raise BadInput(f"There is no provider “{wanted.provider}” here.")
        if names := self.settings.missing(wanted.provider):
            raise BadInput(f"This provider is not set up: {' and '.join(names)} must be set in the file .env.")
        # Asked here as well as where it is sent, since what is refused there is in history by then.
        if not is_model_id(wanted.model):
            raise BadInput(f"“{wanted.model[:80]}” is no model name.")
