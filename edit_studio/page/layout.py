"""The page as a whole: first every widget is made, in the order it stands, then they are wired."""

from __future__ import annotations

import gradio as gr

from ..studio import Studio
from . import (
    action,
    api,
    browsing,
    carrying,
    choices,
    draft,
    examples,
    gradio_environment,
    header,
    lineage,
    memory,
    meter,
    result,
    strip,
    tray,
    words,
)
from .flow import Flow


def build(studio: Studio) -> gr.Blocks:
    """The page. Give `look()` to its `launch`."""
    settings = studio.settings
    gradio_environment.record_no_events()
    with gr.Blocks(title=words.NAME, analytics_enabled=False) as page:
        start = choices.at_start(settings)
        top = header.render(start.provider, start.model.id, settings)
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="form", scale=5, min_width=320):
                pictures = tray.render(settings.limits)
                deed = action.render(meter.edit_label(settings, start, 1))
                money = gr.HTML("", elem_id="money")
                chosen = choices.render(settings)
            with gr.Column(elem_id="outcome", scale=7, min_width=320):
                outcome = result.render()
                line = lineage.render()
        earlier = strip.render()
        cards = examples.render()

        flow = Flow(studio, pictures, deed, chosen, outcome, earlier, money, gr.State(""), gr.State(""))
        receiver = tray.Receiver(studio.shelf, studio.darkroom, settings.limits)
        remembered = memory.Memory(
            flow, receiver, top, gr.State(False), gr.Textbox(visible=False), draft.Writer(studio.keep_draft)
        )
        tray.listen(pictures, receiver)
        choices.listen(chosen, top, settings)
        flow.listen()
        examples.listen(cards, flow, top, settings, receiver)
        memory.listen(remembered, page)
        browsing.listen(browsing.Browsing(flow, line, carrying.Intake(studio)))
        memory.label_edit(remembered)
        api.listen(flow, settings)
    page.queue(default_concurrency_limit=None)
    return page
