"""The official SDKs make the same edit over a real port: proof that the formats are the real ones."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from google import genai
from google.genai import errors, types

from .answers import decoded, is_grey
from .conftest import Served

PROMPT = "make it black and white"


@pytest.fixture
def gemini(served: Served) -> Iterator[genai.Client]:
    with genai.Client(api_key="any", http_options=types.HttpOptions(base_url=served.url)) as client:
        yield client


@pytest.fixture
def chat(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="any", base_url=f"{served.url}/v1", max_retries=0) as client:
        yield client


def contents(cat: bytes, prompt: str = PROMPT) -> list[Any]:
    return [prompt, types.Part.from_bytes(data=cat, mime_type="image/jpeg")]


def messages(cat: bytes, prompt: str = PROMPT) -> list[Any]:
    url = f"data:image/jpeg;base64,{base64.b64encode(cat).decode()}"
    parts = [{"type": "text", "text": prompt}, {"type": "image_url", "image_url": {"url": url}}]
    return [{"role": "user", "content": parts}]


def gemini_pictures(answer: types.GenerateContentResponse) -> list[bytes]:
    return [part.inline_data.data for part in answer.parts or [] if part.inline_data and part.inline_data.data]


def chat_pictures(message: Any) -> list[bytes]:
    images = (message.model_extra or {}).get("images", [])
    return [base64.b64decode(each["image_url"]["url"].partition(",")[2]) for each in images]


def test_google_genai_gets_the_picture(gemini: genai.Client, cat: bytes) -> None:
    config = types.GenerateContentConfig(
        response_modalities=["TEXT", "IMAGE"],
        image_config=types.ImageConfig(aspect_ratio="1:1", image_size="1K"),
        thinking_config=types.ThinkingConfig(include_thoughts=True),
        temperature=0.5,
    )
    answer = gemini.models.generate_content(model="gemini-3-pro-image", contents=contents(cat), config=config)
    (data,) = gemini_pictures(answer)
    assert is_grey(decoded(data))
    assert decoded(data).size == (1024, 1024)
    assert answer.text == "Offline engine (no AI): made it black and white."
    assert answer.candidates
    assert answer.candidates[0].finish_reason is types.FinishReason.STOP
    assert answer.usage_metadata
    assert answer.usage_metadata.total_token_count


def test_google_genai_streams_the_picture(gemini: genai.Client, cat: bytes) -> None:
    chunks = list(gemini.models.generate_content_stream(model="offline-engine", contents=contents(cat)))
    assert chunks[0].text == "Offline engine (no AI): made it black and white."
    assert [is_grey(decoded(data)) for chunk in chunks for data in gemini_pictures(chunk)] == [True]


def test_google_genai_carries_a_conversation_on(gemini: genai.Client, cat: bytes) -> None:
    talk = gemini.chats.create(model="offline-engine")
    talk.send_message(contents(cat, "rotate left"))
    (data,) = gemini_pictures(talk.send_message(PROMPT))
    assert decoded(data).size == (300, 451)
    assert is_grey(decoded(data))


def test_google_genai_understands_the_errors(gemini: genai.Client, cat: bytes) -> None:
    with pytest.raises(errors.ClientError) as caught:
        gemini.models.generate_content(model="offline-engine", contents=contents(cat, "fail 429"))
    assert (caught.value.code, caught.value.status) == (429, "RESOURCE_EXHAUSTED")


def test_google_genai_understands_a_refusal(gemini: genai.Client, cat: bytes) -> None:
    answer = gemini.models.generate_content(model="offline-engine", contents=contents(cat, "refuse"))
    assert answer.candidates
    assert answer.candidates[0].finish_reason is types.FinishReason.IMAGE_SAFETY
    blocked = gemini.models.generate_content(model="offline-engine", contents=contents(cat, "block prompt"))
    assert blocked.prompt_feedback
    assert blocked.prompt_feedback.block_reason is types.BlockedReason.PROHIBITED_CONTENT


def test_google_genai_lists_the_model(gemini: genai.Client) -> None:
    assert [model.name for model in gemini.models.list()] == ["models/offline-engine"]


def test_openai_gets_the_picture(chat: openai.OpenAI, cat: bytes) -> None:
    shape = {"modalities": ["image", "text"], "image_config": {"aspect_ratio": "1:1", "image_size": "1K"}}
    answer = chat.chat.completions.create(model="any", messages=messages(cat), extra_body=shape)
    (data,) = chat_pictures(answer.choices[0].message)
    assert is_grey(decoded(data))
    assert decoded(data).size == (1024, 1024)
    assert answer.choices[0].message.content == "Offline engine (no AI): made it black and white."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage
    assert answer.usage.total_tokens > 1290


def test_openai_streams_the_picture(chat: openai.OpenAI, cat: bytes) -> None:
    stream = chat.chat.completions.create(
        model="any", messages=messages(cat), stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == "Offline engine (no AI): made it black and white."
    assert [is_grey(decoded(data)) for delta in deltas for data in chat_pictures(delta)] == [True]
    assert chunks[-1].usage


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("fail 401", openai.AuthenticationError),
        ("fail 404", openai.NotFoundError),
        ("fail 429", openai.RateLimitError),
        ("fail 503", openai.InternalServerError),
    ],
)
def test_openai_understands_the_errors(prompt: str, expected: type[Exception], chat: openai.OpenAI, cat: bytes) -> None:
    with pytest.raises(expected, match="Rehearsal"):
        chat.chat.completions.create(model="any", messages=messages(cat, prompt))


def test_openai_understands_a_refusal(chat: openai.OpenAI, cat: bytes) -> None:
    answer = chat.chat.completions.create(model="any", messages=messages(cat, "refuse"))
    assert answer.choices[0].finish_reason == "content_filter"
    assert answer.choices[0].message.refusal


def test_openai_lists_the_model(chat: openai.OpenAI) -> None:
    assert [model.id for model in chat.models.list()] == ["offline-engine"]
