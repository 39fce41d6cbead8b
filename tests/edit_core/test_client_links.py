"""Rows S-07 to S-11: links in answers, judged by the connections that were attempted, never by messages alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from edit_core import Client
from edit_core.client import Progress
from edit_core.errors import TimedOut
from edit_core.sending.outcome import Outcome
from edit_core.sending.resolver import Resolver, is_address
from tests.certificates import Authority
from tests.connections import attempted
from tests.edit_core.spellings import KEY, leaks
from tests.edit_core.strange_links import REFUSED
from tests.edit_core.trials import MODEL, PATIENT, REQUEST, Ended, attempt, relay_row
from tests.fault_relay import FaultRelay, Script
from tests.faults import PICTURE, Form, failed, hangs, http, repeats, sends, trickles

CHAT, NATIVE = Form("chat", stream=False), Form("native", stream=False)
HOST, ADDRESS = "cdn.example", "93.184.215.14"
LINK = f"https://{HOST}/a%2Fb.png?sign=a%2Fb&x=c+d"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def with_links(form: Form, *links: str) -> bytes:
    """A good answer whose pictures are links."""
    if form.wire == "chat":
        content = [{"type": "image_url", "image_url": {"url": link}} for link in links]
        tree: dict[str, Any] = {"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}
    else:
        parts = [{"fileData": {"fileUri": link, "mimeType": "image/png"}} for link in links]
        tree = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
    return http(200, json.dumps(tree).encode())


def says(*answers: Sequence[str]) -> Resolver:
    """A resolver that gives these addresses, one list per question, the last for all that follow."""
    waiting = list(answers)

    async def resolve(host: str, _: int) -> list[str]:
        if is_address(host):
            return [host]
        return list(waiting.pop(0) if len(waiting) > 1 else waiting[0])

    return resolve


async def never(host: str, _: int) -> list[str]:
    """A resolver for tests in which no name may be looked up."""
    assert is_address(host), f"{host} was looked up"
    return [host]


@dataclass
class Detour(httpx.AsyncBaseTransport):
    """Notes every address a request is meant for, leads the one public address of these tests to this machine, and
    goes nowhere else."""

    authority: Authority
    port: int
    meant_for: list[tuple[str, int | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport(verify=self.authority.client_context())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.meant_for.append((request.url.host, request.url.port))
        if request.url.host == ADDRESS:
            request = httpx.Request(
                request.method,
                request.url.copy_with(host="127.0.0.1", port=self.port),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        if request.url.host != "127.0.0.1":
            raise httpx.ConnectError("No test leaves this machine.")
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass
class Fetched:
    """An edit whose answer has a link to the picture host, the requests that host got, and where all were meant for."""

    ended: Ended
    gets: list[Any]
    meant_for: list[tuple[str, int | None]]


async def fetch(*scripts: Script, link: str = LINK, form: Form = CHAT, name: str = HOST, **options: Any) -> Fetched:
    """An edit at a relay that answers with a link to a host with a real certificate, reached by a detour."""
    authority = Authority()
    cdn = FaultRelay(*scripts, tls=authority.server_context(name))
    async with FaultRelay(sends(with_links(form, link))) as relay, cdn:
        detour = Detour(authority, cdn.port)
        row = relay_row(relay.url, picture_hosts=(HOST,))
        options = {"resolve": says([ADDRESS]), **options}
        ended = await attempt(relay.url, form, provider=row, transport=detour, **options)
        assert relay.posts == 1
        return Fetched(ended, cdn.heard, detour.meant_for[1:])


@pytest.mark.parametrize("form", [CHAT, NATIVE], ids=str)
async def test_a_picture_behind_a_link_is_fetched_once_without_the_key_from_the_address_that_was_checked(
    form: Form,
) -> None:
    fetched = await fetch(sends(http(200, PICTURE, "Set-Cookie: a=b")), form=form)
    assert [picture.data for picture in fetched.ended.result.pictures] == [PICTURE]
    assert fetched.ended.result.links == ()
    (get,) = fetched.gets
    assert (get.method, get.target, get.header("host")) == ("GET", "/a%2Fb.png?sign=a%2Fb&x=c+d", HOST)
    assert fetched.meant_for == [(ADDRESS, None)]
    assert leaks(f"{get.target} {get.headers} {get.body}") == []
    assert get.header("accept-encoding") == "identity"
    assert {name for name, _ in get.headers} == {"host", "accept", "accept-encoding", "user-agent"}


@pytest.mark.parametrize("link", REFUSED, ids=repr)
async def test_s_07_and_s_09_a_link_elsewhere_is_neither_looked_up_nor_connected_to(link: str) -> None:
    async with FaultRelay(sends(with_links(NATIVE, link))) as relay:
        with attempted() as attempts:
            ended = await attempt(relay.url, NATIVE, resolve=never)
        assert attempts.connected == [("127.0.0.1", relay.port)]
        assert attempts.looked_up == []
    assert ended.given is None


PRIVATE = ["127.0.0.1", "10.0.0.1", "100.100.100.200", "169.254.169.254", "192.0.0.192", "::1", "64:ff9b::7f00:1"]


@pytest.mark.parametrize("address", PRIVATE)
async def test_s_08_a_good_name_with_a_private_address_is_not_connected_to(address: str) -> None:
    for addresses in ([address], [ADDRESS, address], [address, ADDRESS]):
        fetched = await fetch(sends(http(200, PICTURE)), resolve=says(addresses))
        assert (fetched.ended.error.kind, fetched.meant_for, fetched.gets) == ("unsafe_link", [], [])


async def test_s_08_a_name_is_looked_up_once_and_cannot_change_before_the_connection() -> None:
    fetched = await fetch(sends(http(200, PICTURE)), resolve=says([ADDRESS], ["127.0.0.1"]))
    assert fetched.ended.outcome is Outcome.DONE
    assert fetched.meant_for == [(ADDRESS, None)]


async def test_s_08_a_redirect_to_the_same_name_is_looked_up_and_checked_anew() -> None:
    fetched = await fetch(sends(http(302, b"", "Location: /b.png")), resolve=says([ADDRESS], ["127.0.0.1"]))
    assert fetched.ended.error.kind == "unsafe_link"
    assert fetched.meant_for == [(ADDRESS, None)]


LOCATIONS = [
    "http://127.0.0.1/a",
    "https://127.0.0.1/a",
    "//127.0.0.1/a",
    "https://169.254.169.254/a",
    "http://cdn.example/a",
    "https://evil.example/a",
    "https://cdn.example@evil.example/a",
    "file:///etc/passwd",
    "https://[::1/a",
    "https://cdn.example\\@127.0.0.1/a",
]


@pytest.mark.parametrize("location", LOCATIONS)
async def test_s_10_a_redirect_elsewhere_is_not_followed(location: str) -> None:
    fetched = await fetch(sends(http(302, b"", f"Location: {location}")))
    assert fetched.ended.error.kind == "unsafe_link"
    assert fetched.meant_for == [(ADDRESS, None)]


@pytest.mark.parametrize(("hops", "gets", "outcome"), [(1, 2, "done"), (3, 4, "done"), (4, 4, "done_empty")])
async def test_s_10_three_hops_are_followed_each_without_the_key(hops: int, gets: int, outcome: str) -> None:
    turns = [sends(http(307, b"", f"Location: /{hop}")) for hop in range(hops)]
    fetched = await fetch(*turns, sends(http(200, PICTURE)))
    assert (fetched.ended.outcome, len(fetched.gets)) == (outcome, gets)
    assert leaks(repr(fetched.gets)) == []
    assert fetched.meant_for == [(ADDRESS, None)] * gets


async def test_a_redirect_without_a_place_ends() -> None:
    fetched = await fetch(sends(http(302)))
    assert (fetched.ended.error.kind, len(fetched.gets)) == ("unsafe_link", 4)


SLOW = replace(PATIENT, idle=0.3)
NO_PICTURES: dict[str, tuple[Script, str, Any, int]] = {
    "200 MB": (repeats(http(200, b"", length=200 << 20), b"a" * (1 << 20)), "too_large", PATIENT, 1),
    "5 GB without a length": (repeats(b"HTTP/1.1 200 OK\r\n\r\n", b"a" * (1 << 20)), "too_large", PATIENT, 1),
    "silence": (hangs(), "timeout", SLOW, 3),
    "a trickle": (trickles(http(200, PICTURE), 0.02), "timeout", replace(PATIENT, total=1.5), 1),
    "a stop in the middle": (sends(http(200, PICTURE)[:-20], then="hang"), "timeout", SLOW, 3),
    "a web page": (sends(http(200, b"<!doctype html><title>Sign in</title>")), "malformed", PATIENT, 1),
    "SVG": (sends(http(200, SVG, kind="image/svg+xml")), "malformed", PATIENT, 1),
    "SVG that calls itself PNG": (sends(http(200, SVG, kind="image/png")), "malformed", PATIENT, 1),
    "half a picture": (sends(http(200, PICTURE[:-20])), "malformed", PATIENT, 1),
    "nothing": (sends(http(200)), "malformed", PATIENT, 1),
    "a refusal": (sends(failed(403)), "upstream", PATIENT, 1),
    "no such picture": (sends(failed(404)), "upstream", PATIENT, 1),
    "too many at once": (sends(failed(429)), "upstream", PATIENT, 3),
    "a failure that may pass": (sends(failed(503)), "upstream", PATIENT, 3),
    "a reset": (sends(http(200, PICTURE)[:-20], then="reset"), "upstream", PATIENT, 3),
}


@pytest.mark.parametrize("what", NO_PICTURES)
async def test_s_11_what_is_no_picture_or_never_comes_ends_with_a_reason_and_was_paid_for(what: str) -> None:
    script, kind, clocks, gets = NO_PICTURES[what]
    fetched = await fetch(script, clocks=clocks)
    error = fetched.ended.error
    assert (error.kind, error.charged, error.retryable, len(fetched.gets)) == (kind, "yes", False, gets)
    assert error.said == LINK


HICCUPS: dict[str, Script] = {
    "a failure": sends(failed(500)),
    "too many at once": sends(failed(429)),
    "a reset": sends(http(200, PICTURE)[:-20], then="reset"),
    "an end in the middle": sends(http(200, PICTURE)[:-20]),
    "silence": hangs(),
    "a failure after a redirect": sends(http(302, b"", "Location: /b.png")),
}


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("what", HICCUPS)
async def test_a_picture_that_was_paid_for_outlives_a_hiccup_of_its_host(what: str, times: int) -> None:
    hiccup = [HICCUPS[what], sends(failed(502))] if "redirect" in what else [HICCUPS[what]]
    clocks = replace(PATIENT, idle=1) if what == "silence" else PATIENT
    fetched = await fetch(*hiccup * times, sends(http(200, PICTURE)), clocks=clocks)
    assert [picture.data for picture in fetched.ended.result.pictures] == [PICTURE]
    assert (fetched.ended.result.notes, fetched.ended.result.links) == ((), ())
    assert len(fetched.gets) == times * len(hiccup) + 1
    assert fetched.gets[-1].target == fetched.gets[0].target
    assert leaks(repr(fetched.gets)) == []


async def test_s_08_each_repeat_looks_the_name_up_and_checks_it_anew() -> None:
    fetched = await fetch(sends(failed(503)), resolve=says([ADDRESS], ["127.0.0.1"]))
    assert fetched.ended.error.kind == "unsafe_link"
    assert fetched.meant_for == [(ADDRESS, None)]


@pytest.mark.parametrize("came", [SVG, PICTURE[:-20], b""], ids=["SVG", "half a picture", "nothing"])
async def test_what_came_whole_and_is_no_picture_is_handed_on_for_whoever_can_mend_it(came: bytes) -> None:
    fetched = await fetch(sends(http(200, came)))
    assert fetched.ended.error.damaged == ((came,) if came else ())


async def test_of_a_link_that_gave_nothing_all_is_told_but_the_key() -> None:
    signed = f"{LINK}&signature={'0123456789abcdef' * 400}"
    fetched = await fetch(sends(failed(404)), link=signed)
    assert fetched.ended.error.said == signed
    fetched = await fetch(sends(), link=f"{signed}&token={KEY}")
    assert (fetched.ended.error.said, fetched.gets) == (f"{signed}&token=[key]", [])
    fetched = await fetch(sends(), link=signed.replace(HOST, "other.example"))
    assert fetched.ended.error.said == signed.replace(HOST, "other.example")


async def test_a_certificate_for_another_name_is_not_believed() -> None:
    fetched = await fetch(sends(http(200, PICTURE)), name="other.example")
    assert (fetched.ended.outcome, fetched.gets) == (Outcome.DONE_EMPTY, [])
    assert "certificate" in str(fetched.ended.error)


async def test_a_host_that_cannot_be_found_was_paid_for_all_the_same() -> None:
    async def nowhere(*_: object) -> list[str]:
        await asyncio.sleep(0)
        raise OSError("no such name")

    fetched = await fetch(sends(), resolve=nowhere)
    assert (fetched.ended.error.charged, fetched.meant_for) == ("yes", [])


async def test_a_link_that_holds_the_key_is_not_followed() -> None:
    for spelling in (KEY, KEY.upper(), "".join(f"%{ord(letter):02x}" for letter in KEY)):
        fetched = await fetch(sends(http(200, PICTURE)), link=f"https://{HOST}/a.png?token={spelling}")
        assert (fetched.ended.error.kind, fetched.meant_for) == ("unsafe_link", [])


async def test_a_link_that_no_client_can_read_is_not_followed() -> None:
    async with FaultRelay(sends(with_links(CHAT, "https://xn--a.example/a.png"))) as relay:
        row = relay_row(relay.url, picture_hosts=("xn--a.example",))
        ended = await attempt(relay.url, CHAT, provider=row, resolve=never)
    assert ended.error.kind == "unsafe_link"


async def test_one_link_that_fails_is_a_note_beside_the_pictures_that_came() -> None:
    authority = Authority()
    cdn = FaultRelay(sends(http(404)), sends(http(200, PICTURE)), tls=authority.server_context(HOST))
    async with FaultRelay(sends(with_links(CHAT, f"https://{HOST}/1", f"https://{HOST}/2"))) as relay, cdn:
        row = relay_row(relay.url, picture_hosts=(HOST,))
        transport = Detour(authority, cdn.port)
        ended = await attempt(relay.url, CHAT, provider=row, transport=transport, resolve=says([ADDRESS]))
    assert [picture.data for picture in ended.result.pictures] == [PICTURE]
    assert ended.result.links == (f"https://{HOST}/1",)
    assert "could not be fetched" in ended.result.notes[-1]


async def test_a_local_relay_may_link_to_itself_and_the_key_stays_behind() -> None:
    def choose(heard: Any) -> Script:
        if heard.method == "GET":
            return sends(http(200, PICTURE))
        return sends(with_links(CHAT, f"http://127.0.0.1:{relay.port}/a.png"))

    async with FaultRelay(choose=choose) as relay:
        ended = await attempt(relay.url, CHAT)
        assert (ended.outcome, [heard.method for heard in relay.heard]) == (Outcome.DONE, ["POST", "GET"])
        assert leaks(f"{relay.heard[1].target} {relay.heard[1].headers}") == []


async def test_after_a_stop_a_link_has_some_seconds_only() -> None:
    """The answer is all here when somebody stops, and the host of its picture says nothing."""
    asked = asyncio.Event()

    def choose(heard: Any) -> Script:
        if heard.method == "GET":
            asked.set()
            return hangs()
        body = with_links(CHAT, f"http://127.0.0.1:{relay.port}/a.png").partition(b"\r\n\r\n")[2]
        return sends(http(200, body, length=len(body) + 1), then="hang")

    clocks = replace(PATIENT, after_stop=0.2)
    async with FaultRelay(choose=choose) as relay:
        async with Client(relay_row(relay.url), KEY, wire="chat", stream=False, clocks=clocks) as client:
            received = asyncio.Event()

            def watch(news: Progress) -> None:
                if news.received_bytes:
                    received.set()

            job = asyncio.create_task(client.edit(REQUEST, MODEL, on_progress=watch))
            await received.wait()
            job.cancel()
            await asyncio.wait_for(asked.wait(), 5)
            with pytest.raises(TimedOut) as told:
                await asyncio.wait_for(job, 5)
        assert (told.value.charged, told.value.said) == ("yes", f"http://127.0.0.1:{relay.port}/a.png")


async def test_a_link_to_the_machine_of_the_relay_is_explained() -> None:
    async with FaultRelay(sends(with_links(CHAT, "http://localhost:3000/a.png"))) as relay:
        ended = await attempt(relay.url, CHAT)
    assert "link to its own machine (localhost), which nobody else can open" in str(ended.error)
