"""What the page finds again when it loads: the edit that runs, or the last one, and the draft of the form."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gradio as gr
from sqlalchemy.exc import SQLAlchemyError

from edit_core.errors import EditError

from ..history.rows import JobRow
from ..intake import Intake
from ..storage.disk import NoRoom
from ..storage.vault import NotKept
from ..studio import Studio
from . import action as actions
from . import choices as all_choices
from . import draft as drafts
from . import header, meter, words
from . import result as results
from . import strip as strips
from . import tray as trays
from .choices import Chosen
from .finder import View
from .flow import Flow, Updates, is_known, owner_of
from .result import name_of
from .tray import Noted, Notes, Receiver

log = logging.getLogger(__name__)

LAST_CLICK = """() => {
  try {
    return [sessionStorage.getItem("click") ?? ""];
  } catch {
    return [""];
  }
}"""
"""Its token, while this tab does not know what became of it. Whether `page.js` has run by now is not known either."""

TYPED_BEFORE = """(owner) => {
  window.draftOwner = owner;
  window.draftIsBack = true;
  const prompt = document.querySelector("#prompt textarea");
  const [whose, typed] = window.typedBefore ?? [owner, prompt.value];
  window.typedBefore = undefined;
  if ((whose !== null && whose !== owner) || typed === prompt.value) return;
  prompt.value = typed;
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
}"""
"""Newer than the draft: what was typed while that was on its way, or could not be kept before the page was loaded anew
(`page.js`). Whoever has come in meanwhile as somebody else does not get it."""

KEEPING = """(...values) => {
  window.promptSent = values[2];
  return values;
}"""
KEPT = "() => window.promptKept(window.promptSent)"
"""What `page.js` need not remember any more."""

RECENT = 12 * 3600.0
"""Seconds after which the last edit is no longer brought back by itself; the strip still has it."""


@dataclass(frozen=True)
class Memory:
    """The widgets of the page, by what they remember. `loaded` says that the draft was put back, `owner` to its script
    whose that is."""

    flow: Flow
    receiver: Receiver
    top: header.Header
    loaded: gr.State
    owner: gr.Textbox
    draft: drafts.Writer

    @property
    def studio(self) -> Studio:
        """Where everything is kept."""
        return self.flow.studio

    async def load(self, request: gr.Request) -> Updates:
        """What is this owner's whatever runs: the strip, the draft, the budget."""
        owner, flow = owner_of(self.studio, request), self.flow
        updates = await self._restored(owner) | {self.loaded: True, self.owner: _told_apart(owner)}
        updates |= await asyncio.to_thread(strips.updates, flow.strip, self.studio, owner, View())
        return updates | {flow.money: await asyncio.to_thread(meter.html, self.studio, owner)}

    async def resume(self, request: gr.Request, token: str) -> AsyncIterator[Updates]:
        """The edit of this tab's last click or the one that runs, followed again; or the last one, if it is not old.

        `token` is of a click that this tab made before it was loaded, "" for none. Apart from `load`: an edit that
        cannot be shown must not take the page away.
        """
        owner, flow = owner_of(self.studio, request), self.flow
        if not is_known(self.studio, request):
            yield {flow.action.failure: actions.unremembered_html()}
            return
        job = await self._to_resume(owner, token)
        if job is None:
            return
        if not job.over:
            async for updates in flow.follow(owner, job.id):
                yield updates
            return
        yield {flow.ended: job.id}
        if job.token == token:
            yield {flow.action.status: actions.status_value("idle", over=token)}

    async def _to_resume(self, owner: str, token: str) -> JobRow | None:
        history = self.studio.history
        if token:
            await self.flow.started(owner)
            with suppress(NotKept):
                return await asyncio.to_thread(history.job_of_click, owner, token)
        if running := await asyncio.to_thread(history.running, owner):
            return max(running, key=lambda job: job.number)
        last = await asyncio.to_thread(history.page, owner, most=1)
        return last.rows[0] if last.rows and (last.rows[0].finished or 0) >= time.time() - RECENT else None

    async def favour(self, request: gr.Request, job_id: str, asked: Any, most: int) -> Updates:
        """Mark the edit that is shown, or take the mark away."""
        owner, flow = owner_of(self.studio, request), self.flow
        try:
            job = await asyncio.to_thread(self.studio.history.job, owner, job_id)
            await asyncio.to_thread(self.studio.history.favourite, owner, job_id, not job.favourite)
        except NotKept:
            return {flow.result.favourite: gr.skip()}
        label = words.FAVOURITE if job.favourite else words.NO_FAVOURITE
        updates = await asyncio.to_thread(strips.updates, flow.strip, self.studio, owner, View.of(asked, most))
        return updates | {flow.result.favourite: gr.update(value=label)}

    async def delete(
        self, request: gr.Request, job_id: str, asked: Any, most: int, noted: Notes, prompt: str
    ) -> Updates:
        """Delete the edit that is shown, and everything of it; what of it stands in the form as well."""
        owner, flow, form = owner_of(self.studio, request), self.flow, {}
        try:
            job = await asyncio.to_thread(self.studio.delete, owner, job_id)
            form = await self._without(job, noted, prompt)
        except NotKept:
            gr.Info(words.GONE)
        except EditError as error:
            gr.Info(str(error))
            return results.unasked(flow.result)
        updates = await asyncio.to_thread(strips.updates, flow.strip, self.studio, owner, View.of(asked, most))
        return updates | form | results.nothing(flow.result) | {flow.action.status: actions.status_value("idle")}

    async def _without(self, job: JobRow, noted: Notes, prompt: str) -> Updates:
        """The form without a deleted edit: its words, and pictures whose files went with it."""
        updates = {self.flow.action.prompt: ""} if (prompt or "").strip() == job.prompt.strip() else {}
        left = tuple([each for each in noted if await asyncio.to_thread(self.studio.shelf.has, each.path)])
        return updates if left == noted else updates | self._pictures(left)

    async def reuse(self, request: gr.Request, job_id: str) -> tuple[Any, ...]:
        """The first result as the next input, marked as what it is."""
        owner = owner_of(self.studio, request)
        try:
            job = await asyncio.to_thread(self.studio.history.job, owner, job_id)
            noted = (await asyncio.to_thread(self._on_shelf, job),)
        except NotKept:
            gr.Info(words.GONE)
            return gr.skip(), gr.skip(), gr.skip()
        except NoRoom as error:
            gr.Info(error.explain())
            return gr.skip(), gr.skip(), gr.skip()
        return await self.receiver.receive(trays.as_value([noted[0].path]), noted)

    async def keep_draft(
        self,
        request: gr.Request,
        loaded: bool,
        noted: Notes,
        prompt: str,
        provider: str,
        model: str,
        wire: str,
        ratio: str,
        size: str,
        takes: int,
    ) -> None:
        """Write the form down, once it has been left alone for a moment."""
        form = dict(zip(drafts.NAMES, (prompt, provider, model, wire, ratio, size), strict=True)) | {"takes": takes}
        draft = drafts.as_json(form, noted)
        if not loaded and not draft:
            # Widgets announce themselves as changed when the page is built; the draft is not read yet.
            return
        if not is_known(self.studio, request):
            return
        try:
            await self.draft.keep(owner_of(self.studio, request), draft)
        except (NoRoom, SQLAlchemyError):
            # Only a convenience: the next change is another chance.
            log.warning("A draft could not be written down.")

    async def _restored(self, owner: str) -> Updates:
        draft = self.draft.coming(owner)
        if draft is None:
            draft = await asyncio.to_thread(self.studio.history.draft, owner)
        if not draft:
            return {}
        flow, settings = self.flow, self.studio.settings
        chosen = Chosen.of(settings, *(str(draft.get(name, "")) for name in drafts.NAMES[1:]))
        values = all_choices.updates(settings, chosen)
        noted = await drafts.read_notes(self.studio.shelf, draft)
        self.receiver.see(noted)
        return self._pictures(noted) | {
            flow.action.prompt: draft.get("prompt", ""),
            flow.choices.provider: chosen.provider.id,
            **dict(zip((*flow.choices.outputs(), self.top.chip), values, strict=True)),
            flow.choices.takes: drafts.takes_of(draft),
        }

    def _pictures(self, noted: Notes) -> Updates:
        """These pictures in the tray."""
        tray = self.flow.tray
        return {
            tray.gallery: trays.as_value([each.path for each in noted]),
            tray.notes: trays.notes_html(noted, Intake(), self.studio.settings.limits),
            tray.noted: noted,
        }

    def _on_shelf(self, job: JobRow) -> Noted:
        if not job.takes:
            raise NotKept("This edit has no picture.")
        take = job.takes[0]
        name = name_of(job) + take.picture.suffix
        return Noted(str(self.studio.lend(take.picture, name)), name, (), take.id)


def listen(memory: Memory, page: gr.Blocks) -> None:
    """Wire load, what can be done with a result, and the draft."""
    flow = memory.flow
    tray, action, result, strip = flow.tray, flow.action, flow.result, flow.strip
    form = {"prompt": action.prompt, **flow.choices.with_takes()}
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    restored = [
        *(tray.gallery, tray.notes, tray.noted, action.prompt),
        *(flow.choices.provider, *flow.choices.outputs(), flow.choices.takes, memory.top.chip),
        *(memory.loaded, memory.owner),
    ]
    loading = page.load(memory.load, None, [*strip.outputs(), flow.money, *restored], **quiet)
    loading.then(None, memory.owner, None, js=TYPED_BEFORE, api_visibility="private")
    page.load(memory.resume, action.token, flow.follows(), js=LAST_CLICK, **quiet)
    result.favourite.click(memory.favour, [result.shown, *strip.asked()], [result.favourite, *strip.outputs()], **quiet)
    asking = [result.delete, result.sure, result.keep]
    result.delete.click(lambda: _asked(sure=True), None, asking, **quiet)
    result.keep.click(lambda: _asked(sure=False), None, asking, **quiet)
    deleted = [*result.outputs(), action.status, *strip.outputs(), tray.gallery, tray.notes, tray.noted, action.prompt]
    deleting = [result.shown, *strip.asked(), tray.noted, action.prompt]
    result.sure.click(memory.delete, deleting, deleted, **quiet)
    result.use.click(memory.reuse, result.shown, [tray.gallery, tray.notes, tray.noted], **quiet)
    others = [tray.noted.change, *(each.change for each in flow.choices.with_takes().values())]
    # Typing has a listener of its own: one that is at work for a picture would swallow the first letters.
    for changes, mode in (([action.prompt.change], "always_last"), (others, "multiple")):
        gr.on(
            changes,
            memory.keep_draft,
            inputs_kwargs={"loaded": memory.loaded, "noted": tray.noted, **form},
            outputs=None,
            trigger_mode=mode,
            js=KEEPING,
            **quiet,
        ).success(None, js=KEPT, api_visibility="private")


def _told_apart(owner: str) -> str:
    """A word that two owners do not share, and that says nothing of either."""
    return hashlib.sha256(owner.encode()).hexdigest()[:16]


def _asked(*, sure: bool) -> tuple[dict[str, Any], ...]:
    """Delete, or the question whether to. Made when it is wanted: a button made with the page would stand on it."""
    return gr.update(visible=not sure), gr.update(visible=sure), gr.update(visible=sure)


def label_edit(memory: Memory) -> None:
    """Keep the price on the Edit button right."""
    settings = memory.studio.settings

    async def relabel(provider: str, model: str, wire: str, ratio: str, size: str, takes: int) -> Any:
        chosen = Chosen.of(settings, provider, model, wire, ratio, size)
        return gr.update(value=meter.edit_label(settings, chosen, takes))

    inputs = memory.flow.choices.with_takes()
    gr.on(
        [each.change for each in inputs.values()],
        relabel,
        inputs_kwargs=inputs,
        outputs=memory.flow.action.edit,
        api_visibility="private",
        show_progress="hidden",
    )
