"""What this process tries to reach: every connection and every lookup, as Python itself reports them (audit events).

Whoever asserts on attempts needs no faith in messages: an attempt is seen before it can fail.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any


@dataclass
class Attempts:
    """Hosts and ports that a socket was told to connect to, and names that were to be looked up."""

    connected: list[tuple[str, int]] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)

    def note(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take in one audit event."""
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            self.connected.append(arguments[1][:2])
        elif event == "socket.getaddrinfo":
            self.looked_up.append(str(arguments[0]))


@cache
def _listeners() -> list[Attempts]:
    """Who listens just now. An audit hook can never be taken off again, so there is one for all."""
    listeners: list[Attempts] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith("socket."):
            for listener in listeners:
                listener.note(event, arguments)

    sys.addaudithook(hook)
    return listeners


@contextmanager
def attempted() -> Iterator[Attempts]:
    """All that is attempted meanwhile, in any thread."""
    attempts = Attempts()
    _listeners().append(attempts)
    try:
        yield attempts
    finally:
        _listeners().remove(attempts)
