"""What is deleted, or kept no longer, is nowhere any more: rows, files, previews and what Gradio was given."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edit_studio.history.rows import JobRow, Json
from edit_studio.keeping import DAY, Keeping
from edit_studio.settings import Settings
from edit_studio.studio import Studio

from .raw_calls import RawPage
from .serving import Served, served

PHOTO = Path(__file__).parents[1] / "photos" / "phone_sideways_gps.jpg"
PROMPT = "sepia as on the quay at Zeebrugge"


@pytest.fixture
def week(tmp_path: Path) -> Iterator[Served]:
    """A page that keeps edits for a week."""
    with served(tmp_path / "uploads", replace(Settings(), keeping=Keeping(seconds=7 * DAY))) as running:
        yield running


@pytest.fixture
def edit(week: Served) -> tuple[str, JobRow]:
    """An edit of an uploaded photo that had to be turned and stripped, and whose it is."""
    with RawPage(week.address) as page:
        upload = page.upload(PHOTO)
        page.send(page.event("edit", "click"), {"pictures": [upload], "prompt": PROMPT, "token": "t" * 32})
    # As the gallery shows it, before it is prepared.
    week.studio.previews.of_file(Path(upload["image"]["path"]))
    with week.studio.history.database.reading() as connection:
        owner = connection.exec_driver_sql("SELECT owner FROM jobs").scalar_one()
    (job,) = week.studio.history.page(owner).rows
    for picture in job.pictures().values():
        week.studio.previews.file(picture.sha256, picture.mime, "thumb")
    return owner, job


def traces(week: Served) -> dict[str, set[Path]]:
    """Where the words and the pictures of the edit are found, in all files of the app."""
    folders = (week.files, week.studio.vault.root)
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    upload = hashlib.sha256(PHOTO.read_bytes()).hexdigest()
    return {
        "prompt": {file for file in files if PROMPT.encode() in file.read_bytes()},
        "upload": {file for file in files if hashlib.sha256(file.read_bytes()).hexdigest() == upload},
        "pictures": {file for file in files if file.read_bytes()[:4] in (b"\xff\xd8\xff\xe0", b"\x89PNG", b"RIFF")},
    }


def delete(studio: Studio, owner: str, job: JobRow) -> None:
    studio.delete(owner, job.id)


def wait_a_week(studio: Studio, _owner: str, _job: JobRow) -> None:
    assert studio.sweep(time.time() + 6.9 * DAY) == 0
    assert studio.sweep(time.time() + 7.1 * DAY, is_sure=False) == 0
    assert studio.sweep(time.time() + 7.1 * DAY) == 1
    # What was uploaded goes by its own age, which a test cannot wait for.
    studio.shelf.sweep(-1)


def test_databases_that_were_set_aside_go_when_their_edits_would(week: Served) -> None:
    file = week.studio.history.database.file
    assert file is not None
    aside = [file.with_name(f"{file.name}.{each}") for each in ("damaged-20261101-120000-wal", "version-1.20261101")]
    for each in aside:
        each.write_bytes(PROMPT.encode())
    week.studio.sweep(time.time() + 6.9 * DAY)
    assert all(each.exists() for each in aside)
    week.studio.sweep(time.time() + 7.1 * DAY)
    assert not any(each.exists() for each in aside)
    assert file.exists()


def test_a_preview_of_nothing_goes_with_the_next_sweep(week: Served, edit: tuple[str, JobRow]) -> None:
    previews, picture = week.studio.previews, edit[1].takes[0].picture
    kept = previews.file(picture.sha256, picture.mime, "thumb")
    left_over = previews.path("0" * 64, "thumb")
    left_over.parent.mkdir(exist_ok=True)
    left_over.write_bytes(kept.read_bytes())
    week.studio.sweep(time.time())
    assert (kept.is_file(), left_over.is_file()) == (True, False)


def test_an_edit_that_cannot_be_removed_keeps_nothing_else_from_going(
    week: Served, edit: tuple[str, JobRow], caplog: pytest.LogCaptureFixture
) -> None:
    vault, previews = week.studio.vault, week.studio.previews
    note = vault.note_path(edit[1].takes[0].id)
    note.unlink()
    note.mkdir()
    left_over = previews.path("0" * 64, "thumb")
    left_over.parent.mkdir(exist_ok=True)
    left_over.touch()
    assert week.studio.sweep(time.time() + 7.1 * DAY) == 0
    assert not left_over.exists()
    assert "is too old to be kept and cannot be deleted" in caplog.text
    assert len(week.studio.history.page(edit[0]).rows) == 1
    note.rmdir()
    assert week.studio.sweep(time.time() + 7.1 * DAY) == 1


def test_what_stands_in_the_form_goes_with_its_edit_and_the_rest_of_the_form_stays(
    week: Served, edit: tuple[str, JobRow]
) -> None:
    owner, job = edit
    with RawPage(week.address) as page:
        other = page.upload(PHOTO.with_name("cat.jpg"))["image"]["path"]
    (mine, *_) = traces(week)["upload"]
    pictures: list[Json] = [{"path": path, "name": "a.jpg", "done": [], "from_take": ""} for path in (str(mine), other)]
    week.studio.history.keep_draft(owner, {"prompt": PROMPT, "model": "m", "pictures": pictures})
    assert week.studio.delete(owner, job.id) == job
    assert week.studio.history.draft(owner) == {"prompt": "", "model": "m", "pictures": pictures[1:]}
    assert (traces(week)["prompt"], traces(week)["upload"]) == (set(), set())
    assert Path(other).is_file()


def test_a_form_that_has_nothing_of_a_deleted_edit_is_left_alone(week: Served, edit: tuple[str, JobRow]) -> None:
    form = {"prompt": "the next one", "pictures": []}
    week.studio.history.keep_draft(edit[0], form)
    delete(week.studio, *edit)
    assert week.studio.history.draft(edit[0]) == form


def test_what_somebody_else_has_in_their_form_stays(week: Served, edit: tuple[str, JobRow]) -> None:
    with RawPage(week.address) as page:
        other = page.upload(PHOTO)["image"]["path"]
    form = {"prompt": "", "pictures": [{"path": other, "name": "a.jpg", "done": [], "from_take": ""}]}
    week.studio.history.keep_draft("somebody else", form)
    delete(week.studio, *edit)
    assert Path(other).is_file()
    assert traces(week)["prompt"] == set()


@pytest.mark.parametrize("forget", [delete, wait_a_week])
def test_nothing_of_it_is_left(
    week: Served, edit: tuple[str, JobRow], forget: Callable[[Studio, str, JobRow], None]
) -> None:
    assert all(traces(week).values())
    forget(week.studio, *edit)
    assert traces(week) == {"prompt": set(), "upload": set(), "pictures": set()}
