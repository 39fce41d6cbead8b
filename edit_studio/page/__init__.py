"""The page people see: the only importer of Gradio, one file for each thing on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import gradio as gr
from starlette.applications import Starlette

from ..door.shield import lifespan
from ..loop import settle
from ..ports import free_port
from ..settings import FIRST_PORT
from ..studio import Studio
from .forgetting import forget_closed
from .gradio_environment import uploads
from .layout import build
from .look import look
from .page_states import MOST_OPEN, PageStates

MOST_EVENTS = 250
"""Events that may run at once. Gradio's default of 40 counts every person who waits for a picture."""


def launch(page: gr.Blocks, studio: Studio, **changes: Any) -> str:
    """Serve the page and return its address. It is served until `page.close()`."""
    settings = studio.settings
    options: dict[str, Any] = {
        "server_name": settings.host,
        "server_port": free_port(settings.host, settings.port or FIRST_PORT),
        "prevent_thread_lock": True,
        "quiet": True,
        "max_threads": MOST_EVENTS,
        "state_session_capacity": MOST_OPEN,
        # An archive may be larger than a picture, whose size the shelf looks at.
        "max_file_size": studio.most_upload,
        # Run history would write every input to the browser's storage; the monitor is public.
        "run_history": False,
        "enable_monitoring": False,
        "ssr_mode": False,
        "footer_links": [],
        "share": False,
        "mcp_server": False,
        "app_kwargs": {
            "lifespan": _lifespan(studio),
            "routes": [*studio.gate.routes(), studio.pictures().route(), studio.archive().route(), studio.tiles()],
        },
        "auth_dependency": studio.gate.name_for_gradio if settings.logins else None,
        **look(),
    }
    _, address, _ = page.launch(**(options | changes))
    # Gradio would have a thread for each event; what blocks shares the few that the loop was given.
    page.limiter = None
    studio.start_sweeping()
    return address


def _lifespan(studio: Studio) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """The shield, and the loop that jobs live in made known."""
    shielded = lifespan(studio.rules())

    @asynccontextmanager
    async def living(app: Any) -> AsyncIterator[None]:
        studio.loop = asyncio.get_running_loop()
        settle(studio.loop)
        page = app.get_blocks()
        app.state_holder = PageStates(page)
        forgetting = asyncio.create_task(forget_closed(app.state_holder, page))
        async with shielded(app):
            yield
        forgetting.cancel()

    return living


__all__ = ["build", "launch", "look", "uploads"]
