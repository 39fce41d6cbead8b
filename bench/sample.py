"""Contender: what relays print as sample code, `base64` and `json` of the standard library."""

from __future__ import annotations

import base64
import json
from typing import Any

from .inputs import MIME, MODEL, PROMPT
from .timing import Watch

NAME = "base64 + json"


def build_native(pictures: list[bytes], watch: Watch) -> bytes:
    """The body for these pictures."""
    watch.start()
    letters = [base64.b64encode(data).decode() for data in pictures]
    parts: list[Any] = [{"text": PROMPT}, *({"inlineData": {"mimeType": MIME, "data": each}} for each in letters)]
    config = {"responseModalities": ["TEXT", "IMAGE"]}
    body = json.dumps({"contents": [{"parts": parts}], "generationConfig": config}).encode()
    watch.stop()
    return body


def build_chat(pictures: list[bytes], watch: Watch) -> bytes:
    """The body for these pictures."""
    watch.start()
    content: list[Any] = [{"type": "text", "text": PROMPT}]
    for data in pictures:
        url = f"data:{MIME};base64,{base64.b64encode(data).decode()}"
        content.append({"type": "image_url", "image_url": {"url": url}})
    body = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": content}]}).encode()
    watch.stop()
    return body


def read_native(answer: bytes, watch: Watch) -> list[bytes]:
    """The pictures in an answer, if it has just this shape."""
    watch.start()
    parts = json.loads(answer)["candidates"][0]["content"]["parts"]
    pictures = [base64.b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part]
    watch.stop()
    return pictures


def read_chat(answer: bytes, watch: Watch) -> list[bytes]:
    """The pictures in an answer, if it has just this shape."""
    watch.start()
    images = json.loads(answer)["choices"][0]["message"]["images"]
    pictures = [base64.b64decode(image["image_url"]["url"].split(",")[1]) for image in images]
    watch.stop()
    return pictures
