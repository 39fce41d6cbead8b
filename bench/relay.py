"""A stub relay in a process of its own, so that neither its time nor its memory is counted: `python -m bench.relay`.

Below `/small` it answers with a small picture (to warm up), below `/large` with one of 12 MiB. It reads no request
beyond its length, and closes every connection after the answer.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .inputs import MIB, Answers, picture

SMALL, LARGE = 4096, 12 * MIB
_LONGEST_HEAD = 64 * 1024


@contextmanager
def serving() -> Iterator[str]:
    """The URL of a stub that runs until the block ends."""
    command = [sys.executable, "-m", "bench.relay"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


class _Relay:
    def __init__(self) -> None:
        self._answers = {size: Answers.holding(picture(size)) for size in (SMALL, LARGE)}

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        path = head.split(" ", 2)[1]
        length = next(int(line.split(":")[1]) for line in head.lower().split("\r\n") if "content-length:" in line)
        while length > 0:
            length -= len(await reader.read(min(length, MIB)))
        kind, body = self._body(path)
        fields = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close")
        writer.write("\r\n".join(("HTTP/1.1 200 OK", *fields, "", "")).encode())
        writer.write(body)
        await writer.drain()
        writer.close()

    def _body(self, path: str) -> tuple[str, bytes]:
        answers = self._answers[LARGE if path.startswith("/large/") else SMALL]
        if "streamGenerateContent" in path:
            return "text/event-stream", answers.events
        return "application/json", answers.chat if path.endswith("/chat/completions") else answers.native


async def _serve() -> None:
    server = await asyncio.start_server(_Relay().answer, "127.0.0.1", 0, limit=_LONGEST_HEAD)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
