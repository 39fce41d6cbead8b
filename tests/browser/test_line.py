"""More edits than places: the one that waits says where it stands, and one too many is turned away politely."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, expect

from edit_studio.keeping import Keeping
from edit_studio.settings import Settings
from tests.edit_studio.serving import served

from .conftest import Visit


def visit_as_somebody_else(browser: Browser, address: str) -> Visit:
    visit = Visit(browser.new_context().new_page())
    visit.page.goto(address)
    visit.choose("cat.jpg")
    return visit


def test_who_waits_sees_their_place_and_one_too_many_is_turned_away(browser: Browser, tmp_path: Path) -> None:
    settings = replace(Settings(), keeping=Keeping(in_flight=1, waiting=2))
    with served(tmp_path / "narrow", settings) as narrow:
        pages = [visit_as_somebody_else(browser, narrow.address) for _ in range(4)]
        for number, page in enumerate(pages):
            page.write("fail slow 60, sepia")
            page.edit()
            says = f"number {number} in line" if number else "Waiting for the edited picture"
            if number < 3:
                expect(page.status).to_contain_text(says)
        turned_away = pages[3].page.locator("#failure")
        expect(turned_away).to_contain_text("2 edits are waiting already, so this one was not taken.")
        expect(turned_away).to_contain_text("It was not charged.")
        assert len(narrow.engine.posts) == 1
        pages[0].page.get_by_role("button", name="Stop", exact=True).click()
        expect(pages[1].status).to_contain_text("Waiting for the edited picture")
        expect(pages[2].status).to_contain_text("number 1 in line")
        pages[2].page.get_by_role("button", name="Stop", exact=True).click()
        expect(pages[2].status).to_contain_text("Nothing was charged.")
        assert len(narrow.engine.posts) == 2
        for page in pages:
            page.page.context.close()
