"""The line below the pictures: it says what is among them, in whatever order the page's events arrive."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from edit_core.preparation import prepare
from edit_studio.darkroom import Darkroom
from edit_studio.page import tray
from edit_studio.page.tray import Noted, Receiver, as_value
from edit_studio.settings import Limits
from edit_studio.shelf import Shelf

from .wild_darkroom import WORKER, trouble

UNTOUCHED = (gr.skip(), gr.skip())


def with_comment(png: bytes) -> bytes:
    """The picture with a remark in it, as some services leave one."""
    remark = b"tEXtSoftware\0a service"
    return png[:33] + struct.pack(">I", len(remark) - 4) + remark + struct.pack(">I", zlib.crc32(remark)) + png[33:]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    darkroom = Darkroom(workers=1, worker=WORKER)
    yield Receiver(Shelf(tmp_path, most_bytes=10**7), darkroom, Limits())
    darkroom.close()


@pytest.fixture
def files(receiver: Receiver, photo: Callable[[str], bytes]) -> list[str]:
    return [str(receiver.shelf.put(photo(name), name)) for name in ("cat.jpg", "coffee.jpg")]


async def test_what_is_taken_out_is_no_longer_spoken_of(receiver: Receiver, files: list[str]) -> None:
    value, says, noted = await receiver.receive(as_value(files), ())
    assert "2 pictures ready." in says
    assert await receiver.tidy(value, noted) == UNTOUCHED
    says, left = await receiver.tidy(as_value(files[:1]), noted)
    assert "1 picture ready." in says
    assert left == noted[:1]


async def test_a_picture_that_breaks_its_decoder_is_taken_out_and_the_others_stay(
    receiver: Receiver, files: list[str], photo: Callable[[str], bytes]
) -> None:
    deadly = str(receiver.shelf.put(trouble("die"), "deadly.gif"))
    sideways = str(receiver.shelf.put(photo("phone_sideways_gps.heic"), "sideways.heic"))
    value, says, noted = await receiver.receive(as_value([files[0], deadly, sideways]), ())
    assert [each.name for each in noted] == ["cat.jpg", "sideways.heic"]
    assert "<b>deadly.gif</b> Preparing this picture broke down; it may take too much memory. Try again" in says
    assert "2 pictures ready." in says
    assert receiver.shelf.take((value or [])[1][0]) == prepare(photo("phone_sideways_gps.heic")).picture.data


async def test_a_picture_whose_ready_form_finds_no_room_is_taken_out_and_the_others_stay(
    receiver: Receiver, files: list[str], photo: Callable[[str], bytes]
) -> None:
    sideways = str(receiver.shelf.put(photo("phone_sideways_gps.heic"), "sideways.heic"))
    full = replace(receiver, shelf=replace(receiver.shelf, has_room=lambda _size: False))
    _, says, noted = await full.receive(as_value([files[0], sideways]), ())
    assert [each.name for each in noted] == ["cat.jpg"]
    assert "<b>sideways.heic</b> The disk of this app is too full for one more picture." in says


async def test_a_result_that_must_be_stripped_is_still_known_as_what_it_is(
    receiver: Receiver, files: list[str], photo: Callable[[str], bytes]
) -> None:
    result = str(receiver.shelf.put(with_comment(photo("sticker_alpha.png")), "cat-edited.png"))
    notes = (Noted(result, "cat-edited.png", (), "take-1"),)
    value, _, noted = await receiver.receive(as_value([files[0], result]), notes)
    assert [(each.name, each.from_take, bool(each.done)) for each in noted] == [
        ("cat.jpg", "", False),
        ("cat-edited.png", "take-1", True),
    ]
    assert noted[1].path != result
    # Looked at once more, as when another picture comes, it is what it was.
    assert (await receiver.receive(value, noted))[2] == noted


async def test_a_change_of_before_the_upload_that_comes_late_is_mended_by_the_next(
    receiver: Receiver, files: list[str]
) -> None:
    value, _, noted = await receiver.receive(as_value(files), ())
    _, emptied = await receiver.tidy(None, noted)
    assert emptied == ()
    says, mended = await receiver.tidy(value, emptied)
    assert "2 pictures ready." in says
    assert mended == noted


async def test_what_was_not_looked_at_yet_is_left_to_the_upload(receiver: Receiver, files: list[str]) -> None:
    assert await receiver.tidy(as_value(files), ()) == UNTOUCHED


async def test_too_many_of_one_photo_are_left_to_the_upload_too(receiver: Receiver, files: list[str]) -> None:
    too_many = as_value(files * 8)
    value, says, noted = await receiver.receive(too_many, ())
    assert "2 more were left out" in says
    assert await receiver.tidy(too_many, noted) == UNTOUCHED
    assert await receiver.tidy(value, noted) == UNTOUCHED


async def test_of_files_seen_long_ago_nothing_is_remembered(
    receiver: Receiver, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tray, "MOST_SEEN", 1)
    await receiver.receive(as_value(files), ())
    assert list(receiver.seen) == files[1:]
