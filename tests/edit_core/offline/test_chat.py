"""`chat/completions`, in its details."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from .answers import decoded, events, is_grey, picture, picture_bytes, words
from .conftest import Ask

COMPLETIONS = "/v1/chat/completions"


def url_of(data: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


async def test_the_answer_has_openrouters_shape(ask_chat: Ask, cat: bytes) -> None:
    body = (await ask_chat("black and white", cat)).json()
    (choice,) = body["choices"]
    assert body["object"] == "chat.completion"
    assert body["model"] == "any-model"
    assert choice["finish_reason"] == "stop"
    assert choice["message"]["role"] == "assistant"
    assert choice["message"]["content"].startswith("Offline engine (no AI)")
    (image,) = choice["message"]["images"]
    assert image["type"] == "image_url"
    assert image["image_url"]["url"].startswith("data:image/jpeg;base64,")


async def test_usage_adds_up(ask_chat: Ask, cat: bytes) -> None:
    usage = (await ask_chat("black and white", cat)).json()["usage"]
    assert usage["prompt_tokens"] == 258 + 4
    assert usage["completion_tokens"] > 1290
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["cost"] == 0


async def test_the_short_path_works_too(ask_chat: Ask, cat: bytes) -> None:
    answer = await ask_chat.client.post("/chat/completions", json=ask_chat.body("black and white", (cat,)))
    assert is_grey(picture(answer))


@pytest.mark.parametrize(
    "shape", [lambda url: url, lambda url: {"url": url}, lambda url: {"url": url, "detail": "high"}]
)
async def test_picture_urls_are_read_in_each_shape(shape: Any, client: httpx.AsyncClient, cat: bytes) -> None:
    content = [{"type": "image_url", "image_url": shape(url_of(cat))}, {"type": "text", "text": "black and white"}]
    answer = await client.post(COMPLETIONS, json={"model": "x", "messages": [{"role": "user", "content": content}]})
    assert is_grey(picture(answer))


@pytest.mark.parametrize(
    "url", ["https://example.com/cat.jpg", "data:image/png,raw", None, 7, "data:image/png;base64,%%"]
)
async def test_other_urls_are_refused(url: object, client: httpx.AsyncClient) -> None:
    content = [{"type": "text", "text": "sepia"}, {"type": "image_url", "image_url": {"url": url}}]
    answer = await client.post(COMPLETIONS, json={"model": "x", "messages": [{"role": "user", "content": content}]})
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert error["type"] == "invalid_request_error"
    assert "Picture 1 " in error["message"]


async def test_a_missing_model_is_refused(ask_chat: Ask, cat: bytes) -> None:
    body = ask_chat.body("sepia", (cat,)) | {"model": ""}
    answer = await ask_chat.client.post(COMPLETIONS, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "“model” is missing."


@pytest.mark.parametrize(
    "earlier",
    [
        lambda url: {"role": "assistant", "content": "", "images": [{"type": "image_url", "image_url": {"url": url}}]},
        lambda url: {"role": "assistant", "content": f"Here: ![image]({url})"},
        lambda url: {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]},
    ],
)
async def test_the_latest_picture_of_the_conversation_serves(
    earlier: Any, client: httpx.AsyncClient, cat: bytes
) -> None:
    messages = [
        {"role": "system", "content": "make it sepia"},
        earlier(url_of(cat)),
        {"role": "user", "content": "black and white"},
    ]
    answer = await client.post(COMPLETIONS, json={"model": "x", "messages": messages})
    assert is_grey(picture(answer))
    assert words(answer) == "Offline engine (no AI): made it black and white."


async def test_thoughts_are_reasoning(ask_chat: Ask, cat: bytes) -> None:
    body = {"google": {"thinking_config": {"include_thoughts": True}}}
    message = (await ask_chat("sepia", cat, extra_body=body)).json()["choices"][0]["message"]
    assert "1. made it sepia" in message["reasoning"]


@pytest.mark.parametrize("options", [None, {"include_usage": True}])
async def test_a_stream_gives_words_then_pictures_then_the_finish(
    options: dict[str, bool] | None, ask_chat: Ask, cat: bytes
) -> None:
    answer = await ask_chat("black and white", cat, stream=True, **({"stream_options": options} if options else {}))
    chunks = events(answer)
    usage = [chunk["usage"] for chunk in chunks if "usage" in chunk]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert deltas[0]["role"] == "assistant"
    assert "".join(delta.get("content") or "" for delta in deltas).startswith("Offline engine (no AI)")
    (data,) = [delta["images"][0]["image_url"]["url"] for delta in deltas if "images" in delta]
    assert is_grey(decoded(base64.b64decode(data.partition(",")[2])))
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks if chunk["choices"]][-1] == "stop"
    assert len(usage) == bool(options)
    assert answer.text.endswith("data: [DONE]\n\n")


async def test_a_stream_of_words_alone_has_no_picture(ask_chat: Ask, cat: bytes) -> None:
    answer = await ask_chat("hello", cat, stream=True)
    assert not [each for each in events(answer) if "images" in each["choices"][0]["delta"]]
    assert "I did not understand" in answer.text


async def test_models_are_listed(client: httpx.AsyncClient) -> None:
    body = (await client.get("/v1/models")).json()
    assert body["object"] == "list"
    assert [row["id"] for row in body["data"]] == ["offline-engine"]


async def test_two_pictures_in_one_message_are_both_used(ask_chat: Ask, cat: bytes) -> None:
    answer = await ask_chat("side by side", cat, cat)
    assert len(picture_bytes(answer)) == 1
    assert picture(answer).width > 2 * 451
