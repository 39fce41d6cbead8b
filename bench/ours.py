"""Edit Studio's core, from the bytes of pictures to a body, and from the bytes of an answer to pictures."""

from __future__ import annotations

import asyncio

from edit_core import PROVIDERS, Client, EditRequest, Picture, Reference, build_call, read_answer
from edit_core.edits import Wire
from edit_core.wire.progress import ProgressReader

from .inputs import MODEL, PROMPT
from .timing import Watch

NAME = "Edit Studio"
PIECE = 64 * 1024
"""Bytes the client takes from a socket at once."""

_HEADERS = {"content-type": "application/json"}


def build(wire: Wire, pictures: list[bytes], watch: Watch) -> bytes:
    """The body for these pictures, which are read and checked first as the app does it.

    What is timed are the pieces the client sends; they are joined afterwards, to be looked at.
    """
    watch.start()
    call = build_call(_request(pictures), PROVIDERS["custom"], MODEL, wire)
    watch.stop()
    return call.body


def read(wire: Wire, answer: bytes, watch: Watch) -> list[bytes]:
    """The pictures in an answer."""
    watch.start()
    result = read_answer(wire, 200, _HEADERS, answer)
    watch.stop()
    return [picture.data for picture in result.pictures]


def read_streamed(pieces: list[bytes], whole: bytes, watch: Watch) -> list[bytes]:
    """The pictures in a native stream: its words followed piece by piece as it comes, then read as a whole."""
    watch.start()
    reader = ProgressReader("native")
    for piece in pieces:
        reader.feed(piece)
    result = read_answer("native", 200, _HEADERS, whole)
    watch.stop()
    return [picture.data for picture in result.pictures]


def edit_native_at(url: str, pictures: list[bytes]) -> list[bytes]:
    """The pictures a server answers with in the native format."""
    return asyncio.run(_edit(url, "native", pictures, Watch(), stream=False))


def edit_chat_at(url: str, pictures: list[bytes]) -> list[bytes]:
    """The pictures a server answers with in the chat-compatible format."""
    return asyncio.run(_edit(url, "chat", pictures, Watch(), stream=False))


def receive(url: str, watch: Watch, *, stream: bool) -> list[bytes]:
    """The pictures a server answers with to words alone, timed from the call to the result."""
    return asyncio.run(_edit(url, "native", [], watch, stream=stream))


async def _edit(url: str, wire: Wire, pictures: list[bytes], watch: Watch, *, stream: bool) -> list[bytes]:
    async with Client(PROVIDERS["custom"].at(url), "any", wire=wire, stream=stream) as client:
        watch.start()
        result = await client.edit(_request(pictures), MODEL)
        watch.stop()
    return [picture.data for picture in result.pictures]


def _request(pictures: list[bytes]) -> EditRequest:
    return EditRequest(PROMPT, tuple(Reference(Picture.read(data)) for data in pictures))
