"""The engine in this process, and the engine behind a real port."""

from __future__ import annotations

import base64
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn

from edit_core.offline.app import create_app
from tests.waiting import eventually, wait_until


@dataclass(frozen=True)
class Ask:
    """Sends an edit in one of the two formats."""

    client: httpx.AsyncClient
    wire: str

    def body(self, prompt: str, pictures: tuple[bytes, ...], **more: Any) -> dict[str, Any]:
        """A plain request of the format; `more` is added at its top level."""
        coded = [base64.b64encode(each).decode() for each in pictures]
        if self.wire == "native":
            parts = [{"text": prompt}, *({"inlineData": {"mimeType": "image/jpeg", "data": each}} for each in coded)]
            return {"contents": [{"role": "user", "parts": parts}], **more}
        urls = [f"data:image/jpeg;base64,{each}" for each in coded]
        content = [
            {"type": "text", "text": prompt},
            *({"type": "image_url", "image_url": {"url": url}} for url in urls),
        ]
        return {"model": "any-model", "messages": [{"role": "user", "content": content}], **more}

    def path(self, *, stream: bool = False) -> str:
        """Where the format sends it; in chat the body says whether to stream."""
        if self.wire == "chat":
            return "/v1/chat/completions"
        return f"/v1beta/models/any-model:{'streamGenerateContent?alt=sse' if stream else 'generateContent'}"

    async def __call__(self, prompt: str, *pictures: bytes, stream: bool = False, **more: Any) -> httpx.Response:
        if stream and self.wire == "chat":
            more["stream"] = True
        return await self.client.post(self.path(stream=stream), json=self.body(prompt, pictures, **more))


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client whose server is the engine, in this process."""
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://offline") as made:
        yield made


@pytest.fixture(params=["native", "chat"])
def ask(client: httpx.AsyncClient, request: pytest.FixtureRequest) -> Ask:
    """Both formats, one after the other."""
    return Ask(client, request.param)


@pytest.fixture
def ask_native(client: httpx.AsyncClient) -> Ask:
    """The native format only."""
    return Ask(client, "native")


@pytest.fixture
def ask_chat(client: httpx.AsyncClient) -> Ask:
    """The chat-compatible format only."""
    return Ask(client, "chat")


@pytest.fixture(scope="session")
def cat(photo: Callable[[str], bytes]) -> bytes:
    """A photo of 451 by 300 pixels, JPEG."""
    return photo("cat.jpg")


@dataclass(frozen=True)
class Served:
    """An engine on a real port."""

    url: str
    server: uvicorn.Server

    def is_idle(self, within: float = 5.0) -> bool:
        """Whether every request comes to its end in these seconds."""
        return eventually(lambda: not self.server.server_state.tasks, within)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """The engine on 127.0.0.1 at a free port, for as long as the session lasts."""
    server = uvicorn.Server(uvicorn.Config(create_app(), port=0, log_level="critical", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive(), 30)
    assert server.started
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(f"http://127.0.0.1:{port}", server)
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()
