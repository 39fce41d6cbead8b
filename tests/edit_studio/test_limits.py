"""An app that is given too little: too few files, threads or bytes, an engine that runs wild, requests out of range."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.types import ASGIApp, Receive, Scope, Send

from edit_core import PROVIDERS, Client, EditRequest, Reference
from edit_core.client import Clocks, in_process
from edit_core.edits import EditResult
from edit_core.errors import TimedOut
from edit_core.offline.app import create_app
from edit_core.offline.asking import Asked, Edited, Refused
from edit_core.offline.engine import MOST_PIXELS_TOGETHER, Work, consider, make
from edit_core.offline.workbench import PLACES
from edit_core.offline.workshop import Workshop
from edit_studio.editor import Wanted
from edit_studio.history.rows import JobRow, TakeRow
from edit_studio.jobs import Snapshot
from edit_studio.loop import Complaints
from edit_studio.receipts import Times
from edit_studio.settings import Settings
from edit_studio.studio import Studio, open_studio
from edit_studio.takes import Order
from tests.fault_relay import FaultRelay
from tests.faults import Form, sends
from tests.waiting import wait_until

from .app_process import PHOTO, AppProcess, app_process, kept
from .examples import ANN, click, picture
from .raw_calls import RawPage
from .serving import Served, served

BURST = 20
MEGABYTE = 2**20
BUSY = re.compile(r"busy|waiting already")


@pytest.fixture(scope="module")
def big_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JPEG of 4 MB: few pixels and much noise, as the limits are about bytes."""
    out = io.BytesIO()
    noise = random.Random(20261121).randbytes(1500 * 1100 * 3)
    Image.frombytes("RGB", (1500, 1100), noise).save(out, "JPEG", quality=97, subsampling="4:4:4")
    file = tmp_path_factory.mktemp("photos") / "noise.jpg"
    file.write_bytes(out.getvalue())
    return file


def ask(app: AppProcess, photo: Path) -> str:
    """One person's edit, from opening the page to its end; what they are told."""
    try:
        with RawPage(app.address) as raw:
            form = {"pictures": [raw.upload(photo)], "prompt": "black and white"}
            return json.dumps(raw.send(raw.event("edit", "click"), form), ensure_ascii=False)
    except httpx.HTTPStatusError as refusal:
        return refusal.response.text
    except httpx.TransportError as error:
        return f"busy: {type(error).__name__}"


@contextmanager
def loiterers(app: AppProcess, count: int) -> Iterator[None]:
    """Connections that are opened and say nothing, as long as the block lasts."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(socket.create_connection(("127.0.0.1", httpx.URL(app.address).port or 0)))
        yield


@pytest.mark.parametrize(
    ("limits", "idle"),
    [
        pytest.param({"RLIMIT_NOFILE": 64}, 80, id="64 files, and more connections that say nothing"),
        pytest.param({"THREADS": 24}, 0, id="24 threads"),
        pytest.param({"RLIMIT_AS": 1500 * MEGABYTE}, 0, id="1.5 GB of memory"),
    ],
)
def test_a_burst_that_is_too_much_is_answered_and_forgotten(
    limits: dict[str, int], idle: int, tmp_path: Path, free_port: int, big_photo: Path
) -> None:
    with app_process(tmp_path, free_port, limits) as app, ThreadPoolExecutor(BURST) as people:
        with loiterers(app, idle):
            asking = [people.submit(ask, app, big_photo) for _ in range(BURST)]
            wait(asking, timeout=2)
        told = [each.result() for each in asking]
        assert [each for each in told if "Done in" not in each and not BUSY.search(each)] == []
        wait_until(lambda: "Done in" in ask(app, PHOTO), 30)
        assert app.log.stat().st_size < MEGABYTE / 4
    done = sum("Done in" in each for each in told)
    assert [job.state for job in kept(app.data).jobs].count("done") == done + 1


def test_a_full_house_is_told_once_a_minute_and_other_complaints_always(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    complain, loop = Complaints(lambda: now[0]), asyncio.new_event_loop()
    error = OSError(errno.EMFILE, "Too many open files")
    full = {"message": "socket.accept() out of system resource", "socket": None, "exception": error}
    for now[0] in (0.0, 1.0, 59.0, 61.0):
        complain(loop, full)
        complain(loop, {"message": "something else"})
    loop.close()
    assert caplog.text.count("Too many open files") == 2
    assert caplog.text.count("something else") == 4


async def breaks(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """An engine that does nothing but fail."""
    raise RuntimeError("the engine is broken")


async def breaks_off(_scope: Scope, _receive: Receive, send: Send) -> None:
    """An engine that fails once it has begun to answer."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"data: {", "more_body": True})
    raise MemoryError


async def never_ends(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """An engine that does not answer."""
    await asyncio.Event().wait()


async def runs_wild(scope: Scope, receive: Receive, send: Send) -> None:
    """The real engine, with a worker that misbehaves on demand."""
    workshop = Workshop(places=1, seconds=2, worker="tests.edit_studio.wild_worker")
    try:
        await create_app(workshop)(scope, receive, send)
    finally:
        workshop.close()


@contextmanager
def studio_with(engine: ASGIApp, folder: Path) -> Iterator[Studio]:
    """The app without a page, with an engine of the test's own."""
    settings = Settings.read({"EDIT_DATA": str(folder / "data")})
    studio = open_studio(settings, engine, folder)
    yield studio
    studio.close()


async def edit(studio: Studio, prompt: str) -> Snapshot:
    """An edit with the studio's engine from the click to its end."""
    ready = await studio.editor.prepare(Wanted(prompt, (picture(1, 64),), "offline", "offline-engine", "native"))

    def keep(job: JobRow, index: int, result: EditResult, _times: Times) -> list[TakeRow]:
        return [studio.history.save_take(job.id, index, result.pictures[0], result.text)]

    order = Order(click(prompt, prompt=prompt), partial(studio.editor.send, ready), keep, 1)
    job_id = await studio.jobs.submit(order)
    return [snapshot async for snapshot in studio.jobs.follow(ANN, job_id)][-1]


@pytest.mark.parametrize(
    ("engine", "prompt", "says"),
    [
        pytest.param(breaks, "sepia", "failed", id="fails at once"),
        pytest.param(breaks_off, "sepia", "broke off", id="fails in the middle"),
        pytest.param(runs_wild, "raise", "broke down", id="its worker raises"),
        pytest.param(runs_wild, "die", "broke down", id="its worker is killed"),
        pytest.param(runs_wild, "loop", "gave up after 2 s", id="its worker never ends"),
        pytest.param(runs_wild, "eat", "more memory than the engine has", id="its worker wants 2 GB"),
    ],
)
async def test_an_engine_that_runs_wild_costs_one_edit_and_no_money(
    engine: ASGIApp, prompt: str, says: str, tmp_path: Path
) -> None:
    with studio_with(engine, tmp_path) as studio:
        began = time.monotonic()
        ended = await edit(studio, prompt)
        assert time.monotonic() - began < 10
        assert ended.job.failure is not None
        assert says in ended.job.failure["message"]
        assert (ended.job.state, ended.job.failure["charged"]) == ("failed", "no")
        assert [entry.state for entry in studio.ledger.entries_of(ended.job.id)] == ["released"]


def test_after_each_kind_of_trouble_the_same_workshop_does_its_work() -> None:
    workshop = Workshop(places=1, seconds=2, worker="tests.edit_studio.wild_worker")
    for trouble in ("die", "eat", "loop"):
        with pytest.raises(Refused):
            workshop(Asked("", trouble, (picture(1, 64).data,)), lambda _: None)
        assert workshop(Asked("", "sepia", (picture(1, 64).data,)), lambda _: None) is not None
    workshop.close()


async def test_engines_that_hang_leave_the_app_its_threads_and_can_be_stopped(tmp_path: Path) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def hang(asked: Asked, told: Callable[[Work], None]) -> Edited | None:
        if "hang" in asked.prompt:
            begun.release()
            go_on.wait(60)
        return make(asked, told)

    with studio_with(create_app(hang), tmp_path) as studio:
        hanging = [asyncio.create_task(edit(studio, f"hang {number}")) for number in range(PLACES + 2)]
        for _ in range(PLACES):
            await asyncio.to_thread(begun.acquire, timeout=10)
        await asyncio.to_thread(wait_until, lambda: len(studio.history.running(ANN)) == len(hanging))
        began = time.monotonic()
        for job in studio.history.running(ANN):
            await studio.jobs.stop(ANN, job.id)
        assert {(await each).job.state for each in hanging} == {"stopped"}
        assert (await edit(studio, "sepia")).job.state == "done"
        assert time.monotonic() - began < 5
        go_on.set()


async def test_an_engine_that_says_nothing_ends_by_the_clocks() -> None:
    clocks = Clocks(first_byte=0.3)
    async with Client(PROVIDERS["offline"], transport=in_process(never_ends), clocks=clocks) as client:
        with pytest.raises(TimedOut) as caught:
            await client.edit(EditRequest("sepia", (Reference(picture(1)),)), "offline-engine")
    assert caught.value.charged == "no"


def test_of_many_large_pictures_no_more_is_held_than_fits() -> None:
    """Files of some kilobytes, each of 49 megapixels: three would take 440 MB, fourteen 2 GB."""
    out = io.BytesIO()
    Image.new("L", (7000, 7000), 90).save(out, "PNG")
    asked = Asked("", "side by side", (out.getvalue(),) * 3)
    held = [loaded.image for loaded in consider(asked).pictures]
    assert sum(image.width * image.height for image in held) <= MOST_PIXELS_TOGETHER
    only = consider(replace(asked, prompt="sepia")).pictures
    assert [loaded.image.size for loaded in only] == [(7000, 7000)]


def test_a_click_sent_again_with_another_request_is_refused_in_words_and_not_sent(page: Served) -> None:
    posts = len(page.engine.posts)
    with RawPage(page.address) as raw:
        form: dict[str, Any] = {"pictures": [raw.upload(PHOTO)], "token": "one click and two requests"}
        first = raw.send(raw.event("edit", "click"), {**form, "prompt": "sepia"})
        second = raw.send(raw.event("edit", "click"), {**form, "prompt": "black and white"})
    assert "Done in" in json.dumps(first)
    assert "Done in" not in json.dumps(second)
    assert 'class=\\"failure' in json.dumps(second)
    assert len(page.engine.posts) == posts + 1


@pytest.mark.parametrize(
    "values",
    [
        *({"takes": takes} for takes in (0, -1, 5, 1000, 2**70, 1.5, "four", "1000", None, [1000], {"takes": 2}, True)),
        *({"size": size} for size in ("4K ", "400K", -4, ["4K"])),
        *({"ratio": ratio} for ratio in ("1:1000", 7, "auto; 4K")),
        *({"model": model} for model in (7, ["a", "b"])),
    ],
    ids=str,
)
def test_values_out_of_range_ask_for_no_more_than_the_form_can(page: Served, values: dict[str, Any]) -> None:
    posts = len(page.engine.posts)
    with RawPage(page.address) as raw:
        form = {"pictures": [raw.upload(PHOTO)], "prompt": "sepia", **values}
        told = json.dumps(raw.send(raw.event("edit", "click"), form))
    assert len(page.engine.posts) - posts <= 1
    assert ("Done in" in told) == (len(page.engine.posts) - posts == 1)


async def test_a_size_that_a_providers_model_does_not_have_is_not_asked_for(tmp_path: Path) -> None:
    async with FaultRelay(sends(Form("chat", stream=True).ok)) as relay:
        settings = Settings.read({"EDIT_PROVIDER": "litellm", "LITELLM_BASE_URL": relay.url, "EDIT_WIRE": "chat"})
        told = await asyncio.to_thread(_ask_for_too_much, settings, tmp_path / "files")
    assert "Done in" in told
    assert relay.posts == 1
    assert b'"4K"' not in relay.heard[0].body


def _ask_for_too_much(settings: Settings, files: Path) -> str:
    with served(files, settings) as running, RawPage(running.address) as raw:
        form = {"pictures": [raw.upload(PHOTO)], "model": "gemini-2.5-flash-image", "size": "4K", "prompt": "sepia"}
        return json.dumps(raw.send(raw.event("edit", "click"), form))
