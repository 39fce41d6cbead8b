"""The page through its API: the public endpoint, and what a raw caller can and cannot do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client as PageClient  # type: ignore[import-untyped]
from gradio_client import handle_file
from gradio_client.exceptions import AppError  # type: ignore[import-untyped]
from httpx import HTTPStatusError
from sqlalchemy import select

from edit_core import Picture
from edit_core.edits import Wire
from edit_core.preparation import prepare
from edit_studio.page.examples import EXAMPLES, FOLDER
from edit_studio.settings import Settings
from edit_studio.storage.schema import jobs
from tests.waiting import wait_until

from .examples import picture
from .raw_calls import RawPage
from .serving import Served, engine_answer, served

PHOTOS = Path(__file__).parents[1] / "photos"


@pytest.fixture(scope="module")
def client(page: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageClient]:
    downloads = tmp_path_factory.mktemp("downloads")
    with_files = PageClient(page.address, verbose=False, download_files=str(downloads), analytics_enabled=False)
    yield with_files
    with_files.close()


@pytest.fixture
def raw(page: Served) -> Iterator[RawPage]:
    with RawPage(page.address) as calls:
        yield calls


@pytest.mark.parametrize("wire", ["native", "chat"])
def test_a_program_gets_exactly_the_bytes_the_engine_sent(
    client: PageClient, photo: Callable[[str], bytes], wire: Wire
) -> None:
    files = [handle_file(str(PHOTOS / name)) for name in ("cat.jpg", "coffee.jpg")]
    pictures, said = client.predict(files, "side by side", wire=wire, api_name="/edit")
    photos = [prepare(photo(name)).picture.data for name in ("cat.jpg", "coffee.jpg")]
    assert Path(pictures[0]).read_bytes() == engine_answer("side by side", *photos, wire=wire)
    assert Path(pictures[0]).name == "cat-edited.jpg"
    assert "side by side" in said


def test_the_shape_a_program_asks_for_is_sent(client: PageClient) -> None:
    cat = [handle_file(str(PHOTOS / "cat.jpg"))]
    pictures, _ = client.predict(cat, "sepia", ratio="1:1", size="512", api_name="/edit")
    picture = Picture.read(Path(pictures[0]).read_bytes())
    assert (picture.width, picture.height) == (512, 512)


@pytest.mark.parametrize(
    ("photos", "prompt", "sentence"),
    [
        pytest.param(["cat.jpg"], "refuse", "stopped", id="a refusal"),
        pytest.param(["cat.jpg"], "fail 402", "Top up the account", id="an empty account"),
        pytest.param(["cat.jpg"], "  ", "The prompt is empty", id="no prompt"),
        pytest.param([], "sepia", "There is no picture yet", id="no picture"),
        pytest.param(["damaged/text_named.png"], "sepia", "Choose another file", id="a damaged file"),
    ],
)
def test_a_failure_is_told_as_a_sentence(client: PageClient, photos: list[str], prompt: str, sentence: str) -> None:
    files = [handle_file(str(PHOTOS / name)) for name in photos]
    with pytest.raises(AppError, match=sentence):
        client.predict(files, prompt, api_name="/edit")


def test_edit_is_the_only_public_endpoint(client: PageClient) -> None:
    endpoints: dict[str, Any] = client.view_api(return_format="dict", print_info=False)
    assert list(endpoints["named_endpoints"]) == ["/edit"]
    assert endpoints["unnamed_endpoints"] == {}


@pytest.fixture
def outside(tmp_path: Path, photo: Callable[[str], bytes]) -> Path:
    """A photo that lies on this machine and was not uploaded."""
    file = tmp_path / "private.jpg"
    file.write_bytes(photo("coffee.jpg"))
    return file


def without_meta(path: str) -> dict[str, Any]:
    """A file as Gradio takes it without looking where it lies, since the mark that makes it look is left out."""
    return {"image": {"path": path}, "caption": None}


def with_meta(path: str) -> dict[str, Any]:
    """A file as the page itself names it."""
    return {"image": {"path": path, "meta": {"_type": "gradio.FileData"}}, "caption": None}


@pytest.mark.parametrize(("widget", "event"), [("pictures", "upload"), ("edit", "click")])
@pytest.mark.parametrize("path", ["{outside}", "/proc/self/environ", "/etc/passwd"])
def test_a_path_outside_the_upload_folder_is_refused(
    page: Served, raw: RawPage, outside: Path, widget: str, event: str, path: str
) -> None:
    posts = len(page.engine.posts)
    path = path.replace("{outside}", str(outside))
    with pytest.raises(HTTPStatusError, match="400 Bad Request"):
        raw.send(raw.event(widget, event), {"pictures": [without_meta(path)], "prompt": "sepia"})
    assert len(page.engine.posts) == posts


@pytest.fixture
def inside(page: Served, photo: Callable[[str], bytes]) -> str:
    """A photo that lies where uploads do."""
    file = page.files / "uploaded" / "cat.jpg"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(photo("cat.jpg"))
    return str(file)


def test_an_uploaded_picture_is_taken_by_the_same_events(raw: RawPage, inside: str) -> None:
    messages = raw.send(raw.event("edit", "click"), {"pictures": [with_meta(inside)], "prompt": "sepia"})
    assert "cat-edited" in json.dumps(messages)


def test_the_same_click_sent_twice_is_one_edit(page: Served, raw: RawPage, inside: str) -> None:
    posts = len(page.engine.posts)
    form = {"pictures": [with_meta(inside)], "prompt": "fail slow 1, sepia", "token": "the token of this click"}
    messages = raw.send(raw.event("edit", "click"), form, times=2)
    clicks = {each["event_id"] for each in messages[:2]}
    completed = [each["event_id"] for each in messages if each["msg"] == "process_completed"]
    assert clicks <= set(completed)
    assert len(page.engine.posts) == posts + 1


def test_an_edit_that_is_picked_while_a_click_is_made_ready_is_not_followed(
    page: Served, raw: RawPage, inside: str
) -> None:
    """The page will follow that click, and Stop is for one edit."""
    click, database, strip = raw.event("edit", "click"), page.studio.history.database, raw.widget("strip")
    follows = next(
        each
        for each in raw.config["dependencies"]
        if [strip, "click"] in each["targets"] and raw.widget("status") in each["outputs"]
    )
    fresh = Path(inside).with_name("fresh.png")
    fresh.write_bytes(picture(417).data)
    with page.engine.holding():
        raw.start(click, {"pictures": [with_meta(inside)], "prompt": "sepia, picked"})
        wait_until(lambda: page.studio.jobs.running == 1)
        with database.reading() as connection:
            job_id = connection.execute(select(jobs.c.id).where(jobs.c.prompt == "sepia, picked")).scalar_one()
        before = page.studio.vault.names()
        # Nobody else writes meanwhile, so the click is not written down.
        with database.writing():
            raw.start(click, {"pictures": [with_meta(str(fresh))], "prompt": "sepia, made ready"})
            wait_until(lambda: page.studio.vault.names() != before)
            told = raw.pick(follows, job_id)
    assert "process_generating" not in {each["msg"] for each in told}
    wait_until(lambda: page.studio.jobs.running == 0)


@pytest.mark.parametrize("file", [{"path": "{outside}"}, {"path": "/proc/self/environ"}, {}, "text", None, 7])
def test_the_public_endpoint_takes_no_path_outside_the_upload_folder(raw: RawPage, outside: Path, file: Any) -> None:
    if isinstance(file, dict):
        file = {name: value.replace("{outside}", str(outside)) for name, value in file.items()}
    data = [[file], "sepia", "offline", "", "", "auto", "auto"]
    if isinstance(file, dict) and file:
        with pytest.raises(HTTPStatusError, match="400 Bad Request"):
            raw.call("edit", data)
        return
    answer = raw.call("edit", data)
    assert answer.startswith("event: error")
    assert "file=" not in answer


def test_files_outside_the_upload_folder_are_not_served(raw: RawPage, outside: Path) -> None:
    assert raw.get(f"gradio_api/file={outside}").status_code == 403


@pytest.mark.parametrize("path", ["gradio_api/runs", "monitoring", "monitoring/summary"])
def test_what_gradio_shows_of_other_people_is_off(raw: RawPage, path: str) -> None:
    answer = raw.get(path)
    assert answer.status_code in (403, 404) or "monitoring is not enabled" in answer.text.lower()


def test_no_key_is_in_anything_the_page_sends(tmp_path: Path) -> None:
    settings = replace(Settings.read({"GOOGLE_API_KEY": "sk-canary-123"}), host="127.0.0.1")
    with served(tmp_path, settings) as running, RawPage(running.address) as raw:
        texts = [raw.get(path).text for path in ("", "config", "gradio_api/info", "gradio_api/openapi.json")]
    assert "Google (official)" in texts[1]
    assert not any("canary" in text for text in texts)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.prompt)
@pytest.mark.parametrize("wire", ["native", "chat"])
def test_each_example_is_understood_by_the_engine(example: Any, wire: Wire) -> None:
    photos = [(FOLDER / name).read_bytes() for name in example.photos]
    edited = engine_answer(example.prompt, *photos, wire=wire)
    assert Picture.read(edited).data != photos[0]
