"""What Gradio remembers of each page that was opened, forgotten once the page is closed.

Gradio 6.31 keeps the state of each until ten thousand were opened (`StateHolder`), and a set of events for good
(`Queue`). A browser tells that it is gone by ending its heartbeat.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from ..heap import trim_heap

SECONDS_CLOSED = 60.0
MOST_OPEN = 1000
"""Pages that are remembered at all. Programs have no heartbeat, so theirs go when there are more."""
_PAUSE = 20.0


async def forget_closed(
    state_holder: Any, queue: Any, pause: float = _PAUSE, closed_for: float = SECONDS_CLOSED
) -> None:
    """Forget pages that have been closed and unused for so many seconds, now and then, until cancelled."""
    while True:
        await asyncio.sleep(pause)
        if forget(state_holder, queue, closed_for):
            await asyncio.to_thread(trim_heap)


def forget(state_holder: Any, queue: Any, closed_for: float) -> int:
    """Forget them now; returns how many went. `state_holder` and `queue` are Gradio's. Call in Gradio's own loop."""
    now, gone = datetime.now(), []  # noqa: DTZ005 - as Gradio notes it
    for page, session in list(state_holder.session_data.items()):
        used = state_holder.time_last_used.get(page, now)
        if session.is_closed and (now - used).total_seconds() > closed_for:
            gone.append(page)
    with state_holder.lock:
        for page in gone:
            state_holder.session_data.pop(page, None)
            state_holder.time_last_used.pop(page, None)
    _forget_queues(state_holder, queue)
    return len(gone)


def _forget_queues(state_holder: Any, queue: Any) -> None:
    """Let the queues go of pages that are forgotten and have no event under way."""
    for page, events in list(queue.pending_event_ids_session.items()):
        if page not in state_holder.session_data and events.isdisjoint(queue.event_ids_to_events):
            queue.pending_event_ids_session.pop(page, None)
            queue.pending_messages_per_session.pop(page, None)
