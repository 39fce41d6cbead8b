"""Reading the engine's answers in tests, independently of the library's own decoders."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import httpx
from PIL import Image, ImageChops, ImageStat


def picture_bytes(answer: httpx.Response) -> list[bytes]:
    """The picture files of a whole answer in either format."""
    body = answer.json()
    if "candidates" in body:
        parts = body["candidates"][0]["content"].get("parts", [])
        return [base64.b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part]
    images = body["choices"][0]["message"].get("images", [])
    return [base64.b64decode(each["image_url"]["url"].partition(",")[2]) for each in images]


def picture(answer: httpx.Response) -> Image.Image:
    """The one picture of a whole answer."""
    assert answer.status_code == 200, answer.text[:300]
    (data,) = picture_bytes(answer)
    return decoded(data)


def decoded(data: bytes) -> Image.Image:
    """Pixels of a picture file."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def words(answer: httpx.Response) -> str:
    """The text of a whole answer in either format, without thoughts."""
    body = answer.json()
    if "candidates" in body:
        parts = body["candidates"][0]["content"].get("parts", [])
        return "".join(part.get("text", "") for part in parts if not part.get("thought"))
    content: str = body["choices"][0]["message"]["content"]
    return content


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    """The documents of a stream of server-sent events, `[DONE]` left out."""
    datas = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    return [json.loads(each) for each in datas if each != "[DONE]"]


def encoded(image: Image.Image, form: str = "PNG") -> bytes:
    """A picture file."""
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


def means(image: Image.Image) -> list[float]:
    """Mean level of red, green and blue."""
    return ImageStat.Stat(image.convert("RGB")).mean


def is_grey(image: Image.Image) -> bool:
    """Whether red, green and blue are the same in every pixel."""
    red, green, blue = image.convert("RGB").split()
    return not ImageChops.difference(red, green).getbbox() and not ImageChops.difference(green, blue).getbbox()
