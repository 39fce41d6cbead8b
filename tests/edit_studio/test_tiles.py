"""What the page's gallery gets to show: light pictures, whatever lies on the shelf."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from edit_core import Picture
from edit_studio.door.picture_answers import NOTE

from .examples import picture
from .raw_calls import RawPage
from .serving import Served

SHOWN = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
"""What a browser says that wants a picture to show."""
LARGE, SMALL = picture(701, 1000), picture(702, 40)


@pytest.fixture
def raw(page: Served) -> Iterator[RawPage]:
    with RawPage(page.address) as calls:
        yield calls


def lent(page: Served, data: bytes, name: str) -> str:
    """The address of a file on the shelf."""
    return f"gradio_api/file={page.studio.shelf.put(data, name)}"


def test_a_large_picture_is_shown_by_its_preview_and_given_whole_to_whoever_wants_the_file(
    page: Served, raw: RawPage
) -> None:
    address = lent(page, LARGE.data, "large.png")
    shown = raw.get(address, accept=SHOWN)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert (shown.headers["vary"], shown.headers["x-content-type-options"]) == ("Accept", "nosniff")
    preview = Picture.read(shown.content)
    assert (preview.width, preview.height) == (LARGE.width, LARGE.height)
    assert len(shown.content) < len(LARGE.data) / 2
    assert raw.get(address).content == LARGE.data


def test_of_a_4k_picture_at_most_a_twentieth_is_shown(page: Served, raw: RawPage) -> None:
    out = io.BytesIO()
    with Image.open(Path(__file__).parents[1] / "photos" / "coffee.jpg") as coffee:
        coffee.convert("RGB").resize((3840, 2160), Image.Resampling.BICUBIC).save(out, "PNG", compress_level=1)
    shown = raw.get(lent(page, out.getvalue(), "4k.png"), accept=SHOWN)
    preview = Picture.read(shown.content)
    assert (preview.width, preview.height) == (1600, 900)
    assert len(shown.content) < len(out.getvalue()) / 20


AS_IT_IS = {
    "a small picture": (SMALL.data, "small.png", "image/png"),
    "a small picture under a wrong name": (SMALL.data, "small.html", "image/png"),
    "a large picture that cannot be decoded": (
        LARGE.data[:100] + bytes(1000) + LARGE.data[1100:],
        "broken.png",
        "image/png",
    ),
}


@pytest.mark.parametrize(("data", "name", "mime"), AS_IT_IS.values(), ids=AS_IT_IS)
def test_what_is_light_or_has_no_preview_is_sent_as_it_is(
    page: Served, raw: RawPage, data: bytes, name: str, mime: str
) -> None:
    shown = raw.get(lent(page, data, name), accept=SHOWN)
    assert (shown.content, shown.headers["content-type"]) == (data, mime)


NOTHING = {
    "a page": b"<html><script>alert(1)</script></html>",
    "a drawing that may run scripts": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "many bytes of nothing": bytes(400_000),
}


@pytest.mark.parametrize("data", NOTHING.values(), ids=NOTHING)
def test_of_what_is_no_picture_nothing_is_shown(page: Served, raw: RawPage, data: bytes) -> None:
    shown = raw.get(lent(page, data, "picture.png"), accept=SHOWN)
    assert (shown.headers["content-type"], shown.headers["cache-control"]) == ("image/webp", "no-store")
    assert shown.headers[NOTE]
    assert data not in shown.content


@pytest.mark.parametrize("path", ["/etc/passwd", "{shelf}/../{kept}", "{shelf}/nothing.png", "{kept}"])
def test_what_does_not_lie_on_the_shelf_is_not_shown(page: Served, raw: RawPage, path: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept.png"
    kept.write_bytes(SMALL.data)
    path = path.format(shelf=page.studio.shelf.root, kept=kept)
    assert raw.get(f"gradio_api/file={path}", accept=SHOWN).status_code in (403, 404)


def test_what_no_edit_would_take_is_not_even_read(page: Served, raw: RawPage) -> None:
    large = page.studio.shelf.put(SMALL.data, "film.png")
    os.truncate(large, page.studio.shelf.most_bytes + 1)
    shown = raw.get(f"gradio_api/file={large}", accept=SHOWN)
    assert shown.headers[NOTE] == "This file is too large for a picture."


def test_a_preview_of_an_upload_goes_with_the_next_sweep(page: Served, raw: RawPage) -> None:
    upload = picture(703, 600)
    assert raw.get(lent(page, upload.data, "upload.png"), accept=SHOWN).status_code == 200
    preview = page.studio.previews.path(upload.sha256, "preview")
    assert preview.is_file()
    page.studio.previews.sweep()
    assert not preview.exists()
