"""What Gradio remembers of pages, events and uploads, forgotten once nobody asks for it any more.

Gradio 6.31 keeps the state of each page until ten thousand were opened (`StateHolder`), a set of events of each for
good (`Queue`), and of each upload its path (`Blocks.temp_file_sets`) and that it has begun (`FileUploadProgress`).
"""

from __future__ import annotations

import asyncio
import gc

import gradio as gr
from anyio import to_thread
from gradio.route_utils import FileUploadProgress
from gradio.routes import file_upload_statuses

from ..heap import trim_heap
from .page_states import PageStates

SECONDS_CLOSED = 60.0
MOST_UPLOADS = 250
"""Uploads whose progress is remembered until somebody has followed it to the end, the latest begun."""
_PAUSE = 5.0
"""Seconds. What pages and edits leave is given back to the system as often, in 20 ms."""


async def forget_closed(
    states: PageStates, page: gr.Blocks, pause: float = _PAUSE, closed_for: float = SECONDS_CLOSED
) -> None:
    """Forget uploads, and pages that have been closed and unused for so many seconds, now and then, until cancelled."""
    while True:
        await asyncio.sleep(pause)
        forget_uploads(page)
        forget(states, page, closed_for)
        # With each call anyio ends those of its threads that had nothing to do for ten seconds: a crowd leaves none.
        await to_thread.run_sync(_give_back)


def _give_back() -> None:
    """Give back what pages and edits have left.

    An error holds on to what was at hand where it was raised, itself among it, and so to pictures. Python's collector
    finds such rings as new things are made, so not while nothing happens: some 40 MB were seen to stay.
    """
    gc.collect()
    trim_heap()


def forget(states: PageStates, page: gr.Blocks, closed_for: float) -> None:
    """Forget those pages now. Call in Gradio's own loop."""
    states.put_to_sleep(closed_for)
    queue = page._queue
    for session, events in list(queue.pending_event_ids_session.items()):
        if session not in states and events.isdisjoint(queue.event_ids_to_events):
            queue.pending_event_ids_session.pop(session, None)
            queue.pending_messages_per_session.pop(session, None)


def forget_uploads(page: gr.Blocks, progress: FileUploadProgress = file_upload_statuses) -> None:
    """Forget the paths of all uploads, and the progress that nobody follows. Call in Gradio's own loop.

    The files stay: the shelf removes them by their age. Gradio would remove them by these paths (`delete_cache`).
    """
    for paths in page.temp_file_sets:
        paths.clear()
    for upload in list(progress._statuses)[:-MOST_UPLOADS]:
        progress.stop_tracking(upload)
    for upload, has_begun in list(progress._signals.items()):
        if upload not in progress._statuses and not has_begun._waiters:
            del progress._signals[upload]
