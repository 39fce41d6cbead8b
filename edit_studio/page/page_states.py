"""What Gradio keeps of each open page: what the page has changed, and no more.

Gradio 6.31 also keeps a copy of every widget's settings for each page, made anew whenever one changes: a quarter of a
megabyte and an eighth of the app's time when it was measured. Only its “deep links” read it, and this page has none.
"""

from __future__ import annotations

from copy import copy
from datetime import datetime
from typing import Any

import gradio as gr
from gradio.state_holder import SessionState, StateHolder


class PageState(SessionState):
    """The state of one page, without the copy: `components` is always empty."""

    def __init__(self, page: gr.Blocks) -> None:
        # Not Gradio's own, which makes the copy; these are all the attributes it has.
        self.blocks_config = copy(page.default_config)
        self.config_values = {}
        self.state_data = {}
        self._state_ttl = {}
        self.is_closed = False
        self.STATE_TTL_WHEN_CLOSED = 3600

    def __setitem__(self, key: int, value: Any) -> None:
        widget = self.blocks_config.blocks.get(key)
        if isinstance(widget, gr.State):
            self._state_ttl[key] = widget.time_to_live, datetime.now()  # noqa: DTZ005 - as Gradio notes it
            self.state_data[key] = value
        else:
            self.blocks_config.blocks[key] = value

    def _update_config(self, key: int) -> None:
        """A widget has changed; there is no copy to change with it."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """A value has changed; there is no copy to change with it."""


class PageStates(StateHolder):
    """The states of all pages of an app; put it where Gradio has its own, before the first page is opened."""

    def __init__(self, page: gr.Blocks) -> None:
        super().__init__()
        self.set_blocks(page)

    def __getitem__(self, session: str) -> SessionState:
        if session not in self.session_data:
            self.session_data[session] = PageState(self.blocks)
        return super().__getitem__(session)
