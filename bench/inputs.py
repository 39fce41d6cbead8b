"""What every contender gets: pictures that no compression makes smaller, and answers that hold one.

Made here without `edit_core`, so that what is measured is also checked. The containers are valid, the pixels noise:
nobody who builds a request or reads an answer decodes them.
"""

from __future__ import annotations

import base64
import json
import random
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

MIB = 1 << 20
PROMPT = "Put the cat of the first picture on the sofa of the second."
MODEL = "gemini-3.1-flash-image"
MIME = "image/png"

_FRAME = 57
"""Bytes of a PNG around its pixels: the signature, IHDR, the frame of IDAT, IEND."""


@cache
def picture(size: int, seed: int = 0) -> bytes:
    """A PNG of exactly `size` bytes."""
    pixels = random.Random(seed).randbytes(size - _FRAME)
    header = struct.pack(">IIBBBBB", 2048, 2048, 8, 2, 0, 0, 0)
    chunks = [_chunk(b"IHDR", header), _chunk(b"IDAT", pixels), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@dataclass(frozen=True)
class Answers:
    """The answers that hold one picture, as bytes of a body: native whole, native as events, and chat."""

    native: bytes
    events: bytes
    chat: bytes

    @classmethod
    def holding(cls, data: bytes) -> Answers:
        """The answers for a picture."""
        letters = base64.b64encode(data).decode()
        inline = {"inlineData": {"mimeType": MIME, "data": letters}}
        words = {"text": "Here is the cat on the sofa."}
        streamed = [_native([words]), _native([inline]), _native([], finishReason="STOP")]
        return cls(
            native=_json(_native([words, inline], finishReason="STOP")),
            events=b"".join(b"data: " + _json(event) + b"\r\n\r\n" for event in streamed),
            chat=_json(_chat(words["text"], f"data:{MIME};base64,{letters}")),
        )


def _native(parts: list[dict[str, Any]], **more: str) -> dict[str, Any]:
    usage = {"promptTokenCount": 800, "candidatesTokenCount": 1290, "totalTokenCount": 2090}
    candidate = {"content": {"role": "model", "parts": parts}, "index": 0, **more}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": MODEL, "responseId": "bench"}


def _chat(text: str, url: str) -> dict[str, Any]:
    images = [{"type": "image_url", "image_url": {"url": url}}]
    message = {"role": "assistant", "content": text, "images": images}
    return {
        "id": "bench",
        "object": "chat.completion",
        "created": 1767225600,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 800, "completion_tokens": 1290, "total_tokens": 2090},
    }


def _json(tree: dict[str, Any]) -> bytes:
    return json.dumps(tree).encode()
