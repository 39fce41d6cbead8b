"""A history as a ZIP through the running page: out by our own route, in by the page's button."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from edit_core.pictures import Picture
from edit_studio.door.archive_route import address, read_search
from edit_studio.door.people import COOKIE
from edit_studio.history.lookup import Search
from edit_studio.history.rows import NewInput
from edit_studio.settings import Limits, Settings

from .examples import click
from .raw_calls import RawPage
from .serving import Served, served

SOON = 10


@pytest.fixture
def raw(page: Served) -> Iterator[RawPage]:
    with RawPage(page.address) as calls:
        yield calls


def owner(raw: RawPage) -> str:
    """The id under which this person's edits are kept."""
    return f"cookie:{hashlib.sha256(raw.cookies[COOKIE].encode()).hexdigest()}"


@pytest.fixture
def kept(page: Served, raw: RawPage, photo: Callable[[str], bytes]) -> RawPage:
    """Somebody with two edits of real photos, one of them a favourite."""
    cat, coffee = Picture.read(photo("cat.jpg")), Picture.read(photo("coffee.jpg"))
    history = page.studio.history
    for prompt, model in (("make the sky pink", "pro"), ("a secret garden", "flash")):
        job, _ = history.begin(
            click(prompt, prompt, owner(raw), model=model, inputs=(NewInput(cat, "cat.jpg"),), provider="google")
        )
        history.save_take(job.id, 0, coffee)
        history.finish(job.id, "done")
    history.favourite(owner(raw), job.id, True)
    return raw


def prompts(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return [job["prompt"] for job in json.loads(archive.read("receipts.json"))["jobs"]]


def test_the_whole_history_comes_as_a_zip_that_no_browser_shows_or_keeps(kept: RawPage) -> None:
    answer = kept.get("archive")
    assert answer.status_code == 200
    assert prompts(answer.content) == ["a secret garden", "make the sky pink"]
    headers = answer.headers
    assert headers["content-type"] == "application/zip"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["content-disposition"].startswith('attachment; filename="edit-studio-20')
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers


def test_the_pictures_in_it_are_what_was_kept(kept: RawPage, photo: Callable[[str], bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(kept.get("archive").content)) as archive:
        packed = {archive.read(name) for name in archive.namelist() if name.startswith("pictures/")}
    assert packed == {photo("cat.jpg"), photo("coffee.jpg")}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("words=SECRET", ["a secret garden"]),
        ("favourite=1", ["a secret garden"]),
        ("model=pro", ["make the sky pink"]),
        ("provider=google&outcome=done", ["a secret garden", "make the sky pink"]),
        ("outcome=failed", []),
        ("words=&model=", ["a secret garden", "make the sky pink"]),
    ],
)
def test_a_search_narrows_it(kept: RawPage, query: str, expected: list[str]) -> None:
    assert prompts(kept.get(f"archive?{query}").content) == expected


@pytest.mark.parametrize("query", ["outcome=anything", "words=" + "a" * 2000])
def test_a_search_that_the_page_does_not_make_is_refused(kept: RawPage, query: str) -> None:
    assert kept.get(f"archive?{query}").status_code == 400


@pytest.mark.parametrize(
    "search",
    [Search(), Search("天空 & sky", "a/b", "m=1", "failed", True), Search(outcome="running"), Search(words="100 %")],
)
def test_an_address_says_exactly_its_search(search: Search) -> None:
    query = urlsplit(address(search)).query
    assert read_search(dict(parse_qsl(query))) == search


def test_another_person_gets_nothing_of_it(page: Served, kept: RawPage) -> None:
    with RawPage(page.address) as stranger:
        assert owner(stranger) != owner(kept)
        assert prompts(stranger.get("archive").content) == []
        assert prompts(stranger.get("archive?words=secret").content) == []
        found = stranger.send(stranger.event("finder", "input"), {"finder": {"words": "secret"}})
        assert "secret garden" not in json.dumps(found)
    found = kept.send(kept.event("finder", "input"), {"finder": {"words": "secret"}})
    assert "secret garden" in json.dumps(found)
    assert "make the sky pink" not in json.dumps(found)


def test_asking_only_for_the_head_reads_nothing(kept: RawPage, page: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    read = threading.Event()
    monkeypatch.setattr(page.studio.history, "page", lambda *_, **__: read.set())
    answer = kept.head("archive")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert not read.wait(0.5)


def test_others_are_served_while_history_is_read_for_an_archive(
    page: Served, kept: RawPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go_on = threading.Event(), threading.Event()
    read = page.studio.history.page

    def slowly(*asked: Any, **more: Any) -> Any:
        reading.set()
        assert go_on.wait(SOON)
        return read(*asked, **more)

    monkeypatch.setattr(page.studio.history, "page", slowly)
    got: list[bytes] = []
    download = threading.Thread(target=lambda: got.append(kept.get("archive").content))
    download.start()
    assert reading.wait(SOON)
    with RawPage(page.address) as other:
        assert other.get("config").status_code == 200
    go_on.set()
    download.join(SOON)
    assert len(prompts(got[0])) == 2


# In


def taken_in(raw: RawPage, file: Path) -> str:
    """What the page says of an archive that is uploaded."""
    messages = raw.send(raw.event("import", "upload"), {"import": raw.upload(file)["image"], "finder": {}})
    return json.dumps(messages, ensure_ascii=False)


@pytest.fixture
def exported(kept: RawPage, tmp_path: Path) -> Path:
    file = tmp_path / "mine.zip"
    file.write_bytes(kept.get("archive").content)
    return file


def test_what_was_exported_comes_back_for_somebody_else_and_once_only(page: Served, exported: Path) -> None:
    with RawPage(page.address) as other:
        assert "2 edits added." in taken_in(other, exported)
        assert "No edits added, 2 here already." in taken_in(other, exported)
        assert prompts(other.get("archive").content) == ["a secret garden", "make the sky pink"]


def test_an_uploaded_archive_does_not_stay(page: Served, raw: RawPage, exported: Path) -> None:
    taken_in(raw, exported)
    assert list(page.files.rglob("*.zip")) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"PK, but no ZIP", "This is not a ZIP file", id="no ZIP"),
        pytest.param(None, "neither a picture nor a receipt", id="another ZIP"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_in_words(
    page: Served, raw: RawPage, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "other.zip"
    if content is None:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("../../etc/passwd", "root")
    else:
        file.write_bytes(content)
    said = taken_in(raw, file)
    assert sentence in said
    assert "Choose a ZIP file that was exported here." in said
    assert list(page.files.rglob("*.zip")) == []


def test_an_archive_that_does_not_fit_is_refused_in_words(
    page: Served, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page.studio.history, "_quota", 1000)
    with RawPage(page.address) as other:
        assert "for each person" in taken_in(other, exported)


def test_others_are_served_while_an_archive_is_taken_in(
    page: Served, kept: RawPage, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def slowly(*_: Any) -> int:
        reading.set()
        assert go_on.wait(SOON)
        return 0

    monkeypatch.setattr(page.studio.history, "bytes_beyond", slowly)
    said: list[str] = []
    upload = threading.Thread(target=lambda: said.append(taken_in(kept, exported)))
    upload.start()
    assert reading.wait(SOON)
    with RawPage(page.address) as other:
        assert other.get("config").status_code == 200
    go_on.set()
    upload.join(SOON)
    assert "2 here already." in said[0]


def test_a_picture_may_still_not_be_larger_than_a_picture(tmp_path: Path, photo: Callable[[str], bytes]) -> None:
    settings = replace(Settings.read({}), limits=Limits(most_file_bytes=20_000))
    large = tmp_path / "large.jpg"
    large.write_bytes(photo("cat.jpg"))
    assert large.stat().st_size > 20_000
    with served(tmp_path / "files", settings) as running, RawPage(running.address) as raw:
        messages = raw.send(raw.event("pictures", "upload"), {"pictures": [raw.upload(large)]})
    assert "0 MB are the most" in json.dumps(messages)
