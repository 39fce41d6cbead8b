"""Damaged and hostile files: a picture or `UnreadablePicture`, nothing else, and soon."""

from __future__ import annotations

import random
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from edit_core.containers import inspect, strip
from edit_core.errors import UnreadablePicture
from edit_core.pictures import Picture
from edit_core.preparation import prepare

Photo = Callable[[str], bytes]

SEEDS = (
    "cat.jpg",
    "phone_sideways_gps.jpg",
    "progressive.jpg",
    "tiny.png",
    "palette_transparent.png",
    "scan_16bit_gray.png",
    "rocket.webp",
    "animated.webp",
    "animated.gif",
    "phone_sideways_gps.heic",
)
HOSTILE_SIZE = 20_000_000


def mutate(data: bytes, dice: random.Random) -> bytes:
    """A few bits turned, bytes dropped, doubled or set, mostly where the headers are."""
    changed = bytearray(data)
    reach = dice.choice((64, 400, len(data)))
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        at = dice.randrange(min(reach, len(changed)))
        match dice.randrange(4):
            case 0:
                changed[at] ^= 1 << dice.randrange(8)
            case 1:
                changed[at] = dice.choice((0, 1, 0xD9, 0xDA, 0xFF))
            case 2 if len(changed) > 100:
                del changed[at : at + dice.randrange(1, 50)]
            case _:
                changed[at:at] = changed[at : at + dice.randrange(1, 200)]
    return bytes(changed)


def survives(data: bytes, act: Callable[[bytes], object]) -> bool:
    """Whether it was taken; anything but a result or `UnreadablePicture` fails the test."""
    try:
        act(data)
    except UnreadablePicture:
        return False
    return True


@pytest.mark.parametrize("name", SEEDS)
def test_no_mutation_gets_past_the_error(photo: Photo, name: str) -> None:
    dice = random.Random(name)
    taken = sum(survives(mutate(photo(name), dice), Picture.read) for _ in range(300))
    assert 0 < taken < 300


@pytest.mark.parametrize("name", SEEDS)
def test_stripping_mutations_gives_a_readable_file_or_the_error(photo: Photo, name: str) -> None:
    dice = random.Random(name)
    for _ in range(300):
        data = mutate(photo(name), dice)
        if survives(data, inspect) and survives(data, strip):
            assert inspect(strip(data)[0]).mime == inspect(data).mime


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("name", SEEDS)
def test_preparing_mutations_gives_a_picture_or_the_error(photo: Photo, name: str) -> None:
    dice = random.Random(name)
    assert sum(survives(mutate(photo(name), dice), prepare) for _ in range(40)) < 40


@pytest.mark.parametrize("name", SEEDS)
def test_a_file_cut_anywhere_is_refused(photo: Photo, name: str) -> None:
    data = photo(name)
    for sixteenth in range(16):
        assert not survives(data[: len(data) * sixteenth // 16], Picture.read)


@pytest.mark.parametrize("name", ["cat.jpg", "progressive.jpg", "tiny.png", "rocket.webp", "animated.gif"])
def test_a_file_without_its_last_bytes_is_cut_short(photo: Photo, name: str) -> None:
    with pytest.raises(UnreadablePicture, match=r"is cut short: the end of the picture is missing\."):
        Picture.read(photo(name)[:-2])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xd8\xff\xd9", "holds no picture"),
        (b"\xff\xd8\xff\xe0\0\0\xff\xd9", "has no length"),
        (b"\xff\xd8\xff\xe0\xff\xff\xff\xd9", "cut short"),
        (b"\xff\xd8\xff\xe0\0\2" + bytes(70_000) + b"\xff\xd9", "lost in noise"),
        (b"\xff\xd8\xff\xda\0\2\0\xff\xd9", "does not say how large"),
        (b"\xff\xd8\xff\xc0\0\3\x08\xff\xda\0\2\0\xff\xd9", "does not say how large"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xaeB`\x82", "does not say how large"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR", "cut short"),
        (b"\x89PNG\r\n\x1a\n\0\0\1\0IEND\xaeB`\x82", "cut short"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0\0\0\0\0\0\0\0\0", "do not follow one another"),
        (b"RIFF\4\0\0\0WEBP", "holds no picture"),
        (b"RIFF\x0c\0\0\0WEBPVP8 \xff\xff\0\0", "longer than the file"),
        (b"RIFF\x0c\0\0\0WEBPVP8X\0\0\0\0", "does not say how large"),
        (b"RIFF\xff\xff\xff\xffWEBP", "cut short"),
        (b"GIF89a\1\0\1\0\0\0\0;", "holds no picture"),
        (b"GIF89a\1\0\1\0\0\0\0!\xfe\5", "cut short"),
        (b"GIF89a\1\0\1\0\0\0\0,\0\0", "cut short"),
        (b"GIF89a", "cut short"),
        (b"\0\0\0\x10ftypheic\0\0\0\0", "cut short"),
        (b"\0\0\0\x10ftypheic\0\0\0\0\0\0\0\x08mdat", "holds no still picture"),
        (b"\0\0\0\x10ftypheic\0\0\0\0\0\0\0\x0cmeta\0\0\0\0", "does not say which picture"),
        (b"\0\0\0\x10ftypheic\0\0\0\0\0\0\0\x14meta\0\0\0\0\0\0\0\x08pitm", "does not say which picture"),
        (b"\0\0\0\4ftypheic", "do not follow one another"),
    ],
)
def test_a_broken_frame_is_named(data: bytes, words: str) -> None:
    with pytest.raises(UnreadablePicture, match=words):
        Picture.read(data)


def flood(head: bytes, part: bytes) -> bytes:
    """As many tiny parts as fit into the size."""
    return head + part * (HOSTILE_SIZE // len(part))


@pytest.mark.parametrize("act", [inspect, strip], ids=["inspect", "strip"])
@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\0\0\0\0", b"\0\0\0\0IDAT\0\0\0\0"),
        (b"\xff\xd8", b"\xff\xe9\0\2"),
        (b"\xff\xd8", b"\xff"),
        (b"\xff\xd8\xff", b"\0\xff"),
        (b"\xff\xd8", b"\xff\xd0"),
        (b"\xff\xd8\xff\xc0\0\x0b\x08\0\1\0\1\1\1\x11\0\xff\xda\0\2", b"\xff\xda\0\2"),
        (b"RIFF\xff\xff\xff\0WEBP", b"ABCD\0\0\0\0"),
        (b"GIF89a\1\0\1\0\0\0\0!\xfe", b"\1a"),
        (b"GIF89a\1\0\1\0\0\0\0", b"!\xfe\0"),
        (b"\0\0\0\x10ftypheic\0\0\0\0", b"\0\0\0\x08free"),
    ],
    ids=["chunks", "segments", "fill", "stuffing", "restarts", "scans", "riff", "sub-blocks", "extensions", "boxes"],
)
def test_twenty_megabytes_of_tiny_parts_end_soon(head: bytes, part: bytes, act: Callable[[bytes], object]) -> None:
    data = flood(head, part)
    started = time.process_time()
    survives(data, act)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt"])
def test_a_small_chunk_is_not_unpacked_to_a_huge_one(photo: Photo, kind: bytes) -> None:
    data = photo("scan_16bit_gray.png")
    body = b"a\0\0" + zlib.compress(bytes(100_000_000))
    bomb = (
        data[:33] + struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) + data[33:]
    )
    tracemalloc.start()
    try:
        taken = survives(bomb, strip)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert taken == (kind == b"zTXt")
