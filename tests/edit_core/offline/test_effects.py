"""Every effect changes the picture, and in the direction its name says."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from edit_core.offline.effects import EFFECTS
from edit_core.offline.words import read_plan

from .answers import is_grey, means

PROMPTS = {
    "black_and_white": "black and white",
    "sepia": "sepia",
    "tint": "red tint",
    "vintage": "vintage",
    "warmer": "warmer",
    "cooler": "cooler",
    "brighter": "brighter",
    "darker": "darker",
    "more_contrast": "more contrast",
    "less_contrast": "less contrast",
    "more_saturation": "vivid",
    "less_saturation": "muted",
    "vignette": "vignette",
    "invert": "invert",
    "posterise": "posterise",
    "blur": "blur",
    "background_blur": "blur the background",
    "sharpen": "sharpen",
    "pixelate": "pixelate",
    "sketch": "pencil sketch",
    "cartoon": "cartoon",
    "oil": "oil painting",
    "rotate": "rotate 20",
    "flip": "flip",
    "crop": "crop to 1:1",
    "pad": "pad to 1:1",
    "border": "green border",
    "caption": 'caption "Hello"',
}


def edited(image: Image.Image, prompt: str) -> Image.Image:
    for step in read_plan(prompt).steps:
        image = EFFECTS[step.effect].apply(image, step)
    return image


@pytest.fixture(scope="module")
def source(cat: bytes) -> Image.Image:
    return Image.open(io.BytesIO(cat)).convert("RGB")


def brightness(image: Image.Image) -> float:
    return ImageStat.Stat(image.convert("L")).mean[0]


def spread(image: Image.Image) -> float:
    return ImageStat.Stat(image.convert("L")).stddev[0]


def colourfulness(image: Image.Image) -> float:
    return ImageStat.Stat(image.convert("HSV")).mean[1]


def warmth(image: Image.Image) -> float:
    red, _, blue = means(image)
    return red - blue


def edges(image: Image.Image) -> float:
    inner = image.convert("L").filter(ImageFilter.FIND_EDGES).crop((2, 2, image.width - 2, image.height - 2))
    return ImageStat.Stat(inner).mean[0]


def fineness(image: Image.Image) -> float:
    """How far pixels differ from the median about them: what a brush or flat colour wipes out."""
    grey = image.convert("L")
    return ImageStat.Stat(ImageChops.difference(grey, grey.filter(ImageFilter.MedianFilter(5)))).mean[0]


def flatness(image: Image.Image) -> float:
    """The share of pixels that have one of the picture's sixty commonest colours."""
    counts = sorted((count for count, _ in image.getcolors(1 << 24) or ()), reverse=True)
    return sum(counts[:60]) / sum(counts)


def corner(image: Image.Image) -> Image.Image:
    return image.crop((0, 0, 60, 40))


def centre(image: Image.Image) -> Image.Image:
    return image.crop((image.width // 2 - 30, image.height // 2 - 20, image.width // 2 + 30, image.height // 2 + 20))


def colours(image: Image.Image) -> int:
    return len(image.convert("RGB").getcolors(1 << 24) or ())


def test_the_table_of_prompts_names_every_effect() -> None:
    assert set(PROMPTS) == set(EFFECTS)


@pytest.mark.parametrize("effect", EFFECTS)
def test_an_effect_changes_the_picture_and_not_its_source(effect: str, source: Image.Image) -> None:
    before = source.tobytes()
    result = edited(source, PROMPTS[effect])
    assert source.tobytes() == before
    assert result.size != source.size or ImageChops.difference(result, source).getbbox()


@pytest.mark.parametrize("effect", EFFECTS)
def test_an_effect_keeps_transparency(effect: str, source: Image.Image) -> None:
    clear = source.convert("RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, source.width // 3, source.height))
    assert edited(clear, PROMPTS[effect]).mode == "RGBA"
    assert edited(clear, PROMPTS[effect]).getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 9), (16, 16)])
@pytest.mark.parametrize("effect", EFFECTS)
def test_an_effect_takes_the_smallest_pictures(effect: str, size: tuple[int, int]) -> None:
    result = edited(Image.new("RGB", size, (200, 120, 40)), PROMPTS[effect])
    assert min(result.size) >= 1


@pytest.mark.parametrize(
    ("prompt", "measure", "sign"),
    [
        ("brighter", brightness, 1),
        ("darker", brightness, -1),
        ("more contrast", spread, 1),
        ("less contrast", spread, -1),
        ("vivid", colourfulness, 1),
        ("muted", colourfulness, -1),
        ("warmer", warmth, 1),
        ("cooler", warmth, -1),
        ("blur", edges, -1),
        ("sharpen", edges, 1),
        ("oil painting", fineness, -1),
        ("cartoon", flatness, 1),
        ("pixelate", colours, -1),
        ("posterise", colours, -1),
        ("vignette", lambda image: brightness(corner(image)), -1),
        ("vintage", colourfulness, -1),
        ("background blur", lambda image: edges(corner(image)), -1),
    ],
)
def test_an_effect_goes_the_way_its_name_says(
    prompt: str, measure: Callable[[Image.Image], float], sign: int, source: Image.Image
) -> None:
    assert (measure(edited(source, prompt)) - measure(source)) * sign > 0


@pytest.mark.parametrize("prompt", ["brighter", "darker", "blur", "vivid", "warmer", "vignette"])
def test_much_changes_more_than_a_little(prompt: str, source: Image.Image) -> None:
    def change(how: str) -> float:
        return sum(ImageStat.Stat(ImageChops.difference(source, edited(source, f"{how} {prompt}"))).mean)

    assert change("slightly") < change("") < change("very")


def test_black_and_white_is_grey_in_every_pixel(source: Image.Image) -> None:
    assert not is_grey(source)
    assert is_grey(edited(source, "black and white"))


def test_sepia_runs_from_red_down_to_blue(source: Image.Image) -> None:
    red, green, blue = means(edited(source, "sepia"))
    assert red > green > blue


@pytest.mark.parametrize(
    ("colour", "strongest"), [("red", 0), ("green", 1), ("blue", 2), ("红色", 0), ("绿色", 1), ("蓝色", 2)]
)
def test_a_tint_makes_its_colour_the_strongest(colour: str, strongest: int, source: Image.Image) -> None:
    prompt = f"make it {colour}" if colour.isascii() else f"主题风格改成{colour}"
    levels = means(edited(source, prompt))
    assert levels[strongest] == max(levels)
    assert levels[strongest] > 1.3 * sorted(levels)[1]


def test_invert_twice_is_the_picture_again(source: Image.Image) -> None:
    assert edited(edited(source, "invert"), "invert").tobytes() == source.tobytes()


def test_background_blur_leaves_the_middle_sharp(source: Image.Image) -> None:
    assert ImageChops.difference(centre(edited(source, "background blur")), centre(source)).getbbox() is None


def test_a_sketch_is_mostly_paper(source: Image.Image) -> None:
    drawn = edited(source, "pencil sketch")
    assert brightness(drawn) > 170
    assert drawn.convert("L").point([level < 90 for level in range(256)]).getbbox()
    assert colourfulness(drawn) < 30


@pytest.mark.parametrize(
    ("prompt", "size"),
    [
        ("rotate 90", (300, 451)),
        ("rotate left", (300, 451)),
        ("rotate 180", (451, 300)),
        ("crop to 1:1", (300, 300)),
        ("pad to 1:1", (451, 451)),
        ("crop to 16:9", (451, 254)),
        ("border", (475, 324)),
        ("flip", (451, 300)),
        ("caption “Hi”", (451, 300)),
    ],
)
def test_shapes_come_out_right(prompt: str, size: tuple[int, int], source: Image.Image) -> None:
    assert edited(source, prompt).size == size


@pytest.fixture(scope="module")
def quarters() -> Image.Image:
    """Red and green above blue and white."""
    image = Image.new("RGB", (40, 20), "white")
    for box, colour in (((0, 0, 20, 10), "red"), ((20, 0, 40, 10), "lime"), ((0, 10, 20, 20), "blue")):
        image.paste(colour, box)
    return image


@pytest.mark.parametrize(
    ("prompt", "red_at"),
    [
        ("rotate right", (-1, 0)),
        ("rotate left", (0, -1)),
        ("rotate 180", (-1, -1)),
        ("rotate 270", (0, -1)),
        ("flip horizontally", (-1, 0)),
        ("flip vertically", (0, -1)),
    ],
)
def test_turns_and_flips_go_the_right_way(prompt: str, red_at: tuple[int, int], quarters: Image.Image) -> None:
    turned = edited(quarters, prompt)
    x, y = (at % size for at, size in zip(red_at, turned.size, strict=True))
    assert turned.getpixel((x, y)) == (255, 0, 0)


def test_a_border_has_its_colour_and_a_padding_too(source: Image.Image) -> None:
    assert edited(source, "red border").getpixel((0, 0)) == (215, 35, 35)
    assert edited(source, "pad to a square with black").getpixel((0, 0)) == (12, 12, 12)


@pytest.mark.parametrize(
    ("prompt", "changed", "kept"),
    [
        ("caption “Hello”", "lower", "upper"),
        ("add the text “HELLO” at the top", "upper", "lower"),
        ("caption “" + "a very long line of words " * 12 + "”", "lower", "upper"),
        ("caption “" + "unbroken" * 9 + "”", "lower", "upper"),
    ],
)
def test_a_caption_is_written_where_it_should_be(prompt: str, changed: str, kept: str, source: Image.Image) -> None:
    difference = ImageChops.difference(edited(source, prompt), source)
    bands = {"upper": (0, 0, source.width, 100), "lower": (0, 200, source.width, 300)}
    assert difference.crop(bands[changed]).getbbox()
    assert not difference.crop(bands[kept]).getbbox()
    left, top, right, bottom = difference.getbbox() or (0, 0, *source.size)
    assert (left > 0, top > 0, right < source.width, bottom < source.height) == (True,) * 4


def test_oil_smooths_within_an_edge_and_keeps_it_sharp() -> None:
    scene = Image.new("RGB", (200, 200), (30, 30, 30))
    scene.paste((220, 220, 220), (100, 0, 200, 200))
    painted = edited(scene, "oil painting").convert("L")
    row = painted.crop((90, 100, 110, 101)).tobytes()
    assert sum(60 < level < 190 for level in row) <= 2


@pytest.mark.parametrize("prompt", ["pad to 1:99", "pad to 99:1"])
def test_no_padding_grows_without_end(prompt: str) -> None:
    padded = edited(Image.new("RGB", (4000, 3000)), prompt)
    wide, high = read_plan(prompt).steps[0].ratio or (1, 1)
    assert padded.width * padded.height <= 25_100_000
    assert abs(padded.width / padded.height / (wide / high) - 1) < 0.02
