"""A reload, a second tab, a connection that breaks: the edit goes on, is paid once, and is found again."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import APIResponse, BrowserContext, FilePayload, Page, Route, expect

from edit_studio.page.page_states import PageStates
from edit_studio.settings import Settings
from tests.edit_studio.examples import picture
from tests.edit_studio.raw_calls import RawPage
from tests.edit_studio.serving import Served, served
from tests.proxy import proxy

from .conftest import Open, Visit, models_of_drafts, prompts_of_drafts

PROMPT = "black and white"
BROKEN = ("net::ERR", "network error", "Unexpected error 404")
"""The words of the browser and of Gradio for a connection that broke."""


def begin(page: Visit, prompt: str = PROMPT) -> None:
    """Start an edit whose answer is held back."""
    page.choose("cat.jpg")
    page.write(prompt)
    page.edit()
    expect(page.status).to_contain_text("Waiting for the edited picture")


def seconds_until_shown(page: Visit, address: str) -> float:
    """Load the page; returns how long after its Edit button the result was seen."""
    page.page.goto(address)
    expect(page.page.locator("#edit")).to_be_visible()
    began = time.monotonic()
    expect(page.page.locator("#result .after img")).to_be_visible()
    return time.monotonic() - began


def test_a_reload_in_the_middle_finds_the_edit_and_the_form_again(visit: Open, studio: Served) -> None:
    page = visit()
    posts = len(studio.engine.posts)
    with studio.engine.holding():
        begin(page)
        page.page.reload()
        expect(page.page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
        expect(page.page.get_by_label("What should change?")).to_have_value(PROMPT)
        expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(1)
    page.wait_until_done()
    page.shown("#result .after img")
    assert len(studio.engine.posts) == posts + 1


def test_an_edit_that_ended_while_nobody_looked_is_there_within_two_seconds(visit: Open, studio: Served) -> None:
    page = visit()
    posts = len(studio.engine.posts)
    with studio.engine.holding():
        begin(page)
        page.page.goto("about:blank")
    page.wait_until(lambda: studio.studio.jobs.running == 0)
    # Up to three times: that something else keeps the machine busy is not the page's doing.
    assert any(seconds_until_shown(page, studio.address) < 2 for _ in range(3))
    expect(page.page.locator("#strip button")).to_have_count(1)
    assert len(studio.engine.posts) == posts + 1


@pytest.mark.parametrize("again", [False, True], ids=["and it is left at that", "and Edit is pressed again"])
def test_a_reload_just_after_the_click_finds_the_edit_that_was_still_made_ready(
    visit: Open, studio: Served, again: bool
) -> None:
    page = visit()
    history, posts = studio.studio.history, len(studio.engine.posts)
    with RawPage(studio.address) as raw:
        click = f'"fn_index":{raw.event("edit", "click")["id"]},'
    fresh: FilePayload = {"name": "fresh.png", "mimeType": "image/png", "buffer": picture(411 + again).data}
    page.page.locator("#pictures input[type=file]").first.set_input_files(fresh)
    expect(page.page.locator("#notes")).to_contain_text("ready")
    page.write("sepia, made ready slowly")
    page.wait_until(lambda: "sepia, made ready slowly" in prompts_of_drafts(studio))
    before = history.vault.names()
    with studio.engine.holding():
        # Nobody else writes meanwhile, so the job is not written down.
        with history.database.writing():
            page.edit()
            page.wait_until(lambda: history.vault.names() != before)
            page.page.reload()
            expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(1)
            expect(page.page.get_by_label("What should change?")).to_have_value("sepia, made ready slowly")
            if again:
                with page.page.expect_response(lambda answer: click in (answer.request.post_data or "")):
                    page.edit()
        expect(page.page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    page.wait_until_done()
    page.shown("#result .after img")
    assert len(studio.engine.posts) == posts + 1
    page.edit()
    page.wait_until(lambda: len(studio.engine.posts) == posts + 2)


def test_after_an_edit_that_ended_while_the_tab_was_elsewhere_a_click_is_a_new_edit(
    visit: Open, studio: Served
) -> None:
    page = visit()
    posts = len(studio.engine.posts)
    with studio.engine.holding():
        begin(page)
        page.page.goto("about:blank")
    page.wait_until(lambda: studio.studio.jobs.running == 0)
    page.page.goto(studio.address)
    page.shown("#result .after img")
    expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(1)
    expect(page.page.get_by_label("What should change?")).to_have_value(PROMPT)
    page.page.wait_for_function("sessionStorage.getItem('click') === null")
    page.edit()
    page.wait_until(lambda: len(studio.engine.posts) == posts + 2)


def test_a_click_that_never_arrived_is_made_once_after_a_reload(visit: Open, studio: Served) -> None:
    page = visit()
    posts = len(studio.engine.posts)
    page.choose("cat.jpg")
    page.write("sepia, never arrived")
    page.wait_until(lambda: "sepia, never arrived" in prompts_of_drafts(studio))
    page.page.route("**/queue/join*", lambda route: route.abort())
    page.edit()
    lost = page.page.evaluate("window.editToken")
    page.page.unroute("**/queue/join*")
    page.page.reload()
    expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(1)
    assert page.page.evaluate("window.editToken") == lost
    page.edit()
    page.wait_until_done()
    assert len(studio.engine.posts) == posts + 1
    page.errors[:] = [each for each in page.errors if not any(words in each for words in BROKEN)]


def test_a_second_tab_shows_the_edit_that_runs_and_can_stop_it(
    visit: Open, studio: Served, window: BrowserContext
) -> None:
    first = visit()
    posts = len(studio.engine.posts)
    with studio.engine.holding():
        begin(first)
        second = Visit(window.new_page())
        second.page.goto(studio.address)
        second.page.get_by_role("button", name="Stop", exact=True).click()
        expect(second.status).to_contain_text("Stopped after")
        expect(first.status).to_contain_text("Stopped after")
        second.page.close()
    assert len(studio.engine.posts) == posts + 1


def test_of_two_edits_that_run_the_older_can_be_followed_too_after_a_reload(
    visit: Open, studio: Served, window: BrowserContext
) -> None:
    closed = visit()
    page = Visit(window.new_page())
    page.page.goto(studio.address)
    with studio.engine.holding():
        begin(closed, "sepia, the older")
        begin(page, "sepia, the newer")
        closed.page.close()
        page.page.reload()
        stop = page.page.get_by_role("button", name="Stop", exact=True)
        stop.click()
        expect(page.status).to_contain_text("Stopped after")
        page.page.get_by_role("button", name="Under way: sepia, the older").click()
        expect(page.status).to_contain_text("Waiting for the edited picture")
        expect(stop).to_be_visible()
    page.wait_until_done()
    expect(page.page.locator("#result .after img")).to_be_visible()
    page.page.close()
    assert page.errors == []


def test_a_connection_that_breaks_loses_neither_the_picture_nor_the_form(visit: Open, studio: Served) -> None:
    posts = len(studio.engine.posts)
    with proxy(urlsplit(studio.address).port or 80) as line:
        page = visit(address=f"http://127.0.0.1:{line.port}/")
        with studio.engine.holding():
            begin(page)
            with page.page.expect_event("load"):
                assert line.cut()
                # Gradio notices within two seconds, and loads the page anew.
        expect(page.page.locator("#result .after img")).to_be_visible()
        expect(page.page.get_by_label("What should change?")).to_have_value(PROMPT)
        expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(1)
        page.page.close()
        assert [each for each in page.errors if not any(words in each for words in BROKEN)] == []
        page.errors.clear()
    assert len(studio.engine.posts) == posts + 1


def lose(page: Page, *events: int) -> None:
    """From now on the answers to these events go to nobody."""

    def join(route: Route) -> None:
        if json.loads(route.request.post_data or "{}")["fn_index"] in events:
            route.fulfill(json={"event_id": "0" * 32})
        else:
            route.continue_()

    page.route("**/queue/join*", join)


def loads_anew(page: Page, seconds: int) -> None:
    """The page loads itself anew when its clock is so much later. What is asked for from now on is answered again."""
    page.unroute("**/queue/join*")
    with page.expect_event("load"):
        # A word of the server in just that moment is a reason not to.
        for _ in range(3):
            page.clock.fast_forward(seconds * 1000)
            page.wait_for_timeout(1000)


def stays_for(page: Page, seconds: int) -> None:
    """The page does not load itself anew when its clock is so much later."""
    page.evaluate("window.stays = true")
    page.clock.fast_forward(seconds * 1000)
    page.wait_for_timeout(1000)
    assert page.evaluate("window.stays")


def test_a_page_that_hears_nothing_of_its_edit_for_half_a_minute_loads_itself_anew(
    clocked: Visit, studio: Served
) -> None:
    with RawPage(studio.address) as raw:
        keeping = raw.event("prompt", "change")["id"]
    posts = len(studio.engine.posts)
    with studio.engine.holding():
        begin(clocked)
        lose(clocked.page, keeping)
        clocked.write("typed meanwhile")
        loads_anew(clocked.page, 40)
        expect(clocked.page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
        expect(clocked.page.get_by_label("What should change?")).to_have_value("typed meanwhile")
        stays_for(clocked.page, 40)
    expect(clocked.page.locator("#result .after img")).to_be_visible()
    assert len(studio.engine.posts) == posts + 1


def test_a_page_that_was_never_told_what_its_edit_gave_loads_itself_anew(clocked: Visit, studio: Served) -> None:
    with RawPage(studio.address) as raw:
        settling = raw.follower("result")["id"]
    lose(clocked.page, settling)
    clocked.choose("cat.jpg")
    clocked.write(PROMPT)
    with clocked.page.expect_request(lambda request: f'"fn_index":{settling},' in (request.post_data or "")):
        clocked.edit()
    clocked.wait_until_done()
    stays_for(clocked.page, 40)
    loads_anew(clocked.page, 40)
    expect(clocked.page.locator("#result .after img")).to_be_visible()


def test_a_click_that_is_never_answered_loads_the_page_anew(clocked: Visit, studio: Served) -> None:
    with RawPage(studio.address) as raw:
        editing = raw.event("edit", "click")["id"]
    stays_for(clocked.page, 90)
    lose(clocked.page, editing)
    clocked.write(PROMPT)
    clocked.edit()
    stays_for(clocked.page, 40)
    loads_anew(clocked.page, 40)
    expect(clocked.page.get_by_label("What should change?")).to_have_value(PROMPT)


def test_a_page_to_which_nothing_is_owed_stays_as_it_is(clocked: Visit, studio: Served) -> None:
    nothing_owed = "!window.editOwed && !window.editClicked"
    clocked.edit()
    expect(clocked.page.locator("#failure .failure")).to_be_visible()
    clocked.page.wait_for_function(nothing_owed)
    stays_for(clocked.page, 90)
    with studio.engine.holding():
        begin(clocked)
        clocked.page.get_by_role("button", name="Stop", exact=True).click()
        expect(clocked.status).to_contain_text("Stopped after")
        clocked.page.wait_for_function(nothing_owed)
        stays_for(clocked.page, 90)
    clocked.edit()
    expect(clocked.page.locator("#result .after img")).to_be_visible()
    clocked.page.wait_for_function(nothing_owed)
    stays_for(clocked.page, 90)


def test_a_page_that_slept_goes_on_as_if_nothing_had_been(visit: Open, studio: Served) -> None:
    states = studio.blocks.app.state_holder
    assert isinstance(states, PageStates)
    with proxy(urlsplit(studio.address).port or 80) as line:
        others = set(states.session_data)
        page = visit(address=f"http://127.0.0.1:{line.port}/")
        page.choose("cat.jpg")
        page.write("sepia")
        page.edit()
        expect(page.page.locator("#result .after img")).to_be_visible()
        expect(page.page.locator("#strip button[data-state=done]")).to_have_count(1)
        # Cut in the middle of an event, the page would load itself anew, which is another test.
        page.wait_until_quiet()
        (session,) = set(states.session_data) - others
        assert line.cut()
        page.wait_until(lambda: states.session_data[session].is_closed)
        states.put_to_sleep(0)
        assert session not in states
        page.page.get_by_role("button", name="☆ Favourite").click()
        expect(page.page.locator("#strip button")).to_contain_text("★")
        page.edit()
        expect(page.page.locator("#strip button")).to_have_count(2)
        page.page.close()
        assert [each for each in page.errors if not any(words in each for words in BROKEN)] == []
        page.errors.clear()


def test_what_was_typed_before_the_page_had_loaded_is_kept(visit: Open, studio: Served, window: BrowserContext) -> None:
    with RawPage(studio.address) as raw:
        loading = {
            event["id"] for event in raw.config["dependencies"] if any(on == "load" for _, on in event["targets"])
        }
    early: list[Route] = []

    def hold(route: Route) -> None:
        """Loading waits; whatever else is asked for, such as to keep the draft, is let through."""
        if json.loads(route.request.post_data or "{}")["fn_index"] in loading:
            early.append(route)
        else:
            route.continue_()

    window.route("**/queue/join*", hold)
    page = visit()
    page.wait_until(lambda: len(early) == len(loading))
    with page.page.expect_response("**/queue/join*"):
        page.write("typed in a hurry")
    assert len(early) == len(loading) == 2
    for route in early:
        route.continue_()
    window.unroute_all()
    page.wait_until(lambda: "typed in a hurry" in prompts_of_drafts(studio))
    page.page.reload()
    expect(page.page.get_by_label("What should change?")).to_have_value("typed in a hurry")


def test_what_was_typed_while_an_older_draft_was_on_its_way_is_kept(visit: Open, studio: Served) -> None:
    page = visit()
    page.write("an older draft")
    page.wait_until(lambda: "an older draft" in prompts_of_drafts(studio))
    coming: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        """The server has read the draft by the end of this answer, and the page has heard nothing of it yet."""
        if coming:
            route.continue_()
        else:
            coming.append((route, route.fetch()))

    page.page.route("**/queue/data*", hold)
    page.page.reload()
    page.wait_until(lambda: bool(coming))
    page.write("typed in a hurry")
    (held, answer) = coming[0]
    held.fulfill(response=answer)
    page.page.wait_for_function("window.draftIsBack")
    expect(page.page.get_by_label("What should change?")).to_have_value("typed in a hurry")


def test_what_was_typed_without_a_connection_is_there_when_the_page_has_loaded_anew(
    visit: Open, studio: Served
) -> None:
    page = visit()
    page.write("the first words")
    page.wait_until(lambda: "the first words" in prompts_of_drafts(studio))
    # Gradio then believes the connection to be broken, and loads the page anew as soon as it reaches the server.
    page.page.route("**/queue/join*", lambda route: route.abort(), times=1)
    with page.page.expect_event("load"):
        page.write("the first words, and more in a tunnel")
    expect(page.page.get_by_label("What should change?")).to_have_value("the first words, and more in a tunnel")
    page.wait_until(lambda: "the first words, and more in a tunnel" in prompts_of_drafts(studio))
    page.errors[:] = [each for each in page.errors if not any(words in each for words in BROKEN)]


def test_what_was_typed_and_kept_is_not_put_over_what_another_tab_wrote_later(
    visit: Open, studio: Served, window: BrowserContext
) -> None:
    first = visit()
    first.write("the words of the first tab")
    first.wait_until(lambda: "the words of the first tab" in prompts_of_drafts(studio))
    first.wait_until_quiet()
    second = Visit(window.new_page())
    second.page.goto(studio.address)
    expect(second.page.get_by_label("What should change?")).to_have_value("the words of the first tab")
    second.write("later words of the second")
    second.wait_until(lambda: "later words of the second" in prompts_of_drafts(studio))
    first.page.reload()
    first.page.wait_for_function("window.draftIsBack")
    first.wait_until_quiet()
    expect(first.page.get_by_label("What should change?")).to_have_value("later words of the second")
    second.page.close()
    assert second.errors == []


def test_a_model_that_was_typed_comes_back_with_a_provider_that_the_page_does_not_start_with(
    visit: Open, tmp_path: Path
) -> None:
    with served(tmp_path / "relays", Settings.read({"APIYI_API_KEY": "sk-test", "EDIT_PROVIDER": "offline"})) as relays:
        page = visit(address=relays.address)
        page.page.get_by_label("Provider").click()
        page.page.get_by_role("option", name="APIYI").click()
        model = page.page.get_by_label("Model")
        expect(model).not_to_have_value("Offline engine")
        model.fill("a-model-of-tomorrow")
        model.press("Enter")
        page.write("sepia")
        page.wait_until(lambda: "a-model-of-tomorrow" in models_of_drafts(relays))
        page.wait_until_quiet()
        page.page.reload()
        expect(page.page.get_by_label("What should change?")).to_have_value("sepia")
        page.wait_until_quiet()
        # Nothing changes by looking at the provider and going on.
        page.page.get_by_label("Provider").click()
        page.page.keyboard.press("Escape")
        page.page.keyboard.press("Tab")
        page.wait_until_quiet()
        expect(model).to_have_value("a-model-of-tomorrow")
        assert models_of_drafts(relays) == ["a-model-of-tomorrow"]


def test_a_deleted_edit_leaves_the_form_too(visit: Open, studio: Served) -> None:
    page = visit()
    page.choose("rocket.webp")
    page.write("sepia, to be forgotten")
    page.edit()
    page.wait_until_done()
    page.wait_until(lambda: "sepia, to be forgotten" in prompts_of_drafts(studio))
    page.page.get_by_role("button", name="Delete", exact=True).click()
    page.page.get_by_role("button", name="Delete for good").click()
    expect(page.page.get_by_label("What should change?")).to_have_value("")
    expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(0)
    page.wait_until_quiet()
    assert "sepia, to be forgotten" not in prompts_of_drafts(studio)


def test_an_edit_of_the_strip_comes_back_with_its_receipt_and_can_be_deleted(visit: Open) -> None:
    page = visit()
    page.choose("cat.jpg")
    for prompt in ("sepia", "black and white"):
        page.write(prompt)
        page.edit()
        page.wait_until_done()
        expect(page.page.locator("#strip button").first).to_contain_text(prompt)
    cards = page.page.locator("#strip button")
    expect(cards).to_have_count(2)
    cards.nth(1).click()
    expect(page.page.locator("#result .said")).to_contain_text("sepia")
    page.page.locator("#result .receipt summary").click()
    expect(page.page.locator("#result .receipt pre")).to_contain_text('"upstream"')
    page.page.get_by_role("button", name="☆ Favourite").click()
    expect(cards.nth(1)).to_contain_text("★")
    page.page.get_by_role("button", name="Delete", exact=True).click()
    page.page.get_by_role("button", name="Delete for good").click()
    expect(cards).to_have_count(1)
    expect(page.page.locator("#result figure")).to_have_count(0)
    expect(cards).to_contain_text("black and white")
    # Of the form nothing goes that another edit has, too.
    expect(page.page.get_by_label("What should change?")).to_have_value("black and white")
    expect(page.page.locator("#pictures .thumbnail-lg")).to_have_count(1)


def test_another_person_sees_nothing_of_it(visit: Open) -> None:
    page = visit()
    page.choose("cat.jpg")
    page.write("sepia")
    page.edit()
    page.wait_until_done()
    picture = page.page.locator("#result .after img").get_attribute("src")
    # What it still asks for would come as the stranger's.
    page.page.close()
    stranger = visit()
    expect(stranger.page.locator("#strip")).to_be_hidden()
    expect(stranger.page.get_by_label("What should change?")).to_have_value("")
    assert stranger.page.request.get(f"{stranger.page.url}{picture}").status == 404


def test_several_pictures_of_one_click_are_one_edit(visit: Open, studio: Served) -> None:
    page = visit()
    posts = len(studio.engine.posts)
    page.choose("cat.jpg")
    page.write("sepia")
    page.want(3)
    page.edit()
    page.wait_until_done()
    expect(page.page.locator("#result .after img")).to_have_count(3)
    expect(page.page.locator("#strip button")).to_have_count(1)
    assert len(studio.engine.posts) == posts + 3
