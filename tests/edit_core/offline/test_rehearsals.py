"""Failures on request."""

from __future__ import annotations

import asyncio
import json
import time

import httpx
import pytest

from edit_core.offline.rehearsal import AS_HTML, SENTENCES, rehearse

from .answers import is_grey, picture, picture_bytes, words
from .conftest import Ask, Served

GOOGLE = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "FAILED_PRECONDITION",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    413: "INVALID_ARGUMENT",
    422: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", GOOGLE)
async def test_a_status_comes_in_its_formats_error_body(status: int, stream: bool, ask: Ask) -> None:
    answer = await ask(f"fail {status}", stream=stream)
    error = answer.json()["error"]
    assert answer.status_code == status
    assert error["message"].startswith("Rehearsal: ")
    if ask.wire == "native":
        assert (error["code"], error["status"]) == (status, GOOGLE[status])
    else:
        assert error["type"].endswith(("_error", "_quota"))
        assert error["code"]


def test_every_status_is_either_json_or_a_page() -> None:
    assert set(SENTENCES) == set(GOOGLE) | AS_HTML


@pytest.mark.parametrize(("status", "title"), [(502, "Bad gateway"), (524, "A timeout occurred")])
async def test_a_gateway_answers_with_a_page(status: int, title: str, ask: Ask) -> None:
    answer = await ask(f"fail {status}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert f"{status}: {title}" in answer.text


async def test_too_many_requests_says_when_to_come_back(ask: Ask) -> None:
    answer = await ask("fail 429")
    assert answer.headers["retry-after"] == "2"
    if ask.wire == "native":
        quota, retry = answer.json()["error"]["details"]
        assert "PerMinute" in quota["violations"][0]["quotaId"]
        assert retry == {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2s"}


@pytest.mark.parametrize("stream", [False, True])
async def test_refuse_is_a_block_by_safety(stream: bool, ask: Ask, cat: bytes) -> None:
    answer = await ask("please refuse this", cat, stream=stream)
    assert answer.status_code == 200
    assert "Rehearsal: the picture was stopped by a safety rule." in answer.text
    if ask.wire == "native":
        assert '"finishReason":"IMAGE_SAFETY","finishMessage":' in answer.text
        assert '"parts"' not in answer.text
    else:
        assert '"finish_reason":"content_filter"' in answer.text
        assert '"images"' not in answer.text


async def test_refuse_in_chat_is_in_the_refusal(ask_chat: Ask, cat: bytes) -> None:
    message = (await ask_chat("refuse", cat)).json()["choices"][0]["message"]
    assert (message["content"], bool(message["refusal"])) == ("", True)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_blocked_prompt_has_no_candidates(stream: bool, ask_native: Ask, cat: bytes) -> None:
    answer = await ask_native("block prompt", cat, stream=stream)
    body = json.loads(answer.text.removeprefix("data: "))
    assert body["promptFeedback"]["blockReason"] == "PROHIBITED_CONTENT"
    assert "candidates" not in body


async def test_a_blocked_prompt_in_chat_is_filtered(ask_chat: Ask, cat: bytes) -> None:
    choice = (await ask_chat("block prompt", cat)).json()["choices"][0]
    assert (choice["finish_reason"], choice["native_finish_reason"]) == ("content_filter", "PROHIBITED_CONTENT")


async def test_no_image_is_words_only(ask: Ask, cat: bytes) -> None:
    answer = await ask("no image please, black and white", cat)
    assert answer.status_code == 200
    assert picture_bytes(answer) == []
    assert "words only" in words(answer)


@pytest.mark.parametrize("stream", [False, True])
async def test_garbage_is_200_and_no_json(stream: bool, ask: Ask, cat: bytes) -> None:
    answer = await ask("fail garbage", cat, stream=stream)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        json.loads(answer.content.removeprefix(b"data: "))


async def test_html_is_200_and_a_page(ask: Ask, cat: bytes) -> None:
    answer = await ask("fail html", cat)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_cut_answer_ends_half_way(stream: bool, ask: Ask, cat: bytes) -> None:
    whole, cut = await ask("black and white", cat, stream=stream), await ask("fail cut", cat, stream=stream)
    promised = int(cut.headers["content-length"])
    assert len(cut.content) == promised // 2
    assert abs(promised - len(whole.content)) < 100


async def test_a_cut_answer_breaks_the_connection(served: Served, ask: Ask, cat: bytes) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            await client.post(ask.path(), json=ask.body("fail cut", (cat,)))


@pytest.mark.parametrize("rest", ["", ", then make it black and white", " and black and white"])
async def test_slow_waits_and_then_does_the_rest(rest: str, ask: Ask, cat: bytes) -> None:
    started = time.monotonic()
    answer = await ask(f"fail slow 0.2{rest}", cat)
    assert time.monotonic() - started >= 0.2
    assert is_grey(picture(answer))


async def test_a_slow_failure_waits_first(ask: Ask) -> None:
    started = time.monotonic()
    assert (await ask("fail slow 0.2 then fail 503")).status_code == 503
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize("stream", [False, True])
async def test_a_slow_edit_ends_when_the_client_leaves(stream: bool, served: Served, ask: Ask, cat: bytes) -> None:
    body = ask.body("fail slow 60", (cat,)) | ({"stream": True} if stream and ask.wire == "chat" else {})
    async with httpx.AsyncClient(base_url=served.url, timeout=0.4) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.post(ask.path(stream=stream), json=body)
    assert await asyncio.to_thread(served.is_idle)


async def test_a_slow_edit_in_this_process_ends_when_it_is_cancelled(ask: Ask, cat: bytes) -> None:
    task = asyncio.create_task(ask("fail slow 60", cat))
    await asyncio.sleep(0.05)
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 2
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize(
    "prompt",
    [
        "add the text “fail 429”",
        'caption "refuse"',
        "caption 'no image'",
        "加文字“fail slow 60”",
        "black and white, unrefused",
        "failing 429 things, sepia",
        "fail 4290",
    ],
)
def test_other_words_and_quotes_rehearse_nothing(prompt: str) -> None:
    acted = rehearse(prompt)
    assert (acted.status, acted.trick, acted.wait) == (None, "", 0)
    assert acted.prompt == prompt


@pytest.mark.parametrize(
    ("prompt", "rest"),
    [
        ("fail slow 3 make it red", "make it red"),
        ("fail slow 3s, then sepia", "sepia"),
        ("FAIL SLOW 3: Sepia", "Sepia"),
        ("sepia fail slow 3", "sepia"),
        ("fail slow", "black and white"),
        ("fail cut caption “Fail slow 9”", "caption “Fail slow 9”"),
    ],
)
def test_the_rest_of_the_words_is_kept(prompt: str, rest: str) -> None:
    assert rehearse(prompt).prompt == rest


def test_the_end_of_a_long_prompt_is_kept() -> None:
    assert rehearse("fail cut " + "la " * 2000 + "the end").prompt.endswith("la la the end")


def test_a_wait_has_an_end() -> None:
    assert rehearse("fail slow 9999").wait == 600
