"""Edit and Stop: the events that start a job, follow it, and show what became of it.

Each click carries a token that the page's script made, so a double click, or Ctrl+Enter and a click, is one job. The
token ends with the job, also where the page is loaded anew meanwhile. Following is all the page does: the job does not
notice when it stops.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
from starlette.types import Scope

from edit_core.errors import EditError

from ..failures import OutOfMemory, as_json
from ..history.rows import JobRow
from ..looks import thumbnails_are_there, unchanged
from ..storage.vault import NotKept
from ..studio import Studio
from . import action as actions
from . import meter, words
from . import result as results
from . import tray as trays
from .action import Action
from .choices import Choices
from .form import Form, make_order
from .result import Result, Shown
from .strip import Strip
from .tray import GalleryValue, Notes, Tray

Updates = dict[Any, Any]
"""New values by widget, as Gradio takes them."""

CLICK_IS_OVER = """() => {
  window.editToken = window.editClicked = null;
  window.editSeen = false;
  window.tabMemory.removeItem("click");
}"""
SHOW_RESULT = """() => {
  window.editOwed = false;
  if (window.editSeen !== false) return;
  window.editSeen = true;
  document.getElementById('result')?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
}"""
"""After a click of this page, scroll to it: on a phone the result stands above the form."""

AS_A_CLICK = """(...values) => {
  const digits = [...crypto.getRandomValues(new Uint8Array(24))].map((byte) => byte.toString(16).padStart(2, "0"));
  window.editToken ??= digits.join("");
  window.tabMemory.setItem("click", window.editToken);
  window.editClicked = performance.now();
  return [...values.slice(0, -1), window.editToken];
}"""
"""The token goes last. `crypto.randomUUID` would be shorter, and is not there without https."""

SHORTEST_TOKEN = 16


def owner_of(studio: Studio, request: gr.Request) -> str:
    """Who is asking."""
    return studio.people.owner(_scope_of(request))


def is_known(studio: Studio, request: gr.Request) -> bool:
    """Whether whoever is asking will be the same owner the next time; else nothing kept would be found again."""
    return studio.people.knows(_scope_of(request))


def _scope_of(request: gr.Request) -> Scope:
    if request.request is None:
        raise RuntimeError("This request did not come by HTTP.")
    return request.request.scope


@dataclass(frozen=True)
class Flow:
    """The widgets that an edit touches, and what its handlers work with.

    `job` is the id of the job that runs, `ended` of the one that ran last; what follows from them listens to them.
    `starting` are clicks that are not jobs yet, each with its owner.
    """

    studio: Studio
    tray: Tray
    action: Action
    choices: Choices
    result: Result
    strip: Strip
    money: gr.HTML
    job: gr.State
    ended: gr.State
    starting: dict[asyncio.Task[str], str] = field(default_factory=dict)

    async def run(
        self,
        request: gr.Request,
        pictures: GalleryValue,
        noted: Notes,
        prompt: str,
        provider: str,
        model: str,
        wire: str,
        ratio: str,
        size: str,
        takes: int,
        token: str,
    ) -> AsyncIterator[Updates]:
        """Submit the form as a job and follow it to its end."""
        if not is_known(self.studio, request):
            yield self._quiet(actions.status_value("idle"), actions.unremembered_html())
            return
        owner = owner_of(self.studio, request)
        form = Form(tuple(trays.paths(pictures)), prompt, provider, model, wire, ratio, size, takes, noted)
        if len(token or "") < SHORTEST_TOKEN:
            token = secrets.token_urlsafe(24)
        try:
            job_id = await self.submit(owner, token, form)
        except EditError as error:
            yield self._quiet(actions.status_value("idle"), actions.failure_html(as_json(error)))
            return
        async for updates in self.follow(owner, job_id):
            yield updates

    async def submit(self, owner: str, token: str, form: Form) -> str:
        """Start the job of a click. Goes on to its end even when whoever waits for it goes away."""

        async def start() -> str:
            try:
                order = await make_order(self.studio, owner, token, form)
            except MemoryError as error:
                raise OutOfMemory("The app has no memory for these pictures just now.") from error
            return await self.studio.jobs.submit(order)

        task = asyncio.ensure_future(start())
        self.starting[task] = owner
        task.add_done_callback(self.starting.pop)
        return await asyncio.shield(task)

    async def started(self, owner: str) -> None:
        """Wait until each click of this owner so far is a job, or was refused."""
        if tasks := [task for task, who in self.starting.items() if who == owner]:
            await asyncio.wait(tasks)

    async def follow(self, owner: str, job_id: str) -> AsyncIterator[Updates]:
        """The status line of a job until it is over; when it is, `ended` says so, and `settle` shows what it gave.

        Gradio makes every output of an event anew for each thing it tells (6.31, `postprocess_data`), so the event that
        tells many has few.
        """
        async for snapshot in self.studio.jobs.follow(owner, job_id):
            if not snapshot.job.over:
                yield {self.action.status: actions.running(snapshot), self.action.failure: "", self.job: job_id}
                continue
            row = self.studio.settings.providers.get(snapshot.job.provider)
            yield self._quiet(actions.ended(snapshot, bool(row and row.free))) | {self.ended: job_id}

    async def stop(self, request: gr.Request, job_id: str) -> None:
        """End the job that runs. Its follower shows what became of it."""
        with suppress(NotKept):
            await self.studio.jobs.stop(owner_of(self.studio, request), job_id)

    async def settle(self, request: gr.Request, ended: str) -> Updates:
        """What a job gave that is over now, and what is left of the budget."""
        owner = owner_of(self.studio, request)
        money = {self.money: await asyncio.to_thread(meter.html, self.studio, owner)}
        try:
            job = await asyncio.to_thread(self.studio.history.job, owner, ended)
        except NotKept:
            return money
        if job.was_stopped_by_owner and not job.takes:
            return money
        updates = await self.shown(job, (job.finished or job.created) - job.created)
        if not job.takes:
            # What stood there before stays: the edit that gave nothing is in the strip.
            updates = {self.action.failure: updates[self.action.failure]}
        return updates | money

    async def show(self, owner: str, job_id: str) -> Updates:
        """An edit of the history in the result's place. Raises `NotKept`."""
        job = await asyncio.to_thread(self.studio.history.job, owner, job_id)
        return await self.shown(job, (job.finished or job.created) - job.created)

    async def shown(self, job: JobRow, seconds: float) -> Updates:
        """The result's widgets for a job."""
        previews, loop = self.studio.previews, asyncio.get_running_loop()
        # Not in the threads that save: who waits for a preview must not keep pictures from the disk.
        is_ready = await asyncio.to_thread(thumbnails_are_there, previews, job)
        notes = await loop.run_in_executor(None if is_ready else previews.threads, self._notes, job)
        row = self.studio.settings.providers.get(job.provider)
        failure = ""
        # Whoever pressed Stop knows why there is nothing.
        if job.failure and not job.takes and not job.was_stopped_by_owner:
            failure = actions.failure_html(job.failure)
        shown = Shown(job, row.name if row else job.provider, seconds, notes)
        return results.updates(self.result, shown) | {self.action.failure: failure}

    def listen(self) -> None:
        """Wire the buttons."""
        self.run_on(self.action.edit.click)
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        self.action.stop.click(self.stop, self.job, None, queue=False, **quiet)
        settled = self.ended.change(self.settle, self.ended, [*self.shows(), self.money], **quiet)
        settled.then(None, js=SHOW_RESULT, api_visibility="private")

    def run_on(self, event: Callable[..., Any]) -> None:
        """Run the edit on a click, or when another event has filled the form in."""
        event(
            self.run,
            inputs_kwargs={
                "pictures": self.tray.gallery,
                "noted": self.tray.noted,
                "prompt": self.action.prompt,
                **self.choices.with_takes(),
                "token": self.action.token,
            },
            outputs=self.follows(),
            js=AS_A_CLICK,
            api_visibility="private",
            show_progress="hidden",
        ).then(None, js=CLICK_IS_OVER, api_visibility="private")

    def follows(self) -> list[Any]:
        """What changes while a job runs: few, as each is sent often."""
        return [self.action.status, self.action.failure, self.job, self.ended]

    def shows(self) -> list[Any]:
        """What changes when an edit is shown."""
        return [*self.result.outputs(), self.action.failure]

    def _quiet(self, status: dict[str, Any], failure: str = "") -> Updates:
        """Nothing runs."""
        return {self.action.status: status, self.action.failure: failure, self.job: ""}

    def _notes(self, job: JobRow) -> tuple[str, ...]:
        """Sentences that stand out. Blocks: previews are looked at."""
        notes = [note for take in job.takes for note in take.receipt.get("notes") or []]
        if any(self.studio.vault.unsaved(take.picture.sha256) for take in job.takes):
            notes.insert(0, words.UNSAVED)
        elif same := unchanged(self.studio.previews, job):
            alone = words.UNCHANGED_ONE if len(same) == 1 else words.UNCHANGED_MANY
            text = words.UNCHANGED if len(job.takes) == 1 else alone
            notes.insert(0, text.format(numbers=", ".join(map(str, same))))
        if job.failure and job.takes:
            # What a paid one quotes may be the link to its picture, and no receipt has it.
            told = ("message", "money", "said") if job.failure.get("charged") == "yes" else ("message", "money")
            why = " ".join(str(job.failure.get(name) or "") for name in told).strip()
            # One answer may bring several pictures.
            came = sum(take.position < job.takes_asked for take in job.takes)
            notes.append(words.PARTLY.format(came=came, asked=job.takes_asked, why=why))
        return tuple(dict.fromkeys(map(str, notes)))
