"""On a line where one word overtakes another, nothing is lost of what the page asks for (`assets/stream.js`)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.edit_studio.serving import Served
from tests.proxy import proxy

from .conftest import Open, Visit, prompts_of_drafts

LATE = {
    "the end of a stream": b'data: {"msg":"close_stream"',
    "the number of an event": b'{"event_id":"',
    "the last byte of an answer": b"0\r\n\r\n",
}
SECONDS = 0.5


@pytest.fixture(params=list(LATE.values()), ids=list(LATE))
def page(request: pytest.FixtureRequest, visit: Open, studio: Served) -> Iterator[Visit]:
    """A page that one of these words reaches late, and that may not help itself by loading anew."""
    with proxy(urlsplit(studio.address).port or 80, late=request.param, seconds=SECONDS) as line:
        page = visit(address=f"http://127.0.0.1:{line.port}/")
        page.page.evaluate("window.stays = true")
        yield page
        assert page.page.evaluate("window.stays")
        page.page.close()


def test_what_is_typed_is_written_down(page: Visit, studio: Served) -> None:
    page.choose("cat.jpg")
    page.page.get_by_label("What should change?").press_sequentially("sepia that overtakes itself", delay=60)
    page.wait_until_quiet()
    assert "sepia that overtakes itself" in prompts_of_drafts(studio)


def test_an_edit_is_shown_picked_again_and_deleted(page: Visit) -> None:
    cards = page.page.locator("#strip button[data-state=done]")
    page.choose("cat.jpg")
    for prompt in ("sepia", "black and white"):
        page.write(prompt)
        page.edit()
        expect(page.page.locator("#result .said")).to_contain_text(prompt)
        expect(cards.first).to_contain_text(prompt)
    cards.nth(1).click()
    expect(page.page.locator("#result .said")).to_contain_text("sepia")
    page.page.get_by_role("button", name="Delete", exact=True).click()
    page.page.get_by_role("button", name="Delete for good").click()
    expect(cards).to_have_count(1)


def test_no_stream_stays_open_when_all_is_answered(page: Visit) -> None:
    page.choose("cat.jpg")
    page.write("sepia")
    page.edit()
    expect(page.page.locator("#result .said")).to_contain_text("sepia")
    page.wait_until_quiet()
