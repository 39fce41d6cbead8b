"""The photos of the load bench: every other one is a phone's, and the app has work with some."""

from __future__ import annotations

import pytest

from bench.load.samples import photo
from edit_core.preparation import prepare, prepare_undecoded


def test_no_two_photos_are_the_same() -> None:
    assert len({photo(number) for number in (0, 1, 2, 3, 249, 250, 251, 2400)}) == 8


@pytest.mark.parametrize(
    ("number", "decoded", "done"),
    [
        (0, False, []),
        (1, False, ["For privacy: EXIF and GPS removed."]),
        (2, False, []),
        (5, True, ["Turned upright: by 90 degrees clockwise.", "For privacy: EXIF and GPS removed."]),
        (15, True, ["Turned upright: by 90 degrees clockwise.", "For privacy: EXIF and GPS removed."]),
    ],
)
def test_every_other_photo_tells_its_place_and_one_in_ten_lies_on_its_side(
    number: int, decoded: bool, done: list[str]
) -> None:
    assert (prepare_undecoded(photo(number)) is None) is decoded
    assert [str(change) for change in prepare(photo(number)).changes] == done
