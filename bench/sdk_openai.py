"""Contender: openai, through its public call, with the base64 that its documentation leaves to the caller."""

from __future__ import annotations

import base64
from typing import Any

import httpx2
import openai

from .inputs import MIME, MODEL, PROMPT
from .timing import Watch
from .transport import Handover

NAME = "openai"


def build(pictures: list[bytes], answer: bytes, watch: Watch) -> bytes:
    """The body it sends for these pictures."""
    transport = Handover(answer, stops=watch)
    with _client(http_client=httpx2.Client(transport=transport)) as client:
        watch.start()
        edit(client, pictures)
    return transport.body


def read(answer: bytes, watch: Watch) -> list[bytes]:
    """The pictures it finds in an answer."""
    transport = Handover(answer, starts=watch)
    with _client(http_client=httpx2.Client(transport=transport)) as client:
        pictures = edit(client, [])
        watch.stop()
    return pictures


def edit_at(url: str, pictures: list[bytes]) -> list[bytes]:
    """The pictures a server answers with."""
    with _client(base_url=f"{url}/v1") as client:
        return edit(client, pictures)


def edit(client: openai.OpenAI, pictures: list[bytes]) -> list[bytes]:
    """One edit. Result pictures are in no field of the SDK's own, but it keeps what it does not know."""
    content: list[Any] = [{"type": "text", "text": PROMPT}]
    for data in pictures:
        url = f"data:{MIME};base64,{base64.b64encode(data).decode()}"
        content.append({"type": "image_url", "image_url": {"url": url}})
    answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": content}])
    images: list[Any] = (answer.choices[0].message.model_extra or {})["images"]
    return [base64.b64decode(image["image_url"]["url"].partition(",")[2]) for image in images]


def _client(**options: Any) -> openai.OpenAI:
    return openai.OpenAI(api_key="any", max_retries=0, **options)
