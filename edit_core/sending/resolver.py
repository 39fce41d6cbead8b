"""Names to addresses, without ever blocking: a lookup that hangs costs one idle thread and nobody's time.

The event loop's own lookup runs in the few threads that all file work shares; some names whose servers are silent
would stop the whole app. Knows nothing of which addresses are allowed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""(host, port) -> its IP addresses, in the order in which to try them. Raises `OSError` when there are none."""


async def resolve(host: str, port: int, look_up: Callable[..., list[Any]] = socket.getaddrinfo) -> list[str]:
    """The addresses of a host; an address is its own. Raises `OSError`. Give it a clock: some lookups never end."""
    if is_address(host):
        return [host]
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str], failure: OSError | None) -> None:
        if answer.cancelled():
            return
        if failure is None:
            answer.set_result(found)
        else:
            answer.set_exception(failure)

    def run() -> None:
        found, failure = _looked_up(host, port, look_up)
        # Nobody waits any more once the loop has closed.
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, found, failure)

    threading.Thread(target=run, name="name lookup", daemon=True).start()
    return await answer


def _looked_up(host: str, port: int, look_up: Callable[..., list[Any]]) -> tuple[list[str], OSError | None]:
    try:
        found = look_up(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return [], error
    except UnicodeError:
        # Labels of more than 63 letters, or none.
        return [], OSError("no host can have this name")
    return list(dict.fromkeys(str(entry[4][0]) for entry in found)), None


def is_address(host: str) -> bool:
    """Whether this is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
