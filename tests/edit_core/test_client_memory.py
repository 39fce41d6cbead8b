"""Rows U-20, U-21, U-23 and U-25: no answer, however large or dense, takes more than 96 MB."""

from __future__ import annotations

import asyncio
import gzip
import sys
import zlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path

import pytest

from tests.fault_relay import FaultRelay, Script
from tests.faults import PICTURE, Form, chunked, http, repeats, sends

ROOT = Path(__file__).parents[2]
MOST_MEGABYTES = 96
MEGABYTE = b"a" * (1 << 20)


@cache
def bomb() -> bytes:
    """1 GiB of zeros as gzip: a megabyte. Made of one block over and over, as making it whole takes ten seconds."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, block = (packer.compress(bytes(16 << 20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + block * 63 + packer.flush()


def many(form: Form) -> Script:
    """One answer of 500 pictures, each another one."""
    documents = (form.document(picture=PICTURE + b"%d" % number) for number in range(500))
    return sends(http(200, b"[%b]" % b",".join(documents)))


def begins(form: Form) -> bytes:
    """An answer whose picture never ends."""
    if form.wire == "native":
        start = b'{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"'
    else:
        start = b'{"choices":[{"message":{"content":"![](data:image/png;base64,'
    return b"HTTP/1.1 200 OK\r\n\r\n" + (b"data: " if form.stream else b"") + start


FAULTS: dict[str, tuple[Callable[[Form], Script], str]] = {
    "U-20 200 MB, and it says so": (
        lambda _: repeats(http(200, b"", length=200 << 20), MEGABYTE, times=200),
        "unknown too_large",
    ),
    "U-20 no length and no end": (lambda _: repeats(b"HTTP/1.1 200 OK\r\n\r\n", MEGABYTE), "unknown too_large"),
    "U-20 chunks without end": (
        lambda _: repeats(chunked(end=False), b"100000\r\n%b\r\n" % MEGABYTE),
        "unknown too_large",
    ),
    "U-20 lines without end": (
        lambda _: repeats(b"HTTP/1.1 200 OK\r\n\r\n", b"data: {}\n\n" * 100_000),
        "unknown too_large",
    ),
    "U-21 1 GiB as gzip": (lambda _: sends(http(200, bomb(), "Content-Encoding: gzip")), "unknown too_large"),
    "U-21 1 GiB as gzip, unannounced": (lambda _: sends(http(200, bomb())), "unknown too_large"),
    "U-21 1 GiB as gzip in gzip": (
        lambda _: sends(http(200, gzip.compress(bomb()), "Content-Encoding: gzip")),
        "unknown malformed",
    ),
    "U-21 1 GiB as brotli": (lambda _: sends(http(200, bomb(), "Content-Encoding: br")), "unknown malformed"),
    "U-23 a key of 100 MB": (
        lambda _: repeats(b'HTTP/1.1 200 OK\r\n\r\n{"', MEGABYTE, times=100),
        "unknown too_large",
    ),
    "U-23 100,000 levels": (lambda _: sends(http(200, b'{"a":' * 100_000)), "unknown malformed"),
    "U-25 a data URL of 1 GB": (lambda form: repeats(begins(form), MEGABYTE, times=1024), "unknown too_large"),
    "U-25 500 pictures": (many, "done -"),
}


FORMS = {"native, streamed": Form("native", stream=True), "chat": Form("chat", stream=False)}


@pytest.fixture(scope="module", params=FORMS)
def measured(request: pytest.FixtureRequest) -> dict[str, tuple[str, int, float]]:
    """For each fault: the outcome and kind, the POSTs, and the rise in MB."""
    return asyncio.run(measure(FORMS[request.param]))


async def measure(form: Form) -> dict[str, tuple[str, int, float]]:
    """Every fault at once on ports of their own, and one process that meets them one after the other."""
    async with AsyncExitStack() as stack:
        good = await stack.enter_async_context(FaultRelay(sends(form.ok)))
        relays = [await stack.enter_async_context(FaultRelay(script(form))) for script, _ in FAULTS.values()]
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.edit_core.memory_of_an_edit", form.wire, "stream" if form.stream else "whole"),
            *(relay.url for relay in (good, *relays)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await asyncio.wait_for(program.communicate(), 100)
        posts = [relay.posts for relay in relays]
    lines = [line.rsplit(" ", 1) for line in said.decode().splitlines()]
    return {fault: (end, count, float(rise)) for fault, count, (end, rise) in zip(FAULTS, posts, lines, strict=True)}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_takes_at_most_96_mb(fault: str, measured: dict[str, tuple[str, int, float]]) -> None:
    end, posts, rise = measured[fault]
    assert (end, posts) == (FAULTS[fault][1], 1)
    assert rise <= MOST_MEGABYTES
