"""What Gradio remembers of pages and events, in a real page: gone when the page is, kept while it is open."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from anyio import to_thread
from anyio._backends._asyncio import WorkerThread
from gradio.route_utils import FileUploadProgress
from gradio.routes import file_upload_statuses as progress
from gradio.state_holder import SessionState

from edit_studio.page.forgetting import MOST_UPLOADS, forget, forget_closed, forget_uploads
from edit_studio.page.page_states import MOST_ASLEEP, PageState, PageStates
from tests.waiting import wait_until

from .raw_calls import RawPage
from .serving import Served, served

PHOTO = Path(__file__).parents[1] / "photos" / "cat.jpg"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    # How soon Gradio sees that a browser has gone; usually 15 s.
    monkeypatch.setenv("GRADIO_HEARTBEAT_INTERVAL", "0.2")
    with served(tmp_path / "uploads") as running:
        yield running


class Remembered:
    """The stores of a running page's Gradio."""

    def __init__(self, page: Served) -> None:
        self.states: Any = page.blocks.app.state_holder
        self.queue: Any = page.blocks._queue

    def holds(self, session: str) -> tuple[bool, bool, bool]:
        """Whether there are a state, events and messages of this page."""
        return (
            session in self.states.session_data,
            session in self.queue.pending_event_ids_session,
            session in self.queue.pending_messages_per_session,
        )

    def closed(self, session: str) -> bool:
        """Whether the browser has said that it is gone."""
        return bool(self.states.session_data[session].is_closed)


class Pixels:
    """Something large that can be pointed to."""


def a_failure_that_holds_itself() -> weakref.ref[Pixels]:
    """An error kept where it was raised, as a task keeps its own, beside pixels; returns what points to them."""
    pixels = Pixels()
    try:
        raise ValueError
    except ValueError as error:
        _kept = error
    return weakref.ref(pixels)


def use(raw: RawPage) -> str:
    """One event from its start to its end, as a page makes it; returns the page's session."""
    session = raw.start(raw.event("edit", "click"), {"pictures": [], "prompt": ""})
    assert "process_completed" in raw.get(f"gradio_api/queue/data?session_hash={session}").text
    return session


@contextmanager
def open_page(page: Served, raw: RawPage, session: str) -> Iterator[None]:
    """A page that stays open until the block ends, as its browser shows by the heartbeat."""
    beating = f"{page.address}gradio_api/heartbeat/{session}"
    with httpx.stream("GET", beating, cookies=raw.cookies, trust_env=False, timeout=30) as beats:
        lines = beats.iter_lines()
        assert next(lines) == "data: ALIVE"
        yield


def test_a_closed_page_is_forgotten_and_an_open_one_is_not(page: Served) -> None:
    remembered = Remembered(page)
    with RawPage(page.address) as raw:
        left, stays = use(raw), use(raw)
        with open_page(page, raw, stays):
            with open_page(page, raw, left):
                assert not remembered.closed(left)
            wait_until(lambda: remembered.closed(left))
            forget(remembered.states, page.blocks, 60)
            assert remembered.holds(left) == (True, True, True)
            forget(remembered.states, page.blocks, 0)
            assert remembered.holds(left) == (False, False, False)
            assert remembered.holds(stays) == (True, True, True)


def test_a_page_with_an_event_under_way_keeps_its_queue(page: Served) -> None:
    remembered = Remembered(page)
    with RawPage(page.address) as raw, page.engine.holding():
        photo = raw.upload(PHOTO)
        session = raw.start(raw.event("edit", "click"), {"pictures": [photo], "prompt": "sepia"})
        wait_until(lambda: page.engine.posts != [])
        forget(PageStates(gr.Blocks()), page.blocks, 0)
        assert remembered.holds(session)[1:] == (True, True)


async def test_it_is_done_now_and_then(page: Served) -> None:
    remembered = Remembered(page)
    with RawPage(page.address) as raw:
        session = await asyncio.to_thread(use, raw)
        await asyncio.to_thread(raw.upload, PHOTO)
    forgetting = asyncio.create_task(forget_closed(remembered.states, page.blocks, pause=0.01, closed_for=0))
    remembered.states.session_data[session].is_closed = True
    await asyncio.to_thread(wait_until, lambda: remembered.holds(session) == (False, False, False))
    assert not any(page.blocks.temp_file_sets)
    forgetting.cancel()


async def test_what_failed_edits_hold_is_given_back_though_no_page_was_closed(page: Served) -> None:
    states = Remembered(page).states
    gc.disable()
    try:
        picture = a_failure_that_holds_itself()
        assert picture() is not None
        forgetting = asyncio.create_task(forget_closed(states, page.blocks, pause=0.01))
        await asyncio.to_thread(wait_until, lambda: picture() is None)
        forgetting.cancel()
    finally:
        gc.enable()


async def test_threads_that_a_crowd_made_gradio_start_are_ended(page: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    # Usually ten seconds; the page's own threads are of another loop.
    monkeypatch.setattr(WorkerThread, "MAX_IDLE_TIME", 0.1)
    before, together = set(threading.enumerate()), threading.Barrier(4)
    async with asyncio.TaskGroup() as crowd:
        for _ in range(together.parties):
            crowd.create_task(to_thread.run_sync(together.wait))
    mine = {each for each in set(threading.enumerate()) - before if isinstance(each, WorkerThread)}
    assert len(mine) == together.parties
    forgetting = asyncio.create_task(forget_closed(Remembered(page).states, page.blocks, pause=0.05))
    await asyncio.to_thread(wait_until, lambda: sum(each.is_alive() for each in mine) <= 1)
    forgetting.cancel()


def test_events_leave_no_records(page: Served) -> None:
    with RawPage(page.address) as raw:
        for _ in range(3):
            use(raw)
    assert len(page.blocks._queue.event_analytics) <= 1
    assert page.blocks._queue.cached_event_analytics_summary == {"functions": {}}


def test_a_page_keeps_no_copy_of_its_widgets(page: Served) -> None:
    remembered = Remembered(page)
    with RawPage(page.address) as raw:
        session = use(raw)
    assert remembered.states.session_data[session].config_values == {}


def test_uploads_leave_neither_paths_nor_progress(page: Served) -> None:
    with RawPage(page.address) as raw:
        photos = [raw.upload(PHOTO, upload_id) for upload_id in ("followed", "unheard")]
        raw.send(raw.event("edit", "click"), {"pictures": photos, "prompt": "sepia"})
        assert '"done"' in raw.get("gradio_api/upload_progress?upload_id=followed").text
    paths = {photo["image"]["path"] for photo in photos}
    assert paths <= set().union(*page.blocks.temp_file_sets)
    forget_uploads(page.blocks)
    assert set().union(*page.blocks.temp_file_sets) == set()
    assert "followed" not in progress._signals
    assert "unheard" in progress._statuses
    assert all(Path(path).is_file() for path in paths)


async def test_of_many_uploads_that_nobody_follows_the_latest_are_remembered() -> None:
    uploads = FileUploadProgress()
    for number in range(MOST_UPLOADS + 10):
        uploads.track(f"upload {number}")
    forget_uploads(gr.Blocks(), uploads)
    assert list(uploads._statuses) == list(uploads._signals) == [f"upload {10 + i}" for i in range(MOST_UPLOADS)]


async def test_whoever_waits_for_an_upload_to_begin_hears_of_it() -> None:
    uploads = FileUploadProgress()
    waiting = asyncio.create_task(uploads.is_tracked("soon"))
    given_up = asyncio.create_task(uploads.is_tracked("never"))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    forget_uploads(gr.Blocks(), uploads)
    assert list(uploads._signals) == ["soon"]
    uploads.track("soon")
    assert await asyncio.wait_for(waiting, 5)


def test_the_state_of_a_page_has_all_that_gradios_own_has() -> None:
    with gr.Blocks() as blocks:
        gr.Textbox()
    assert vars(PageState(blocks)).keys() == vars(SessionState(blocks)).keys()


def test_widgets_made_anew_for_an_update_do_not_pile_up(page: Served) -> None:
    remembered = Remembered(page)
    with RawPage(page.address) as raw:
        session = raw.start(raw.event("provider", "change"), {"provider": "litellm"}, times=3)
        assert raw.get(f"gradio_api/queue/data?session_hash={session}").text.count("process_completed") == 3
    state = remembered.states.session_data[session]
    assert state.blocks_config.blocks.keys() == page.blocks.blocks.keys()


@dataclass(frozen=True)
class Small:
    """A page of three widgets, and what is remembered of those who opened it."""

    states: PageStates
    value: int
    offer: int
    text: int


@pytest.fixture
def small() -> Small:
    with gr.Blocks() as blocks:
        value, offer, text = gr.State("at first"), gr.Dropdown(["a"]), gr.Textbox("at first")
    return Small(PageStates(blocks), value._id, offer._id, text._id)


def sleeps_after_changes(small: Small, session: str) -> None:
    """A page changes all it has, is closed and put to sleep."""
    state = small.states[session]
    state[small.value] = "changed"
    state[small.offer] = gr.Dropdown(["b"], render=False)
    state[small.text] = gr.Textbox("changed", render=False)
    state.is_closed = True
    small.states.put_to_sleep(0)
    assert session not in small.states


def test_a_page_that_comes_back_has_its_values_and_what_its_widgets_offered(small: Small) -> None:
    sleeps_after_changes(small, "one")
    state = small.states["one"]
    assert state[small.value] == "changed"
    assert state[small.offer].choices == [("b", "b")]
    assert state[small.text].value == "at first"


def test_a_page_that_came_back_may_sleep_again(small: Small) -> None:
    sleeps_after_changes(small, "one")
    assert small.states["one"][small.value] == "changed"
    small.states.put_to_sleep(0)
    assert "one" not in small.states
    assert small.states["one"][small.value] == "changed"


def test_a_new_page_has_nothing_of_another(small: Small) -> None:
    sleeps_after_changes(small, "one")
    state = small.states["two"]
    assert (state[small.value], state[small.offer].choices) == ("at first", [("a", "a")])
    assert not state.is_closed


def test_of_pages_asleep_the_oldest_go_when_there_are_too_many(small: Small) -> None:
    for number in range(MOST_ASLEEP + 1):
        sleeps_after_changes(small, str(number))
    assert small.states["0"][small.value] == "at first"
    assert small.states["1"][small.value] == "changed"
