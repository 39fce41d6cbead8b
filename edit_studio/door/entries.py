"""Who is inside: a random number for each login, which is over when it is ended or has not been used for long."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

IDLE_SECONDS = 12 * 3600.0
MOST_ENTRIES = 10_000


class Entries:
    """The logins that hold. They end with the process, so what lasts is kept under the name."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST_ENTRIES) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, tuple[str, float]] = OrderedDict()
        """Name and time of the last use, the latest used last."""

    def begin(self, name: str) -> str:
        """A new number for a person, of 256 bits; the longest unused goes when there are too many."""
        number = secrets.token_urlsafe(32)
        with self._lock:
            self._entries[number] = (name, self._clock())
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
        return number

    def name(self, number: str) -> str | None:
        """Whose number this is, which begins its time anew; None for nobody's."""
        with self._lock:
            name, used = self._entries.pop(number, ("", 0.0))
            now = self._clock()
            if not name or now - used > IDLE_SECONDS:
                return None
            self._entries[number] = (name, now)
            return name

    def end(self, number: str) -> None:
        """Log out."""
        with self._lock:
            self._entries.pop(number, None)
