"""Contender: google-genai, through its public call."""

from __future__ import annotations

from typing import Any

from google import genai
from google.genai import types

from .inputs import MIME, MODEL, PROMPT
from .timing import Watch
from .transport import Handover

NAME = "google-genai"


def build(pictures: list[bytes], answer: bytes, watch: Watch) -> bytes:
    """The body it sends for these pictures."""
    transport = Handover(answer, stops=watch)
    with _client(client_args={"transport": transport}) as client:
        watch.start()
        edit(client, pictures)
    return transport.body


def read(answer: bytes, watch: Watch) -> list[bytes]:
    """The pictures it finds in an answer."""
    with _client(client_args={"transport": Handover(answer, starts=watch)}) as client:
        pictures = edit(client, [])
        watch.stop()
    return pictures


def edit_at(url: str, pictures: list[bytes]) -> list[bytes]:
    """The pictures a server answers with."""
    with _client(base_url=url) as client:
        return edit(client, pictures)


def edit(client: genai.Client, pictures: list[bytes]) -> list[bytes]:
    """One edit."""
    contents: list[Any] = [PROMPT, *(types.Part.from_bytes(data=data, mime_type=MIME) for data in pictures)]
    config = types.GenerateContentConfig(response_modalities=["TEXT", "IMAGE"])
    answer = client.models.generate_content(model=MODEL, contents=contents, config=config)
    return [part.inline_data.data for part in answer.parts or [] if part.inline_data and part.inline_data.data]


def _client(**options: Any) -> genai.Client:
    return genai.Client(api_key="any", http_options=types.HttpOptions(**options))
