"""The choices fit each other, and nothing is offered that the provider does not have."""

from __future__ import annotations

import pytest

from edit_studio.page.choices import AUTO, Chosen, at_start, hint_html, provider_choices, widget_values
from edit_studio.settings import Settings

OWN = Settings.read({})


FLASH, OLD_FLASH = "gemini-3.1-flash-image", "gemini-2.5-flash-image"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(("google", "", "chat", AUTO, AUTO), (FLASH, "native", AUTO, AUTO), id="there is no chat"),
        pytest.param(
            ("openrouter", "", "native", AUTO, AUTO), (f"google/{FLASH}", "chat", AUTO, AUTO), id="there is no native"
        ),
        pytest.param(("offline", "", "chat", "16:9", "2K"), ("offline-engine", "chat", "16:9", "2K"), id="all kept"),
        pytest.param(("offline", "typed", "native", "3:2", "2K"), ("typed", "native", "3:2", "2K"), id="any model"),
        pytest.param(
            ("google", OLD_FLASH, "native", "8:1", "2K"), (OLD_FLASH, "native", AUTO, AUTO), id="beyond the model"
        ),
        pytest.param(("apiyi", FLASH, "chat", "16:9", "2K"), (FLASH, "chat", AUTO, AUTO), id="ignored by the relay"),
        pytest.param(("nobody", "", "chat", AUTO, AUTO), ("offline-engine", "chat", AUTO, AUTO), id="no such provider"),
    ],
)
def test_what_does_not_fit_becomes_what_comes_nearest(given: tuple[str, ...], expected: tuple[str, ...]) -> None:
    chosen = Chosen.of(OWN, *given)
    assert (chosen.model.id, chosen.wire, chosen.ratio, chosen.size) == expected


@pytest.mark.parametrize(
    ("provider", "wire", "ratio", "size"),
    [("offline", "native", True, True), ("apiyi", "native", True, True), ("apiyi", "chat", False, False)],
)
def test_a_control_that_would_do_nothing_is_not_shown(provider: str, wire: str, ratio: bool, size: bool) -> None:
    values = widget_values(OWN, Chosen.of(OWN, provider, "", wire, AUTO, AUTO))
    assert (values["ratio"]["visible"], values["size"]["visible"]) == (ratio, size)


def test_a_model_with_one_size_offers_none() -> None:
    values = widget_values(OWN, Chosen.of(OWN, "google", "gemini-2.5-flash-image", "native", AUTO, AUTO))
    assert (values["ratio"]["visible"], values["size"]["visible"]) == (True, False)


def test_the_page_opens_with_what_the_owner_set() -> None:
    settings = Settings.read({"EDIT_PROVIDER": "apiyi", "APIYI_API_KEY": "k", "EDIT_MODEL": "m", "EDIT_WIRE": "chat"})
    start = at_start(settings)
    assert (start.provider.id, start.model.id, start.wire) == ("apiyi", "m", "chat")


def test_a_provider_that_is_not_set_up_says_so_and_how() -> None:
    labels = {id: label for label, id in provider_choices(OWN)}
    assert labels["offline"] == "Offline engine"
    assert labels["pinky"] == "Pinky — not set up"
    assert "PINKY_BASE_URL and PINKY_API_KEY" in hint_html(OWN, OWN.providers["pinky"])
