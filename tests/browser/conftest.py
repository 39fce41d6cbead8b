"""A running page, and a visitor who looks at it in Chromium and minds every error in the console."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect
from sqlalchemy import select

from edit_studio.storage import schema
from tests.edit_studio.serving import Served, served
from tests.waiting import PATIENCE

PHOTOS = Path(__file__).parents[1] / "photos"
Open = Callable[..., "Visit"]
LOST = "Unexpected error 404: Not Found"
"""What Gradio says of a page whose messages went with an older stream of it: one more way to lose an event, and a page
with a clock is there to show that it recovers."""

expect.set_options(timeout=PATIENCE * 1000)


class Visit:
    """One visitor's page, by what a person sees on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self._under_way: set[Request] = set()
        page.on("request", lambda request: self._under_way.add(request) if "/queue/" in request.url else None)
        page.on("requestfinished", lambda request: self._under_way.discard(request))
        page.on("requestfailed", lambda request: self._under_way.discard(request))
        # How those of the page before it ended is not always told.
        page.on("framenavigated", lambda _frame: self._under_way.clear())
        page.on("pageerror", lambda error: self._note(str(error)))
        page.on("console", lambda line: self._note(line.text) if line.type == "error" else None)

    def _note(self, error: str) -> None:
        # A page that is left in the middle aborts what it was reading, and Gradio complains of it.
        if "abort" not in error.lower() and "Connection errored out" not in error:
            self.errors.append(error)

    @property
    def status(self) -> Locator:
        """The status line, without its clock."""
        return self.page.locator("#status").get_by_role("status")

    def choose(self, *names: str) -> None:
        """Upload photos, and wait until they are prepared."""
        self.page.locator("#pictures input[type=file]").first.set_input_files([PHOTOS / name for name in names])
        expect(self.page.locator("#notes")).to_contain_text("ready")

    def write(self, prompt: str) -> None:
        """Write the prompt."""
        self.page.get_by_label("What should change?").fill(prompt)

    def want(self, pictures: int) -> None:
        """Choose how many pictures the edit is to give."""
        self.page.get_by_label("Pictures", exact=True).click()
        self.page.get_by_role("option", name=str(pictures)).click()

    def edit(self) -> None:
        """Press Edit."""
        self.page.locator("#edit").click()

    def wait_until_done(self) -> None:
        """Wait for the status line to say that the edit is there."""
        expect(self.status).to_contain_text("Done in")

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds. The browser goes on meanwhile, also with what a test holds back."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, "It never came to hold."
            self.page.wait_for_timeout(50)

    def wait_until_quiet(self) -> None:
        """Wait until for a second the page has neither triggered an event nor been listening for one."""
        since = time.monotonic()

        def quiet() -> bool:
            nonlocal since
            if self._under_way:
                since = time.monotonic()
            return time.monotonic() - since > 1

        self.wait_until(quiet)

    def use_result(self) -> None:
        """Press “Use as input”, and wait until the result stands among the pictures."""
        first = self.page.locator("#pictures .thumbnail-lg img").first
        before = first.get_attribute("src") or ""
        self.page.get_by_role("button", name="Use as input").click()
        expect(first).not_to_have_attribute("src", before)

    def download(self) -> tuple[str, bytes]:
        """Press Download; returns the file's name and bytes."""
        with self.page.expect_download() as coming:
            self.page.get_by_role("link", name="Download", exact=True).click()
        file = coming.value
        return file.suggested_filename, file.path().read_bytes()

    def shown(self, selector: str) -> tuple[int, int]:
        """The natural size of a picture once it is loaded."""
        picture = self.page.locator(selector).first
        picture.evaluate("async (image) => { await image.decode() }")
        size: list[int] = picture.evaluate("(image) => [image.naturalWidth, image.naturalHeight]")
        return size[0], size[1]


def prompts_of_drafts(studio: Served) -> list[str]:
    """The prompts of all forms as they are written down."""
    return _of_drafts(studio, "prompt")


def models_of_drafts(studio: Served) -> list[str]:
    """The models of all forms as they are written down."""
    return _of_drafts(studio, "model")


def _of_drafts(studio: Served, name: str) -> list[str]:
    with studio.studio.history.database.reading() as connection:
        return [form.get(name, "") for form in connection.execute(select(schema.drafts.c.form)).scalars()]


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running page on the offline engine."""
    with served(tmp_path_factory.mktemp("studio")) as running:
        yield running


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """One browser window for all tests, so that Gradio's hundred files come over the wire once."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE * 1000)
    yield context
    context.close()


@pytest.fixture
def visit(window: BrowserContext, studio: Served) -> Iterator[Open]:
    """Open the page, as wide as wanted. At the end of the test no page may have an error in its console."""
    visits: list[Visit] = []

    def open_page(width: int = 1280, address: str = studio.address) -> Visit:
        # A new person each time, who has no history and no draft.
        window.clear_cookies()
        visits.append(Visit(window.new_page()))
        visits[-1].page.set_viewport_size({"width": width, "height": 900})
        visits[-1].page.goto(address)
        expect(visits[-1].page.locator("#edit")).to_be_visible()
        return visits[-1]

    yield open_page
    window.unroute_all()
    errors = [error for each in visits for error in each.errors]
    for each in visits:
        each.page.close()
    assert errors == []


@pytest.fixture
def clocked(browser: Browser, studio: Served) -> Iterator[Visit]:
    """A page in a window of its own, whose clock can be put forward; it runs by itself as well."""
    window = browser.new_context()
    window.set_default_timeout(PATIENCE * 1000)
    window.clock.install()
    visit = Visit(window.new_page())
    visit.page.goto(studio.address)
    expect(visit.page.locator("#edit")).to_be_visible()
    yield visit
    window.close()
    assert [error for error in visit.errors if error != LOST] == []
