"""What may be sent again, and when: the one policy, pure.

A paid request is repeated only when the first provably did no work: nothing was sent, or the service refused it with
429 or 503. Everything after the first byte of a request is unknown, and unknown may have been charged. Fetching a
picture from its link costs nothing; `fetching.py` says how often it is tried.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum

from ..errors import EditError, Unreachable

MOST_ATTEMPTS = 3
LONGEST_WAIT = 30.0
"""Seconds a service may ask us to wait; beyond it the person is told instead."""
LONGEST_WAIT_IN_ALL = 45.0
_FIRST_BACKOFF = 0.5
_BUSY = (429, 503)
_MINUTE = 60.0


class Outcome(StrEnum):
    """The five ends of an edit, by what is known of its work: not begun, turned away, nobody knows, done, done in vain.

    A ledger gives back what was reserved for the first two, holds it for the third and takes it for the others.
    """

    NOT_SENT = "not_sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DONE = "done"
    DONE_EMPTY = "done_empty"


def outcome_of(error: EditError | None) -> Outcome:
    """How an edit ended, by its error; None for one that gave a picture."""
    if error is None:
        return Outcome.DONE
    if error.charged == "no":
        return Outcome.NOT_SENT if error.status is None else Outcome.REFUSED
    return Outcome.UNKNOWN if error.charged == "maybe" else Outcome.DONE_EMPTY


@dataclass(frozen=True)
class Policy:
    """What its owner allows on top of the ordinary policy; both may pay twice and are off.

    `retry_unknown` asks once more after an answer that was lost. `relay_idempotency` is for relays that keep keys of
    requests: it sends `Idempotency-Key`, and then asks once more as well.
    """

    retry_unknown: bool = False
    relay_idempotency: bool = False


@dataclass
class RetryBudget:
    """Repeats of a whole process, at most a tenth of its calls in a minute (and a few for a quiet app).

    One relay that breaks down then gets no storm. Share one budget between clients; `now` is in seconds, monotonic.
    """

    share: float = 0.1
    at_least: int = 10
    now: Callable[[], float] = time.monotonic
    _calls: deque[float] = field(default_factory=deque, repr=False)
    _repeats: deque[float] = field(default_factory=deque, repr=False)

    def count_call(self) -> None:
        """Note one call."""
        self._forget()
        self._calls.append(self.now())

    def take(self) -> bool:
        """Whether one more repeat is allowed; if so it is noted."""
        self._forget()
        allowed = len(self._repeats) < max(self.at_least, self.share * len(self._calls))
        if allowed:
            self._repeats.append(self.now())
        return allowed

    def _forget(self) -> None:
        minute_ago = self.now() - _MINUTE
        for times in (self._calls, self._repeats):
            while times and times[0] < minute_ago:
                times.popleft()


def repeats_allowed(error: EditError, policy: Policy, unpaid_statuses: Collection[int]) -> int:
    """How often a call that ended like this may be sent again.

    `unpaid_statuses` are failures that the provider's terms call free; they are tried once more.
    """
    if not error.retryable:
        return 0
    outcome = outcome_of(error)
    if isinstance(error, Unreachable) or (outcome is Outcome.REFUSED and error.status in _BUSY):
        return MOST_ATTEMPTS - 1
    if outcome is Outcome.REFUSED and error.status in unpaid_statuses:
        return 1
    return int(outcome is Outcome.UNKNOWN and (policy.retry_unknown or policy.relay_idempotency))


def wait_before_repeating(
    error: EditError,
    attempt: int,
    waited: float,
    *,
    policy: Policy | None = None,
    unpaid_statuses: Collection[int] = (),
    backoff: float = _FIRST_BACKOFF,
    jitter: Callable[[], float] = random.random,
) -> float | None:
    """Seconds to wait before the next attempt, or None when this one was the last.

    `attempt` counts from 1, `waited` is the waiting done so far in seconds. Without a wish of the service the wait is
    exponential with full jitter.
    """
    if attempt > repeats_allowed(error, policy or Policy(), unpaid_statuses):
        return None
    wait = error.retry_after
    if wait is None:
        wait = backoff * 2 ** (attempt - 1) * jitter()
    too_long = wait > LONGEST_WAIT or waited + wait > LONGEST_WAIT_IN_ALL
    return None if too_long else wait
