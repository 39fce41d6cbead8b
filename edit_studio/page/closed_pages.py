"""What Gradio remembers of each page that was opened, forgotten once the page is closed.

Gradio 6.31 keeps a quarter of a megabyte for each until ten thousand were opened (`StateHolder`). A browser tells that
it is gone by ending its heartbeat; one that comes back loads the page anew.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

SECONDS_CLOSED = 60.0
MOST_OPEN = 1000
"""Pages that are remembered at all. Programs have no heartbeat, so theirs go when there are more."""
_PAUSE = 20.0


async def forget_closed(state_holder: Any, pause: float = _PAUSE, closed_for: float = SECONDS_CLOSED) -> None:
    """Forget pages that have been closed and unused for so many seconds, now and then, until cancelled."""
    while True:
        await asyncio.sleep(pause)
        forget(state_holder, closed_for)


def forget(state_holder: Any, closed_for: float) -> int:
    """Forget them now; returns how many went. `state_holder` is Gradio's."""
    now, gone = datetime.now(), []  # noqa: DTZ005 - as Gradio notes it
    for page, session in list(state_holder.session_data.items()):
        used = state_holder.time_last_used.get(page, now)
        if session.is_closed and (now - used).total_seconds() > closed_for:
            gone.append(page)
    with state_holder.lock:
        for page in gone:
            state_holder.session_data.pop(page, None)
            state_holder.time_last_used.pop(page, None)
    return len(gone)
