"""Gemini's `generateContent`, in its details."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from .answers import decoded, events, is_grey, picture, words
from .conftest import Ask

GENERATE = "/v1beta/models/any:generateContent"


async def test_the_answer_has_googles_shape(ask_native: Ask, cat: bytes) -> None:
    body = (await ask_native("black and white", cat)).json()
    (candidate,) = body["candidates"]
    text, image = candidate["content"]["parts"]
    assert candidate["content"]["role"] == "model"
    assert candidate["finishReason"] == "STOP"
    assert set(text) == {"text"}
    assert set(image["inlineData"]) == {"mimeType", "data"}
    assert base64.b64decode(image["thoughtSignature"], validate=True)
    assert body["modelVersion"] == "any-model"
    assert body["responseId"]


async def test_usage_counts_258_a_picture_in_and_1290_out(ask_native: Ask, cat: bytes) -> None:
    usage = (await ask_native("black and white", cat, cat)).json()["usageMetadata"]
    assert usage["promptTokensDetails"][1] == {"modality": "IMAGE", "tokenCount": 516}
    assert usage["candidatesTokensDetails"] == [{"modality": "IMAGE", "tokenCount": 1290}]
    assert usage["promptTokenCount"] == 516 + 4
    assert usage["totalTokenCount"] == usage["promptTokenCount"] + usage["candidatesTokenCount"]


@pytest.mark.parametrize("inline", ["inlineData", "inline_data"])
@pytest.mark.parametrize("mime", ["mimeType", "mime_type"])
async def test_both_casings_are_read(inline: str, mime: str, client: httpx.AsyncClient, cat: bytes) -> None:
    data = {mime: "image/jpeg", "data": base64.b64encode(cat).decode()}
    answer = await client.post(GENERATE, json={"contents": [{"parts": [{"text": "black and white"}, {inline: data}]}]})
    assert is_grey(picture(answer))


@pytest.mark.parametrize(
    "config",
    [
        {"generationConfig": {"thinkingConfig": {"includeThoughts": True}}},
        {"generation_config": {"thinking_config": {"include_thoughts": True, "thinking_level": "high"}}},
    ],
)
async def test_thoughts_come_first_and_list_the_plan(config: dict[str, Any], ask_native: Ask, cat: bytes) -> None:
    body = (await ask_native("sepia, then rotate left", cat, **config)).json()
    first = body["candidates"][0]["content"]["parts"][0]
    assert first["thought"] is True
    assert "1. made it sepia\n2. rotated it 90 degrees to the left" in first["text"]
    assert body["usageMetadata"]["thoughtsTokenCount"] > 0


async def test_settings_of_a_real_model_change_nothing(ask_native: Ask, cat: bytes) -> None:
    config = {"temperature": 0.7, "topP": 0.9, "topK": 40, "maxOutputTokens": 9, "responseModalities": ["IMAGE"]}
    safety = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    system = {"parts": [{"text": "make it sepia"}]}
    answer = await ask_native(
        "black and white", cat, generationConfig=config, safetySettings=safety, systemInstruction=system
    )
    assert is_grey(picture(answer))


async def test_only_the_last_message_instructs_and_earlier_pictures_serve(ask_native: Ask, cat: bytes) -> None:
    first = ask_native.body("rotate left", (cat,))["contents"][0]
    made = await ask_native("rotate left", cat)
    earlier = [first, made.json()["candidates"][0]["content"]]
    body = {"contents": [*earlier, {"role": "user", "parts": [{"text": "black and white"}]}]}
    answer = await ask_native.client.post(GENERATE, json=body)
    assert picture(answer).size == (300, 451)
    assert is_grey(picture(answer))
    assert "rotated" not in words(answer)


async def test_a_file_reference_is_refused(client: httpx.AsyncClient) -> None:
    part = {"fileData": {"mimeType": "image/png", "fileUri": "https://example.com/a.png"}}
    answer = await client.post(GENERATE, json={"contents": [{"parts": [{"text": "sepia"}, part]}]})
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert "inlineData only" in answer.json()["error"]["message"]


@pytest.mark.parametrize("data", ["", "not base64!", None, 5])
async def test_base64_that_is_none_is_refused(data: object, client: httpx.AsyncClient) -> None:
    part = {"inlineData": {"mimeType": "image/png", "data": data}}
    answer = await client.post(GENERATE, json={"contents": [{"parts": [{"text": "sepia"}, part]}]})
    assert answer.status_code == 400
    assert "Picture 1 " in answer.json()["error"]["message"]


async def test_a_stream_gives_words_first_and_the_picture_last(ask_native: Ask, cat: bytes) -> None:
    config = {"thinkingConfig": {"includeThoughts": True}}
    answer = await ask_native("black and white", cat, stream=True, generationConfig=config)
    assert answer.headers["content-type"].startswith("text/event-stream")
    thought, text, image = events(answer)
    assert thought["candidates"][0]["content"]["parts"][0]["thought"] is True
    assert "finishReason" not in text["candidates"][0]
    assert image["candidates"][0]["finishReason"] == "STOP"
    inline = image["candidates"][0]["content"]["parts"][0]["inlineData"]
    assert is_grey(decoded(base64.b64decode(inline["data"])))
    assert len({each["responseId"] for each in (thought, text, image)}) == 1
    assert "[DONE]" not in answer.text


async def test_a_stream_without_sse_is_a_json_array(ask_native: Ask, cat: bytes) -> None:
    path = ask_native.path(stream=True).removesuffix("?alt=sse")
    answer = await ask_native.client.post(path, json=ask_native.body("sepia", (cat,)))
    assert answer.headers["content-type"] == "application/json"
    text, image = answer.json()
    assert "text" in text["candidates"][0]["content"]["parts"][0]
    assert "inlineData" in image["candidates"][0]["content"]["parts"][0]


async def test_models_are_listed(client: httpx.AsyncClient) -> None:
    (row,) = (await client.get("/v1beta/models")).json()["models"]
    assert row["name"] == "models/offline-engine"
    assert "generateContent" in row["supportedGenerationMethods"]


@pytest.mark.parametrize("model", ["gemini-3-pro-image", "google/gemini-3-pro-image", "模型"])
async def test_any_model_is_taken(model: str, client: httpx.AsyncClient, ask_native: Ask, cat: bytes) -> None:
    answer = await client.post(f"/v1beta/models/{model}:generateContent", json=ask_native.body("sepia", (cat,)))
    assert answer.json()["modelVersion"] == model
