"""What is said of how long and how much is kept, and of a result that is not what was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from edit_core import Picture
from edit_studio.failures import Interrupted, Stopped, as_json
from edit_studio.history.start_up import NEVER_SENT
from edit_studio.keeping import Keeping
from edit_studio.settings import Settings
from edit_studio.storage import schema
from tests.edit_studio.examples import click
from tests.edit_studio.serving import Served, engine_answer, served

from .conftest import PHOTOS, Open


def test_an_edit_that_there_is_no_room_for_is_not_sent(visit: Open, tmp_path: Path) -> None:
    with served(tmp_path / "full", replace(Settings(), keeping=Keeping(quota_bytes=1000))) as full:
        page = visit(address=full.address)
        page.choose("cat.jpg")
        page.write("sepia")
        page.edit()
        expect(page.page.locator("#failure")).to_contain_text("for each person")
        expect(page.page.locator("#failure")).to_contain_text("It was not charged.")
        expect(page.page.get_by_label("What should change?")).to_have_value("sepia")
        assert full.engine.posts == []


REFUSED = ("507", "Method not implemented", "404", "Response")
"""The browser's and Gradio's words for an upload that was refused; the last two when it asks how far that one is."""


def test_on_a_full_disk_neither_an_upload_is_taken_nor_an_edit_sent_and_both_are_said(
    visit: Open, tmp_path: Path
) -> None:
    with served(tmp_path / "full", replace(Settings(), keeping=Keeping(free_bytes=2**60))) as full:
        page = visit(address=full.address)
        page.page.locator("#pictures input[type=file]").first.set_input_files(PHOTOS / "cat.jpg")
        expect(page.page.get_by_text("The disk is nearly full, so nothing was taken.").first).to_be_visible()
        page.page.get_by_role("button", name="Make it a pencil sketch").click()
        expect(page.page.get_by_text("too full for one more picture. It was not charged.").first).to_be_visible()
        assert full.engine.posts == []
        page.page.close()
        assert [each for each in page.errors if not any(words in each for words in REFUSED)] == []
        page.errors.clear()


def test_an_edit_that_the_end_of_the_app_stopped_says_so_and_one_that_its_owner_stopped_needs_no_reason(
    visit: Open, studio: Served
) -> None:
    page, history = visit(), studio.studio.history
    page.choose("cat.jpg")
    page.write("sepia, in whose name")
    page.edit()
    page.wait_until_done()
    with history.database.reading() as connection:
        owners = select(schema.jobs.c.owner).where(schema.jobs.c.prompt == "sepia, in whose name")
        owner = connection.execute(owners).scalar_one()
    failure, drain = page.page.locator("#failure .failure"), Interrupted("The app stopped before it was done.")
    for token, why in {"restarted": NEVER_SENT, "drained": as_json(drain)}.items():
        job, _ = history.begin(click(token, owner=owner))
        history.finish(job.id, "stopped", why)
        page.wait_until_quiet()
        page.page.reload()
        expect(failure).to_contain_text(why["message"])
    job, _ = history.begin(click("by hand", owner=owner))
    history.finish(job.id, "stopped", as_json(Stopped("It was stopped.")))
    page.wait_until_quiet()
    page.page.reload()
    expect(page.page.locator("#strip button[data-state=stopped]")).to_have_count(3)
    page.wait_until_quiet()
    expect(failure).to_have_count(0)


NOTES = {
    "a Space without a disk": (Keeping(ephemeral=True), "History is not kept on this Space"),
    "kept for a week": (Keeping(seconds=7 * 86400.0), "Kept for 7 days, then removed."),
    "kept for a day": (Keeping(seconds=86400.0), "Kept for 1 day, then removed."),
    "kept for half a day, if at all": (
        Keeping(seconds=43200.0, ephemeral=True),
        "Download what you want to keep. Kept for 0.5 days, then removed.",
    ),
}


@pytest.mark.parametrize(("keeping", "sentence"), NOTES.values(), ids=NOTES)
def test_how_long_edits_are_kept_is_said_before_the_first(
    visit: Open, tmp_path: Path, keeping: Keeping, sentence: str
) -> None:
    with served(tmp_path / "short", replace(Settings(), keeping=keeping)) as short:
        page = visit(address=short.address)
        expect(page.page.get_by_text(sentence)).to_be_visible()


def test_a_picture_that_came_back_unchanged_is_told(visit: Open) -> None:
    page = visit()
    page.choose("cat.jpg")
    page.write("rotate left, then rotate right")
    page.edit()
    page.wait_until_done()
    expect(page.page.locator("#result .note")).to_contain_text("came back unchanged")


def test_of_several_pictures_those_that_came_back_unchanged_are_named(visit: Open) -> None:
    page = visit()
    page.choose("cat.jpg")
    page.write("rotate left, then rotate right")
    page.want(2)
    page.edit()
    page.wait_until_done()
    expect(page.page.locator("#result .note")).to_contain_text("Pictures 1, 2 came back unchanged.")


def test_a_picture_that_cannot_be_saved_is_shown_held_and_saved_later(
    visit: Open, tmp_path: Path, photo: Callable[[str], bytes]
) -> None:
    answer = Picture.read(engine_answer("sepia", photo("cat.jpg")))
    with served(tmp_path / "full") as full:
        # A file where the picture's folder has to be: what a full disk does, and root can do it too.
        folder = full.studio.vault.path(answer.sha256, answer.mime).parent
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.write_bytes(b"")
        page = visit(address=full.address)
        page.choose("cat.jpg")
        page.write("sepia")
        page.edit()
        page.wait_until_done()
        expect(page.page.locator("#result .note")).to_contain_text("could not be saved")
        assert page.shown("#result .after img") == (answer.width, answer.height)
        assert page.download()[1] == answer.data
        folder.unlink()
        page.wait_until(lambda: not full.studio.history.late.waiting)
        page.page.reload()
        page.shown("#result .after img")
        expect(page.page.locator("#result .note")).to_have_count(0)
        assert page.download()[1] == answer.data
        assert full.studio.vault.is_whole(answer.sha256, answer.mime)


def test_a_receipt_is_copied_as_json(visit: Open, studio: Served, window: BrowserContext) -> None:
    window.grant_permissions(["clipboard-read", "clipboard-write"], origin=studio.address.rstrip("/"))
    page = visit()
    page.choose("phone_sideways_gps.jpg")
    page.write("sepia")
    page.edit()
    page.wait_until_done()
    page.page.locator("#result .receipt summary").click()
    page.page.get_by_role("button", name="Copy as JSON").click()
    expect(page.page.get_by_role("button", name="Copied")).to_be_visible()
    receipt = json.loads(page.page.evaluate("navigator.clipboard.readText()"))
    assert receipt["model"] == {"asked": "offline-engine", "answered": "offline-engine"}
    assert "GPS removed" in " ".join(receipt["inputs"][0]["done"])
    assert receipt["seconds"]["upstream"] > 0
    assert receipt["seconds"]["save"] > 0
    assert receipt["cost"] == {"dollars": 0.0, "from": "estimate"}
