"""The page as a Space shows it: in a frame of another site, where browsers keep only cookies that are marked for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from edit_studio.settings import Settings
from tests.edit_studio.serving import Served, served
from tests.waiting import PATIENCE

from .conftest import PHOTOS

AROUND = "https://huggingface.co/spaces/somebody/edit-studio"
HTTPS = {"x-forwarded-proto": "https"}
"""What the proxy in front of a Space says; without it the cookie is not marked, and in a frame no browser keeps it."""
Framed = Callable[..., Page]


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("space"), replace(Settings.read({}), embedded=True)) as running:
        yield running


@pytest.fixture
def framed(browser: Browser, space: Served) -> Iterator[Framed]:
    """A page around the app's, in a window of its own; `headers` go with every request."""
    pages: list[Page] = []

    def open_page(headers: dict[str, str]) -> Page:
        window = browser.new_context(extra_http_headers=headers, viewport={"width": 1000, "height": 900})
        window.set_default_timeout(PATIENCE * 1000)
        frame = f'<iframe src="{space.address}" width="960" height="860" allow="local-network-access"></iframe>'
        window.route(f"{AROUND}**", lambda route: route.fulfill(content_type="text/html", body=frame))
        window.grant_permissions(["local-network-access"], origin="https://huggingface.co")
        pages.append(window.new_page())
        pages[-1].goto(AROUND)
        return pages[-1]

    yield open_page
    for each in pages:
        each.context.close()


def edit(frame: FrameLocator) -> Locator:
    """Fill the form in and press Edit; returns the form's prompt."""
    frame.locator("#pictures input[type=file]").first.set_input_files(Path(PHOTOS / "cat.jpg"))
    expect(frame.locator("#notes")).to_contain_text("ready")
    prompt = frame.get_by_label("What should change?")
    prompt.fill("sepia")
    frame.locator("#edit").click()
    return prompt


def test_a_browser_that_keeps_no_cookie_is_told_and_nothing_is_sent(framed: Framed, space: Served) -> None:
    posts = len(space.engine.posts)
    frame = framed({}).frame_locator("iframe")
    failure = frame.locator("#failure")
    expect(failure).to_contain_text("Your browser keeps no cookie of this site")
    prompt = edit(frame)
    expect(frame.locator("#edit")).to_be_visible()
    expect(failure).to_contain_text("nothing is sent, and nothing is charged.")
    expect(failure.get_by_role("link", name="Open Edit Studio in a tab of its own")).to_be_visible()
    expect(prompt).to_have_value("sepia")
    assert len(space.engine.posts) == posts


@pytest.mark.parametrize("close", ["click", "Escape"])
def test_an_edit_is_found_again_in_the_frame_and_its_picture_opens_there(framed: Framed, close: str) -> None:
    page = framed(HTTPS)
    frame = page.frame_locator("iframe")
    edit(frame)
    expect(frame.locator("#result .after img")).to_be_visible()
    page.reload()
    frame.locator("#result .after a").click()
    picture = frame.get_by_role("dialog").get_by_role("img")
    expect(picture).to_have_attribute("src", re.compile(r"/pictures/[0-9a-f]{64}/original$"))
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("(image) => image.naturalWidth") > 0
    if close == "click":
        picture.click()
    else:
        page.keyboard.press("Escape")
    expect(picture).to_have_count(0)
    assert len(page.context.pages) == 1
