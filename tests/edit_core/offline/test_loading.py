"""Pictures in are upright 8-bit sRGB; pictures out are JPEG or PNG; damage has its sentence."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops

from edit_core.offline.asking import Refused
from edit_core.offline.loading import load, save

from .answers import decoded, encoded, means


@pytest.mark.parametrize(
    ("name", "mode", "size"),
    [
        ("cat.jpg", "RGB", (451, 300)),
        ("progressive.jpg", "RGB", None),
        ("print_cmyk.jpg", "RGB", None),
        ("scan_16bit_gray.png", "RGB", None),
        ("sticker_alpha.png", "RGBA", None),
        ("sticker_alpha.webp", "RGBA", None),
        ("palette_transparent.png", "RGBA", None),
        ("animated.gif", "RGB", None),
        ("rocket.webp", "RGB", None),
        ("tiny.png", "RGB", None),
    ],
)
def test_photos_are_read(name: str, mode: str, size: tuple[int, int] | None, photo: Callable[[str], bytes]) -> None:
    loaded = load(photo(name), 1)
    assert loaded.image.mode == mode
    assert size is None or loaded.image.size == size
    assert loaded.jpeg == name.endswith(".jpg")


def test_a_sideways_photo_is_turned_upright(photo: Callable[[str], bytes]) -> None:
    data = photo("phone_sideways_gps.jpg")
    stored = Image.open(io.BytesIO(data)).size
    assert load(data, 1).image.size == stored[::-1]


def test_sixteen_bits_keep_their_tones() -> None:
    grey = Image.new("I;16", (8, 8), 0x8000)
    assert means(load(encoded(grey), 1).image) == [128, 128, 128]


def test_a_foreign_profile_becomes_srgb(photo: Callable[[str], bytes]) -> None:
    loaded = load(photo("print_cmyk.jpg"), 1).image
    plain = Image.open(io.BytesIO(photo("print_cmyk.jpg"))).convert("RGB")
    assert all(abs(a - b) < 60 for a, b in zip(means(loaded), means(plain), strict=True))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"this is text", "Picture 2 is not a picture"),
        (b"", "Picture 2 is not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "Picture 2 is not a picture"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        load(data, 2)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_cut_short_is_refused(form: str, cat: bytes) -> None:
    data = encoded(Image.open(io.BytesIO(cat)), form)
    with pytest.raises(Refused, match=r"Picture 1 is (damaged|not a picture)"):
        load(data[: len(data) // 2], 1)


def test_every_damaged_file_is_refused(photo: Callable[[str], bytes], pytestconfig: pytest.Config) -> None:
    names = sorted((pytestconfig.rootpath / "tests/photos/damaged").iterdir())
    assert len(names) >= 5
    for path in names:
        with pytest.raises(Refused, match=r"^Picture 1 is "):
            load(photo(f"damaged/{path.name}"), 1)


@pytest.mark.parametrize("size", [(12_001, 10), (8_000, 7_000)])
def test_a_picture_too_large_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(Refused, match="too large"):
        load(encoded(Image.new("1", size)), 1)


@pytest.mark.parametrize(
    ("mode", "as_jpeg", "form"), [("RGB", True, "JPEG"), ("RGB", False, "PNG"), ("RGBA", True, "PNG")]
)
def test_what_is_saved_keeps_its_alpha_and_drops_metadata(mode: str, as_jpeg: bool, form: str) -> None:
    image = Image.new(mode, (9, 7), (200, 10, 10, 99)[: len(mode)])
    image.info["comment"] = b"secret"
    result = save(image, as_jpeg=as_jpeg)
    again = decoded(result.data)
    assert (again.format, result.mime) == (form, f"image/{form.lower()}")
    assert again.mode == mode
    assert b"secret" not in result.data
    assert max(high for _, high in ImageChops.difference(again, image).getextrema()) <= 3  # type: ignore[misc]
