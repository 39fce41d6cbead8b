"""What both formats share: real edits, honest words, plain refusals."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image

from edit_core.offline.app import LARGEST_BODY

from .answers import decoded, encoded, is_grey, picture, picture_bytes, words
from .conftest import Ask


async def test_an_edit_gives_the_picture_and_says_what_was_done(ask: Ask, cat: bytes) -> None:
    answer = await ask("Make it black and white, then add a border", cat)
    assert picture(answer).size == (475, 324)
    assert words(answer) == "Offline engine (no AI): made it black and white, then added a white border."


@pytest.mark.parametrize("prompt", ["make it black and white", "变成黑白"])
async def test_black_and_white_is_grey_after_all_the_coding(prompt: str, ask: Ask, cat: bytes) -> None:
    assert is_grey(picture(await ask(prompt, cat)))


@pytest.mark.parametrize(
    ("name", "form"),
    [("cat.jpg", "JPEG"), ("astronaut.png", "PNG"), ("sticker_alpha.webp", "PNG"), ("rocket.webp", "PNG")],
)
async def test_a_jpeg_stays_a_jpeg_and_the_rest_become_png(
    name: str, form: str, ask: Ask, photo: Callable[[str], bytes]
) -> None:
    image = picture(await ask("sepia", photo(name)))
    assert image.format == form
    assert image.mode == ("RGBA" if "alpha" in name else "RGB")


@pytest.mark.parametrize("prompt", ["paint a dragon beside me", "换成海边的背景", "hello"])
async def test_what_it_does_not_understand_it_says_and_gives_no_picture(prompt: str, ask: Ask, cat: bytes) -> None:
    answer = await ask(prompt, cat)
    assert answer.status_code == 200
    assert picture_bytes(answer) == []
    assert words(answer).startswith(f"I am the offline engine, not an AI. I did not understand “{prompt}”. I can do: ")


async def test_what_was_left_out_is_said_beside_what_was_done(ask: Ask, cat: bytes) -> None:
    answer = await ask("make it black and white and add a llama next to me", cat)
    assert is_grey(picture(answer))
    assert "I left out what I do not understand: “add a llama next to me”." in words(answer)


async def test_a_caption_no_font_can_draw_is_said_and_not_drawn(ask: Ask, cat: bytes) -> None:
    answer = await ask("add the text “\U0001f984”", cat)
    assert picture_bytes(answer) == []
    assert "No font on this machine can draw “\U0001f984”" in words(answer)


async def test_without_a_picture_it_asks_for_one(ask: Ask) -> None:
    answer = await ask("make it black and white")
    assert answer.status_code == 200
    assert picture_bytes(answer) == []
    assert "I need a picture" in words(answer)


@pytest.mark.parametrize(
    ("prompt", "count", "said"),
    [
        ("", 1, "There is no text"),
        ("  \n", 1, "There is no text"),
        ("sepia", 15, "There are 15 pictures; 14 are the most."),
    ],
)
async def test_what_cannot_be_served_is_refused_in_a_sentence(
    prompt: str, count: int, said: str, ask: Ask, cat: bytes
) -> None:
    answer = await ask(prompt, *[cat] * count)
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"no picture", "Picture 2 is not a picture"), (encoded(Image.new("1", (12_001, 9))), "Picture 2 is too large")],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_bad_picture_is_refused_by_its_number(
    data: bytes, said: str, stream: bool, ask: Ask, cat: bytes
) -> None:
    answer = await ask("sepia", cat, data, stream=stream)
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{not json", "not valid JSON"),
        (b"", "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b"{}", "send a text and a picture"),
        (b'{"contents": "x", "messages": "x"}', "must be a list of objects"),
        (b'{"contents": [1], "messages": [1]}', "must be a list of objects"),
        (b'{"contents": [{"role": "model"}], "messages": [{"role": "assistant"}]}', "no message of the user"),
    ],
)
async def test_a_body_that_means_nothing_is_refused(body: bytes, said: str, ask: Ask) -> None:
    answer = await ask.client.post(ask.path(), content=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_beyond_the_cap_is_413(declared: bool, ask: Ask) -> None:
    async def pieces() -> Any:
        for _ in range(65):
            yield bytes(1024 * 1024)

    headers = {"content-length": str(LARGEST_BODY + 1)} if declared else {}
    answer = await ask.client.post(ask.path(), content=b"{}" if declared else pieces(), headers=headers)
    assert answer.status_code == 413
    assert "64 MiB" in answer.json()["error"]["message"]


@pytest.mark.parametrize("key", [None, "Bearer anything", "Bearer "])
async def test_any_key_or_none_will_do(key: str | None, ask: Ask, cat: bytes) -> None:
    headers = {"authorization": key} if key else {}
    answer = await ask.client.post(ask.path(), json=ask.body("sepia", (cat,)), headers=headers)
    assert answer.status_code == 200


async def test_health_says_it_is_no_ai(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health")).json() == {"status": "ok", "engine": "offline-engine", "ai": False}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1beta/nothing", 404),
        ("GET", "/v1/chat/completions", 405),
        ("POST", "/v1beta/models/x:countTokens", 404),
        ("POST", "/v1beta/models/x", 404),
    ],
)
async def test_an_unknown_path_is_an_error_of_its_format(
    method: str, path: str, status: int, client: httpx.AsyncClient
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert ("status" in answer.json()["error"]) == path.startswith("/v1beta")


async def test_the_same_edit_gives_the_same_bytes_in_both_formats(ask_native: Ask, ask_chat: Ask, cat: bytes) -> None:
    native, chat = await ask_native("vintage", cat), await ask_chat("vintage", cat)
    assert picture_bytes(native) == picture_bytes(chat)


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes])
async def test_base64_is_read_in_every_alphabet(encode: Callable[[bytes], bytes], ask_native: Ask, cat: bytes) -> None:
    body = ask_native.body("sepia", (cat,))
    body["contents"][0]["parts"][1]["inlineData"]["data"] = encode(cat).decode()
    answer = await ask_native.client.post(ask_native.path(), json=body)
    assert decoded(picture_bytes(answer)[0]).size == Image.open(io.BytesIO(cat)).size
