"""An app with logins, as people meet it: one page to come in by, and one's own edits on every device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from edit_studio.settings import Settings
from tests.edit_studio.serving import Served, served
from tests.waiting import PATIENCE

from .conftest import Visit, prompts_of_drafts

PASSWORDS = {"ann": "correct horse", "bob": "battery staple", "cara": "twelve seals"}
PROMPT = "black and white, please"
LOGINS = {"EDIT_LOGINS": ", ".join(f"{name}:{word}" for name, word in PASSWORDS.items())}
Device = Callable[..., Visit]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page that one comes into by name."""
    with served(tmp_path_factory.mktemp("closed"), Settings.read(LOGINS)) as running:
        yield running


@pytest.fixture
def device(browser: Browser, closed: Served) -> Iterator[Device]:
    """Another device, at the page's address. At the end none may have an error in its console."""
    visits: list[Visit] = []

    def open_device(address: str = closed.address) -> Visit:
        context = browser.new_context()
        context.set_default_timeout(PATIENCE * 1000)
        visits.append(Visit(context.new_page()))
        visits[-1].page.goto(address)
        return visits[-1]

    yield open_device
    errors = [error for each in visits for error in each.errors if "401" not in error and "429" not in error]
    for each in visits:
        each.page.context.close()
    assert errors == []


def log_in(page: Page, name: str, password: str) -> None:
    """Fill in the form and send it as people do."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_label("Password").press("Enter")


def come_in(visit: Visit, name: str) -> Visit:
    """Log in and wait for the page."""
    log_in(visit.page, name, PASSWORDS[name])
    expect(visit.page.locator("#edit")).to_be_visible()
    return visit


def make_an_edit(visit: Visit) -> Visit:
    """From the photo to the picture."""
    visit.choose("cat.jpg")
    visit.write(PROMPT)
    visit.edit()
    visit.wait_until_done()
    expect(visit.page.locator("#strip button")).to_have_count(1)
    return visit


def test_an_edit_is_on_every_device_of_its_owner_and_on_nobody_elses(device: Device) -> None:
    desk = make_an_edit(come_in(device(), "ann"))
    result: str = desk.page.locator("#result .after img").evaluate("(image) => image.src")

    telephone = come_in(device(), "ann")
    expect(telephone.page.locator("#strip button")).to_have_count(1)
    expect(telephone.page.locator("#result .after img")).to_be_visible()
    assert telephone.page.locator("#result .after img").evaluate("(image) => image.src") == result
    telephone.shown("#result .after img")

    others = come_in(device(), "bob")
    expect(others.page.get_by_label("What should change?")).to_have_value("")
    expect(others.page.locator("#strip button")).to_have_count(0)
    stranger = device()
    for visit, status in ((telephone, 200), (others, 404), (stranger, 401)):
        assert visit.page.request.get(result).status == status


def test_one_browser_that_changes_hands_shows_nothing_of_the_first(device: Device) -> None:
    visit = make_an_edit(come_in(device(), "cara"))
    visit.page.get_by_role("link", name="Log out").click()
    expect(visit.page.get_by_role("button", name="Log in")).to_be_visible()
    visit.page.go_back()
    expect(visit.page.get_by_role("button", name="Log in")).to_be_visible()
    come_in(visit, "bob")
    expect(visit.page.locator("#strip button")).to_have_count(0)
    expect(visit.page.get_by_label("What should change?")).to_have_value("")
    visit.page.get_by_role("link", name="Log out").click()
    come_in(visit, "cara")
    expect(visit.page.locator("#strip button")).to_have_count(1)
    expect(visit.page.get_by_label("What should change?")).to_have_value(PROMPT)


def test_a_wrong_password_and_too_many_of_them_are_told_in_words(device: Device, tmp_path: Path) -> None:
    with served(tmp_path / "guessed", Settings.read(LOGINS)) as guessed:
        visit = device(guessed.address)
        log_in(visit.page, "bob", "not the password")
        expect(visit.page.get_by_role("alert")).to_have_text("This name and password do not belong together.")
        for _ in range(5):
            log_in(visit.page, "bob", "not the password")
            expect(visit.page.get_by_role("alert")).to_be_visible()
        expect(visit.page.get_by_role("alert")).to_contain_text("Too many tries. Please try again in")


def test_what_was_typed_before_the_page_loaded_itself_anew_is_for_the_same_name_only(
    device: Device, closed: Served
) -> None:
    visit = come_in(device(), "bob")
    page = visit.page
    page.wait_for_function("window.draftOwner")
    for whose, typed in ((page.evaluate("window.draftOwner"), "his own words"), ("somebody else", "her words")):
        page.evaluate("(left) => sessionStorage.setItem('typed', JSON.stringify(left))", [whose, typed])
        page.reload()
        page.wait_for_function("'typedBefore' in window && window.typedBefore === undefined")
        expect(page.get_by_label("What should change?")).to_have_value("his own words")
        # Until then a page that loads has nothing to put there.
        visit.wait_until(lambda: "his own words" in prompts_of_drafts(closed))
