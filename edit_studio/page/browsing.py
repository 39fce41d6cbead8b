"""What people do in their history: search it, see more of it, bring an edit back, and carry all of it out and in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ..storage.vault import NotKept
from ..studio import Studio
from . import carrying, lineage, words
from . import strip as strips
from .finder import MOST_AT_FIRST, View
from .flow import Flow, Updates, owner_of

SEE_RESULT = "() => document.getElementById('result')?.scrollIntoView({ block: 'nearest', behavior: 'smooth' })"
"""The strip stands far below the result, on a phone farther than a screen."""


@dataclass(frozen=True)
class Browsing:
    """The widgets of the history, and what takes archives in."""

    flow: Flow
    line: gr.HTML
    intake: carrying.Intake

    @property
    def studio(self) -> Studio:
        """Where everything is kept."""
        return self.flow.studio

    async def refresh(self, request: gr.Request, asked: Any, most: int) -> Updates:
        """The strip as it stands now, searched as before."""
        return await self._view(owner_of(self.studio, request), View.of(asked, most))

    async def search(self, request: gr.Request, asked: Any) -> Updates:
        """The first of what a new search finds."""
        return await self._view(owner_of(self.studio, request), View.of(asked, MOST_AT_FIRST))

    async def older(self, request: gr.Request, asked: Any, most: int) -> Updates:
        """More of the strip."""
        return await self._view(owner_of(self.studio, request), View.of(asked, most + MOST_AT_FIRST))

    async def pick(self, request: gr.Request, event: gr.EventData, asked: Any, most: int) -> Updates:
        """An edit of the strip, or of the line below the result."""
        owner = owner_of(self.studio, request)
        try:
            return await self.flow.show(owner, _picked(event))
        except NotKept:
            gr.Info(words.GONE)
            return await self._view(owner, View.of(asked, most))

    async def watch(self, request: gr.Request, event: gr.EventData, followed: str) -> AsyncIterator[Updates]:
        """The edit that was picked, followed while it runs; a page that follows one already stays with that.

        So does one whose click is still being made ready, for it will follow that.
        """
        owner, job_id = owner_of(self.studio, request), _picked(event)
        # Asked first, or a click would have become one of those that run.
        is_starting = owner in self.flow.starting.values()
        running = await asyncio.to_thread(self.studio.history.running, owner)
        if followed or is_starting or job_id not in {job.id for job in running}:
            return
        async for updates in self.flow.follow(owner, job_id):
            yield updates

    async def trace(self, request: gr.Request, shown: str) -> dict[str, Any]:
        """The line of the edit that is shown."""
        if not shown:
            return lineage.NOTHING
        try:
            tree = await asyncio.to_thread(self.studio.history.tree, owner_of(self.studio, request), shown)
        except NotKept:
            return lineage.NOTHING
        return lineage.value(tree, shown)

    async def take_in(self, request: gr.Request, file: str | None, asked: Any, most: int) -> AsyncIterator[Updates]:
        """An uploaded archive; then the strip with what came."""
        owner, says = owner_of(self.studio, request), self.flow.strip.carrying.says
        if not file:
            return
        yield {says: carrying.says_html(words.IMPORTING)}
        told = await self.intake.take_in(owner, file)
        yield {says: carrying.says_html(told)} | await self._view(owner, View.of(asked, most))

    async def _view(self, owner: str, view: View) -> Updates:
        return await asyncio.to_thread(strips.updates, self.flow.strip, self.studio, owner, view)


def _picked(event: gr.EventData) -> str:
    """The id of the edit that was clicked, as the page says it."""
    data: Any = event._data
    return str(data.get("id") or "") if isinstance(data, dict) else ""


def listen(browsing: Browsing) -> None:
    """Wire everything that is seen of the history."""
    flow, strip, line = browsing.flow, browsing.flow.strip, browsing.line
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    # Whoever types on is answered for the last of it, as the words are read when their turn comes.
    strip.finder.input(browsing.search, strip.finder, strip.outputs(), trigger_mode="always_last", **quiet)
    strip.older.click(browsing.older, strip.asked(), strip.outputs(), **quiet)
    picked = gr.on(
        [strip.edits.click, line.click], browsing.pick, strip.asked(), [*flow.shows(), *strip.outputs()], **quiet
    )
    picked.success(None, js=SEE_RESULT, api_visibility="private")
    gr.on([strip.edits.click, line.click], browsing.watch, flow.job, flow.follows(), **quiet)
    # An edit begins or ends: its state changes, wherever that is done.
    flow.job.change(browsing.refresh, strip.asked(), strip.outputs(), trigger_mode="always_last", **quiet)
    shown = flow.result.shown
    shown.change(browsing.trace, shown, line, trigger_mode="always_last", **quiet)
    says = strip.carrying.says
    strip.carrying.imports.upload(
        browsing.take_in, [strip.carrying.imports, *strip.asked()], [says, *strip.outputs()], **quiet
    )
