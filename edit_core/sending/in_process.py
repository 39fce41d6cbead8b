"""A call of an ASGI app in this process, its answer read piece by piece while the app still works.

No sockets and no HTTP library: just the app's own protocol (asgi.readthedocs.io, HTTP connection scope). Whoever stops
reading ends the app's work with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

from ..errors import UpstreamFailed

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_log = logging.getLogger(__name__)


class AppCall:
    """One request to an app. Await `start`, iterate over the pieces, and always `close` it."""

    def __init__(self, app: App, method: str, url: str, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
        self._request: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue()
        self._more = True
        self._task = asyncio.create_task(self._run(app, _scope(method, url, headers)))

    async def start(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Status and headers of the answer; an app that fails before it answers gives an empty 500."""
        message = await self._messages.get()
        if message is None:
            self._more = False
            return 500, []
        return message["status"], list(message.get("headers", ()))

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises `UpstreamFailed` when the app ends in the middle of it."""
        while self._more:
            message = await self._messages.get()
            if message is None:
                raise UpstreamFailed("The engine broke off before its answer was complete.")
            self._more = message.get("more_body", False)
            if piece := message.get("body", b""):
                yield piece

    async def close(self) -> None:
        """End the app's work, if it still goes on, and see it ended. What it failed with goes to the log."""
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled() and (failure := self._task.exception()):
            _log.error("The app in this process failed.", exc_info=failure)

    async def _run(self, app: App, scope: Message) -> None:
        try:
            await app(scope, self._receive, self._send)
        finally:
            # Whatever ended it, whoever reads must not wait for more.
            self._messages.put_nowait(None)

    async def _receive(self) -> Message:
        if self._request:
            return self._request.pop()
        # Nobody leaves before `close`, and that ends the app rather than telling it.
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self._messages.put_nowait(message)
        # An app that only sends would otherwise never let anybody else have a turn.
        await asyncio.sleep(0)


def _scope(method: str, url: str, headers: Iterable[tuple[bytes, bytes]]) -> Message:
    parts = urlsplit(url)
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in headers],
        "server": (parts.hostname, parts.port),
        "client": ("127.0.0.1", 0),
    }
