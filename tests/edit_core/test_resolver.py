"""Names to addresses: in order, without repetition, and without ever standing in anybody's way."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import pytest

from edit_core.sending.resolver import resolve


def answers(*addresses: str) -> Any:
    def look_up(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]

    return look_up


async def test_addresses_come_in_order_and_once() -> None:
    assert await resolve("a.example", 443, answers("1.2.3.4", "::1", "1.2.3.4")) == ["1.2.3.4", "::1"]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "93.184.215.14"])
async def test_an_address_is_its_own_and_needs_no_lookup(address: str) -> None:
    assert await resolve(address, 443, lambda *_, **__: pytest.fail("was looked up")) == [address]


async def test_this_machine_is_found_by_name() -> None:
    assert set(await resolve("localhost", 80)) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), OSError("x"), UnicodeError("label too long")])
async def test_every_failure_is_an_os_error(error: Exception) -> None:
    def look_up(*_: object, **__: object) -> list[Any]:
        raise error

    with pytest.raises(OSError, match=r"unknown|x|no host"):
        await resolve("a.example", 443, look_up)


async def test_whoever_gives_up_is_free_at_once_and_a_late_answer_harms_nobody() -> None:
    released, ended = threading.Event(), threading.Event()

    def look_up(*_: object, **__: object) -> list[Any]:
        released.wait(10)
        ended.set()
        return []

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await resolve("a.example", 443, look_up)
    released.set()
    assert await asyncio.to_thread(ended.wait, 5)
    await asyncio.sleep(0.01)
