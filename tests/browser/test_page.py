"""What the page shows before an edit: pictures, choices, and its shape on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from edit_studio.settings import Settings
from tests.edit_studio.serving import served

from .conftest import Open

SCROLLS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_a_heic_photo_is_previewed_upright_and_its_note_says_what_was_done(visit: Open) -> None:
    page = visit()
    page.choose("phone_sideways_gps.heic")
    width, height = page.shown("#pictures .thumbnail-lg img")
    assert (width, height) == (600, 400)
    expect(page.page.locator("#notes .done")).to_contain_text("HEIC to JPEG")
    expect(page.page.locator("#notes .done")).to_contain_text("GPS")


def test_a_damaged_file_is_taken_out_with_its_sentence_and_the_rest_stays(visit: Open) -> None:
    page = visit()
    page.choose("cat.jpg", "damaged/cut_short.jpg", "damaged/text_named.png", "coffee.jpg")
    expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(2)
    refused = page.page.locator("#notes .refused li")
    expect(refused).to_have_count(2)
    expect(refused.nth(0)).to_contain_text("cut_short.jpg")
    expect(refused.nth(0)).to_contain_text("cut short")
    expect(page.page.locator("#notes")).to_contain_text("2 pictures ready")


def test_no_more_than_fourteen_pictures_are_taken(visit: Open) -> None:
    page = visit()
    page.choose(*["cat.jpg", "coffee.jpg", "rocket.webp", "tiny.png"] * 4)
    expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(14)
    expect(page.page.locator("#notes .refused")).to_contain_text("2 more were left out: 14 are the most.")


def test_taking_a_picture_out_takes_its_note_out(visit: Open) -> None:
    page = visit()
    page.choose("cat.jpg", "print_cmyk.jpg")
    expect(page.page.locator("#notes .done")).to_contain_text("print_cmyk.jpg")
    second = page.page.get_by_label("Thumbnail 2 of 2")
    second.hover()
    page.page.locator("#pictures").get_by_label("Delete image").nth(1).click()
    expect(page.page.locator("#notes")).to_contain_text("1 picture ready")
    expect(page.page.locator("#notes .done")).to_have_count(0)


def choose_option(page: object, label: str, option: str) -> None:
    page.get_by_label(label).click()  # type: ignore[attr-defined]
    page.get_by_role("option", name=option).click()  # type: ignore[attr-defined]


def test_another_provider_keeps_the_pictures_and_the_prompt(visit: Open) -> None:
    page = visit()
    page.choose("cat.jpg")
    page.write("sepia")
    page.page.get_by_label("Chat-compatible").check()
    choose_option(page.page, "Provider", "Google (official)")
    expect(page.page.locator("#chip")).to_contain_text("Google (official) · gemini")
    expect(page.page.get_by_label("Chat-compatible")).to_have_count(0)
    expect(page.page.get_by_label("Native")).to_be_checked()
    expect(page.page.locator("#provider-hint")).to_contain_text("put GOOGLE_API_KEY into the file .env")
    expect(page.page.get_by_label("What should change?")).to_have_value("sepia")
    expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(1)
    page.edit()
    expect(page.page.get_by_role("alert")).to_contain_text("GOOGLE_API_KEY must be set")
    expect(page.page.get_by_role("alert")).to_contain_text("It was not charged")


def test_a_control_that_would_do_nothing_is_not_there(visit: Open) -> None:
    page = visit()
    expect(page.page.get_by_label("Size", exact=True)).to_be_visible()
    choose_option(page.page, "Provider", "APIYI")
    expect(page.page.get_by_label("Shape", exact=True)).to_be_visible()
    page.page.get_by_label("Chat-compatible").check()
    expect(page.page.get_by_label("Shape", exact=True)).to_be_hidden()
    expect(page.page.get_by_label("Size", exact=True)).to_be_hidden()


def test_the_offline_engine_says_what_it_is(visit: Open) -> None:
    page = visit()
    expect(page.page.locator("#chip")).to_have_text("Offline engine — not an AI, no key needed")


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_nothing_scrolls_sideways(visit: Open, width: int) -> None:
    page = visit(width)
    assert page.page.evaluate(SCROLLS) == 0
    page.page.get_by_role("button", name="Place both photos side by side").click()
    page.wait_until_done()
    page.shown("#result .after img")
    assert page.page.evaluate(SCROLLS) == 0


def test_on_a_phone_the_result_comes_first(visit: Open) -> None:
    page = visit(390)
    expect(page.page.locator("#result")).to_be_hidden()
    page.page.get_by_role("button", name="Make it a pencil sketch").click()
    page.wait_until_done()
    page.shown("#result .after img")
    result, pictures = page.page.locator("#result").bounding_box(), page.page.locator("#pictures").bounding_box()
    assert result
    assert pictures
    assert result["y"] < pictures["y"]
    expect(page.page.locator("#result .after img")).to_be_in_viewport()


def test_buttons_and_fields_are_large_enough_for_a_thumb(visit: Open) -> None:
    page = visit(390)
    small = page.page.evaluate(
        """() => [...document.querySelectorAll("#edit, #wire label, #prompt textarea, #choices .wrap-inner, .example")]
            .map((each) => [each.id || each.className, each.getBoundingClientRect().height])
            .filter(([, height]) => height < 44)"""
    )
    assert small == []


def test_nothing_is_asked_of_another_machine_and_nothing_is_stored_in_the_browser(visit: Open) -> None:
    page = visit()
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url))
    page.page.reload()
    page.choose("cat.jpg")
    page.write("sepia")
    page.edit()
    page.wait_until_done()
    assert [url for url in asked if "://127.0.0.1" not in url and not url.startswith(("data:", "blob:"))] == []
    assert "sepia" not in page.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")


def test_a_shared_page_offers_only_what_is_set_up(visit: Open, tmp_path: Path) -> None:
    with served(tmp_path, Settings.read({"EDIT_SHARED": "1", "OPENROUTER_API_KEY": "sk-canary"})) as running:
        page = visit(address=running.address)
        expect(page.page.locator("#chip")).to_contain_text("OpenRouter")
        page.page.get_by_label("Provider").click()
        expect(page.page.get_by_role("option")).to_have_count(2)
        page.page.close()
