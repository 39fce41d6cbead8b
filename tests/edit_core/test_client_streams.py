"""Rows U-18 and U-19, and progress: answers that come bit by bit, break off after the picture, or are not wanted."""

from __future__ import annotations

import asyncio
import gzip
import time
from dataclasses import replace

import pytest

from edit_core import Client
from edit_core.client import Clocks, Progress
from edit_core.sending.outcome import Outcome
from tests.edit_core.spellings import KEY
from tests.edit_core.trials import MODEL, PATIENT, REQUEST, attempt, relay_row
from tests.fault_relay import FaultRelay, Heard, Line, Script
from tests.faults import FORMS, PICTURE, End, Form, chunked, hangs, http, repeats, sends, trickles

STREAMS = [Form("native", stream=True), Form("chat", stream=True)]
KEEP_ALIVE = b"d\r\n: keep-alive\n\r\n"

ENDS = {
    "a reset": (lambda f: sends(chunked(f.words, f.picture, end=False), then="reset"), PATIENT),
    "a farewell": (lambda f: sends(chunked(f.words, f.picture, end=False)), PATIENT),
    "the end of gzip without its end": (
        lambda f: sends(http(200, gzip.compress(f.picture)[:-6], "Content-Encoding: gzip")),
        PATIENT,
    ),
    "a chunk that is none": (lambda f: sends(chunked(f.picture, end=False) + b"ZZ\r\n"), PATIENT),
    "silence": (lambda f: sends(chunked(f.picture, end=False), then="hang"), replace(PATIENT, idle=0.3)),
    "keep-alives for ever": (
        lambda f: repeats(chunked(f.picture, end=False), KEEP_ALIVE, 0.01),
        replace(PATIENT, total=0.5),
    ),
}


@pytest.mark.parametrize("form", STREAMS, ids=str)
@pytest.mark.parametrize("end", ENDS)
async def test_u_18_a_whole_picture_is_kept_when_after_it_comes(end: str, form: Form) -> None:
    script, clocks = ENDS[end]
    async with FaultRelay(script(form)) as relay:
        ended = await attempt(relay.url, form, clocks=clocks)
        assert (ended.outcome, relay.posts) == (Outcome.DONE, 1), ended.raised
    assert [picture.data for picture in ended.result.pictures] == [PICTURE]
    assert "The picture is whole." in ended.result.notes[-1]


@pytest.mark.parametrize("form", STREAMS, ids=str)
@pytest.mark.parametrize("end", ["reset", "close", "hang"])
async def test_u_18_half_a_picture_is_not_taken_for_one(end: End, form: Form) -> None:
    half = form.words + form.picture[: len(form.picture) // 2]
    async with FaultRelay(sends(chunked(half, end=False), then=end)) as relay:
        ended = await attempt(relay.url, form, clocks=replace(PATIENT, idle=0.3))
        assert (ended.outcome, relay.posts) == (Outcome.UNKNOWN, 1)


@pytest.mark.parametrize("form", STREAMS, ids=str)
async def test_u_18_a_flood_of_tiny_deltas_is_read_and_reported_seldom(form: Form) -> None:
    deltas = form._event(text="a") * 20_000
    async with FaultRelay(sends(chunked(deltas, form.picture))) as relay:
        ended = await attempt(relay.url, form)
        assert ended.outcome is Outcome.DONE
    assert len(ended.result.text) == 20_000
    assert len(ended.progress) < 20 + 10 * ended.seconds


@pytest.mark.parametrize("form", STREAMS, ids=str)
async def test_words_reach_the_caller_before_the_picture_does(form: Form) -> None:
    told = asyncio.Event()

    async def script(line: Line, _: Heard) -> None:
        await line.send(chunked(form.words, end=False))
        await told.wait()
        await line.send(chunked(form.picture).partition(b"\r\n\r\n")[2])

    def listen(progress: Progress) -> None:
        if progress.text:
            told.set()

    async with FaultRelay(script) as relay, Client(relay_row(relay.url), KEY, wire=form.wire, stream=True) as client:
        result = await client.edit(REQUEST, MODEL, on_progress=listen)
    assert [picture.data for picture in result.pictures] == [PICTURE]


@pytest.mark.parametrize("form", STREAMS, ids=str)
async def test_progress_goes_from_sending_to_waiting_to_receiving(form: Form) -> None:
    async with FaultRelay(sends(form.ok)) as relay:
        ended = await attempt(relay.url, form)
    states = [progress.state for progress in ended.progress]
    assert list(dict.fromkeys(states)) == ["sending", "waiting", "receiving"]
    assert [progress.sent for progress in ended.progress] == [False] + [True] * (len(states) - 1)
    assert ended.progress[-1].received_bytes == len(form.body)
    assert ended.progress[-1].text == "Here it comes."


CANCELLED: dict[str, tuple[str, Script]] = {
    "U-15 silence before the headers": ("waiting", hangs()),
    "U-16 silence in the body": ("receiving", sends(http(200, b"{[", length=100), then="hang")),
    "U-17 a body that trickles": ("receiving", trickles(http(200, b"x" * 100_000), 0.002)),
    "U-18 endless keep-alives": ("receiving", repeats(chunked(end=False), KEEP_ALIVE, 0.01)),
}


@pytest.mark.parametrize("form", [*STREAMS, Form("native", stream=False), Form("chat", stream=False)], ids=str)
@pytest.mark.parametrize("fault", CANCELLED)
async def test_u_19_stopping_closes_the_socket_within_a_second(fault: str, form: Form) -> None:
    state, script = CANCELLED[fault]
    async with FaultRelay(script) as relay:
        async with Client(relay_row(relay.url), KEY, wire=form.wire, stream=form.stream) as client:
            under_way = asyncio.Event()
            job = asyncio.create_task(client.edit(REQUEST, MODEL, on_progress=lambda news: _if(news, state, under_way)))
            await asyncio.wait_for(under_way.wait(), 10)
            await relay.was_heard.wait()
            stopped = time.monotonic()
            job.cancel()
            await asyncio.wait_for(relay.heard[0].gone.wait(), 5)
            with pytest.raises(asyncio.CancelledError):
                await job
        assert relay.heard[0].gone_at - stopped < 1
        assert relay.posts == 1


@pytest.mark.parametrize("times", [1, 100], ids=["once", "and again, as at the end of the app"])
@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_u_19_what_had_arrived_whole_when_it_was_stopped_is_the_result(form: Form, times: int) -> None:
    """The whole answer is here, and the relay does not let go: what follows says nothing, and has no end."""
    # What is read of a large one is read in a thread, and waited for.
    body = form.body + (b":\n" if form.stream else b" ") * 2**20
    begun = chunked(body, end=False) if form.stream else http(200, body, length=2 * len(body))
    async with FaultRelay(repeats(begun, b"2\r\n:\n\r\n" if form.stream else b" ", 0.15)) as relay:
        async with Client(relay_row(relay.url), KEY, wire=form.wire, stream=form.stream) as client:
            arrived = asyncio.Event()

            def watch(news: Progress) -> None:
                if news.received_bytes >= len(body):
                    arrived.set()

            job = asyncio.create_task(client.edit(REQUEST, MODEL, on_progress=watch))
            await asyncio.wait_for(arrived.wait(), 10)
            for _ in range(times):
                job.cancel()
                await asyncio.sleep(0)
            result = await asyncio.wait_for(job, 5)
        await asyncio.wait_for(relay.heard[0].gone.wait(), 5)
        assert [picture.data for picture in result.pictures] == [PICTURE]
        assert result.notes == ("The picture is whole. The edit was stopped.",)
        assert relay.posts == 1


async def test_u_19_stopping_between_two_tries_ends_at_once() -> None:
    busy = sends(http(503, b"{}", "Retry-After: 20"), then="hang")
    answered = asyncio.Event()
    async with FaultRelay(busy) as relay, Client(relay_row(relay.url), KEY, clocks=Clocks()) as client:
        job = asyncio.create_task(
            client.edit(REQUEST, MODEL, on_progress=lambda news: _if(news, "receiving", answered))
        )
        await answered.wait()
        await relay.heard[0].gone.wait()
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(job, 1)
        assert relay.posts == 1


def _if(news: Progress, state: str, event: asyncio.Event) -> None:
    if news.state == state:
        event.set()
