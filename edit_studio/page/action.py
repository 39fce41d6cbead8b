"""The prompt, the button that becomes Stop, the status line below it, and the panel that says why nothing came."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from edit_core.errors import MONEY

from ..history.rows import Json
from ..jobs import Snapshot
from ..money.budget import BudgetReached
from . import words
from .markup import paragraphs, safe

ASSETS = Path(__file__).parents[2] / "assets"
MEGABYTE = 2**20
SAYS_WHEN = (BudgetReached.kind,)
"""Kinds of failures whose message says itself when to try again."""


@dataclass(frozen=True)
class Action:
    """The widgets. `token` stands for one click; the page's script makes it."""

    prompt: gr.Textbox
    edit: gr.Button
    stop: gr.Button
    status: gr.HTML
    failure: gr.HTML
    token: gr.Textbox


def render(edit_label: str) -> Action:
    """Both buttons stand in the same place, one of them at a time."""
    prompt = gr.Textbox(
        label=words.PROMPT,
        placeholder=words.PROMPT_PLACEHOLDER,
        elem_id="prompt",
        lines=3,
        max_lines=10,
    )
    with gr.Column(elem_id="action"):
        edit = gr.Button(edit_label, variant="primary", elem_id="edit")
        stop = gr.Button(words.STOP, variant="stop", elem_id="stop")
    status = gr.HTML(
        status_value("idle"),
        html_template="",
        js_on_load=(ASSETS / "status.js").read_text(encoding="utf-8"),
        elem_id="status",
    )
    failure = gr.HTML("", elem_id="failure")
    token = gr.Textbox("", visible=False, elem_id="token")
    return Action(prompt, edit, stop, status, failure, token)


def status_value(state: str, says: str = "", seconds: float | None = None, over: str = "") -> dict[str, Any]:
    """What the status line shows; `status.js` writes it as plain text.

    A clock that stands at so many seconds runs on by itself; it is not read out, the words are. `over` is the token of
    a click of which the page knows now what became of it.
    """
    return {"state": state, "says": says, "seconds": seconds, "units": words.UNITS, "over": over}


def running(snapshot: Snapshot) -> dict[str, Any]:
    """The status line of a job that runs."""
    if snapshot.place:
        return status_value("running", words.PLACE.format(place=snapshot.place), snapshot.seconds)
    says = words.PROGRESS[snapshot.job.state].format(megabytes=snapshot.received_bytes / MEGABYTE)
    if snapshot.refused:
        says = words.NOT_ALL.format(says=says, why=snapshot.refused)
    return status_value("running", says, snapshot.seconds)


def ended(snapshot: Snapshot, free: bool) -> dict[str, Any]:
    """The status line of a job that is over. `free` says that the provider costs nothing."""
    seconds, job = words.duration(snapshot.seconds), snapshot.job
    if job.state == "done":
        return status_value("done", words.DONE.format(seconds=seconds), over=job.token)
    if job.state == "stopped":
        charged = (job.failure or {}).get("charged", "maybe")
        money = words.STOPPED_FREE if free or charged == "no" else words.STOPPED_MAYBE
        return status_value("stopped", words.STOPPED.format(seconds=seconds, money=money), over=job.token)
    return status_value("idle", over=job.token)


def unremembered_html() -> str:
    """Why nothing is sent for a browser that keeps no cookie, and the way out of another site's frame."""
    link = f'<a href="./" target="_blank" rel="noopener">{safe(words.OWN_TAB)}</a>'
    return (
        f'<div class="failure" role="alert"><h2>{safe(words.NO_COOKIE_TITLE)}</h2>'
        f"{paragraphs(words.NO_COOKIE, 'what')}{paragraphs(words.NO_COOKIE_STEP, 'step')}{link}</div>"
    )


def failure_html(failure: Json) -> str:
    """What happened, whether it may have cost money, and the next step. Also the service's own words, if it had any.

    `failure` is an error as `failures.as_json` writes it; a note read back may lack any part of it.
    """
    step = str(failure.get("next_step") or "")
    if (wait := failure.get("retry_after")) and failure.get("kind") not in SAYS_WHEN:
        step += " " + words.WAIT_ASKED.format(seconds=words.duration(float(wait)))
    said = str(failure.get("said") or "").strip()
    money = failure.get("money") or MONEY.get(failure.get("charged", "maybe"), MONEY["maybe"])
    quoted = f"<details><summary>{safe(words.SERVICE_SAID)}</summary><pre>{safe(said)}</pre></details>" if said else ""
    return (
        f'<div class="failure" role="alert"><h2>{safe(words.FAILURE_TITLE)}</h2>'
        f"{paragraphs(str(failure.get('message') or ''), 'what')}{paragraphs(str(money), 'money')}"
        f"{paragraphs(step, 'step')}{quoted}</div>"
    )
