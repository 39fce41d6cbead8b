"""Photos with a prompt that run on the offline engine in one click."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from ..settings import OFFLINE, Settings
from ..storage.disk import NoRoom
from . import choices as all_choices
from . import header, words
from .choices import Chosen
from .flow import Flow
from .markup import safe
from .tray import Receiver, as_value

FOLDER = Path(__file__).parents[2] / "assets" / "examples"


@dataclass(frozen=True)
class Example:
    """Files in `FOLDER`: the photos, and the little picture on the card, before on its left and after on its right."""

    prompt: str
    photos: tuple[str, ...]
    card: str


EXAMPLES = (
    Example("Make it a pencil sketch", ("cat.jpg",), "sketch_card.jpg"),
    Example("Make it black and white with a white border", ("astronaut.jpg",), "border_card.jpg"),
    Example("Place both photos side by side", ("cat.jpg", "coffee.jpg"), "pair_card.jpg"),
    Example("主题风格改成红色", ("rocket.jpg",), "red_card.jpg"),
    Example("Vintage with a vignette", ("coffee.jpg",), "vintage_card.jpg"),
    Example("Turn it into an oil painting", ("cat.jpg",), "oil_card.jpg"),
)


@dataclass(frozen=True)
class Examples:
    """The buttons, in the order of `EXAMPLES`."""

    buttons: tuple[gr.Button, ...]


def render() -> Examples:
    """A row of cards, each a button with its photo."""
    # Copies among the uploads would be cleared away one day, as old files there are.
    gr.set_static_paths(FOLDER)
    with gr.Column(elem_id="examples"):
        gr.HTML(f'<h2>{safe(words.EXAMPLES)}</h2><p class="quiet">{safe(words.EXAMPLES_HINT)}</p>')
        with gr.Row(elem_id="example-cards"):
            buttons = tuple(
                gr.Button(each.prompt, icon=FOLDER / each.card, elem_classes="example", min_width=140)
                for each in EXAMPLES
            )
    return Examples(buttons)


def listen(examples: Examples, flow: Flow, top: header.Header, settings: Settings, receiver: Receiver) -> None:
    """A click fills the form in and runs it."""
    tray, choices = flow.tray, flow.choices

    def filler(example: Example) -> Any:
        async def fill() -> list[Any]:
            try:
                files = [str(receiver.shelf.put((FOLDER / photo).read_bytes(), photo)) for photo in example.photos]
            except NoRoom as error:
                raise gr.Error(safe(error.explain()), print_exception=False) from error
            taken = await receiver.receive(as_value(files), ())
            chosen = Chosen.of(settings, OFFLINE, "", "", all_choices.AUTO, all_choices.AUTO)
            return [*taken, example.prompt, OFFLINE, *all_choices.updates(settings, chosen)]

        return fill

    for button, example in zip(examples.buttons, EXAMPLES, strict=True):
        filled = button.click(
            filler(example),
            None,
            [
                *(tray.gallery, tray.notes, tray.noted),
                flow.action.prompt,
                choices.provider,
                *choices.outputs(),
                top.chip,
            ],
            api_visibility="private",
            show_progress="hidden",
        )
        flow.run_on(filled.success)
