"""What is sent: every relay's own documented example, and what a provider's row allows."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import orjson
import pytest

from edit_core import PROVIDERS, EditError, EditRequest, Model, Picture, Reference, build_call
from edit_core.edits import SafetySetting, Turn, TurnPart

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
DATA = base64.b64encode(PNG).decode()
PICTURE = Picture.read(PNG)
ONE = (Reference(PICTURE),)


def body_of(request: EditRequest, provider: str, model: str, wire: Any, **more: Any) -> Any:
    return orjson.loads(build_call(request, PROVIDERS[provider], model, wire, **more).body)


# The examples of five API documents, with our picture in the place of theirs and, where they leave it out, `role`:
# relays in front of Vertex refuse a message without one.
DOCUMENTS = {
    "Pinky, native (the document breaks off inside the picture)": (
        EditRequest("'Hi, This is a picture of me. Can you add a llama next to me", ONE),
        ("pinky", "gemini-2.0-flash-exp-image-generation", "native"),
        "/v1beta/models/gemini-2.0-flash-exp-image-generation:generateContent",
        {
            "contents": [
                {
                    "role": "user",
                    "parts": [
                        {"text": "'Hi, This is a picture of me. Can you add a llama next to me"},
                        {"inline_data": {"mime_type": "image/png", "data": DATA}},
                    ],
                }
            ],
            "generationConfig": {"responseModalities": ["TEXT", "IMAGE"]},
        },
    ),
    "Pinky, chat-compatible": (
        EditRequest("主题风格改成红色", ONE),
        ("pinky", "gemini-2.0-flash-exp-image-generation", "chat"),
        "/v1/chat/completions",
        {
            "max_tokens": 4096,
            "model": "gemini-2.0-flash-exp-image-generation",
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "主题风格改成红色"},
                        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DATA}"}},
                    ],
                }
            ],
        },
    ),
    "Tokenhot": (
        EditRequest(
            "Let the people in the Tulip hold the flowers in their hands, the style remains the same",
            ONE,
            aspect_ratio="1:1",
        ),
        ("tokenhot", "gemini-2.5-flash-image", "native"),
        "/v1beta/models/gemini-2.5-flash-image:generateContent",
        {
            "contents": [
                {
                    "role": "user",
                    "parts": [
                        {
                            "text": "Let the people in the Tulip hold the flowers in their hands, "
                            "the style remains the same"
                        },
                        {"inline_data": {"mime_type": "image/png", "data": DATA}},
                    ],
                }
            ],
            "generationConfig": {"responseModalities": ["image"], "imageConfig": {"aspectRatio": "1:1"}},
        },
    ),
    "Tokaify": (
        EditRequest("Keep the person and clothing unchanged, and change the background to a seaside sunset.", ONE),
        ("tokaify", "gemini-2.5-flash-image", "native"),
        "/v1beta/models/gemini-2.5-flash-image:generateContent",
        {
            "contents": [
                {
                    "role": "user",
                    "parts": [
                        {
                            "text": "Keep the person and clothing unchanged, "
                            "and change the background to a seaside sunset."
                        },
                        {"inline_data": {"mime_type": "image/png", "data": DATA}},
                    ],
                }
            ],
            "generationConfig": {"responseModalities": ["IMAGE"]},
        },
    ),
    "APIYI, two pictures": (
        EditRequest(
            "Combine the people from these two images into one office scene, making funny faces",
            ONE * 2,
            aspect_ratio="16:9",
            image_size="2K",
        ),
        ("apiyi", "gemini-3.1-flash-image-preview", "native"),
        "/v1beta/models/gemini-3.1-flash-image-preview:generateContent",
        {
            "contents": [
                {
                    "role": "user",
                    "parts": [
                        {"text": "Combine the people from these two images into one office scene, making funny faces"},
                        {"inlineData": {"mimeType": "image/png", "data": DATA}},
                        {"inlineData": {"mimeType": "image/png", "data": DATA}},
                    ],
                }
            ],
            "generationConfig": {
                "responseModalities": ["IMAGE"],
                "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
            },
        },
    ),
}


@pytest.mark.parametrize(("request_", "where", "path", "body"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_call_is_the_example_of_the_relays_document(
    request_: EditRequest, where: tuple[str, str, Any], path: str, body: dict[str, Any]
) -> None:
    provider, model, wire = where
    call = build_call(request_, PROVIDERS[provider], model, wire)
    assert call.path == path
    assert call.query == {}
    assert call.headers["Content-Type"] == "application/json"
    assert orjson.loads(call.body) == body


SHAPED = EditRequest("x", ONE, aspect_ratio="16:9", image_size="2K")
THINKING = EditRequest("x", ONE, thinking_level="high", include_thoughts=True)
SAFETY = EditRequest("x", ONE, safety=(SafetySetting("HARM_CATEGORY_HARASSMENT", "BLOCK_NONE"),))
SAID = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
FLASH = "gemini-3.1-flash-image"

# provider, model, wire, request -> what the body holds at a path of keys
FRAGMENTS: dict[str, tuple[str, str, Any, EditRequest, tuple[str | int, ...], Any]] = {
    "Google: ratio and size": (
        "google", FLASH, "native", SHAPED,
        ("generationConfig", "imageConfig"), {"aspectRatio": "16:9", "imageSize": "2K"},
    ),
    "Google: thinking": (
        "google", FLASH, "native", THINKING,
        ("generationConfig", "thinkingConfig"), {"thinkingLevel": "high", "includeThoughts": True},
    ),
    "Google: a model with one size gets no size word": (
        "google", "gemini-2.5-flash-image", "native", EditRequest("x", ONE, image_size="1K", aspect_ratio="1:1"),
        ("generationConfig", "imageConfig"), {"aspectRatio": "1:1"},
    ),
    "Google: sampling": (
        "google", FLASH, "native",
        EditRequest("x", ONE, temperature=0.5, top_p=0.9, top_k=40, max_output_tokens=100),
        ("generationConfig",),
        {"responseModalities": ["TEXT", "IMAGE"], "temperature": 0.5, "topP": 0.9, "topK": 40, "maxOutputTokens": 100},
    ),
    "Google: system instruction": (
        "google", FLASH, "native", EditRequest("x", ONE, system="Be brief."),
        ("systemInstruction",), {"parts": [{"text": "Be brief."}]},
    ),
    "Google: safety": ("google", FLASH, "native", SAFETY, ("safetySettings",), SAID),
    "the user's message has a role": ("apiyi", FLASH, "native", SHAPED, ("contents", 0, "role"), "user"),
    "OpenRouter: ratio and size": (
        "openrouter", f"google/{FLASH}", "chat", SHAPED,
        ("image_config",), {"aspect_ratio": "16:9", "image_size": "2K"},
    ),
    "OpenRouter: the smallest size has its own word": (
        "openrouter", f"google/{FLASH}", "chat", EditRequest("x", ONE, image_size="512"),
        ("image_config",), {"image_size": "0.5K"},
    ),
    "OpenRouter: modalities": ("openrouter", "m", "chat", SHAPED, ("modalities",), ["image", "text"]),
    "OpenRouter: thinking": (
        "openrouter", f"google/{FLASH}", "chat", EditRequest("x", ONE, thinking_level="high"),
        ("reasoning",), {"effort": "high", "exclude": True},
    ),
    "OpenRouter: top-k": ("openrouter", "m", "chat", EditRequest("x", ONE, top_k=5), ("top_k",), 5),
    "Tokenhot: ratio and size in extra_body.google": (
        "tokenhot", "gemini-3.1-flash-image-preview", "chat", SHAPED,
        ("extra_body", "google", "image_config"), {"aspect_ratio": "16:9", "image_size": "2K"},
    ),
    "Tokenhot: thinking in extra_body.google": (
        "tokenhot", "gemini-3.1-flash-image-preview", "chat", THINKING,
        ("extra_body", "google", "thinking_config"), {"thinking_level": "high", "include_thoughts": True},
    ),
    "AiHubMix: the ratio is a system message": (
        "aihubmix", FLASH, "chat", EditRequest("x", ONE, aspect_ratio="16:9"),
        ("messages", 0), {"role": "system", "content": "aspect_ratio=16:9"},
    ),
    "AiHubMix: modalities": ("aihubmix", FLASH, "chat", EditRequest("x", ONE), ("modalities",), ["text", "image"]),
    "LiteLLM: thinking": ("litellm", "m", "chat", THINKING, ("reasoning_effort",), "high"),
    "LiteLLM: thinking is allowed by name": (
        "litellm", "m", "chat", THINKING, ("allowed_openai_params",), ["reasoning_effort"],
    ),
    "LiteLLM: safety": ("litellm", "m", "chat", SAFETY, ("safety_settings",), SAID),
    "vLLM-Omni: ratio and size are pixels": (
        "vllm-omni", "Qwen/Qwen-Image-Edit", "chat", EditRequest("x", ONE, aspect_ratio="16:9", image_size="1K"),
        ("extra_body",), {"width": 1360, "height": 768},
    ),
    "another relay gets ratio and size in both usual places: one": (
        "custom", "m", "chat", SHAPED, ("image_config",), {"aspect_ratio": "16:9", "image_size": "2K"},
    ),
    "another relay gets ratio and size in both usual places: two": (
        "custom", "m", "chat", SHAPED,
        ("extra_body", "google", "image_config"), {"aspect_ratio": "16:9", "image_size": "2K"},
    ),
    "Pinky: max_tokens is the row's": ("pinky", "m", "chat", EditRequest("x", ONE), ("max_tokens",), 4096),
    "Pinky: unless the request says otherwise": (
        "pinky", "m", "chat", EditRequest("x", ONE, max_output_tokens=7), ("max_tokens",), 7,
    ),
    "chat: a system instruction is a message": (
        "litellm", "m", "chat", EditRequest("x", ONE, system="Be brief."),
        ("messages", 0), {"role": "system", "content": "Be brief."},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("provider", "model", "wire", "request_", "at", "fragment"), FRAGMENTS.values(), ids=FRAGMENTS)
def test_an_option_is_sent_the_way_the_provider_reads_it(
    provider: str, model: str, wire: Any, request_: EditRequest, at: tuple[str | int, ...], fragment: Any
) -> None:
    found = body_of(request_, provider, model, wire)
    for key in at:
        found = found[key]
    assert found == fragment


REFUSED = {
    "a ratio the model lacks": (EditRequest("x", ONE, aspect_ratio="1:8"), "google", "gemini-2.5-flash-image", "1:8"),
    "a size the model lacks": (EditRequest("x", ONE, image_size="4K"), "google", "gemini-2.5-flash-image", "4K"),
    "a thinking level the model lacks": (EditRequest("x", ONE, thinking_level="medium"), "google", FLASH, "medium"),
    "too many pictures": (EditRequest("x", ONE * 4), "google", "gemini-2.5-flash-image", "at most 3"),
    "a format the provider lacks": (EditRequest("x", ONE), "openrouter", FLASH, "native"),
    "a model name that climbs out of its path": (EditRequest("x", ONE), "google", "../../admin", "model name"),
    "a model name with a query": (EditRequest("x", ONE), "google", "m?key=1", "model name"),
}


@pytest.mark.parametrize(("request_", "provider", "model", "word"), REFUSED.values(), ids=REFUSED)
def test_what_the_rows_say_cannot_be_done_is_refused_with_a_sentence(
    request_: EditRequest, provider: str, model: str, word: str
) -> None:
    with pytest.raises(EditError) as refused:
        build_call(request_, PROVIDERS[provider], model, "native")
    assert refused.value.kind == "bad_input"
    assert refused.value.charged == "no"
    assert word in str(refused.value)


def test_a_chat_format_that_cannot_say_a_ratio_refuses_it_instead_of_dropping_it() -> None:
    with pytest.raises(EditError, match="ratio or a size"):
        build_call(SHAPED, PROVIDERS["pinky"], FLASH, "chat")


def test_a_model_nobody_listed_may_be_asked_for_anything() -> None:
    asked = EditRequest("x", ONE * 14, aspect_ratio="7:3", image_size="8K", thinking_level="extreme")
    body = body_of(asked, "google", "gemini-9", "native")
    assert body["generationConfig"]["imageConfig"] == {"aspectRatio": "7:3", "imageSize": "8K"}
    assert len(body["contents"][0]["parts"]) == 15


def test_roles_become_a_legend_inside_the_one_text_part() -> None:
    asked = EditRequest("Put her there.", (Reference(PICTURE, "person"), Reference(PICTURE)))
    parts = body_of(asked, "google", FLASH, "native")["contents"][0]["parts"]
    assert parts[0]["text"] == "Put her there.\n\nImage 1: person. Image 2: no special role."
    assert [list(part) for part in parts] == [["text"], ["inlineData"], ["inlineData"]]


def test_earlier_turns_come_first_and_keep_their_signatures() -> None:
    turns = (
        Turn("user", (TurnPart(text="a hat"),)),
        Turn("model", (TurnPart(text="Here."), TurnPart(picture=PICTURE, signature="c2ln"))),
    )
    asked = EditRequest("now red", turns=turns)
    native = body_of(asked, "google", FLASH, "native")["contents"]
    assert [message["role"] for message in native] == ["user", "model", "user"]
    assert native[1]["parts"][1] == {"inlineData": {"mimeType": "image/png", "data": DATA}, "thoughtSignature": "c2ln"}
    chat = body_of(asked, "litellm", "m", "chat")["messages"]
    assert chat[1] == {"role": "assistant", "content": f"Here.\n\n![image](data:image/png;base64,{DATA})"}


NASTY = ["spliced", '"spliced"', "spliced+", '\\"spliced\\"', 'a "quote"\n and 中文 and \0']


@pytest.mark.parametrize("prompt", NASTY)
def test_no_prompt_is_taken_for_the_place_of_a_picture(prompt: str) -> None:
    parts = body_of(EditRequest(prompt, ONE), "google", FLASH, "native")["contents"][0]["parts"]
    assert parts == [{"text": prompt}, {"inlineData": {"mimeType": "image/png", "data": DATA}}]


def test_streaming_changes_the_native_path_and_a_chat_field() -> None:
    call = build_call(EditRequest("x", ONE), PROVIDERS["google"], FLASH, "native", stream=True)
    assert call.path.endswith(f"{FLASH}:streamGenerateContent")
    assert call.query == {"alt": "sse"}
    assert body_of(EditRequest("x", ONE), "litellm", "m", "chat", stream=True)["stream"] is True


def test_a_request_over_the_providers_limit_is_refused_before_anything_is_sent() -> None:
    small = replace(PROVIDERS["google"], most_request_bytes=100)
    with pytest.raises(EditError) as refused:
        build_call(EditRequest("x", ONE), small, Model("m"), "native")
    assert refused.value.kind == "too_large"


BAD_REQUESTS = {
    "an empty prompt": ({"prompt": "  "}, "empty"),
    "a book": ({"prompt": "x" * 40_000}, "40,000 characters"),
    "a ratio in words": ({"prompt": "x", "aspect_ratio": "wide"}, "16:9"),
    "a size in words": ({"prompt": "x", "image_size": "huge"}, "512"),
    "a temperature out of range": ({"prompt": "x", "temperature": 3}, "between 0 and 2"),
}


@pytest.mark.parametrize(("values", "word"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_a_request_is_checked_when_it_is_made(values: dict[str, Any], word: str) -> None:
    with pytest.raises(EditError, match=word):
        EditRequest(**values)


@pytest.mark.parametrize(("given", "kept"), [("auto", None), ("Auto", None), ("", None), ("2k", "2K"), ("512", "512")])
def test_a_size_is_kept_in_the_spelling_services_want(given: str, kept: str | None) -> None:
    assert EditRequest("x", image_size=given).image_size == kept
