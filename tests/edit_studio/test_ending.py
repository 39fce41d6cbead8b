"""The whole app as a process, ended by signals while edits are under way."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from edit_studio.history.opening import open_history
from edit_studio.storage.vault import Vault
from tests.fault_relay import FaultRelay, Heard, Line, Script
from tests.faults import Form, chunked, hangs, sends
from tests.waiting import wait_until

from .app_process import PHOTO, AppProcess, app_process, begin, kept
from .raw_calls import RawPage

CHAT = Form("chat", stream=True)
PLACES = 20
DRAIN = 2.0
SLACK = 5.0
"""Seconds an app may take to end beyond those that edits have."""


@pytest.fixture
def app(tmp_path: Path, free_port: int) -> Iterator[AppProcess]:
    with app_process(tmp_path, free_port) as running:
        yield running


def states(data: Path) -> list[tuple[str, int]]:
    """State and number of pictures of every job there is."""
    return [(job.state, len(job.takes)) for job in kept(data).jobs]


def test_an_edit_that_runs_at_sigterm_is_saved_before_the_app_ends(app: AppProcess) -> None:
    with RawPage(app.address) as raw:
        begin(raw, "fail slow 2, sepia")
        wait_until(lambda: states(app.data) == [("sending", 0)])
        app.process.send_signal(signal.SIGTERM)
        assert app.process.wait(20) == 0
    assert states(app.data) == [("done", 1)]


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl+C", "SIGTERM"])
def test_a_second_signal_ends_at_once_and_the_edits_are_found_interrupted(app: AppProcess, asked: int) -> None:
    with RawPage(app.address) as raw:
        for _ in range(PLACES // 4):
            begin(raw, "fail slow 25, sepia", takes=4)
        wait_until(lambda: states(app.data) == [("sending", 0)] * (PLACES // 4))
        app.process.send_signal(asked)
        app.says("Ending")
        began = time.monotonic()
        app.process.send_signal(asked)
        assert app.process.wait(5) == 128 + asked
        assert time.monotonic() - began < 1
    with closing(open_history(Vault(app.data))) as opened:
        assert len(opened.found.interrupted) == PLACES // 4
    assert states(app.data) == [("unknown", 0)] * (PLACES // 4)


class Takes:
    """A relay's side of the clicks: what is to be answered waits until `now`, the rest waits for ever."""

    def __init__(self) -> None:
        self.now = asyncio.Event()
        self._half_answered: set[bytes] = set()

    def choose(self, heard: Heard) -> Script:
        """By the words of the prompt."""
        if half := re.search(rb"answer one of two, \d", heard.body):
            # By the click, as the pictures of several come in any order.
            first = half[0] not in self._half_answered
            self._half_answered.add(half[0])
            return self._answer if first else hangs()
        if b"answer in time" in heard.body:
            return self._answer
        if b"begin to answer" in heard.body:
            return sends(chunked(CHAT.words, end=False), then="hang")
        return hangs()

    async def _answer(self, line: Line, heard: Heard) -> None:
        await self.now.wait()
        await sends(CHAT.ok)(line, heard)


PEOPLE = 4


def fill(people: list[RawPage], relay: FaultRelay, data: Path) -> None:
    """Take every place, and leave two clicks waiting."""
    for number, raw in enumerate(people):
        begin(raw, "answer in time", takes=2)
        begin(raw, f"answer one of two, {number}", takes=2)
        begin(raw, "begin to answer" if number % 2 else "say nothing")
    wait_until(lambda: relay.posts == PLACES)
    for raw in people[:2]:
        begin(raw, "wait for a place")
    wait_until(lambda: [state for state, _ in states(data)].count("queued") == 2)


async def test_of_twenty_edits_under_way_the_answered_are_saved_and_the_rest_is_marked(
    tmp_path: Path, free_port: int
) -> None:
    takes = Takes()
    async with FaultRelay(choose=takes.choose) as relay:
        settings = {"EDIT_PROVIDER": "litellm", "LITELLM_BASE_URL": relay.url, "EDIT_WIRE": "chat"}
        settings |= {"EDIT_IN_FLIGHT": str(PLACES), "EDIT_DRAIN": str(DRAIN)}
        with app_process(tmp_path, free_port, None, **settings) as app, ExitStack() as stack:
            people = [stack.enter_context(RawPage(app.address)) for _ in range(PEOPLE)]
            await asyncio.to_thread(fill, people, relay, app.data)
            app.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(app.says, "Ending")
            began = time.monotonic()
            late = {"pictures": [people[0].upload(PHOTO)], "prompt": "too late"}
            said = await asyncio.to_thread(people[0].send, people[0].event("edit", "click"), late)
            takes.now.set()
            assert await asyncio.to_thread(app.process.wait, DRAIN + SLACK) == 0
            took = time.monotonic() - began
    assert "The app is restarting, so nothing was sent." in json.dumps(said, ensure_ascii=False)
    assert relay.posts == PLACES
    assert DRAIN <= took < DRAIN + SLACK
    found = kept(app.data)
    assert {prompt: Counter(ends) for prompt, ends in found.ends().items()} == {
        "answer in time": {("done", 2, ("settled", "settled")): 4},
        **{f"answer one of two, {number}": {("done", 1, ("held", "settled")): 1} for number in range(PEOPLE)},
        "say nothing": {("unknown", 0, ("held",)): 2},
        "begin to answer": {("unknown", 0, ("held",)): 2},
        "wait for a place": {("stopped", 0, ()): 2},
    }
    charged = {job.prompt: (job.failure or {}).get("charged") for job in found.jobs}
    assert charged == {
        "answer in time": None,
        **{f"answer one of two, {number}": "maybe" for number in range(PEOPLE)},
        "say nothing": "maybe",
        "begin to answer": "maybe",
        "wait for a place": "no",
    }
    pictures = [take.picture for job in found.jobs for take in job.takes]
    assert all(Vault(app.data).is_whole(picture.sha256, picture.mime) for picture in pictures)


async def test_a_kill_of_the_whole_app_loses_no_picture_and_nothing_is_sent_again(
    tmp_path: Path, free_port: int
) -> None:
    takes = Takes()
    async with FaultRelay(choose=takes.choose) as relay:
        settings = {"EDIT_PROVIDER": "litellm", "LITELLM_BASE_URL": relay.url, "EDIT_WIRE": "chat"}
        with app_process(tmp_path, free_port, None, **settings) as app, RawPage(app.address) as raw:
            for prompt in ("answer in time", "say nothing", "begin to answer"):
                await asyncio.to_thread(begin, raw, prompt, takes=2)
            await asyncio.to_thread(wait_until, lambda: relay.posts == 6)
            takes.now.set()
            await asyncio.to_thread(wait_until, lambda: ("done", 2) in states(app.data))
            app.process.kill()
            app.process.wait()
        with app_process(tmp_path, free_port, None, **settings) as app, RawPage(app.address) as raw:
            assert await asyncio.to_thread(lambda: raw.get("").status_code) == 200
    assert relay.posts == 6
    found = kept(app.data)
    assert found.ends() == {
        "answer in time": [("done", 2, ("settled", "settled"))],
        "say nothing": [("unknown", 0, ("held", "held"))],
        "begin to answer": [("unknown", 0, ("held", "held"))],
    }
    assert {(job.failure or {}).get("charged") for job in found.jobs} == {None, "maybe"}
    pictures = [take.picture for job in found.jobs for take in job.takes]
    assert all(Vault(app.data).is_whole(picture.sha256, picture.mime) for picture in pictures)
