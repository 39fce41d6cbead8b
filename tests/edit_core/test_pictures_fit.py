"""Fitting pictures into a request: only the largest shrink, by the least, and transparency survives."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image

from edit_core.errors import TooLarge
from edit_core.pictures import Picture
from edit_core.preparation import fit

Photo = Callable[[str], bytes]


@pytest.fixture(scope="module")
def read(photo: Photo) -> Callable[[str], Picture]:
    return lambda name: Picture.read(photo(name))


def weight(pictures: tuple[Picture, ...]) -> int:
    return sum(len(picture.data) for picture in pictures)


NAMES = ("cat.jpg", "astronaut.png", "tiny.png", "coffee.jpg", "sticker_alpha.png")
"""39, 427, 8, 80 and 128 KB."""


@pytest.mark.parametrize(
    ("most", "shrunk"),
    [
        (700_000, set()),
        (681_340, set()),
        (681_339, {"astronaut.png"}),
        (400_000, {"astronaut.png"}),
        (300_000, {"astronaut.png", "sticker_alpha.png"}),
        (200_000, {"astronaut.png", "sticker_alpha.png", "coffee.jpg"}),
        (60_000, {"astronaut.png", "sticker_alpha.png", "coffee.jpg", "cat.jpg"}),
    ],
)
def test_only_the_largest_shrink(read: Callable[[str], Picture], most: int, shrunk: set[str]) -> None:
    before = tuple(map(read, NAMES))
    after = fit(before, most)
    assert weight(tuple(each.picture for each in after)) <= most
    assert {name for name, each in zip(NAMES, after, strict=True) if each.changes} == shrunk
    assert all(one.picture == other for one, other in zip(after, before, strict=True) if not one.changes)


def test_a_sum_that_fits_is_left_alone(read: Callable[[str], Picture]) -> None:
    before = tuple(map(read, NAMES))
    assert [each.picture for each in fit(before, weight(before))] == list(before)
    assert fit((), 0) == ()


def test_the_first_step_keeps_every_pixel(read: Callable[[str], Picture]) -> None:
    (prepared,) = fit([read("astronaut.png")], 200_000)
    assert (prepared.picture.mime, prepared.picture.width) == ("image/jpeg", 512)
    assert [str(change) for change in prepared.changes] == [
        f"Shrunk to fit: 512 x 512 kept, 0.4 MB to {len(prepared.picture.data) / 1e3:.1f} KB as JPEG."
    ]


@pytest.mark.parametrize("most", [60_000, 40_000, 20_000, 8_000])
def test_shrinking_takes_no_more_than_it_must(read: Callable[[str], Picture], most: int) -> None:
    (prepared,) = fit([read("coffee.jpg")], most)
    picture = prepared.picture
    assert 0.9 * most < len(picture.data) <= most
    assert abs(picture.width / picture.height - 1.5) < 0.02
    assert f"600 x 400 to {picture.width} x {picture.height}" in prepared.changes[0].detail


@pytest.mark.parametrize(
    "name", ["sticker_alpha.png", "sticker_alpha.webp", "palette_transparent.png"], ids=["RGBA", "WebP", "palette"]
)
def test_transparency_survives(read: Callable[[str], Picture], name: str) -> None:
    before = read(name)
    (prepared,) = fit([before], len(before.data) // 3)
    with Image.open(io.BytesIO(prepared.picture.data)) as image:
        assert image.convert("RGBA").getchannel("A").getextrema()[0] == 0


def test_an_alpha_channel_that_hides_nothing_is_dropped(photo: Photo) -> None:
    out = io.BytesIO()
    with Image.open(io.BytesIO(photo("coffee.jpg"))) as image:
        image.convert("RGBA").save(out, "PNG")
    (prepared,) = fit([Picture.read(out.getvalue())], 90_000)
    assert prepared.picture.mime == "image/jpeg"


@pytest.mark.parametrize(("most", "share"), [(600, "0.3 KB"), (2_000, "1.0 KB"), (0, "0.0 KB")])
def test_what_cannot_fit_is_said(read: Callable[[str], Picture], most: int, share: str) -> None:
    with pytest.raises(TooLarge, match=f"A picture of 600 x 400 pixels cannot be shrunk to {re.escape(share)}"):
        fit([read("coffee.jpg"), read("coffee.jpg")], most)
