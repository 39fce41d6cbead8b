"""Your edits: a strip of them, the latest first, each a small picture that a click brings back whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from ..door.picture_route import address
from ..history.rows import JobRow
from ..keeping import Keeping
from ..studio import Studio
from . import carrying, words
from . import finder as finders
from .carrying import Carrying
from .finder import MOST_AT_FIRST, View
from .markup import safe

ASSETS = Path(__file__).parents[2] / "assets"
LONGEST_PROMPT = 160


@dataclass(frozen=True)
class Strip:
    """The widgets. What is shown is the finder's value and `most`, how many edits."""

    finder: gr.HTML
    edits: gr.HTML
    older: gr.Button
    carrying: Carrying
    most: gr.State

    def outputs(self) -> list[Any]:
        """The widgets that `updates` changes."""
        return [self.finder, self.edits, self.older, self.carrying.export, self.most]

    def asked(self) -> list[Any]:
        """The widgets that make a `View`."""
        return [self.finder, self.most]


def render() -> Strip:
    """Search, a line of small pictures that scrolls by itself, a button for older ones, and the way out and in."""
    with gr.Column(elem_id="history"):
        with gr.Row(elem_id="history-head"):
            gr.HTML(f"<h2>{safe(words.HISTORY)}</h2>", elem_id="history-title")
            carried = carrying.render()
        finder = finders.render()
        edits = gr.HTML(
            {"note": "", "entries": [], "any": False},
            html_template="",
            js_on_load=(ASSETS / "strip.js").read_text(encoding="utf-8"),
            elem_id="strip",
        )
        older = gr.Button(words.OLDER, elem_id="older", size="sm", visible=False)
    return Strip(finder, edits, older, carried, gr.State(MOST_AT_FIRST))


def updates(strip: Strip, studio: Studio, owner: str, view: View) -> dict[Any, Any]:
    """The history of this owner as this view shows it. Blocks."""
    page = studio.history.page(owner, view.search, most=view.most)
    facets = studio.history.facets(owner)
    value = {"note": note(studio.settings.keeping), "entries": [entry(job) for job in page.rows], "any": facets.any}
    return {
        strip.finder: finders.update(studio.settings, facets, view.search, nothing=facets.any and not page.rows),
        strip.edits: value,
        strip.older: gr.update(visible=page.next_cursor is not None),
        strip.carrying.export: carrying.link_html(view.search) if page.rows else "",
        strip.most: view.most,
    }


def entry(job: JobRow) -> dict[str, Any]:
    """What the script needs of an edit."""
    pictures = [*(take.picture for take in job.takes), *(each.picture for each in job.inputs)]
    state = job.state if job.over else "running"
    return {
        "id": job.id,
        "state": state,
        "says": words.HISTORY_STATES[state],
        "prompt": job.prompt[:LONGEST_PROMPT],
        "thumb": address(pictures[0].sha256, "thumb").removeprefix("/") if pictures else "",
        "favourite": job.favourite,
    }


def note(keeping: Keeping) -> str:
    """What should be known of how long edits are kept."""
    kept = "" if keeping.seconds is None else words.HISTORY_DAYS.format(days=words.days(keeping.seconds))
    return " ".join(filter(None, (words.HISTORY_EPHEMERAL if keeping.ephemeral else "", kept)))
