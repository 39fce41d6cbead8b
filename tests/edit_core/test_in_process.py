"""An app in this process: its answer streams, and stopping the edit stops the app."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from edit_core import PROVIDERS, Client
from edit_core.client import Progress, in_process
from edit_core.errors import UpstreamFailed
from edit_core.offline.app import app as engine
from edit_core.sending.outcome import Outcome
from tests.edit_core.spellings import KEY
from tests.edit_core.trials import MODEL, REQUEST, attempt, relay_row
from tests.faults import FORMS, PICTURE, Form

URL = "http://127.0.0.1:8901"
STREAM = Form("native", stream=True)
NATIVE = Form("native", stream=False)
START = {"type": "http.response.start", "status": 200, "headers": []}


def body(piece: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": piece, "more_body": more}


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_an_edit_is_made_by_the_engine_in_this_process(form: Form) -> None:
    row = PROVIDERS["offline"]
    ended = await attempt(row.base_url, form, provider=row, model="offline-engine", transport=in_process(engine))
    assert ended.outcome is Outcome.DONE
    assert [progress.state for progress in ended.progress[:3]] == ["sending", "waiting", "receiving"]


async def test_the_app_sees_the_request_as_a_server_would_hand_it_over() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend((scope, await receive()))
        await send(START)
        await send(body(STREAM.body))

    await attempt(f"{URL}/a%20b", STREAM, transport=in_process(app))
    scope, request = seen
    assert (scope["method"], scope["path"]) == ("POST", f"/a b/v1beta/models/{MODEL}:streamGenerateContent")
    assert (scope["raw_path"][:7], scope["query_string"]) == (b"/a%20b/", b"alt=sse")
    assert dict(scope["headers"])[b"host"] == b"127.0.0.1:8901"
    assert (b"make it red" in request["body"], request["more_body"]) == (True, False)


async def test_words_come_while_the_app_still_works() -> None:
    told = asyncio.Event()

    async def app(_: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(START)
        await send(body(STREAM.words, more=True))
        await told.wait()
        await send(body(STREAM.picture))

    def listen(progress: Progress) -> None:
        if progress.text:
            told.set()

    async with Client(relay_row(URL), KEY, wire="native", stream=True, transport=in_process(app)) as client:
        result = await asyncio.wait_for(client.edit(REQUEST, MODEL, on_progress=listen), 10)
    assert [picture.data for picture in result.pictures] == [PICTURE]


@pytest.mark.parametrize("begun", [False, True], ids=["before it answers", "while it answers"])
async def test_stopping_the_edit_stops_the_app(begun: bool) -> None:
    working, stopped = asyncio.Event(), asyncio.Event()

    async def app(_: Any, receive: Any, send: Any) -> None:
        await receive()
        if begun:
            await send(START)
            await send(body(STREAM.words, more=True))
        working.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with Client(relay_row(URL), KEY, wire="native", stream=True, transport=in_process(app)) as client:
        job = asyncio.create_task(client.edit(REQUEST, MODEL))
        await working.wait()
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
    assert stopped.is_set()


@pytest.mark.parametrize("answers", [0, 1, 2], ids=["before it answers", "after the headers", "in the body"])
async def test_an_app_that_fails_is_an_unknown_outcome_and_goes_to_the_log(answers: int) -> None:
    async def app(_: Any, receive: Any, send: Any) -> None:
        await receive()
        for message in [START, body(b"{", more=True)][:answers]:
            await send(message)
        raise RuntimeError("the engine is broken")

    ended = await attempt(URL, NATIVE, transport=in_process(app))
    assert (ended.outcome, type(ended.error)) == (Outcome.UNKNOWN, UpstreamFailed)
    assert "the engine is broken" in ended.seen
    assert "the engine is broken" not in ended.error.explain()
    assert ended.seconds < 5


async def test_an_app_that_only_sends_lets_others_have_their_turn() -> None:
    async def app(_: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(START)
        while True:
            await send(body(b"data: {}\n\n" * 100, more=True))

    async with Client(relay_row(URL), KEY, wire="native", transport=in_process(app)) as client:
        began = time.monotonic()
        job = asyncio.create_task(client.edit(REQUEST, MODEL))
        await asyncio.sleep(0.05)
        assert time.monotonic() - began < 5
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
