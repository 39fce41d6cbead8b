"""A stub relay in a process of its own: `python -m bench.load.relay`. It answers native calls with a 4K picture.

How long it takes and how often it fails is told by `GET /begin?wait=20&faults=0.05`, which also forgets the posts so
far; `GET /now` says how many are in flight, `GET /report` lists every post with its outcome. A post is known by the
name of its edit, `edit-000017`, which stands in the prompt.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import httpx
import pybase64

from .samples import end_of_result, result_but_its_end

Outcome = Literal["picture", "busy", "cut", "garbage", "waiting", "gone"]
"""What a post was answered with. `busy` is a 503, `gone` a caller who hung up."""

FAULTS: tuple[Outcome, ...] = ("busy", "cut", "garbage")
_NAME = re.compile(rb"edit-\d{6}")
_LONGEST_HEAD = 64 * 1024
_PIECE = 1 << 20

_HEAD = b'{"candidates":[{"content":{"role":"model","parts":[{"inlineData":{"mimeType":"image/png","data":"'
_TAIL = (
    b'"}}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":800,"candidatesTokenCount":1290,'
    b'"totalTokenCount":2090},"modelVersion":"stub"}'
)


@dataclass
class Post:
    """One POST. `took` is the seconds from its last byte to the answer's first one."""

    edit: str
    outcome: Outcome = "waiting"
    took: float = 0.0


@dataclass(frozen=True)
class Report:
    """What the relay saw since it was told to begin."""

    peak: int
    posts: tuple[Post, ...]

    def of(self, edit: str) -> list[Post]:
        """The posts of one edit, in order."""
        return [post for post in self.posts if post.edit == edit]


@dataclass(frozen=True)
class Relay:
    """A stub that runs: its address and its process."""

    url: str
    pid: int

    def begin(self, wait: float, faults: float = 0.0) -> None:
        """Answer after `wait` seconds and break this share of the answers, from now on."""
        self._ask("/begin", wait=wait, faults=faults)

    def in_flight(self) -> int:
        """Posts that wait for their answer."""
        return int(self._ask("/now")["in_flight"])

    def report(self) -> Report:
        """Everything since `begin`."""
        told = self._ask("/report")
        return Report(told["peak"], tuple(Post(**post) for post in told["posts"]))

    def _ask(self, path: str, **values: float) -> Any:
        with httpx.Client(trust_env=False, timeout=60) as http:
            return http.get(self.url + path, params=values).raise_for_status().json()


@contextmanager
def serving() -> Iterator[Relay]:
    """A stub that runs until the block ends."""
    command = [sys.executable, "-m", "bench.load.relay"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Relay(f"http://127.0.0.1:{int(process.stdout.readline())}", process.pid)
        finally:
            process.terminate()


@dataclass
class _Stub:
    wait: float = 1.0
    faults: float = 0.0
    peak: int = 0
    in_flight: int = 0
    served: int = 0
    posts: list[Post] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(1))

    def __post_init__(self) -> None:
        whole = result_but_its_end()
        even = len(whole) // 3 * 3
        # Base64 of what all results share is made once; only the end of each is its own.
        self._start, self._rest = _HEAD + pybase64.b64encode(whole[:even]), whole[even:]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer, and the connection closes."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.split(" ", 2)
            if method == "POST":
                await self._post(await _name_in_body(head, reader), writer)
            else:
                await _send(writer, json.dumps(self._told(target)).encode())
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    def _told(self, target: str) -> dict[str, Any]:
        parts = urlsplit(target)
        if parts.path == "/begin":
            values = parse_qs(parts.query)
            self.wait, self.faults = (float(values[name][0]) for name in ("wait", "faults"))
            self.posts, self.peak, self.dice = [], 0, random.Random(1)
        if parts.path == "/report":
            return {"peak": self.peak, "posts": [asdict(post) for post in self.posts]}
        return {"in_flight": self.in_flight}

    async def _post(self, edit: str, writer: asyncio.StreamWriter) -> None:
        came = time.monotonic()
        post = Post(edit)
        self.posts.append(post)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        outcome: Outcome = self.dice.choice(FAULTS) if self.dice.random() < self.faults else "picture"
        try:
            await asyncio.sleep(self.wait)
            post.took = time.monotonic() - came
            await self._reply(outcome, writer)
            post.outcome = outcome
        except ConnectionError:
            post.outcome = "gone"
        finally:
            self.in_flight -= 1

    async def _reply(self, outcome: Outcome, writer: asyncio.StreamWriter) -> None:
        if outcome == "busy":
            await _send(writer, b'{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}', "503 Busy")
        elif outcome == "garbage":
            await _send(writer, b"<html><body>It works!</body></html>")
        else:
            self.served += 1
            body = self._start + pybase64.b64encode(self._rest + end_of_result(self.served)) + _TAIL
            await _send(writer, body, part=0.5 if outcome == "cut" else 1)


async def _name_in_body(head: str, reader: asyncio.StreamReader) -> str:
    """The name of the edit, after reading the whole body."""
    length = next(int(line.split(":")[1]) for line in head.lower().split("\r\n") if "content-length:" in line)
    name, kept = "", b""
    while length > 0:
        piece = await reader.read(min(length, _PIECE))
        if not piece:
            raise ConnectionResetError
        length -= len(piece)
        # A name may lie across two pieces.
        if not name and (found := _NAME.search(kept + piece)):
            name = found[0].decode()
        kept = piece[-16:]
    return name


async def _send(writer: asyncio.StreamWriter, body: bytes, status: str = "200 OK", part: float = 1) -> None:
    """An answer, or the first `part` of one before the connection breaks."""
    fields = ("Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close")
    writer.write("\r\n".join((f"HTTP/1.1 {status}", *fields, "", "")).encode())
    view = memoryview(body)[: int(len(body) * part)]
    for start in range(0, len(view), _PIECE):
        writer.write(view[start : start + _PIECE])
        await writer.drain()


async def _serve() -> None:
    server = await asyncio.start_server(_Stub().answer, "127.0.0.1", 0, limit=_LONGEST_HEAD)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
