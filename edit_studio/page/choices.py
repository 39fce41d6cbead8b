"""Who makes the edit, and in what shape: format, provider, model, ratio, size.

What a provider or a model does not have is not shown, so no control does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from edit_core.edits import Wire
from edit_core.providers import FOURTEEN_RATIOS, Model, Provider

from ..settings import OFFLINE, Settings
from . import header, words
from .markup import safe

AUTO = "auto"
MOST_TAKES = 4
USUAL_SIZES = ("1K", "2K", "4K")
"""Offered for a model that no row describes; the service says if it cannot."""


@dataclass(frozen=True)
class Choices:
    """The widgets. `made_for` is the provider that the others were last made for."""

    wire: gr.Radio
    provider: gr.Dropdown
    model: gr.Dropdown
    ratio: gr.Dropdown
    size: gr.Dropdown
    takes: gr.Dropdown
    hint: gr.HTML
    made_for: gr.State

    def inputs(self) -> dict[str, Any]:
        """The widgets whose values make an order, by its names."""
        return {
            "provider": self.provider,
            "model": self.model,
            "wire": self.wire,
            "ratio": self.ratio,
            "size": self.size,
        }

    def with_takes(self) -> dict[str, Any]:
        """The same, and how many pictures are wanted."""
        return self.inputs() | {"takes": self.takes}

    def outputs(self) -> list[Any]:
        """The widgets that follow from the provider."""
        return [self.wire, self.model, self.ratio, self.size, self.hint, self.made_for]


@dataclass(frozen=True)
class Chosen:
    """A set of choices that fit each other."""

    provider: Provider
    model: Model
    wire: Wire
    ratio: str
    size: str

    @classmethod
    def of(cls, settings: Settings, provider: str, model: str, wire: str, ratio: str, size: str) -> Chosen:
        """What was chosen, and where it does not fit the provider or the model, what comes nearest."""
        known = {row.id: row for row in settings.offered()}
        row = known.get(provider, known[OFFLINE])
        described = row.model(model) if model else first_model(settings, row)
        fitting = next((each for each in row.wires if each == wire), row.wires[0])
        return cls(
            row,
            described,
            fitting,
            ratio if ratio in ratios(row, described, fitting) else AUTO,
            size if size in sizes(row, described, fitting) else AUTO,
        )


def first_model(settings: Settings, provider: Provider) -> Model:
    """The model to start with: the owner's, where this is the owner's provider, else the provider's first."""
    if settings.model and provider.id == settings.provider:
        return provider.model(settings.model)
    return provider.models[0] if provider.models else Model("")


def at_start(settings: Settings) -> Chosen:
    """The choices the page opens with."""
    return Chosen.of(settings, settings.provider, "", settings.wire or "", AUTO, AUTO)


def ratios(provider: Provider, model: Model, wire: Wire) -> tuple[str, ...]:
    """The ratios that may be asked for; none where this provider cannot be told."""
    return (model.ratios or FOURTEEN_RATIOS) if provider.takes_shape(wire) else ()


def sizes(provider: Provider, model: Model, wire: Wire) -> tuple[str, ...]:
    """The sizes that may be asked for; none where the model has just one."""
    choices = model.sizes or USUAL_SIZES
    return choices if provider.takes_shape(wire) and len(choices) > 1 else ()


def widget_values(settings: Settings, chosen: Chosen) -> dict[str, dict[str, Any]]:
    """For each widget what it shows, by the names in `Choices`: one table for building and for updating."""
    shapes = ratios(chosen.provider, chosen.model, chosen.wire)
    scales = sizes(chosen.provider, chosen.model, chosen.wire)
    return {
        "wire": {"choices": [(words.WIRES[wire], wire) for wire in chosen.provider.wires], "value": chosen.wire},
        "provider": {"choices": provider_choices(settings), "value": chosen.provider.id},
        "model": {
            "choices": [(model.label or model.id, model.id) for model in chosen.provider.models],
            "value": chosen.model.id,
        },
        "ratio": {"choices": [(words.AUTO_RATIO, AUTO), *shapes], "value": chosen.ratio, "visible": bool(shapes)},
        "size": {"choices": [(words.AUTO_SIZE, AUTO), *scales], "value": chosen.size, "visible": bool(scales)},
        "hint": {"value": hint_html(settings, chosen.provider)},
    }


def provider_choices(settings: Settings) -> list[tuple[str, str]]:
    """Names and ids; a provider that is not set up says so."""
    return [
        (words.NEEDS_SETUP.format(name=row.name) if settings.missing(row.id) else row.name, row.id)
        for row in settings.offered()
    ]


def hint_html(settings: Settings, provider: Provider) -> str:
    """How to set up a provider that is not; what the offline engine is good for."""
    if names := settings.missing(provider.id):
        text = words.SETUP_HINT.format(name=provider.name, names=words.AND.join(names))
        return f'<p class="note">{safe(text)}</p>'
    if provider.id == OFFLINE:
        text = words.OFFLINE_HINT_SHARED if settings.shared else words.OFFLINE_HINT
        return f'<p class="quiet">{safe(text)}</p>'
    return ""


def render(settings: Settings) -> Choices:
    """The toggle in a line of its own, the rest in pairs, the hint below."""
    chosen = at_start(settings)
    values = widget_values(settings, chosen)
    with gr.Column(elem_id="choices"):
        wire = gr.Radio(label=words.FORMAT, elem_id="wire", **values["wire"])
        with gr.Row():
            provider = gr.Dropdown(label=words.PROVIDER, elem_id="provider", min_width=140, **values["provider"])
            model = gr.Dropdown(
                label=words.MODEL, elem_id="model", min_width=140, allow_custom_value=True, **values["model"]
            )
        with gr.Row():
            ratio = gr.Dropdown(label=words.RATIO, elem_id="ratio", min_width=110, **values["ratio"])
            size = gr.Dropdown(label=words.SIZE, elem_id="size", min_width=110, **values["size"])
            takes = gr.Dropdown(
                label=words.TAKES,
                elem_id="takes",
                min_width=90,
                choices=[(words.TAKE_COUNTS[count], count) for count in range(1, MOST_TAKES + 1)],
                value=1,
            )
    hint = gr.HTML(elem_id="provider-hint", **values["hint"])
    return Choices(wire, provider, model, ratio, size, takes, hint, gr.State(chosen.provider.id))


def listen(choices: Choices, top: header.Header, settings: Settings) -> None:
    """Keep the choices fitting each other: a new provider brings its own model, and what still fits stays."""
    inputs = choices.inputs()

    async def change_provider(
        made_for: str, provider: str, model: str, wire: str, ratio: str, size: str
    ) -> list[Any] | dict[str, Any]:
        if provider == made_for:
            # The page set it, together with the others: a draft may bring a model that no row knows.
            return gr.skip()
        kept = model if model in {row.id for row in settings.providers[provider].models} else ""
        return updates(settings, Chosen.of(settings, provider, kept, wire, ratio, size))

    async def change_shape(provider: str, model: str, wire: str, ratio: str, size: str) -> list[Any]:
        chosen = Chosen.of(settings, provider, model, wire, ratio, size)
        values = widget_values(settings, chosen)
        # What is right as it stands is not set again: it may have been chosen anew in the meantime.
        if chosen.ratio == ratio:
            values["ratio"].pop("value")
        if chosen.size == size:
            values["size"].pop("value")
        return [
            gr.update(**values["ratio"]),
            gr.update(**values["size"]),
            header.chip_html(chosen.provider, chosen.model.id),
        ]

    choices.provider.change(
        change_provider,
        inputs_kwargs={"made_for": choices.made_for} | inputs,
        outputs=[*choices.outputs(), top.chip],
        api_visibility="private",
        show_progress="hidden",
    )
    gr.on(
        [choices.model.change, choices.wire.change],
        change_shape,
        inputs_kwargs=inputs,
        outputs=[choices.ratio, choices.size, top.chip],
        api_visibility="private",
        show_progress="hidden",
    )


def updates(settings: Settings, chosen: Chosen) -> list[Any]:
    """New values for `Choices.outputs()` and the header's chip."""
    values = widget_values(settings, chosen)
    return [
        gr.update(**values["wire"]),
        gr.update(**values["model"]),
        gr.update(**values["ratio"]),
        gr.update(**values["size"]),
        values["hint"]["value"],
        chosen.provider.id,
        header.chip_html(chosen.provider, chosen.model.id),
    ]
