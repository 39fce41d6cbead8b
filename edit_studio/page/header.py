"""The top of the page: its name, a chip that says who will do the work, and the way out where one came in by name."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from edit_core.providers import Provider

from ..settings import OFFLINE, Settings
from . import words
from .markup import safe

MARK = (
    '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect x="3" y="6" width="26" height="20" rx="5"/>'
    '<path d="M16 6v20M16 22l-8-8 4-4 4 4"/><circle cx="22.5" cy="12" r="2.5"/></svg>'
)


@dataclass(frozen=True)
class Header:
    """The widgets of the header."""

    chip: gr.HTML


LEAVE = f'<a class="chip leave" href="logout">{safe(words.LOG_OUT)}</a>'


def render(provider: Provider, model: str, settings: Settings) -> Header:
    """The name on the left, the chip and the way out on the right."""
    with gr.Row(elem_id="header", equal_height=True):
        gr.HTML(
            f'<div class="name">{MARK}<div><h1>{safe(words.NAME)}</h1><p>{safe(words.TAGLINE)}</p></div></div>',
            elem_id="name",
        )
        chip = gr.HTML(chip_html(provider, model), elem_id="chip")
        if settings.logins:
            gr.HTML(LEAVE, elem_id="leave")
        elif settings.hugging_face:
            gr.LoginButton(size="sm", elem_id="sign-in")
    return Header(chip)


def chip_html(provider: Provider, model: str) -> str:
    """Provider and model; of the offline engine, that it is none."""
    if provider.id == OFFLINE:
        return f'<span class="chip offline">{safe(words.OFFLINE_CHIP)}</span>'
    return f'<span class="chip">{safe(words.CHIP.format(provider=provider.name, model=model))}</span>'
