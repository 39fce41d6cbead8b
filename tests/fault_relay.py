"""A relay that fails on purpose: raw sockets on 127.0.0.1, so that every byte, cut and silence is a test's own.

It reads one request of a connection, notes it, and hands the connection to a script (`faults.py` has them). It knows
neither format, and shares nothing with the client.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass
class Heard:
    """One request as it came. `gone` is set when the client has closed its end, `gone_at` is when (monotonic)."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    gone_at: float = 0.0

    def header(self, name: str) -> str:
        """All values of a header, joined; "" for none."""
        return ", ".join(value for each, value in self.headers if each == name.lower())


class Line:
    """The relay's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Send bytes; raises `ConnectionError` once the client is gone."""
        self._writer.write(data)
        await self._writer.drain()

    def reset(self) -> None:
        """End the connection with a reset, not a farewell."""
        linger = struct.pack("ii", 1, 0)
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()

    async def close(self) -> None:
        """End the connection in good order."""
        self._writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await self._writer.wait_closed()


Script = Callable[[Line, Heard], Awaitable[None]]
"""What the relay does with a connection after it has read the request. The connection is closed when it ends."""


class FaultRelay:
    """Plays its scripts: the first for the first request, and so on, the last for all that follow.

    With `choose` the request chooses its script. `heard` are the requests whose headers came, in order, `connections`
    counts accepted connections (TLS done), `was_heard` is set with the first request. `reads_body=False` leaves a
    request's body in the socket.
    """

    def __init__(
        self,
        *scripts: Script,
        choose: Callable[[Heard], Script] | None = None,
        tls: ssl.SSLContext | None = None,
        reads_body: bool = True,
    ) -> None:
        self._scripts = scripts
        self._choose = choose
        self._tls = tls
        self._reads_body = reads_body
        self._lines: set[asyncio.Task[None]] = set()
        self.heard: list[Heard] = []
        self.was_heard = asyncio.Event()
        self.connections = 0
        self.port = 0

    @property
    def url(self) -> str:
        """The base URL of the relay."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def posts(self) -> int:
        """How many POSTs came."""
        return sum(heard.method == "POST" for heard in self.heard)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        task.add_done_callback(self._lines.discard)
        line = Line(reader, writer)
        try:
            await self._serve(line)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            # The client left first, or the test is over; asyncio before 3.12 complains of a server's cancelled tasks.
            pass
        finally:
            await line.close()

    async def _serve(self, line: Line) -> None:
        head = await line.reader.readuntil(b"\r\n\r\n")
        first, *others = head.decode("latin1").split("\r\n")[:-2]
        method, target, _ = first.split(" ", 2)
        pairs = (other.partition(":") for other in others)
        heard = Heard(method, target, [(name.lower(), value.strip()) for name, _, value in pairs])
        self.heard.append(heard)
        self.was_heard.set()
        number = len(self.heard)
        if self._reads_body:
            heard.body = await line.reader.readexactly(int(heard.header("content-length") or 0))
        script = self._choose(heard) if self._choose else self._scripts[min(number, len(self._scripts)) - 1]
        watch = asyncio.create_task(_watch(line, heard)) if self._reads_body else None
        try:
            await script(line, heard)
        finally:
            if watch is not None:
                watch.cancel()
                await asyncio.gather(watch, return_exceptions=True)


async def _watch(line: Line, heard: Heard) -> None:
    """Notes when the client leaves."""
    with contextlib.suppress(ConnectionError):
        while await line.reader.read(1024):
            pass
    heard.gone_at = time.monotonic()
    heard.gone.set()
