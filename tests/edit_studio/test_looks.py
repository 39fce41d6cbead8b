"""Whether a picture came back unchanged (row U-28), by what people see."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from edit_core import Picture
from edit_studio.door.previews import Previews
from edit_studio.history.history import History
from edit_studio.history.rows import JobRow
from edit_studio.looks import thumbnails_are_there, unchanged
from edit_studio.storage.database import open_database
from edit_studio.storage.vault import Vault

from .examples import ANN, click, with_inputs


def saved(image: Image.Image, kind: str = "PNG", **how: int) -> Picture:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return Picture.read(out.getvalue())


def spotted(image: Image.Image, part: float, strength: float = 1.0) -> Image.Image:
    """With a red spot that covers so much of the picture, in paint or as a tint."""
    width, height = image.size
    side = int((width * height * part) ** 0.5)
    at = (width // 3, height // 3, width // 3 + side, height // 3 + side)
    red = Image.blend(image.crop(at), Image.new("RGB", (side, side), "#d02020"), strength)
    image = image.copy()
    image.paste(red, at)
    return image


def renamed(image: Image.Image) -> Image.Image:
    """With a short line of text in a corner."""
    image = image.copy()
    ImageDraw.Draw(image).text((image.width * 0.7, image.height * 0.9), "© 2026 somebody", "#ffffff", font_size=24)
    return image


SAME: dict[str, Callable[[Image.Image], Picture]] = {
    "saved again": saved,
    "saved again as a small JPEG": lambda image: saved(image, "JPEG", quality=40),
    "at half its size": lambda image: saved(image.resize((image.width // 2, image.height // 2)), "JPEG"),
}


OTHER: dict[str, Callable[[Image.Image], Picture]] = {
    "mirrored": lambda image: saved(ImageOps.mirror(image)),
    "in black and white": lambda image: saved(ImageOps.grayscale(image).convert("RGB")),
    "a little brighter": lambda image: saved(ImageEnhance.Brightness(image).enhance(1.1)),
    "a spot of a thousandth": lambda image: saved(spotted(image, 0.001)),
    "a light tint of a two-hundredth": lambda image: saved(spotted(image, 0.005, 0.3)),
    "a line of text": lambda image: saved(renamed(image)),
    "cropped to another shape": lambda image: saved(ImageOps.fit(image, (300, 500))),
}


@pytest.fixture(scope="module")
def previews(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Previews]:
    made = Previews(Vault(tmp_path_factory.mktemp("vault")), workers=1)
    yield made
    made.close()


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, previews: Previews) -> Iterator[History]:
    kept = History(open_database(f"sqlite:///{tmp_path_factory.mktemp('db') / 'history.db'}"), previews._vault)
    yield kept
    kept.close()


@pytest.fixture
def edited(history: History, request: pytest.FixtureRequest) -> Callable[..., JobRow]:
    def edit(inputs: list[Picture], results: list[Picture]) -> JobRow:
        job, _ = history.begin(click(request.node.name, takes_asked=len(results), **with_inputs(*inputs)))
        for position, result in enumerate(results):
            history.save_take(job.id, position, result)
        history.finish(job.id, "done")
        return history.job(ANN, job.id)

    return edit


@pytest.mark.parametrize("name", ["cat.jpg", "coffee.jpg", "astronaut.png"])
@pytest.mark.parametrize(
    ("change", "same"),
    [pytest.param(change, same, id=f"{title}: {'the same' if same else 'another'}")
     for table, same in ((SAME, True), (OTHER, False)) for title, change in table.items()],
)  # fmt: skip
def test_only_what_looks_the_same_came_back_unchanged(
    previews: Previews,
    edited: Callable[..., JobRow],
    photo: Callable[[str], bytes],
    name: str,
    change: Callable[[Image.Image], Picture],
    same: bool,
) -> None:
    with Image.open(io.BytesIO(photo(name))) as image:
        result = change(image.convert("RGB"))
    assert unchanged(previews, edited([Picture.read(photo(name))], [result])) == ((1,) if same else ())


def test_of_several_results_and_inputs_each_is_compared(
    previews: Previews, edited: Callable[..., JobRow], photo: Callable[[str], bytes]
) -> None:
    cat, coffee, rocket = (Picture.read(photo(name)) for name in ("cat.jpg", "coffee.jpg", "rocket.webp"))
    job = edited([cat, coffee], [rocket, coffee, cat])
    assert not thumbnails_are_there(previews, job)
    assert unchanged(previews, job) == (2, 3)


def test_without_an_input_there_is_nothing_to_be_the_same_as(
    previews: Previews, edited: Callable[..., JobRow], photo: Callable[[str], bytes]
) -> None:
    assert unchanged(previews, edited([], [Picture.read(photo("cat.jpg"))])) == ()


def test_a_black_background_that_was_taken_away_is_a_change(previews: Previews, edited: Callable[..., JobRow]) -> None:
    """A preview is black where nothing is."""
    tile = Image.new("RGB", (128, 128), "#c03030")
    kept, cut_out = Image.new("RGB", (512, 512), "black"), Image.new("RGBA", (512, 512))
    for image in (kept, cut_out):
        image.paste(tile, (128, 128))
    assert unchanged(previews, edited([saved(kept)], [saved(cut_out)])) == ()
