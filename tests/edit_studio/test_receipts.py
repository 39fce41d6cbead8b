"""What stands out on a receipt (row U-28): another shape, size or model than asked for, or the same picture again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from edit_core import EditRequest, EditResult, Picture, Usage
from edit_studio.looks import hash_of
from edit_studio.receipts import Asked, Times, looks_alike, stands_out, write_receipt

TOGETHER = "2 pictures together"


def came(width: int, height: int) -> Picture:
    return Picture(b"", "image/png", width, height)


ROWS = {
    "as asked, rounded to the model's steps": ("16:9", "1K", "m", "m", (1376, 768), ""),
    "another shape": ("16:9", None, "m", "m", (1024, 1024), "asked for 16:9"),
    "another size": (None, "4K", "m", "m", (1408, 768), "asked for 4K"),
    "nothing asked, nothing missed": (None, None, "m", "m", (10, 3000), ""),
    "another model": (None, None, "gemini-3-pro-image", "gemini-2.5-flash-image", (8, 8), "gemini-2.5-flash-image"),
    "the same model with its maker and version": (None, None, "google/m-1", "m-1-preview", (8, 8), ""),
}


@pytest.mark.parametrize(("ratio", "size", "asked", "answered", "got", "words"), ROWS.values(), ids=ROWS)
def test_a_difference_between_asked_and_got_is_told(
    ratio: str | None, size: str | None, asked: str, answered: str, got: tuple[int, int], words: str
) -> None:
    request = EditRequest("x", aspect_ratio=ratio, image_size=size)
    notes = stands_out(Asked("p", "native", asked, request), EditResult(model=answered), came(*got))
    assert len(notes) == bool(words)
    assert words in " ".join(notes)


COSTS = {
    "as the service says": (0.04, None, 1, {"dollars": 0.04, "from": "the service"}),
    "as estimated": (None, 50_000, 1, {"dollars": 0.05, "from": "estimate"}),
    "of an answer with two pictures": (0.04, None, 2, {"dollars": 0.04, "from": "the service", "for": TOGETHER}),
    "as estimated for two pictures": (None, 50_000, 2, {"dollars": 0.05, "from": "estimate", "for": TOGETHER}),
    "nobody knows": (None, None, 2, "the relay gave no usage"),
}


@pytest.mark.parametrize(("said", "estimate", "pictures", "cost"), COSTS.values(), ids=COSTS)
def test_the_cost_of_an_answer_is_told(said: float | None, estimate: int | None, pictures: int, cost: object) -> None:
    asked = Asked("p", "native", "m", EditRequest("x"), estimate=estimate)
    result = EditResult(pictures=(came(8, 8),) * pictures, usage=Usage(cost=said))
    assert write_receipt(asked, result, came(8, 8), Times(0, 0))["cost"] == cost


def test_a_photo_saved_again_looks_alike_and_a_mirrored_one_does_not(
    tmp_path: Path, photo: Callable[[str], bytes]
) -> None:
    (tmp_path / "cat.jpg").write_bytes(photo("cat.jpg"))
    with Image.open(tmp_path / "cat.jpg") as cat:
        cat.save(tmp_path / "again.webp", quality=60)
        ImageOps.mirror(cat).save(tmp_path / "mirrored.webp")
    cat_hash, again, mirrored = (hash_of(tmp_path / name) for name in ("cat.jpg", "again.webp", "mirrored.webp"))
    assert looks_alike(cat_hash, again)
    assert not looks_alike(cat_hash, mirrored)
