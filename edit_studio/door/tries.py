"""How often a wrong password may be tried: from an address, for a name, and by everybody together.

After a few free tries each further one waits twice as long. Whoever logged in from an address before is not kept out
there by what others try elsewhere.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MOST_IN_A_MINUTE = 60
"""Wrong tries of all together."""
FORGOTTEN_AFTER = 900.0
"""Seconds after the end of a pause."""
MOST_KNOWN = 10_000
ANYBODY = ""
"""The place of whoever came through a proxy that nobody told us of."""


@dataclass(frozen=True)
class Limit:
    """Wrong tries before the first pause, and the longest pause in seconds."""

    free: int
    longest: float


AT_ADDRESS = Limit(5, 900)
FOR_NAME = Limit(10, 900)
"""More than one address has: nobody keeps a name's owner out from a single place."""
AT_ANYBODYS = Limit(20, 60)
"""A place that many may share, who should not wait long for each other."""


@dataclass(frozen=True)
class Count:
    """Wrong tries at one place or for one name; `until` is when the next is heard, on the clock of `Tries`."""

    wrong: int = 0
    until: float = 0.0

    def and_one(self, limit: Limit, now: float) -> Count:
        """This with one more wrong try."""
        wrong = 1 if now > self.until + FORGOTTEN_AFTER else self.wrong + 1
        steps = wrong - limit.free + 1
        return Count(wrong, now + (min(limit.longest, 2.0 ** min(steps, 16)) if steps > 0 else 0.0))


class Tries:
    """Counts wrong passwords. For one event loop: ask, check and note without letting another in between."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST_KNOWN) -> None:
        self._clock = clock
        self._most = most
        self._places: OrderedDict[str, Count] = OrderedDict()
        self._names: OrderedDict[str, Count] = OrderedDict()
        self._at_home: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._latest: deque[float] = deque(maxlen=MOST_IN_A_MINUTE)

    def wait(self, name: str, address: str) -> int:
        """Whole seconds until a try for this name from this address is heard; 0 when it is heard now."""
        place, now = place_of(address), self._clock()
        until = self._places.get(place, Count()).until
        if (name, place) not in self._at_home:
            until = max(until, self._names.get(name, Count()).until)
            if len(self._latest) == MOST_IN_A_MINUTE:
                until = max(until, self._latest[0] + 60)
        return max(0, math.ceil(until - now))

    def wrong(self, name: str, address: str) -> None:
        """Note a wrong password."""
        place, now = place_of(address), self._clock()
        self._latest.append(now)
        self._put(self._names, name, self._names.get(name, Count()).and_one(FOR_NAME, now))
        limit = AT_ADDRESS if place != ANYBODY else AT_ANYBODYS
        self._put(self._places, place, self._places.get(place, Count()).and_one(limit, now))

    def right(self, name: str, address: str) -> None:
        """Note a login. What was tried at the place stays counted: one of many names there may be the thief's own."""
        place = place_of(address)
        self._names.pop(name, None)
        if place != ANYBODY:
            self._put(self._at_home, (name, place), None)

    def _put(self, known: OrderedDict[Any, Any], key: Any, value: Any) -> None:
        known[key] = value
        known.move_to_end(key)
        while len(known) > self._most:
            known.popitem(last=False)


def place_of(address: str) -> str:
    """What one visitor has: an address of IPv4, a whole /64 of IPv6; `ANYBODY` for what is no address."""
    try:
        place = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ANYBODY
    if isinstance(place, ipaddress.IPv6Address):
        return str(place.ipv4_mapped or ipaddress.IPv6Network((place, 64), strict=False))
    return str(place)
