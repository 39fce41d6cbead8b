"""Reading a picture: what is taken, what is refused in which words, and at what cost."""

from __future__ import annotations

import hashlib
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from edit_core.errors import UnreadablePicture
from edit_core.pictures import INPUT_LIMITS, OUTPUT_LIMITS, Limits, Picture

Photo = Callable[[str], bytes]


def png_claiming(width: int, height: int) -> bytes:
    """A whole PNG file whose header says what we like; there is one pixel in it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def refusal(data: bytes, limits: Limits = INPUT_LIMITS) -> str:
    with pytest.raises(UnreadablePicture) as caught:
        Picture.read(data, limits)
    assert caught.value.kind == "bad_input"
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "mime", "size", "suffix"),
    [
        ("animated.gif", "image/gif", (150, 100), ".gif"),
        ("animated.webp", "image/webp", (150, 100), ".webp"),
        ("astronaut.png", "image/png", (512, 512), ".png"),
        ("cat.jpg", "image/jpeg", (451, 300), ".jpg"),
        ("coffee.jpg", "image/jpeg", (600, 400), ".jpg"),
        ("palette_transparent.png", "image/png", (225, 150), ".png"),
        ("panorama_8_to_1.jpg", "image/jpeg", (1200, 150), ".jpg"),
        ("phone_sideways_gps.heic", "image/heic", (400, 600), ".heic"),
        ("phone_sideways_gps.jpg", "image/jpeg", (400, 600), ".jpg"),
        ("print_cmyk.jpg", "image/jpeg", (451, 300), ".jpg"),
        ("progressive.jpg", "image/jpeg", (600, 400), ".jpg"),
        ("rocket.webp", "image/webp", (640, 427), ".webp"),
        ("scan_16bit_gray.png", "image/png", (300, 200), ".png"),
        ("sticker_alpha.png", "image/png", (256, 256), ".png"),
        ("sticker_alpha.webp", "image/webp", (256, 256), ".webp"),
        ("tiny.png", "image/png", (60, 40), ".png"),
    ],
)
def test_type_and_size_come_from_the_bytes(
    photo: Photo, name: str, mime: str, size: tuple[int, int], suffix: str
) -> None:
    picture = Picture.read(photo(name))
    assert (picture.mime, (picture.width, picture.height), picture.suffix) == (mime, size, suffix)
    assert picture.data == photo(name)


DAMAGED = {
    "bomb_100000x100000_header.png": "The picture claims 100,000 x 100,000 pixels (10,000 megapixels)",
    "bomb_13300x13300_small_file.png": "The picture claims 13,300 x 13,300 pixels (177 megapixels)",
    "bomb_giant_canvas.gif": "The picture claims 13,000 x 13,000 pixels (169 megapixels)",
    "cut_short.jpg": "This JPEG file is cut short",
    "cut_short.png": "This PNG file is cut short",
    "empty.jpg": "The file is empty.",
    "page_named.jpg": "This is a web page",
    "text_named.png": "This is plain text",
    "vector_named.png": "This is a vector drawing (SVG)",
}


@pytest.mark.parametrize(("name", "beginning"), DAMAGED.items(), ids=DAMAGED.keys())
def test_each_damaged_file_has_its_own_sentence(photo: Photo, name: str, beginning: str) -> None:
    assert refusal(photo(f"damaged/{name}")).startswith(beginning)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript drawing"),
        (b"II*\0\x08\0\0\0", "a TIFF or camera raw file"),
        (b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0", "a BMP picture"),
        (b"8BPS\0\x01", "a Photoshop document"),
        (b"\0\0\x01\0\x01\0", "an icon"),
        (b"\xff\x0a\xfa\x1f", "a JPEG XL picture"),
        (b"PK\x03\x04\x14\0", "a ZIP archive"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "a video"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "a sound"),
        (b"SIMPLE  =                    T", "plain text"),
        (b'<?xml version="1.0"?>\n<!-- a -->\n<svg width="1">', "a vector drawing"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE HTML><html>", "a web page"),
        ('{"error": "余额不足"}'.encode(), "plain text"),
        (("a" + "é" * 2000).encode(), "plain text"),
        (bytes(range(256)), "no kind of picture we know"),
        (bytes(1000), "no kind of picture we know"),
    ],
)
def test_a_stranger_is_called_by_its_name(data: bytes, words: str) -> None:
    assert words in refusal(data)


@pytest.mark.parametrize(
    ("size", "limits", "words"),
    [
        ((12_000, 4_166), INPUT_LIMITS, ""),
        ((7_071, 7_072), INPUT_LIMITS, "50 megapixels are the most"),
        ((12_001, 1), INPUT_LIMITS, "12,000 are the most on a side"),
        ((1, 12_001), INPUT_LIMITS, "12,000 are the most on a side"),
        ((7_071, 7_072), OUTPUT_LIMITS, ""),
        ((40_000, 2_001), OUTPUT_LIMITS, "80 megapixels are the most"),
        ((40_001, 1), OUTPUT_LIMITS, "40,000 are the most on a side"),
        ((0, 7), INPUT_LIMITS, "no width or no height"),
        ((2**32 - 1, 2**32 - 1), OUTPUT_LIMITS, "80 megapixels are the most"),
    ],
)
def test_the_header_must_keep_within_the_limits(size: tuple[int, int], limits: Limits, words: str) -> None:
    data = png_claiming(*size)
    if words:
        assert words in refusal(data, limits)
    else:
        picture = Picture.read(data, limits)
        assert (picture.width, picture.height) == size


@pytest.mark.parametrize("name", [name for name in DAMAGED if name.startswith("bomb")])
def test_a_bomb_costs_neither_time_nor_memory(photo: Photo, name: str) -> None:
    data = photo(f"damaged/{name}")
    started = time.process_time()
    refusal(data)
    assert time.process_time() - started < 0.05
    tracemalloc.start()
    try:
        refusal(data)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def grown(photo: Photo, name: str) -> bytes:
    """A photo of 12 MB: coded data that no decoder would like, in a container that is whole."""
    data = photo(name)
    if name.endswith(".png"):
        body = bytes(12_000_000)
        return data[:33] + struct.pack(">I", len(body)) + b"IDAT" + body + b"\0\0\0\0" + data[-12:]
    return data[:-2] + b"\x55" * 12_000_000 + data[-2:]


@pytest.mark.parametrize("name", ["astronaut.png", "cat.jpg"])
def test_reading_looks_at_the_container_only(photo: Photo, name: str) -> None:
    data = grown(photo, name)
    took = []
    for _ in range(5):
        started = time.process_time()
        Picture.read(data)
        took.append(time.process_time() - started)
    assert min(took) < 0.001


@pytest.mark.parametrize("name", ["cat.jpg", "astronaut.png", "rocket.webp", "animated.gif"])
def test_bytes_after_the_end_do_no_harm(photo: Photo, name: str) -> None:
    padded = photo(name) + b"\0\0\n"
    assert Picture.read(padded) == replace(Picture.read(photo(name)), data=padded)


def test_the_hash_is_that_of_the_bytes_and_the_bytes_stay_out_of_the_repr(photo: Photo) -> None:
    picture = Picture.read(photo("tiny.png"))
    assert picture.sha256 == hashlib.sha256(photo("tiny.png")).hexdigest()
    assert repr(picture) == "Picture(mime='image/png', width=60, height=40)"
