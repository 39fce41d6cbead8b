"""What Gradio keeps of each open page: what it has changed, and no more; of closed pages, what they may need again.

Gradio 6.31 also keeps a copy of every widget's settings for each page: a quarter of a megabyte, and an eighth of the
app's time when it was measured. Only its “deep links” read it, and this page has none.

A browser says that it is gone by ending its heartbeat. But one whose connection broke, or that a phone put to sleep,
ends it too, never begins another (Gradio 6.31, `open_heartbeat`), and goes on with the same page when it is back. So
the values of closed pages are kept for a day, some kilobytes each, and given back when one returns.
"""

from __future__ import annotations

from collections import OrderedDict
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.state_holder import SessionState, StateHolder

MOST_OPEN = 1000
"""Pages that are remembered whole. Programs have no heartbeat, so theirs go when there are more."""
MOST_ASLEEP = 1000
LONGEST_ASLEEP = timedelta(days=1)
"""Uploads are removed after so long."""


@dataclass(frozen=True)
class _Asleep:
    """What a page that comes back cannot do without: its values, and the widgets that offer something else by now."""

    since: datetime
    values: dict[int, Any]
    widgets: dict[int, Block]


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
        if isinstance(self.blocks_config.blocks.get(key), gr.State):
            # Without the moment, from which on Gradio gives it an hour: a page that lost its heartbeat may be in use.
            self.state_data[key] = value
        elif key in self.blocks_config.blocks:
            # Gradio also puts what it made anew for an update under a number of its own (6.31, `preprocess_data`), for
            # which nobody ever asks.
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
        self._asleep: OrderedDict[str, _Asleep] = OrderedDict()

    def __getitem__(self, session: str) -> SessionState:
        with self.lock:
            if session not in self.session_data:
                self.session_data[session] = self._awake(session)
        return super().__getitem__(session)

    def put_to_sleep(self, closed_for: float) -> None:
        """Let go of pages closed and unused for so many seconds, but for what they may need."""
        now = datetime.now()  # noqa: DTZ005 - as Gradio notes it
        with self.lock:
            for session, state in list(self.session_data.items()):
                used = self.time_last_used.get(session, now)
                if state.is_closed and (now - used).total_seconds() > closed_for:
                    self._asleep[session] = _Asleep(now, state.state_data, self._offering(state))
                    del self.session_data[session]
                    self.time_last_used.pop(session, None)
            for session, asleep in list(self._asleep.items()):
                if len(self._asleep) > MOST_ASLEEP or now - asleep.since > LONGEST_ASLEEP:
                    del self._asleep[session]

    def _awake(self, session: str) -> PageState:
        """The state of a new page, or of one that has come back."""
        state = PageState(self.blocks)
        if asleep := self._asleep.pop(session, None):
            state.state_data = asleep.values
            state.blocks_config.blocks.update(asleep.widgets)
            # It has no heartbeat any more, so it may sleep again as soon as nobody uses it.
            state.is_closed = True
        return state

    def _offering(self, state: SessionState) -> dict[int, Block]:
        """Widgets with other choices than the page starts with: Gradio refuses a value that is not among them."""
        start = self.blocks.blocks
        return {
            key: widget
            for key, widget in state.blocks_config.blocks.items()
            if getattr(widget, "choices", None) != getattr(start.get(key), "choices", None)
        }
