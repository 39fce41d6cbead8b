"""Before and after, the model's own words, the receipt, and what can be done with the result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import Any
from urllib.parse import quote

import gradio as gr

from ..door.picture_route import address
from ..history.rows import JobRow, PictureRow, TakeRow
from . import words
from .header import MARK
from .markup import paragraphs, safe

WIDE = 1.2
"""Width to height from which two pictures side by side are too small on a phone, and stand one above the other."""

WIDEST, TALLEST = 1.8, 0.66
EDITED = "-edited"


@dataclass(frozen=True)
class Result:
    """The widgets. `shown` holds the id of the edit that is shown, "" for none."""

    view: gr.HTML
    use: gr.Button
    favourite: gr.Button
    delete: gr.Button
    sure: gr.Button
    keep: gr.Button
    shown: gr.State

    def outputs(self) -> list[Any]:
        """All of them."""
        return [self.view, self.use, self.favourite, self.delete, self.sure, self.keep, self.shown]


@dataclass(frozen=True)
class Shown:
    """A finished edit as it is shown. `provider` is a name, `notes` are sentences that stand out."""

    job: JobRow
    provider: str
    seconds: float
    notes: tuple[str, ...] = ()


def render() -> Result:
    """An empty panel that says what will be there, and buttons that come with the result."""
    view = gr.HTML(empty_html(), elem_id="result")
    with gr.Row(elem_id="result-actions"):
        use = gr.Button(words.USE_AS_INPUT, elem_id="use", visible=False)
        favourite = gr.Button(words.FAVOURITE, elem_id="favourite", visible=False)
        delete = gr.Button(words.DELETE, elem_id="delete", visible=False)
        sure = gr.Button(words.DELETE_SURE, elem_id="sure", variant="stop", visible=False)
        keep = gr.Button(words.DELETE_KEEP, elem_id="keep", visible=False)
    return Result(view, use, favourite, delete, sure, keep, gr.State(""))


def updates(result: Result, shown: Shown) -> dict[Any, Any]:
    """What each widget shows of an edit that is over."""
    job = shown.job
    return {
        result.view: finished_html(shown) if job.takes else without_html(job),
        result.use: gr.update(visible=bool(job.takes)),
        result.favourite: gr.update(
            value=words.NO_FAVOURITE if job.favourite else words.FAVOURITE, visible=bool(job.takes)
        ),
        result.delete: gr.update(visible=True),
        **unasked(result),
        result.shown: job.id,
    }


def nothing(result: Result) -> dict[Any, Any]:
    """The panel as it is before the first edit."""
    hidden = {each: gr.update(visible=False) for each in (result.use, result.favourite, result.delete)}
    return {result.view: empty_html(), **hidden, **unasked(result), result.shown: ""}


def unasked(result: Result) -> dict[Any, Any]:
    """Nobody is asked whether to delete."""
    return {result.sure: gr.update(visible=False), result.keep: gr.update(visible=False)}


def empty_html() -> str:
    """The panel before the first edit."""
    return (
        f'<div class="stage empty">{MARK}<p>{safe(words.EMPTY_RESULT)}</p>'
        f'<p class="quiet">{safe(words.EMPTY_RESULT_HINT)}</p></div>'
    )


def without_html(job: JobRow) -> str:
    """An edit that gave no picture: what went in, and what was asked."""
    before = _side(words.BEFORE, _inputs(job), "before")
    return (
        f'<div class="stage without"><div class="sides wide" style="--ratio: {box(job):.3f}">{before}</div>'
        f"{_asked(job)}</div>"
    )


def finished_html(shown: Shown) -> str:
    """Both sides at equal size, then the words, then who made it in which time, then the receipt."""
    job, first = shown.job, shown.job.takes[0]
    ratio = box(job)
    wide = " wide" if ratio > WIDE else ""
    model = first.receipt.get("model") or {}
    answered = model.get("answered") or job.model
    made_by = words.MADE_BY.format(provider=shown.provider, model=answered, seconds=words.duration(shown.seconds))
    sides = _side(words.BEFORE, _inputs(job), "before") + _side(words.AFTER, _takes(job), "after")
    return (
        f'<div class="stage"><div class="sides{wide}" style="--ratio: {ratio:.3f}">{sides}</div>'
        f"{_downloads(job)}{_words(shown, first)}{_asked(job)}"
        f"{paragraphs(made_by, 'quiet made-by')}{_receipt(job)}</div>"
    )


def box(job: JobRow) -> float:
    """Width to height of a box that suits the first input and all results: the tallest one's, within reason."""
    pictures = [*(each.picture for each in job.inputs[:1]), *(take.picture for take in job.takes)]
    return min(WIDEST, max(TALLEST, min((each.width / each.height for each in pictures), default=1.0)))


def name_of(job: JobRow, number: int = 1) -> str:
    """What a result is called when it is saved, without its ending: after the first picture that went in."""
    stem = Path(job.inputs[0].name).stem if job.inputs else "picture"
    return f"{stem.removesuffix(EDITED)}{EDITED}" + (f"-{number}" if number > 1 else "")


def picture_address(picture: PictureRow, kind: str, download: str | None = None) -> str:
    """Relative to the page, safe in an attribute."""
    asked = f"?download={quote(download)}" if download is not None else ""
    return safe(address(picture.sha256, kind).removeprefix("/") + asked)


def _inputs(job: JobRow) -> list[tuple[PictureRow, str]]:
    return [(each.picture, words.BEFORE_ALT.format(letter=ascii_uppercase[i])) for i, each in enumerate(job.inputs)]


def _takes(job: JobRow) -> list[tuple[PictureRow, str]]:
    return [(take.picture, words.AFTER_ALT) for take in job.takes]


def _side(title: str, pictures: Sequence[tuple[PictureRow, str]], css_class: str) -> str:
    """Light previews; a click opens the picture itself."""
    shown = "".join(
        f'<a href="{picture_address(picture, "original")}" target="_blank" rel="noopener">'
        f'<img src="{picture_address(picture, "preview")}" alt="{safe(alt)}"></a>'
        for picture, alt in pictures
    )
    many = " many" if len(pictures) > 1 else ""
    columns = 1 if len(pictures) <= 2 else 2 if len(pictures) <= 6 else 3
    return (
        f'<figure class="{css_class}{many}" style="--columns: {columns}"><figcaption>{safe(title)}</figcaption>'
        f'<div class="pictures">{shown}</div></figure>'
    )


def _downloads(job: JobRow) -> str:
    """The picture exactly as it came, under a name made from the first input's."""
    many = len(job.takes) > 1
    links = "".join(
        f'<a class="download" href="{picture_address(take.picture, "original", name_of(job, number))}"'
        f" download>"
        f"{safe(words.DOWNLOAD_ALL.format(number=number) if many else words.DOWNLOAD)}</a>"
        for number, take in enumerate(job.takes, 1)
    )
    return f'<div class="downloads">{links}</div>'


def _words(shown: Shown, first: TakeRow) -> str:
    thought = str(first.receipt.get("thoughts") or "")
    thoughts = (
        f"<details><summary>{safe(words.MODEL_THOUGHT)}</summary>{paragraphs(thought, 'thoughts')}</details>"
        if thought.strip()
        else ""
    )
    said = f"<h2>{safe(words.MODEL_SAYS)}</h2>{paragraphs(first.text, 'said')}" if first.text.strip() else ""
    notes = "".join(paragraphs(note, "note") for note in shown.notes)
    return f'<div class="words">{notes}{said}{thoughts}</div>' if said or thoughts or notes else ""


def _asked(job: JobRow) -> str:
    prompt = paragraphs(job.prompt, "prompt")
    return f'<details class="asked"><summary>{safe(words.PROMPT_ASKED)}</summary>{prompt}</details>'


def _receipt(job: JobRow) -> str:
    receipts = [take.receipt for take in job.takes]
    text = json.dumps(receipts[0] if len(receipts) == 1 else receipts, ensure_ascii=False, indent=2)
    return (
        f'<details class="receipt"><summary>{safe(words.RECEIPT)}</summary>'
        f'<button type="button" class="copy" data-copied="{safe(words.RECEIPT_COPIED)}">'
        f"{safe(words.RECEIPT_COPY)}</button>"
        f'<pre tabindex="0">{safe(text)}</pre></details>'
    )
