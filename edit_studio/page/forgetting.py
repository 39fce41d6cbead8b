"""What Gradio remembers of each page that was opened, forgotten once the page is closed.

Gradio 6.31 keeps the state of each until ten thousand were opened (`StateHolder`), and a set of events for good
(`Queue`).
"""

from __future__ import annotations

import asyncio
from typing import Any

from ..heap import trim_heap
from .page_states import PageStates

SECONDS_CLOSED = 60.0
_PAUSE = 20.0


async def forget_closed(
    states: PageStates, queue: Any, pause: float = _PAUSE, closed_for: float = SECONDS_CLOSED
) -> None:
    """Forget pages that have been closed and unused for so many seconds, now and then, until cancelled."""
    while True:
        await asyncio.sleep(pause)
        if forget(states, queue, closed_for):
            await asyncio.to_thread(trim_heap)


def forget(states: PageStates, queue: Any, closed_for: float) -> int:
    """Forget them now; returns how many went. `queue` is Gradio's. Call in Gradio's own loop."""
    gone = states.put_to_sleep(closed_for)
    for session, events in list(queue.pending_event_ids_session.items()):
        if session not in states and events.isdisjoint(queue.event_ids_to_events):
            queue.pending_event_ids_session.pop(session, None)
            queue.pending_messages_per_session.pop(session, None)
    return gone
