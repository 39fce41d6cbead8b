"""An answer while it is made: its words come first, its picture when the work is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from .asking import Asked, Edited, Reply
from .engine import Work
from .rehearsal import Trick
from .workbench import Workbench

Make = Callable[[Asked, Callable[[Work], None]], Edited | None]
"""The work itself, as `engine.make`."""

_WORDS_ONLY: Mapping[Trick, Reply] = {
    "refuse": Reply("Rehearsal: the picture was stopped by a safety rule.", blocked="picture"),
    "block": Reply("Rehearsal: the prompt was blocked.", blocked="prompt"),
    "no_image": Reply("Rehearsal: I am the offline engine, not an AI, and I answer with words only this time."),
}
"""Rehearsed answers that no work is done for."""


@dataclass(frozen=True)
class Making:
    """An answer under way: its words, and the picture that is still worked on."""

    reply: Reply
    picture: asyncio.Task[Edited | None] | None = None

    async def finished(self) -> Reply:
        """The answer with its picture."""
        return self.reply if self.picture is None else replace(self.reply, picture=await self.picture)

    def leave(self) -> None:
        """Nobody waits for the picture any more."""
        if self.picture is not None:
            self.picture.cancel()


async def begin(workbench: Workbench, work: Make, asked: Asked, trick: Trick) -> Making:
    """The answer as soon as its words are known. Raises `Refused`."""
    if trick in _WORDS_ONLY:
        return Making(_WORDS_ONLY[trick])
    told = Future[Work]()
    picture = asyncio.create_task(workbench.do(work, asked, told.set_result))
    try:
        known: set[asyncio.Future[Any]] = {picture, asyncio.wrap_future(told)}
        await asyncio.wait(known, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        picture.cancel()
        raise
    if picture.done() and (failure := picture.exception()):
        raise failure
    planned = told.result()
    return Making(Reply(planned.text, planned.thoughts if asked.thoughts else ""), picture)
