"""What stands out on a receipt (row U-28): another shape, size or model than asked for."""

from __future__ import annotations

import pytest

from edit_core import EditRequest, EditResult, Picture, Usage
from edit_studio.history.shapes import of_receipt
from edit_studio.money.prices import Estimate
from edit_studio.receipts import GUESS, Asked, Times, stands_out, write_receipt

TOGETHER = "2 pictures together"
FREE, KNOWN, GUESSED = Estimate(0, known=True), Estimate(50_000, known=True), Estimate(50_000, known=False)


def came(width: int, height: int) -> Picture:
    return Picture(b"", "image/png", width, height)


ROWS = {
    "as asked, rounded to the model's steps": ("16:9", "1K", "m", "m", (1376, 768), ""),
    "another shape": ("16:9", None, "m", "m", (1024, 1024), "asked for 16:9"),
    "another size": (None, "4K", "m", "m", (1408, 768), "asked for 4K"),
    "nothing asked, nothing missed": (None, None, "m", "m", (10, 3000), ""),
    "another model": (None, None, "gemini-3-pro-image", "gemini-2.5-flash-image", (8, 8), "gemini-2.5-flash-image"),
    "the same model with its maker and version": (None, None, "google/m-1", "m-1-preview-2025-11-20", (8, 8), ""),
    "the same model, asked for by its version": (None, None, "m-1:free", "maker/m-1", (8, 8), ""),
    "a smaller model of the same name": (None, None, "gpt-image-1", "gpt-image-1-mini", (8, 8), "1-mini answered"),
    "a later model of the same name": (None, None, "x-1", "x-10", (8, 8), "x-10 answered"),
    "a model without pictures": (
        None,
        None,
        "gemini-2.5-flash-image",
        "gemini-2.5-flash",
        (8, 8),
        "2.5-flash answered",
    ),
}


@pytest.mark.parametrize(("ratio", "size", "asked", "answered", "got", "words"), ROWS.values(), ids=ROWS)
def test_a_difference_between_asked_and_got_is_told(
    ratio: str | None, size: str | None, asked: str, answered: str, got: tuple[int, int], words: str
) -> None:
    request = EditRequest("x", aspect_ratio=ratio, image_size=size)
    notes = stands_out(Asked("p", "native", asked, request, FREE), EditResult(model=answered), came(*got))
    assert len(notes) == bool(words)
    assert words in " ".join(notes)


COSTS = {
    "as the service says": (0.04, KNOWN, 1, {"dollars": 0.04, "from": "the service"}),
    "as estimated": (None, KNOWN, 1, {"dollars": 0.05, "from": "estimate"}),
    "of an answer with two pictures": (0.04, GUESSED, 2, {"dollars": 0.04, "from": "the service", "for": TOGETHER}),
    "as estimated for two pictures": (None, KNOWN, 2, {"dollars": 0.05, "from": "estimate", "for": TOGETHER}),
    "as guessed, where no price is known": (None, GUESSED, 1, {"dollars": 0.05, "from": GUESS}),
}


@pytest.mark.parametrize(("said", "estimate", "pictures", "cost"), COSTS.values(), ids=COSTS)
def test_the_cost_of_an_answer_is_told(said: float | None, estimate: Estimate, pictures: int, cost: object) -> None:
    asked = Asked("p", "native", "m", EditRequest("x"), estimate)
    result = EditResult(pictures=(came(8, 8),) * pictures, usage=Usage(cost=said))
    assert write_receipt(asked, result, came(8, 8), Times(0, 0))["cost"] == cost


def test_the_links_of_what_could_not_be_fetched_are_in_the_receipt() -> None:
    asked, links = Asked("p", "chat", "m", EditRequest("x"), FREE), ("https://cdn.example/2.png",)
    receipt = write_receipt(asked, EditResult(links=links), came(8, 8), Times(0, 0))
    assert receipt["links"] == list(links)
    assert "may still lead to the picture" in receipt["notes"][0]
    assert of_receipt(receipt)["links"] == list(links)
    assert "links" not in write_receipt(asked, EditResult(), came(8, 8), Times(0, 0))
