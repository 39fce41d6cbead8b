"""Your edits in a real browser: searched, narrowed, traced back to the original, carried out as a ZIP and in again."""

from __future__ import annotations

import hashlib
import re
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from edit_core.pictures import Picture
from edit_studio.door.people import COOKIE
from edit_studio.history.facets import Facets
from edit_studio.history.rows import JobRow, NewInput, State
from tests.edit_studio.examples import click, tells
from tests.edit_studio.serving import Served

from .conftest import Open, Visit

SCROLLS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
Keep = Callable[..., JobRow]


@pytest.fixture
def keep(window: BrowserContext, studio: Served, photo: Callable[[str], bytes]) -> Keep:
    """Write an edit down for whoever has the window open, as if they had made it."""
    cat, coffee = Picture.read(photo("cat.jpg")), Picture.read(photo("coffee.jpg"))

    def keep(prompt: str, state: State = "done", after: JobRow | None = None, **others: Any) -> JobRow:
        value = next(each["value"] for each in window.cookies() if each["name"] == COOKIE)
        owner = f"cookie:{hashlib.sha256(value.encode()).hexdigest()}"
        first = NewInput(coffee, from_take=after.takes[0].id) if after else NewInput(cat)
        history = studio.studio.history
        job, _ = history.begin(click(prompt, prompt, owner, inputs=(first,), **others))
        if state == "done":
            history.save_take(job.id, 0, coffee)
        history.finish(job.id, state, None if state == "done" else {"message": "It was refused."})
        return history.job(owner, job.id)

    return keep


def cards(page: Visit) -> Locator:
    return page.page.locator("#strip button")


def box(page: Visit) -> Locator:
    return page.page.get_by_role("searchbox", name="Search your edits")


def test_there_is_nothing_to_search_before_the_first_edit(visit: Open) -> None:
    page = visit()
    expect(page.page.get_by_role("button", name="Import a ZIP")).to_be_visible()
    expect(box(page)).to_be_hidden()
    expect(page.page.get_by_role("heading", name="Your edits")).to_be_hidden()
    expect(page.page.get_by_role("link", name="Download all as ZIP")).to_have_count(0)


def test_an_edit_that_cannot_be_shown_does_not_take_the_page_away(
    visit: Open, keep: Keep, studio: Served, photo: Callable[[str], bytes]
) -> None:
    page = visit()
    owner, history = keep("a good one").owner, studio.studio.history
    job, _ = history.begin(click("odd", "an odd one", owner))
    history.save_take(job.id, 0, Picture.read(photo("cat.jpg")), receipt=tells(model="x"))
    history.finish(job.id, "done")
    page.page.reload()
    expect(cards(page)).to_have_count(2)
    cards(page).filter(has_text="a good one").click()
    page.shown("#result .after img")


def test_words_are_searched_while_they_are_typed_and_all_comes_back(visit: Open, keep: Keep) -> None:
    page = visit()
    for prompt in ("Make the sky pink", "Make the house pink", "天空变成紫色"):
        keep(prompt)
    page.page.reload()
    expect(cards(page)).to_have_count(3)
    box(page).press_sequentially("sky PINK", delay=60)
    expect(cards(page)).to_have_text(["Make the sky pink"])
    box(page).fill("天空")
    expect(cards(page)).to_have_text(["天空变成紫色"])
    box(page).fill("zeppelin")
    expect(page.page.locator("#finder").get_by_role("status")).to_contain_text("Nothing found.")
    expect(cards(page)).to_have_count(0)
    expect(page.page.locator("#export a")).to_have_count(0)
    page.page.get_by_role("button", name="Show all edits").click()
    expect(cards(page)).to_have_count(3)
    expect(box(page)).to_have_value("")
    expect(page.page.get_by_text("Nothing found.")).to_have_count(0)


def test_what_was_typed_last_is_what_is_found_however_slow_the_answers_are(
    visit: Open, keep: Keep, studio: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit()
    for prompt in ("red", "blue"):
        keep(prompt)
    page.page.reload()
    expect(cards(page)).to_have_count(2)
    facets = studio.studio.history.facets
    first, may_answer, answered = threading.Event(), threading.Event(), threading.Event()

    def first_is_slow(owner: str) -> Facets:
        if first.is_set():
            answered.set()
        else:
            first.set()
            may_answer.wait(10)
        return facets(owner)

    monkeypatch.setattr(studio.studio.history, "facets", first_is_slow)
    box(page).fill("red")
    box(page).press("Enter")
    assert first.wait(10)
    box(page).fill("blue")
    box(page).press("Enter")
    # The second must not have been answered yet: the first would come after it.
    assert not answered.wait(1)
    may_answer.set()
    assert answered.wait(10)
    expect(cards(page)).to_have_text(["blue"])


def test_filters_narrow_to_what_occurs_in_this_history(visit: Open, keep: Keep) -> None:
    page = visit()
    keep("one", provider="google", model="gemini-3-pro-image")
    page.page.reload()
    expect(cards(page)).to_have_count(1)
    expect(page.page.locator("#finder select")).to_have_count(0)
    keep("two", provider="offline", model="offline-engine")
    keep("three", "failed", provider="offline", model="offline-engine")
    page.page.reload()
    expect(page.page.locator("#finder select")).to_have_count(3)
    provider = page.page.get_by_label("Any provider")
    expect(provider.locator("option")).to_have_text(["Any provider", "Google (official)", "Offline engine"])
    provider.select_option("Offline engine")
    expect(cards(page)).to_have_text(["No picture", "two"])
    page.page.get_by_label("Any outcome").select_option("No picture")
    expect(cards(page)).to_have_text(["No picture"])
    provider.select_option("Any provider")
    page.page.get_by_label("Any outcome").select_option("Any outcome")
    page.page.get_by_label("Any model").select_option("gemini-3-pro-image")
    expect(cards(page)).to_have_text(["one"])


def test_a_search_stays_when_an_edit_ends_and_when_one_is_deleted(visit: Open, keep: Keep, studio: Served) -> None:
    page = visit()
    keep("a pink sky")
    keep("a pink house")
    page.page.reload()
    expect(cards(page)).to_have_count(2)
    page.choose("cat.jpg")
    page.write("sepia")
    with studio.engine.holding():
        page.edit()
        expect(page.status).to_contain_text("Waiting for the edited picture")
        # Asked for while the edit runs: it must not be forgotten when the edit ends.
        box(page).fill("pink")
        expect(cards(page)).to_have_count(2)
    page.wait_until_done()
    page.write("pink and sepia")
    page.edit()
    expect(cards(page)).to_have_text(["pink and sepia", "a pink house", "a pink sky"])
    cards(page).nth(1).click()
    expect(page.page.locator("#result .asked")).to_contain_text("a pink house")
    page.page.get_by_role("button", name="Delete", exact=True).click()
    page.page.get_by_role("button", name="Delete for good").click()
    expect(cards(page)).to_have_text(["pink and sepia", "a pink sky"])
    expect(box(page)).to_have_value("pink")


def test_favourites_can_be_looked_at_alone(visit: Open, keep: Keep) -> None:
    page = visit()
    keep("one")
    keep("two")
    page.page.reload()
    expect(cards(page)).to_have_count(2)
    only = page.page.locator("#finder").get_by_role("button", name="Favourites")
    expect(only).to_have_count(0)
    cards(page).nth(1).click()
    page.page.get_by_role("button", name="☆ Favourite").click()
    only.click()
    expect(only).to_have_attribute("aria-pressed", "true")
    expect(cards(page)).to_have_count(1)
    expect(cards(page)).to_contain_text("one")
    page.page.get_by_role("button", name="★ Favourite", exact=True).click()
    expect(page.page.get_by_text("Nothing found.")).to_be_visible()
    only.click()
    expect(cards(page)).to_have_count(2)
    expect(only).to_have_count(0)


def test_more_of_what_is_found_is_shown_when_asked_for(visit: Open, keep: Keep) -> None:
    page = visit()
    for number in range(30):
        keep(f"pink {number}")
    keep("blue")
    page.page.reload()
    box(page).fill("pink")
    expect(cards(page).first).to_have_text("pink 29")
    expect(cards(page)).to_have_count(24)
    page.page.get_by_role("button", name="Show more").click()
    expect(cards(page)).to_have_count(30)
    box(page).fill("blue")
    expect(cards(page)).to_have_text(["blue"])
    expect(page.page.get_by_role("button", name="Show more")).to_be_hidden()


# How it came about


def nodes(page: Visit) -> Locator:
    return page.page.locator("#lineage li")


def test_an_edit_of_an_edit_shows_how_it_came_about(visit: Open) -> None:
    page = visit()
    page.choose("cat.jpg")
    page.write("sepia")
    page.edit()
    page.wait_until_done()
    expect(page.page.locator("#lineage")).to_be_hidden()
    page.use_result()
    page.write("rotate 90 degrees")
    page.edit()
    expect(nodes(page)).to_have_text(["Original", "Edit 1", "Edit 2"])
    current = page.page.locator("#lineage [aria-current]")
    expect(current).to_have_text("Edit 2")
    expect(current).to_have_css("border-top-width", "2px")
    page.shown("#lineage li:first-child img")
    nodes(page).nth(1).get_by_role("button").click()
    expect(page.page.locator("#result .said")).to_contain_text("sepia")
    expect(page.page.locator("#lineage [aria-current]")).to_have_text("Edit 1")


def test_a_branch_stands_below_and_goes_when_it_is_deleted(visit: Open, keep: Keep) -> None:
    page = visit()
    root = keep("root")
    keep("elder", after=root)
    keep("younger", after=root)
    keep("apart")
    page.page.reload()
    expect(cards(page)).to_have_count(4)
    expect(page.page.locator("#result .asked")).to_contain_text("apart")
    expect(page.page.locator("#lineage")).to_be_hidden()
    cards(page).filter(has_text="younger").click()
    expect(nodes(page)).to_have_text(["Original", "Edit 1", "Edit 2", "Edit 3"])
    elder, younger = nodes(page).nth(2).bounding_box(), nodes(page).nth(3).bounding_box()
    assert elder
    assert younger
    assert elder["x"] == younger["x"]
    assert elder["y"] < younger["y"]
    page.page.get_by_role("button", name="Delete", exact=True).click()
    page.page.get_by_role("button", name="Delete for good").click()
    expect(page.page.locator("#lineage")).to_be_hidden()
    cards(page).filter(has_text="elder").click()
    expect(nodes(page)).to_have_text(["Original", "Edit 1", "Edit 2"])


# Out and in


def download(page: Visit, name: str) -> zipfile.ZipFile:
    with page.page.expect_download() as coming:
        page.page.get_by_role("link", name=name).click()
    assert re.fullmatch(r"edit-studio-\d{4}-\d\d-\d\d\.zip", coming.value.suggested_filename)
    return zipfile.ZipFile(coming.value.path())


def test_what_one_person_downloads_another_can_import(visit: Open, keep: Keep, tmp_path: Path) -> None:
    page = visit()
    keep("a pink sky")
    keep("a blue house")
    page.page.reload()
    expect(cards(page)).to_have_count(2)
    box(page).fill("pink")
    with download(page, "Download these as ZIP") as found:
        assert "blue house" not in found.read("receipts.json").decode()
    box(page).fill("")
    with download(page, "Download all as ZIP") as whole:
        assert len(whole.namelist()) == 3
        file = Path(str(whole.filename))
        mine = tmp_path / "mine.zip"
        mine.write_bytes(file.read_bytes())
    stranger = visit()
    says = stranger.page.locator("#import-says")
    for told in ("2 edits added.", "No edits added, 2 here already."):
        with stranger.page.expect_file_chooser() as chooser:
            stranger.page.get_by_role("button", name="Import a ZIP").click()
        chooser.value.set_files(mine)
        expect(says).to_have_text(told)
    expect(cards(stranger)).to_have_text(["a blue house", "a pink sky"])
    stranger.page.locator("#strip img").first.evaluate("async (image) => { await image.decode() }")
    cards(stranger).first.click()
    stranger.shown("#result .after img")


def test_a_zip_of_something_else_is_refused_in_words(visit: Open, tmp_path: Path) -> None:
    page = visit()
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "<img src=x onerror=window.bad=1>")
    with page.page.expect_file_chooser() as chooser:
        page.page.get_by_role("button", name="Import a ZIP").click()
    chooser.value.set_files(other)
    expect(page.page.locator("#import-says")).to_contain_text("neither a picture nor a receipt")
    expect(page.page.locator("#import-says")).to_contain_text("Choose a ZIP file that was exported here.")


# On a phone


@pytest.mark.parametrize("width", [360, 390])
def test_nothing_but_the_strip_and_the_line_scrolls_sideways(visit: Open, keep: Keep, width: int) -> None:
    page = visit(width)
    job = keep("root", provider="google", model="a-model-with-a-very-long-name-as-relays-have-them")
    for number in range(12):
        job = keep(f"edit number {number}", after=job)
    keep("without", "failed")
    page.page.reload()
    expect(cards(page)).to_have_count(14)
    cards(page).nth(1).click()
    expect(nodes(page)).to_have_count(14)
    assert page.page.evaluate(SCROLLS) == 0
    line, current = page.page.locator("#lineage ol"), page.page.locator("#lineage [aria-current]")
    expect(current).to_have_text("Edit 13")
    room, place = line.bounding_box(), current.bounding_box()
    assert room
    assert place
    assert room["x"] <= place["x"] <= room["x"] + room["width"] - place["width"]
    expect(page.page.locator("#result .after")).to_be_in_viewport()
    small = page.page.evaluate(
        """() => ["#finder .fields > *", "#export a", "#import", "#strip button", "#lineage button"]
            .flatMap((part) => [...document.querySelectorAll(part)])
            .map((each) => [each.id || each.tagName, each.getBoundingClientRect().height])
            .filter(([, height]) => height < 44)"""
    )
    assert small == []
    box(page).fill("zeppelin")
    expect(page.page.get_by_text("Nothing found.")).to_be_visible()
    assert page.page.evaluate(SCROLLS) == 0
