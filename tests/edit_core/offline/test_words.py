"""From prompts to plans."""

from __future__ import annotations

import time

import pytest

from edit_core.offline.effects import COMPOSITIONS, EFFECTS
from edit_core.offline.plan import Step
from edit_core.offline.rehearsal import rehearse
from edit_core.offline.vocabulary import ROWS
from edit_core.offline.words import read_plan


def effects(prompt: str) -> list[str]:
    return [step.effect for step in read_plan(prompt).steps]


def only(prompt: str) -> Step:
    (step,) = read_plan(prompt).steps
    return step


def test_every_word_has_an_effect_and_every_effect_has_words() -> None:
    named = {row.effect for row in ROWS}
    assert named - {"together"} == set(EFFECTS) | set(COMPOSITIONS)


@pytest.mark.parametrize(
    ("effect", "english", "chinese"),
    [
        ("black_and_white", "make it black and white", "变成黑白"),
        ("black_and_white", "grayscale please", "改成灰色"),
        ("black_and_white", "B&W", "去色"),
        ("sepia", "give it a sepia tone", "棕褐色"),
        ("tint", "make it red", "主题风格改成红色"),
        ("tint", "change the theme to blue", "色调改为绿色"),
        ("tint", "a purple tint", "染成蓝色"),
        ("warmer", "make it warmer", "色调暖一点"),
        ("cooler", "use cool tones", "偏冷"),
        ("brighter", "brighten it", "提亮"),
        ("brighter", "it is too dark", "太暗了"),
        ("darker", "make this darker", "调暗一点"),
        ("more_contrast", "increase the contrast", "提高对比度"),
        ("less_contrast", "less contrast", "降低对比度"),
        ("more_saturation", "more vivid colours", "饱和度提高"),
        ("less_saturation", "muted colours", "降低饱和度"),
        ("blur", "blur it", "模糊"),
        ("background_blur", "blur the background", "背景虚化"),
        ("sharpen", "sharpen it", "锐化"),
        ("pixelate", "pixelate", "马赛克"),
        ("posterise", "posterize it", "海报风格"),
        ("sketch", "a pencil sketch", "素描"),
        ("cartoon", "turn it into a cartoon", "卡通风格"),
        ("oil", "as an oil painting", "油画"),
        ("vintage", "like an old photo", "复古"),
        ("invert", "invert the colours", "反色"),
        ("vignette", "add a vignette", "加暗角"),
        ("rotate", "rotate left", "旋转90度"),
        ("flip", "mirror it", "左右翻转"),
        ("crop", "crop to 16:9", "裁剪为16：9"),
        ("pad", "pad to a square", "填充成正方形"),
        ("border", "add a border", "加边框"),
        ("caption", 'caption "Hello"', "加文字“你好”"),
        ("side_by_side", "put them side by side", "左右拼接"),
        ("stack", "one above the other", "上下拼接"),
        ("grid", "in a grid", "九宫格"),
        ("blend", "blend the two", "叠加"),
        ("collage", "a collage", "拼贴"),
        ("picture_in_picture", "picture in picture", "画中画"),
        ("together", "combine these photos", "合成一张"),
    ],
)
def test_each_effect_is_found_in_both_languages(effect: str, english: str, chinese: str) -> None:
    assert (effects(english), effects(chinese)) == ([effect], [effect])


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Sepia, then add a red border and rotate left", ["sepia", "border", "rotate"]),
        ("rotate left, then a red border, then sepia", ["rotate", "border", "sepia"]),
        ("brighter and warmer and more contrast", ["brighter", "warmer", "more_contrast"]),
        ("上下翻转，然后变成黑白，再加白色边框", ["flip", "black_and_white", "border"]),
        ("make it 黑白 and sharpen", ["black_and_white", "sharpen"]),
        ("rotate left, then rotate left", ["rotate", "rotate"]),
        ("black and white, monochrome", ["black_and_white"]),
        ("background blur and vignette", ["background_blur", "vignette"]),
    ],
)
def test_several_words_combine_in_the_order_they_stand(prompt: str, expected: list[str]) -> None:
    assert effects(prompt) == expected


@pytest.mark.parametrize(
    "prompt",
    [
        "hello",
        "add a llama next to me",
        "change the background to a seaside sunset",
        "make the car red",
        "make it a red car",
        "换成红色背景",
        "把汽车变成红色",
        "a secret hundred letters",
        "remove the border",
        "去掉边框",
        "don't make it black and white",
        "不要模糊",
        "without a vignette",
        '"black and white"',
        "“模糊”",
        "'make it red'",
        "crop it",
        "add a caption",
    ],
)
def test_nothing_is_pretended(prompt: str) -> None:
    assert effects(prompt) == []


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ('caption "make it black and white"', "make it black and white"),
        ("add the text “生日快乐” at the top", "生日快乐"),
        ("write 'It is Tom's' on it", "It is Tom's"),
        ("加文字「黑白」", "黑白"),
        ("加文字：生日 快乐", "生日 快乐"),
        ('put "blur" in the corner', "blur"),
        ("Caption: rotate left", "rotate left"),
    ],
)
def test_words_in_quotes_are_a_caption_and_nothing_else(prompt: str, text: str) -> None:
    assert (only(prompt).effect, only(prompt).text) == ("caption", text)


@pytest.mark.parametrize(
    ("prompt", "colour"),
    [
        ("make it red", "red"),
        ("tint it navy blue", "navy"),
        ("主题风格改成红色", "red"),
        ("变成粉红色", "pink"),
        ("make it very purple", "purple"),
        ("a green filter", "green"),
        ("整体色调改为橙色", "orange"),
        ("in shades of teal", "teal"),
        ("加一个红色相框", "red"),
        ("a border in gold", "gold"),
        ("白边", "white"),
        ("pad to a square with black", "black"),
        ('caption "red" in yellow', "yellow"),
    ],
)
def test_colours_are_read(prompt: str, colour: str) -> None:
    assert only(prompt).colour == colour


def test_each_effect_takes_the_colour_beside_it() -> None:
    tint, border = read_plan("make it red with a white border").steps
    assert (tint.colour, border.colour) == ("red", "white")


@pytest.mark.parametrize(
    ("prompt", "degrees"),
    [
        ("rotate left", -90),
        ("rotate right", 90),
        ("rotate 180", 180),
        ("rotate 270 degrees", 270),
        ("rotate 30° counterclockwise", -30),
        ("turn it upside down", 180),
        ("逆时针旋转45度", -45),
        ("向右旋转", 90),
        ("顺时针旋转 12.5 度", 12.5),
    ],
)
def test_turns_are_read_clockwise(prompt: str, degrees: float) -> None:
    assert (only(prompt).effect, only(prompt).degrees) == ("rotate", degrees)


@pytest.mark.parametrize(
    ("prompt", "vertical"),
    [
        ("flip it", False),
        ("flip vertically", True),
        ("flip upside down", True),
        ("上下翻转", True),
        ("水平翻转", False),
    ],
)
def test_flips_are_read(prompt: str, vertical: bool) -> None:
    assert (only(prompt).effect, only(prompt).vertical) == ("flip", vertical)


@pytest.mark.parametrize(
    ("prompt", "effect", "ratio"),
    [
        ("crop to 16:9", "crop", (16, 9)),
        ("crop it to 4 by 5", "crop", (4, 5)),
        ("crop to a square", "crop", (1, 1)),
        ("make it square", "crop", (1, 1)),
        ("裁成正方形", "crop", (1, 1)),
        ("裁剪到3比2", "crop", (3, 2)),
        ("pad to 9:16", "pad", (9, 16)),
        ("crop to widescreen", "crop", (16, 9)),
    ],
)
def test_ratios_are_read(prompt: str, effect: str, ratio: tuple[int, int]) -> None:
    assert (only(prompt).effect, only(prompt).ratio) == (effect, ratio)


def test_modifiers_scale_the_amount() -> None:
    amounts = [only(f"{how} brighter").strength for how in ("slightly", "", "very")]
    chinese = [only(how).strength for how in ("亮一点", "提亮", "非常明亮")]
    assert amounts == sorted(set(amounts))
    assert chinese == amounts


def test_a_percentage_is_the_amount() -> None:
    assert only("brighter by 20%").strength == 0.2


def test_a_modifier_belongs_to_its_own_clause() -> None:
    slight, plain = read_plan("slightly warmer, sharper").steps
    assert (slight.strength, plain.strength) == (0.5, 1.0)


@pytest.mark.parametrize(
    ("prompt", "left_out"),
    [
        ("make it black and white and add a llama next to me", ("add a llama next to me",)),
        ("黑白，把背景换成海边", ("把背景换成海边",)),
        ("Sepia. Please put “Tom” into the sky", ()),
        ("sepia, thanks a lot", ()),
        ("don't crop it to 1:1, make it sepia", ()),
    ],
)
def test_what_was_not_understood_is_quoted(prompt: str, left_out: tuple[str, ...]) -> None:
    plan = read_plan(prompt)
    assert plan.steps
    assert plan.left_out == left_out


@pytest.mark.parametrize(
    ("prompt", "note"),
    [
        ("crop it", "name a ratio"),
        ("add a caption", "in quotes"),
        ("make the sky darker", "“sky”"),
        ("把天空变暗", "“天空”"),
    ],
)
def test_missing_details_and_parts_are_named(prompt: str, note: str) -> None:
    assert note in " ".join(read_plan(prompt).notes)


@pytest.mark.parametrize(
    "prompt", ["make the photo darker", "blur the background", "把照片变暗", "darken the whole image"]
)
def test_the_whole_picture_needs_no_note(prompt: str) -> None:
    assert read_plan(prompt).notes == ()


@pytest.mark.parametrize(
    "part",
    ["的", "把", "“", "'", " 'a", "rotate ", "caption “a” ", "主题", "make the ", "not a b c ", "black and white, "],
)
def test_no_prompt_keeps_it_busy(part: str) -> None:
    prompt = part * (32_000 // len(part))
    started = time.process_time()
    plan = read_plan(prompt)
    assert "I read the first 4,000 characters only." in plan.notes
    assert len(plan.steps) <= 12
    assert rehearse(prompt).status is None
    assert time.process_time() - started < 2


def test_too_many_steps_are_cut_and_said() -> None:
    plan = read_plan("rotate left, " * 30)
    assert len(plan.steps) == 12
    assert "I went by the first 12 things you named." in plan.notes
    assert len(read_plan("rotate left, " * 12).notes) == 0


def test_one_clause_asks_for_an_effect_once() -> None:
    assert effects("a cartoon, comic book style cartoon") == ["cartoon"]
    assert effects("rotate it, that is rotate by 20, left") == ["rotate", "rotate"]
    assert effects("turn it upside down by rotating 180") == ["rotate"]
