"""Ratios and sizes come out in pixels as asked, by every way a format has to ask."""

from __future__ import annotations

from typing import Any

import pytest

from edit_core.offline.plan import Ratio
from edit_core.offline.sizes import AT_1K, pixels

from .answers import picture
from .conftest import Ask

NOW = (451, 300)


@pytest.mark.parametrize(
    ("ratio", "size", "expected"),
    [
        (None, None, NOW),
        ((1, 1), None, (300, 300)),
        ((16, 9), None, (451, 254)),
        ((1, 1), "1K", (1024, 1024)),
        ((16, 9), "1K", (1376, 768)),
        ((9, 16), "2K", (1536, 2752)),
        ((21, 9), "4K", (6336, 2688)),
        ((3, 4), "512", (448, 600)),
        ((4, 5), "0.5K", (464, 576)),
        ((1, 4), "1K", (512, 2048)),
        (None, "1K", (1256, 835)),
    ],
)
def test_pixels_are_those_of_the_services(ratio: Ratio | None, size: str | None, expected: tuple[int, int]) -> None:
    assert pixels(NOW, ratio, size) == expected


@pytest.mark.parametrize(("size", "side"), [("512", 512), ("1K", 1024), ("2K", 2048), ("4K", 4096)])
def test_a_size_alone_keeps_the_shape(size: str, side: int) -> None:
    width, height = pixels(NOW, None, size)
    assert abs(width * height / side**2 - 1) < 0.01
    assert abs(width / height - NOW[0] / NOW[1]) < 0.01


@pytest.mark.parametrize("ratio", AT_1K)
def test_the_table_holds_about_a_megapixel_in_each_ratio(ratio: Ratio) -> None:
    width, height = AT_1K[ratio]
    assert abs(width * height / 1024**2 - 1) < 0.04
    assert abs(width / height / (ratio[0] / ratio[1]) - 1) < 0.03


@pytest.mark.parametrize(
    "more",
    [
        {"generationConfig": {"imageConfig": {"aspectRatio": "16:9", "imageSize": "1K"}}},
        {"generation_config": {"image_config": {"aspect_ratio": "16:9", "image_size": "1K"}}},
        {"generationConfig": {"responseFormat": {"image": {"aspectRatio": "16:9", "imageSize": "1K"}}}},
    ],
)
async def test_native_reads_ratio_and_size(more: dict[str, Any], ask_native: Ask, cat: bytes) -> None:
    assert picture(await ask_native("sepia", cat, **more)).size == (1376, 768)


@pytest.mark.parametrize(
    "more",
    [
        {"image_config": {"aspect_ratio": "16:9", "image_size": "1K"}},
        {"extra_body": {"google": {"image_config": {"aspect_ratio": "16:9", "image_size": "1K"}}}},
    ],
)
async def test_chat_reads_ratio_and_size(more: dict[str, Any], ask_chat: Ask, cat: bytes) -> None:
    assert picture(await ask_chat("sepia", cat, **more)).size == (1376, 768)


async def test_chat_reads_the_ratio_of_a_system_message(ask_chat: Ask, cat: bytes) -> None:
    body = ask_chat.body("sepia", (cat,))
    body["messages"].insert(0, {"role": "system", "content": "aspect_ratio=1:1"})
    assert picture(await ask_chat.client.post(ask_chat.path(), json=body)).size == (300, 300)


async def test_neither_asked_keeps_the_size(ask: Ask, cat: bytes) -> None:
    assert picture(await ask("sepia", cat)).size == NOW


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ({"aspectRatio": "wide"}, "“wide” is no aspect ratio"),
        ({"aspectRatio": "0:1"}, "“0:1” is no aspect ratio"),
        ({"imageSize": "1k"}, "“1k” is no picture size"),
        ({"imageSize": 1024}, "“1024” is no picture size"),
    ],
)
async def test_what_is_no_ratio_or_size_is_refused(
    shape: dict[str, Any], said: str, ask_native: Ask, cat: bytes
) -> None:
    answer = await ask_native("sepia", cat, generationConfig={"imageConfig": shape})
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]
