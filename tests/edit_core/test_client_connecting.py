"""Rows U-01 to U-04, U-08, U-09, S-05 and S-13: what happens before a request is sent, and that nothing was."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

from edit_core import Client, EditRequest, Picture, Reference
from edit_core.client import Clocks
from edit_core.errors import BadInput
from edit_core.sending.outcome import Outcome
from edit_core.sending.resolver import resolve
from tests.certificates import Authority
from tests.edit_core.spellings import KEY
from tests.edit_core.trials import MODEL, PATIENT, REQUEST, attempt, relay_row
from tests.fault_relay import FaultRelay
from tests.faults import FORMS, PICTURE, Form, reads_some_then_resets, sends


def large_picture(size: int) -> Picture:
    """A picture of at least that many bytes: what follows the end of a PNG is nobody's concern but the wire's."""
    return Picture(PICTURE + bytes(size), "image/png", 1, 1)


FORM = Form("native", stream=False)
QUICK = replace(PATIENT, connect=0.3)


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_u_01_a_refused_connection_is_tried_three_times_and_costs_nothing(form: Form, free_port: int) -> None:
    ended = await attempt(f"http://127.0.0.1:{free_port}", form)
    assert (ended.outcome, ended.error.kind) == (Outcome.NOT_SENT, "unreachable")
    assert ended.seen.count("connect_tcp.started") == 3
    assert ended.error.money == "It was not charged."


async def failing(*_: object) -> list[str]:
    raise OSError("no such name")


async def silent(*_: object) -> list[str]:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize(("resolver", "name"), [(failing, "does not exist"), (silent, "never comes")])
async def test_u_02_a_name_that_cannot_be_looked_up_is_not_sent_to(form: Form, resolver: Any, name: str) -> None:
    ended = await attempt("https://relay.example", form, resolve=resolver, clocks=QUICK)
    assert ended.outcome is Outcome.NOT_SENT, name
    assert "relay.example cannot be found" in str(ended.error)
    assert ended.seconds < 2.5
    assert "connect_tcp" not in ended.seen


async def test_u_02_lookups_that_hang_delay_no_other_edit() -> None:
    answered = threading.Event()

    def hang(*_: Any, **__: Any) -> list[Any]:
        answered.wait(30)
        return []

    async with FaultRelay(sends(FORM.ok)) as relay:
        waiting = [
            asyncio.create_task(attempt("https://relay.example", FORM, resolve=partial(resolve, look_up=hang)))
            for _ in range(20)
        ]
        await asyncio.sleep(0)
        # By name: as many lookups hang as would fill the event loop's own threads several times.
        other = await attempt(relay.url.replace("127.0.0.1", "localhost"), FORM, clocks=replace(PATIENT, total=3))
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    answered.set()
    assert other.outcome is Outcome.DONE


async def test_a_name_of_the_wrong_shape_is_not_sent_to() -> None:
    ended = await attempt(f"https://{'a' * 70}.example", FORM)
    assert ended.outcome is Outcome.NOT_SENT


@pytest.mark.parametrize(
    "url",
    ["https://xn--", "https://xn--a.example", "https://[v1.x]", f"https://relay.example/{'a' * 70_000}"],
    ids=repr,
)
def test_an_address_that_no_client_can_read_is_refused_at_once(url: str) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        Client(relay_row(url), KEY)


async def test_the_next_address_of_a_name_is_tried_when_the_first_refuses() -> None:
    async def two(*_: object) -> list[str]:
        return ["::1", "127.0.0.1"]

    async with FaultRelay(sends(FORM.ok)) as relay:
        ended = await attempt(relay.url.replace("127.0.0.1", "localhost"), FORM, resolve=two)
        assert (ended.outcome, relay.posts) == (Outcome.DONE, 1)
        assert relay.heard[0].header("host") == f"localhost:{relay.port}"


@pytest.mark.parametrize(
    ("host", "days", "trusts"),
    [("127.0.0.1", 1, False), ("127.0.0.1", -1, True), ("other.example", 1, True)],
    ids=["from an unknown authority", "expired", "for another host"],
)
@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_u_03_a_certificate_that_proves_nothing_gets_no_byte_and_no_second_try(
    form: Form, host: str, days: int, trusts: bool, authority: Authority
) -> None:
    trusting = httpx.AsyncHTTPTransport(verify=authority.client_context()) if trusts else None
    async with FaultRelay(sends(form.ok), tls=authority.server_context(host, days)) as relay:
        ended = await attempt(relay.url, form, transport=trusting)
        assert (ended.outcome, relay.heard) == (Outcome.NOT_SENT, [])
    assert "certificate is not valid, so nothing was sent" in str(ended.error).replace(")", "")
    assert ended.seen.count("start_tls.started") == 1


async def test_a_certificate_from_a_trusted_authority_is_believed(authority: Authority) -> None:
    transport = httpx.AsyncHTTPTransport(verify=authority.client_context())
    async with FaultRelay(sends(FORM.ok), tls=authority.server_context("127.0.0.1")) as relay:
        ended = await attempt(relay.url, FORM, transport=transport)
    assert ended.outcome is Outcome.DONE


@contextlib.asynccontextmanager
async def raw_server(*, resets: bool) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A port where TLS is expected and none comes: it hears the greeting, then resets or says nothing."""
    heard: list[bytes] = []
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(4096))
        if not resets:
            await over.wait()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard
    finally:
        over.set()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("resets", [True, False], ids=["is reset", "hangs"])
async def test_u_03_a_handshake_that_fails_is_tried_again_and_nothing_was_sent(resets: bool) -> None:
    async with raw_server(resets=resets) as (url, heard):
        ended = await attempt(url, FORM, clocks=QUICK)
        assert (ended.outcome, len(heard)) == (Outcome.NOT_SENT, 3)
        assert b"POST" not in b"".join(heard)


@pytest.fixture
def full_backlog() -> Iterator[str]:
    """A port that listens and takes nobody: the kernel drops whoever asks, as a black hole in the network does."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_u_04_a_black_hole_ends_by_the_clock_for_connecting(form: Form, full_backlog: str) -> None:
    ended = await attempt(full_backlog, form, clocks=QUICK)
    assert ended.outcome is Outcome.NOT_SENT
    assert 0.9 <= ended.seconds < 2.5
    assert ended.seen.count("connect_tcp.started") == 3


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_the_clock_of_the_whole_edit_can_strike_before_anything_was_sent(form: Form, full_backlog: str) -> None:
    ended = await attempt(full_backlog, form, clocks=Clocks(connect=5, total=0.3))
    assert (ended.outcome, ended.error.kind) == (Outcome.NOT_SENT, "timeout")


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_u_08_a_reset_while_we_still_send_is_unknown(form: Form) -> None:
    async with FaultRelay(reads_some_then_resets(100_000), reads_body=False) as relay:
        ended = await attempt(
            relay.url, form, request=EditRequest("make it red", (Reference(large_picture(5_000_000)),))
        )
        assert (ended.outcome, relay.posts) == (Outcome.UNKNOWN, 1)


async def test_u_09_no_connection_is_used_twice() -> None:
    keeps_alive = FORM.ok.replace(b"Connection: close", b"Connection: keep-alive")
    async with FaultRelay(sends(keeps_alive, then="hang")) as relay, Client(relay_row(relay.url), KEY) as client:
        for count in (1, 2):
            await client.edit(REQUEST, MODEL)
            assert (relay.posts, relay.connections) == (count, count)


async def test_s_13_proxies_of_the_environment_see_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FaultRelay(sends(FORM.ok)) as proxy, FaultRelay(sends(FORM.ok)) as relay:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        ended = await attempt(relay.url, FORM)
        assert (ended.outcome, relay.posts, proxy.connections) == (Outcome.DONE, 1, 0)
