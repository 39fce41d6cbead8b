"""Whose each of Gradio's sessions and events is: whoever came with it first.

Gradio takes the number of a session for proof that one may read it or stop it, and lets the page choose that number
itself. Here it belongs to the cookie it first came with. Programs come without a cookie, and share what came without.
"""

from __future__ import annotations

import json
import re
import sys
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

MOST_SESSIONS = 2_000
MOST_EVENTS = 5_000
"""How many are remembered, the latest used. Of more sessions the page keeps nothing that could be read. An edit takes a
dozen events, of which none is asked for again once it is over."""

NAMES = ("session_hash", "event_id")
"""How a body or a query names them."""

_READ = re.compile(r"/gradio_api/(?:heartbeat|call/(?:v2/)?[^/]+)/([^/]+)/?")
_BEGUN = re.compile(r"/gradio_api/(?:call/(?:v2/)?[^/]+|queue/join)/?")


class Sessions:
    """Remembers which person a session or an event belongs to. For one event loop."""

    def __init__(self, most_sessions: int = MOST_SESSIONS, most_events: int = MOST_EVENTS) -> None:
        self._most_sessions, self._most_events = most_sessions, most_events
        self._sessions: OrderedDict[str, str] = OrderedDict()
        self._events: OrderedDict[str, str] = OrderedDict()

    def may_use(self, ids: Iterable[str], person: str) -> bool:
        """Whether none of these is another's; those nobody came with before are this person's from now on."""
        ids = tuple(ids)
        if any(self._events.get(each, self._sessions.get(each, person)) != person for each in ids):
            return False
        for each in ids:
            if each not in self._events:
                _remember(self._sessions, each, person, self._most_sessions)
        return True

    def begin(self, events: Iterable[str], person: str) -> None:
        """Note whose events these are, which have their numbers from Gradio."""
        for each in events:
            _remember(self._events, each, person, self._most_events)


def _remember(people: OrderedDict[str, str], number: str, person: str, most: int) -> None:
    # Each request brings its person's name anew; once in memory is enough.
    people[number] = sys.intern(person)
    people.move_to_end(number)
    while len(people) > most:
        people.popitem(last=False)


def named_in(method: str, path: str, query: bytes, content: Any) -> list[str]:
    """The sessions and events that a request names, in its path, its query or its body."""
    asked = parse_qs(query.decode("latin-1"))
    named: list[Any] = [each for name in NAMES for each in asked.get(name, ())]
    if isinstance(content, dict):
        named += [content.get(name) for name in NAMES]
    if method == "GET" and (found := _READ.fullmatch(path)):
        named.append(found[1])
    return [each for each in named if isinstance(each, str) and each]


def begins_event(method: str, path: str) -> bool:
    """Whether the answer to this request gives an event its number."""
    return method == "POST" and _BEGUN.fullmatch(path) is not None


def begun_in(answer: bytes) -> list[str]:
    """The event that an answer of Gradio's names, if it is one."""
    try:
        content = json.loads(answer)
    except ValueError:
        return []
    return named_in("POST", "", b"", content)
