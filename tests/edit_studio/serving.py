"""A running page, for tests and screenshots: the real app with the real offline engine, on a port of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import gradio as gr
import pytest
from starlette.types import Receive, Scope, Send

from edit_core import PROVIDERS, Client, EditRequest, Picture, Reference
from edit_core.client import in_process
from edit_core.edits import Wire
from edit_core.offline.app import app as engine
from edit_studio.page import build, launch, uploads
from edit_studio.settings import Settings
from edit_studio.studio import Studio, open_studio


@dataclass
class CountingEngine:
    """The offline engine, with a list of the paths that were posted to it, and answers that can be held back."""

    posts: list[str] = field(default_factory=list)
    _held: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            self.posts.append(scope["path"])
            while self._held:  # noqa: ASYNC110  an asyncio.Event cannot be set from the test's thread
                await asyncio.sleep(0.02)
        await engine(scope, receive, send)

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Within the block an edit stays in the middle, however long the test takes to look at it."""
        self._held = True
        try:
            yield
        finally:
            self._held = False


@dataclass(frozen=True)
class Served:
    """A page that runs: its address, the folder its uploads lie in, the engine behind it, and what serves it."""

    address: str
    files: Path
    engine: CountingEngine
    studio: Studio
    blocks: gr.Blocks


@contextmanager
def served(files: Path, settings: Settings | None = None) -> Iterator[Served]:
    """Serve a page whose uploads lie in a folder in `files`, until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(files))
        counting = CountingEngine()
        settings = settings or Settings.read({})
        keeping = replace(settings.keeping, folder=files.with_name(f"{files.name}-kept"))
        settings = replace(settings, port=_free_port(), keeping=keeping)
        studio = open_studio(settings, counting, uploads(settings))
        page = build(studio)
        address = launch(page, studio)
        yield Served(address, studio.shelf.root, counting, studio, page)
        studio.drain(2)
        page.close()
        studio.close()


def engine_answer(prompt: str, *photos: bytes, wire: Wire = "native") -> bytes:
    """What the engine itself sends for an edit. In a thread, as a browser test has a loop running in its own."""

    async def ask() -> bytes:
        request = EditRequest(prompt, tuple(Reference(Picture.read(each)) for each in photos))
        async with Client(PROVIDERS["offline"], wire=wire, transport=in_process(engine)) as client:
            return (await client.edit(request, "offline-engine")).pictures[0].data

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, ask()).result()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
