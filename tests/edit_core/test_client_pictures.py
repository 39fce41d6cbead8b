"""Rows U-26 and U-28: what came is no good picture, or one too many. One POST each, and nothing is thrown away."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

from edit_core import Client, EditError, EditResult
from tests.edit_core.spellings import KEY
from tests.edit_core.trials import PATIENT, REQUEST, relay_row
from tests.fault_relay import FaultRelay
from tests.faults import FORMS, Form, http, sends

forms = pytest.mark.parametrize("form", FORMS, ids=str)


async def edited(form: Form, *pictures: bytes) -> tuple[EditResult | EditError, int]:
    """What an edit becomes when the relay answers with these bytes for pictures, and how many POSTs it got."""
    parts = b"".join(form.document(picture=picture) for picture in pictures[:-1]) if form.stream else b""
    body = parts + form.document(picture=pictures[-1], ended=True)
    async with FaultRelay(sends(http(200, body))) as relay:
        client = Client(relay_row(relay.url), KEY, wire=form.wire, stream=form.stream, clocks=PATIENT)
        try:
            async with client:
                return await client.edit(REQUEST, "m"), relay.posts
        except EditError as error:
            return error, relay.posts


def drawn(kind: str, mode: str = "RGB", size: tuple[int, int] = (8, 6), **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, kind, **options)
    return buffer.getvalue()


HUGE = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
    + (20_000).to_bytes(4, "big") * 2
    + b"\x08\x02\0\0\0\0\0\0\0\0\0\0\0IEND\xaeB\x60\x82"
)
UNREADABLE: dict[str, bytes] = {
    "a PNG that is cut short": drawn("PNG", size=(300, 300))[:-30],
    "a JPEG that is cut short": drawn("JPEG", size=(300, 300))[:-40],
    "20,000 x 20,000 pixels": HUGE,
    "an SVG": b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
    "a web page": b"<html><body>Just a moment</body></html>",
    "noise": bytes(range(256)) * 4,
}


@forms
@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
async def test_u_26_bytes_that_are_no_picture_are_told_of_and_handed_on(form: Form, data: bytes) -> None:
    error, posts = await edited(form, data)
    assert isinstance(error, EditError)
    assert (error.kind, error.charged, posts) == ("malformed", "maybe", 1)
    assert error.damaged == (data,)


READABLE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a JPEG said to be a PNG": (lambda: drawn("JPEG"), "image/jpeg"),
    "16 bits a channel": (lambda: drawn("PNG", "I;16"), "image/png"),
    "an animation": (
        lambda: drawn("GIF", "P", save_all=True, append_images=[Image.new("P", (8, 6), 3)]),
        "image/gif",
    ),
    "a WebP": (lambda: drawn("WEBP"), "image/webp"),
}


@forms
@pytest.mark.parametrize(("draw", "mime"), READABLE.values(), ids=READABLE)
async def test_u_26_an_unusual_picture_is_kept_byte_for_byte(form: Form, draw: Callable[[], bytes], mime: str) -> None:
    data = draw()
    result, posts = await edited(form, data)
    assert isinstance(result, EditResult), result
    assert [(picture.mime, picture.data) for picture in result.pictures] == [(mime, data)]
    assert posts == 1


@pytest.mark.parametrize("form", [form for form in FORMS if form.stream], ids=str)
async def test_u_28_the_same_picture_twice_is_one(form: Form) -> None:
    data = drawn("PNG")
    result, posts = await edited(form, data, data)
    assert isinstance(result, EditResult), result
    assert ([picture.data for picture in result.pictures], posts) == ([data], 1)
