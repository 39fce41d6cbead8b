"""The darkroom: what the library gives, byte for byte, and a picture that breaks a decoder breaks nothing else."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from edit_core.errors import EditError, TooLarge, UnreadablePicture
from edit_core.pictures import Picture
from edit_core.preparation import fit, prepare
from edit_studio.darkroom import Darkroom, NotPrepared
from tests.children import children

from .wild_darkroom import WORKER, loops, trouble

Photo = Callable[[str], bytes]

DECODED = (
    *("phone_sideways_gps.jpg", "phone_sideways_gps.heic", "print_cmyk.jpg", "scan_16bit_gray.png"),
    *("animated.gif", "animated.webp"),
)
UNDECODED = (
    *("cat.jpg", "progressive.jpg", "panorama_8_to_1.jpg", "astronaut.png", "palette_transparent.png"),
    *("sticker_alpha.png", "sticker_alpha.webp", "rocket.webp", "tiny.png"),
)
UNREADABLE = ("damaged/cut_short.jpg", "damaged/text_named.png", "damaged/bomb_giant_canvas.gif", "damaged/empty.jpg")


@pytest.fixture
def darkroom() -> Iterator[Darkroom]:
    made = Darkroom()
    yield made
    made.close()


@pytest.fixture
def wild() -> Iterator[Darkroom]:
    """One with a single process, which does what `trouble` asks for."""
    made = Darkroom(workers=1, worker=WORKER)
    yield made
    made.close()


def given(data: bytes) -> Callable[[], bytes]:
    """What reads these bytes."""
    return lambda: data


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def avif(photo: Photo) -> bytes:
    return encoded(Image.open(io.BytesIO(photo("coffee.jpg"))), "AVIF")


async def test_a_picture_that_must_be_decoded_comes_out_as_from_the_library(darkroom: Darkroom, photo: Photo) -> None:
    for data in (*map(photo, DECODED), avif(photo)):
        assert await darkroom.prepare(given(data)) == prepare(data)


async def test_pictures_whose_pixels_may_stay_start_no_process(darkroom: Darkroom, photo: Photo) -> None:
    before = children()
    pictures = []
    for data in map(photo, UNDECODED):
        prepared = await darkroom.prepare(given(data))
        assert prepared == prepare(data)
        pictures.append(prepared.picture)
    weight = sum(len(each.data) for each in pictures)
    assert await darkroom.fit(pictures, weight) == fit(pictures, weight)
    assert children() == before


async def test_a_photo_with_metadata_is_stripped_without_a_process(darkroom: Darkroom, photo: Photo) -> None:
    before = children()
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    data = encoded(Image.open(io.BytesIO(photo("coffee.jpg"))), "JPEG", exif=exif)
    prepared = await darkroom.prepare(given(data))
    assert [each.kind for each in prepared.changes] == ["stripped"]
    assert (prepared, children()) == (prepare(data), before)


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_cannot_be_read_is_refused_in_the_same_words(darkroom: Darkroom, photo: Photo, name: str) -> None:
    with pytest.raises(UnreadablePicture) as told:
        prepare(photo(name))
    with pytest.raises(UnreadablePicture) as heard:
        await darkroom.prepare(given(photo(name)))
    assert heard.value.explain() == told.value.explain()


async def test_what_only_decoding_finds_damaged_is_refused_in_the_same_words(darkroom: Darkroom, photo: Photo) -> None:
    whole = photo("scan_16bit_gray.png")
    data = whole[: len(whole) // 2] + bytes(64) + whole[len(whole) // 2 + 64 :]
    with pytest.raises(UnreadablePicture, match="pixels cannot be decoded") as told:
        prepare(data)
    with pytest.raises(UnreadablePicture) as heard:
        await darkroom.prepare(given(data))
    assert heard.value.explain() == told.value.explain()


@pytest.mark.parametrize("most", [681_339, 400_000, 200_000, 60_000])
async def test_pictures_are_made_to_fit_as_by_the_library(darkroom: Darkroom, photo: Photo, most: int) -> None:
    names = ("cat.jpg", "astronaut.png", "tiny.png", "coffee.jpg", "sticker_alpha.png")
    pictures = [Picture.read(photo(name)) for name in names]
    assert await darkroom.fit(pictures, most) == fit(pictures, most)


async def test_pictures_that_cannot_fit_are_refused_in_the_same_words(darkroom: Darkroom, photo: Photo) -> None:
    pictures = [Picture.read(photo("astronaut.png"))]
    with pytest.raises(TooLarge) as told:
        fit(pictures, 100)
    with pytest.raises(TooLarge) as heard:
        await darkroom.fit(pictures, 100)
    assert (type(heard.value), heard.value.explain()) == (TooLarge, told.value.explain())


@pytest.mark.parametrize(
    ("what", "says"), [("die", "broke down"), ("eat", "more memory than one may have")], ids=["is killed", "wants 2 GB"]
)
async def test_a_worker_that_breaks_costs_one_picture(wild: Darkroom, photo: Photo, what: str, says: str) -> None:
    sideways = photo("phone_sideways_gps.jpg")
    stuck, fine = await asyncio.gather(
        wild.prepare(given(trouble(what))), wild.prepare(given(sideways)), return_exceptions=True
    )
    assert isinstance(stuck, NotPrepared)
    assert says in str(stuck)
    assert stuck.explain().endswith("It was not charged. Try again in a minute, or choose a smaller picture.")
    assert fine == await wild.prepare(given(sideways)) == prepare(sideways)


async def test_a_picture_to_be_shrunk_that_kills_its_worker_is_refused(wild: Darkroom) -> None:
    with pytest.raises(NotPrepared, match="broke down"):
        await wild.fit([Picture.read(trouble("die"))], 10)


async def test_a_picture_that_takes_too_long_is_given_up() -> None:
    before = children()
    impatient = Darkroom(workers=1, seconds=1, worker=WORKER)
    with pytest.raises(NotPrepared, match="took more than 1 s"):
        await impatient.prepare(given(trouble("loop")))
    assert children() == before
    impatient.close()


async def test_without_room_for_a_process_it_says_so(
    darkroom: Darkroom, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    sideways = photo("phone_sideways_gps.jpg")
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(NotPrepared, match="no room"):
        await darkroom.prepare(given(sideways))
    monkeypatch.undo()
    assert await darkroom.prepare(given(sideways)) == prepare(sideways)


async def test_of_a_crowd_two_are_decoded_at_once_and_no_process_stays(photo: Photo) -> None:
    before, darkroom = children(), Darkroom()
    sideways = photo("phone_sideways_gps.jpg")
    made = await asyncio.gather(*(darkroom.prepare(given(sideways)) for _ in range(6)))
    assert made == [prepare(sideways)] * 6
    assert len(children() - before) == 2
    darkroom.close()
    assert children() == before


async def test_a_picture_that_waits_for_its_process_is_read_when_its_turn_comes() -> None:
    before, slow, reads = children(), Darkroom(workers=1, worker=WORKER), 0

    def read() -> bytes:
        nonlocal reads
        reads += 1
        return trouble("loop")

    waiting = [asyncio.create_task(slow.prepare(read)) for _ in range(3)]
    async with asyncio.timeout(10):
        while reads < 4 or not all(map(loops, children() - before)):
            await asyncio.to_thread(int)
    # Each was looked at, and one is being decoded.
    assert reads == 4
    await asyncio.to_thread(slow.close)
    await asyncio.gather(*waiting, return_exceptions=True)


def test_its_threads_are_there_from_the_start() -> None:
    before = set(threading.enumerate())
    darkroom = Darkroom()
    assert len(set(threading.enumerate()) - before) == 2
    darkroom.close()


async def test_who_waits_for_a_slow_picture_keeps_nobody_from_saving() -> None:
    before, slow = children(), Darkroom(workers=1, worker=WORKER)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    waiting = [asyncio.create_task(slow.prepare(given(trouble("loop")))) for _ in range(2)]
    async with asyncio.timeout(10):
        while not (stuck := children() - before) or not all(map(loops, stuck)):
            await asyncio.to_thread(int)
        await asyncio.to_thread(int)
    waiting[1].cancel()
    os.kill(int(stuck.pop()), signal.SIGKILL)
    with pytest.raises(NotPrepared, match="broke down"):
        await waiting[0]
    slow.close()
    assert children() == before


async def test_a_worker_has_no_more_memory_than_its_share_and_none_of_our_environment(
    darkroom: Darkroom, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDIT_API_KEY", "sk-CANARY")
    before = children()
    await darkroom.prepare(given(photo("print_cmyk.jpg")))
    (process,) = children() - before
    told = {name: (Path("/proc") / process / name).read_text(encoding="utf-8") for name in ("limits", "environ")}
    space = next(line for line in told["limits"].splitlines() if line.startswith("Max address space"))
    assert space.split()[3:5] == [str(2 * 2**30)] * 2
    assert "CANARY" not in told["environ"]


@pytest.mark.parametrize("at_work", [False, True], ids=["is being started", "is at work"])
async def test_closing_ends_a_process_whatever_it_is_at_and_begins_no_other_picture(at_work: bool) -> None:
    before, slow = children(), Darkroom(workers=1, worker=WORKER)
    waiting = [asyncio.create_task(slow.prepare(given(trouble("loop")))) for _ in range(2)]
    while not (started := children() - before) or (at_work and not all(map(loops, started))):
        await asyncio.to_thread(int)
    async with asyncio.timeout(10):
        await asyncio.to_thread(slow.close)
        ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in ended] == [NotPrepared, asyncio.CancelledError]
    assert children() == before


async def test_after_it_is_closed_a_picture_is_refused(photo: Photo) -> None:
    closed = Darkroom()
    closed.close()
    with pytest.raises(EditError, match="no room"):
        await closed.prepare(given(photo("print_cmyk.jpg")))
