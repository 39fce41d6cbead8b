"""The main job in a real browser: photos and words in, the edited photo out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from edit_core.edits import Wire
from edit_core.preparation import prepare
from tests.edit_studio.serving import Served, engine_answer

from .conftest import Open

FORMATS: dict[Wire, str] = {"native": "Native", "chat": "Chat-compatible"}
PATHS: dict[Wire, str] = {"native": "GenerateContent", "chat": "/chat/completions"}


@pytest.mark.parametrize("wire", FORMATS)
def test_two_photos_and_a_prompt_give_a_picture_to_download(
    visit: Open, studio: Served, photo: Callable[[str], bytes], wire: Wire
) -> None:
    page = visit()
    page.choose("cat.jpg", "coffee.jpg")
    page.write("side by side, black and white")
    page.page.get_by_label(FORMATS[wire]).check()
    page.edit()
    page.wait_until_done()

    photos = [prepare(photo(name)).picture.data for name in ("cat.jpg", "coffee.jpg")]
    name, data = page.download()
    assert data == engine_answer("side by side, black and white", *photos, wire=wire)
    assert name == "cat-edited.jpg"
    assert PATHS[wire] in studio.engine.posts[-1]
    before, after = page.shown("#result .before img"), page.shown("#result .after img")
    assert after[0] > before[0]
    expect(page.page.locator("#result .said")).to_contain_text("side by side")
    grey = "(image) => { const c = document.createElement('canvas').getContext('2d'); c.drawImage(image, 0, 0);"
    pixel = page.page.locator("#result .after img").evaluate(grey + "return [...c.getImageData(40, 40, 1, 1).data] }")
    assert max(pixel[:3]) - min(pixel[:3]) <= 2


def test_ctrl_enter_sends_and_pressing_it_again_is_the_same_edit(visit: Open, studio: Served) -> None:
    page = visit()
    page.choose("cat.jpg")
    page.write("sepia")
    posts = len(studio.engine.posts)
    with studio.engine.holding():
        page.page.keyboard.press("Control+Enter")
        page.page.keyboard.press("Control+Enter")
        expect(page.status).to_contain_text("Waiting for the edited picture")
    page.wait_until_done()
    assert len(studio.engine.posts) == posts + 1


def test_the_second_click_of_a_double_click_does_not_stop_the_edit(visit: Open, studio: Served) -> None:
    page = visit()
    page.choose("cat.jpg")
    page.write("sepia")
    posts = len(studio.engine.posts)
    place = page.page.get_by_role("button", name="Edit", exact=True).bounding_box()
    assert place
    centre = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    with studio.engine.holding():
        page.page.mouse.click(*centre)
        expect(page.page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
        page.page.mouse.click(*centre)
        expect(page.status).to_contain_text("Waiting for the edited picture")
    page.wait_until_done()
    assert len(studio.engine.posts) == posts + 1


def test_a_refusal_is_told_in_words_and_the_form_stays(visit: Open) -> None:
    page = visit()
    page.choose("cat.jpg")
    page.write("refuse")
    page.edit()
    failure = page.page.get_by_role("alert")
    expect(failure).to_contain_text("A safety rule of the service stopped this edit")
    expect(failure).to_contain_text("It was not charged.")
    expect(failure).to_contain_text("Reword the prompt")
    expect(page.page.get_by_label("What should change?")).to_have_value("refuse")
    expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(1)
    page.write("sepia")
    page.edit()
    page.wait_until_done()
    expect(failure).to_have_count(0)


def test_stop_ends_a_slow_edit_at_once(visit: Open) -> None:
    page = visit()
    page.choose("cat.jpg")
    page.write("fail slow 20, black and white")
    page.edit()
    page.page.get_by_role("button", name="Stop", exact=True).click()
    began = time.monotonic()
    # Looked at with every frame, where `expect` would look once a second by then.
    page.page.wait_for_function("document.querySelector('#status').textContent.includes('Stopped after')")
    assert time.monotonic() - began < 2
    expect(page.status).to_contain_text("Nothing was charged")
    expect(page.page.get_by_role("button", name="Edit", exact=True)).to_be_visible()
    expect(page.page.locator("#result figure")).to_have_count(0)


def test_the_clock_runs_while_the_edit_does(visit: Open, studio: Served) -> None:
    page = visit()
    page.choose("cat.jpg")
    page.write("sepia")
    with studio.engine.holding():
        page.edit()
        expect(page.page.locator("#status .clock")).to_have_text(re.compile(r"[1-9]\.\d s"))
        expect(page.status).to_contain_text("Waiting for the edited picture")
    page.wait_until_done()


def test_the_result_becomes_the_next_input(visit: Open) -> None:
    page = visit()
    page.choose("cat.jpg", "coffee.jpg")
    page.write("side by side")
    page.edit()
    page.wait_until_done()
    wide = page.shown("#result .after img")
    page.use_result()
    expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(1)
    assert page.shown("#pictures .thumbnail-lg img") == wide
    page.write("rotate 90 degrees")
    page.edit()
    expect(page.page.locator("#result .said")).to_contain_text("rotated")
    assert page.shown("#result .before img") == wide
    assert page.shown("#result .after img") == wide[::-1]


def test_an_example_runs_in_one_click(visit: Open, studio: Served) -> None:
    page = visit()
    posts = len(studio.engine.posts)
    page.page.get_by_role("button", name="主题风格改成红色").click()
    page.wait_until_done()
    assert len(studio.engine.posts) == posts + 1
    expect(page.page.get_by_label("What should change?")).to_have_value("主题风格改成红色")
    expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(1)
    assert page.shown("#result .after img") == page.shown("#result .before img")


def test_words_of_a_model_are_shown_as_text_and_do_nothing(visit: Open) -> None:
    page = visit()
    page.choose("cat.jpg")
    nasty = "<img src=x onerror=window.bad=1> ${window.bad=2} {{value}} `${window.bad=3}`"
    page.write(f"xyzzy {nasty}")
    page.edit()
    failure = page.page.get_by_role("alert")
    expect(failure).to_be_visible()
    failure.locator("summary").click()
    expect(failure).to_contain_text("onerror")
    assert page.page.evaluate("window.bad") is None
    expect(page.page.locator("#failure img")).to_have_count(0)
