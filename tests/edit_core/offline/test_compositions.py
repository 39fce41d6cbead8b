"""Several pictures as one."""

from __future__ import annotations

import pytest
from PIL import Image

from edit_core.offline.asking import Asked
from edit_core.offline.effects import COMPOSITIONS
from edit_core.offline.engine import bounded, carry_out, consider

from .answers import decoded, encoded, is_grey, means

RED, GREEN, BLUE = (220, 20, 20), (20, 200, 20), (20, 20, 220)
HUES = (RED, GREEN, BLUE)


def plain(count: int, size: tuple[int, int] = (120, 80)) -> list[Image.Image]:
    return [Image.new("RGB", size, HUES[number % 3]) for number in range(count)]


def edit(prompt: str, *pictures: Image.Image, form: str = "PNG") -> tuple[Image.Image, str]:
    work = consider(Asked("any", prompt, tuple(encoded(each, form) for each in pictures)))
    return decoded(carry_out(work).data), work.text


def has(image: Image.Image, colour: tuple[int, int, int]) -> bool:
    return any(each == colour for _, each in image.convert("RGB").getcolors(1 << 24) or ())


@pytest.mark.parametrize("count", [2, 3, 5, 14])
@pytest.mark.parametrize("name", sorted(set(COMPOSITIONS) - {"blend"}))
def test_a_composition_shows_every_picture(name: str, count: int) -> None:
    pictures = plain(count)
    result = COMPOSITIONS[name].apply(pictures)
    assert all(has(result, hue) for hue in HUES[:count])
    assert max(result.size) <= 8100


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_a_composition_takes_pictures_of_any_shape(name: str) -> None:
    shapes = [Image.new(mode, size, "red") for mode, size in (("RGB", (1, 1)), ("RGBA", (300, 4)), ("RGB", (7, 200)))]
    assert COMPOSITIONS[name].apply(shapes).mode == "RGB"


def test_side_by_side_stands_left_to_right() -> None:
    row, _ = edit("side by side", *plain(2))
    assert (row.getpixel((5, 40)), row.getpixel((row.width - 5, 40))) == (RED, GREEN)
    assert row.height == 80


def test_a_stack_stands_top_to_bottom() -> None:
    column, _ = edit("one above the other", *plain(2))
    assert (column.getpixel((60, 5)), column.getpixel((60, column.height - 5))) == (RED, GREEN)


def test_a_blend_is_the_mean() -> None:
    mixed, _ = edit("blend them", *plain(3))
    assert mixed.size == (120, 80)
    assert all(abs(level - mean) < 3 for level, mean in zip(means(mixed), (86.7, 80, 86.7), strict=True))


def test_picture_in_picture_keeps_the_first_large() -> None:
    result, _ = edit("picture in picture", *plain(2, (400, 300)))
    assert result.size == (400, 300)
    assert (result.getpixel((10, 10)), result.getpixel((350, 260))) == (RED, GREEN)


@pytest.mark.parametrize(("count", "shape"), [(2, "side by side"), (3, "in a grid"), (4, "in a grid")])
@pytest.mark.parametrize("prompt", ["combine these pictures", "把这些照片合成一张"])
def test_combine_chooses_a_sensible_shape(prompt: str, count: int, shape: str) -> None:
    _, said = edit(prompt, *plain(count))
    assert f"put the {count} pictures {shape}" in said


def test_a_named_shape_says_more_than_combine() -> None:
    _, said = edit("put them together in a grid", *plain(2))
    assert "in a grid" in said
    assert "side by side" not in said


def test_effects_before_a_composition_touch_every_picture_and_those_after_it_the_whole() -> None:
    result, said = edit("black and white, then side by side, then a red border", *plain(2))
    assert is_grey(result.crop((10, 10, result.width - 10, result.height - 10)))
    assert result.getpixel((0, 0)) == (215, 35, 35)
    assert said.startswith("Offline engine (no AI): made it black and white, then put the 2 pictures side by side,")
    assert said.endswith(", then added a red border.")


def test_one_picture_effects_on_several_pictures_edit_the_first_and_say_so() -> None:
    result, said = edit("rotate left", *plain(3, (90, 40)))
    assert result.size == (40, 90)
    assert result.getpixel((5, 5)) == RED
    assert "You gave 3 pictures; I edited the first." in said


def test_a_composition_of_one_picture_is_said_to_need_two() -> None:
    work = consider(Asked("any", "side by side", (encoded(plain(1)[0]),)))
    assert work.steps == ()
    assert "needs at least two" in work.text


def test_the_rest_is_done_when_a_composition_cannot_be() -> None:
    result, said = edit("side by side and rotate left", *plain(1))
    assert result.size == (80, 120)
    assert "needs at least two" in said


@pytest.mark.parametrize(("forms", "expected"), [(("JPEG", "JPEG"), "JPEG"), (("JPEG", "PNG"), "PNG")])
def test_a_composition_is_jpeg_when_all_its_pictures_were(forms: tuple[str, str], expected: str) -> None:
    pictures = tuple(encoded(image, form) for image, form in zip(plain(2), forms, strict=True))
    result = carry_out(consider(Asked("any", "side by side", pictures)))
    assert decoded(result.data).format == expected


@pytest.mark.parametrize(("name", "side"), [("side_by_side", 0), ("stack", 1)])
def test_a_long_line_is_shrunk(name: str, side: int) -> None:
    size = (900, 200) if side == 0 else (200, 900)
    result = COMPOSITIONS[name].apply(plain(14, size))
    assert 7900 < result.size[side] < 8010


def test_an_unused_picture_has_no_say_in_the_format() -> None:
    pictures = (encoded(plain(1)[0], "JPEG"), encoded(plain(1)[0], "PNG"))
    assert carry_out(consider(Asked("any", "sepia", pictures))).mime == "image/jpeg"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((4000, 3000), (7000, 7000), (5000, 5000)),
        ((7000, 7000), (7000, 7000), (7000, 7000)),
        ((9, 9), (20, 9), (20, 9)),
    ],
)
def test_a_step_does_not_grow_a_picture_without_end(
    before: tuple[int, int], after: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert bounded(Image.new("L", after), Image.new("L", before)).size == expected
