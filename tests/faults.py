"""What a fault relay can do with a connection: whole answers, halves of them, silence, floods, and answers that lie."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.fault_relay import Heard, Line, Script

PICTURE = (Path(__file__).parent / "photos" / "tiny.png").read_bytes()

End = Literal["close", "reset", "hang"]
_REASONS = {200: "OK", 429: "Too Many Requests", 503: "Service Unavailable"}


@dataclass(frozen=True)
class Form:
    """One of the four forms of an answer: a format, streamed or not."""

    wire: Literal["native", "chat"]
    stream: bool

    def __str__(self) -> str:
        return f"{self.wire}{', streamed' if self.stream else ''}"

    @property
    def words(self) -> bytes:
        """The beginning of a streamed answer: an event with words."""
        return self._event(text="Here it comes.")

    @property
    def picture(self) -> bytes:
        """The event of a streamed answer that holds the whole picture."""
        return self._event(picture=PICTURE)

    @property
    def body(self) -> bytes:
        """A whole good answer, the picture in it."""
        if not self.stream:
            return self.document(text="Here it is.", picture=PICTURE, ended=True)
        done = b"data: [DONE]\n\n" if self.wire == "chat" else b""
        return self.words + self.picture + self._event(ended=True) + done

    @property
    def ok(self) -> bytes:
        """The good answer as HTTP."""
        return http(200, self.body, kind="text/event-stream" if self.stream else "application/json")

    def document(self, *, text: str = "", picture: bytes = b"", ended: bool = False, key: str = "message") -> bytes:
        """One JSON document of the format."""
        tree = self._native(text, picture, ended) if self.wire == "native" else self._chat(text, picture, ended, key)
        return json.dumps(tree).encode()

    def _event(self, *, text: str = "", picture: bytes = b"", ended: bool = False) -> bytes:
        return b"data: %b\n\n" % self.document(text=text, picture=picture, ended=ended, key="delta")

    def _native(self, text: str, picture: bytes, ended: bool) -> dict[str, Any]:
        parts: list[dict[str, Any]] = [{"text": text}] if text else []
        if picture:
            parts.append({"inlineData": {"mimeType": "image/png", "data": base64.b64encode(picture).decode()}})
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
        return {"candidates": [{**candidate, "finishReason": "STOP"} if ended else candidate]}

    def _chat(self, text: str, picture: bytes, ended: bool, key: str) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if picture:
            url = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
            message["images"] = [{"type": "image_url", "image_url": {"url": url}}]
        return {"choices": [{"index": 0, key: message, "finish_reason": "stop" if ended else None}]}


FORMS = [Form("native", False), Form("native", True), Form("chat", False), Form("chat", True)]


def http(
    status: int,
    body: bytes = b"",
    *headers: str,
    kind: str = "application/json",
    length: int | None = None,
) -> bytes:
    """An HTTP answer as bytes; `length` is what it claims, when that is a lie."""
    lines = [
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Whatever')}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode("latin1") + b"\r\n\r\n" + body


def failed(status: int, message: str = "No.", *headers: str) -> bytes:
    """An error as most services send it."""
    return http(status, json.dumps({"error": {"message": message, "code": status}}).encode(), *headers)


def chunked(*pieces: bytes, end: bool = True, headers: Iterable[str] = ()) -> bytes:
    """An answer in chunks; without its end it is recognisably incomplete."""
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked", *headers]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in pieces) + (b"0\r\n\r\n" if end else b"")


def sends(*pieces: bytes, then: End = "close") -> Script:
    """Send all of it, then end as told."""

    async def script(line: Line, heard: Heard) -> None:
        for piece in pieces:
            await line.send(piece)
        if then == "hang":
            await heard.gone.wait()
        elif then == "reset":
            # Once the bytes have left: a reset overtakes what still waits in this process.
            await asyncio.sleep(0.02)
            line.reset()

    return script


def repeats(begin: bytes, piece: bytes, pause: float = 0.0, times: int | None = None) -> Script:
    """Send the beginning, then the piece over and over: for ever unless told how often."""

    async def script(line: Line, heard: Heard) -> None:
        await line.send(begin)
        count = 0
        while not heard.gone.is_set() and (times is None or count < times):
            await line.send(piece)
            count += 1
            await asyncio.sleep(pause)

    return script


def trickles(data: bytes, pause: float) -> Script:
    """Send a byte at a time, and then nothing more."""

    async def script(line: Line, heard: Heard) -> None:
        for index in range(len(data)):
            await line.send(data[index : index + 1])
            await asyncio.sleep(pause)
        await heard.gone.wait()

    return script


def hangs() -> Script:
    """Say nothing at all."""
    return sends(then="hang")


def resets() -> Script:
    """Reset at once."""
    return sends(then="reset")


def reads_some_then_resets(size: int) -> Script:
    """Take a part of the request's body, then reset. For a relay that leaves the body to its script."""

    async def script(line: Line, _: Heard) -> None:
        await line.reader.readexactly(size)
        line.reset()

    return script
