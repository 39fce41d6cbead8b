"""The policy as a table: what ended how, what may be sent again, and how long to wait before."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from edit_core import errors
from edit_core.errors import EditError
from edit_core.sending.outcome import Outcome, Policy, RetryBudget, outcome_of, repeats_allowed, wait_before_repeating

UNREACHABLE = errors.Unreachable("x")
BUSY = errors.RateLimited("x", status=429)
DOWN = errors.UpstreamFailed("x", status=503, charged="no")
LOST = errors.UpstreamFailed("x")
FREE = errors.UpstreamFailed("x", status=500, charged="no")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, Outcome.DONE),
        (UNREACHABLE, Outcome.NOT_SENT),
        (errors.KeyRefused("no key"), Outcome.NOT_SENT),
        (errors.BadInput("x"), Outcome.NOT_SENT),
        (errors.KeyRefused("x", status=401), Outcome.REFUSED),
        (BUSY, Outcome.REFUSED),
        (DOWN, Outcome.REFUSED),
        (FREE, Outcome.REFUSED),
        (LOST, Outcome.UNKNOWN),
        (errors.UpstreamFailed("x", status=500), Outcome.UNKNOWN),
        (errors.TimedOut("x"), Outcome.UNKNOWN),
        (errors.Malformed("x", status=200), Outcome.UNKNOWN),
        (errors.TooLarge("x", charged="maybe"), Outcome.UNKNOWN),
        (errors.NoImage("x", status=200), Outcome.DONE_EMPTY),
        (errors.Blocked("x", status=200), Outcome.DONE_EMPTY),
        (errors.UnsafeLink("x"), Outcome.DONE_EMPTY),
    ],
    ids=repr,
)
def test_every_end_has_its_outcome(error: EditError | None, outcome: Outcome) -> None:
    assert outcome_of(error) is outcome


ORDINARY, MAY_LOSE, KEEPS_KEYS = Policy(), Policy(retry_unknown=True), Policy(relay_idempotency=True)


@dataclass(frozen=True)
class Case:
    name: str
    error: EditError
    repeats: int
    policy: Policy = ORDINARY
    unpaid: tuple[int, ...] = ()


@pytest.mark.parametrize(
    "case",
    [
        Case("nothing was sent", UNREACHABLE, 2),
        Case("nothing was sent, and a certificate is why", errors.Unreachable("x", retryable=False), 0),
        Case("429", BUSY, 2),
        Case("429 because a quota is used up", errors.QuotaUsedUp("x", status=429), 0),
        Case("429 for want of money", errors.PaymentNeeded("x", status=429), 0),
        Case("503", DOWN, 2),
        Case("503 because there is no such model", errors.NotFound("x", status=503), 0),
        Case("503 that may have been charged", errors.UpstreamFailed("x", status=503), 0),
        Case("400", errors.RequestRefused("x", status=400), 0),
        Case("401", errors.KeyRefused("x", status=401), 0),
        Case("500", errors.UpstreamFailed("x", status=500), 0),
        Case("500 where it is free", FREE, 1, unpaid=(500,)),
        Case("400 where it is free", errors.RequestRefused("x", status=400), 0, unpaid=(400,)),
        Case("a lost answer", LOST, 0),
        Case("a lost answer, and its owner may lose money", LOST, 1, MAY_LOSE),
        Case("a lost answer, and the relay keeps keys", LOST, 1, KEEPS_KEYS),
        Case("too large, and its owner may lose money", errors.TooLarge("x", charged="maybe"), 0, MAY_LOSE),
        Case("no picture, and its owner may lose money", errors.NoImage("x", status=200), 0, MAY_LOSE),
        Case("blocked, and its owner may lose money", errors.Blocked("x", status=200), 0, MAY_LOSE),
        Case("wrong input, and its owner may lose money", errors.BadInput("x"), 0, MAY_LOSE),
    ],
    ids=lambda case: case.name,
)  # fmt: skip
def test_what_may_be_sent_again_and_how_often(case: Case) -> None:
    assert repeats_allowed(case.error, case.policy, case.unpaid) == case.repeats
    waits = [
        wait_before_repeating(case.error, attempt, 0, policy=case.policy, unpaid_statuses=case.unpaid)
        for attempt in range(1, 5)
    ]
    assert [wait is not None for wait in waits] == [attempt <= case.repeats for attempt in range(1, 5)]


@pytest.mark.parametrize(
    ("asked", "attempt", "waited", "wait"),
    [
        (None, 1, 0, 0.5),
        (None, 2, 0, 1.0),
        (0, 1, 0, 0),
        (7, 2, 3, 7),
        (30, 1, 0, 30),
        (30.1, 1, 0, None),
        (3600, 1, 0, None),
        (30, 2, 15, 30),
        (30, 2, 15.1, None),
        (None, 2, 44.5, None),
    ],
)
def test_how_long_to_wait(asked: float | None, attempt: int, waited: float, wait: float | None) -> None:
    error = errors.RateLimited("x", status=429, retry_after=asked)
    assert wait_before_repeating(error, attempt, waited, jitter=lambda: 1.0) == wait


def test_the_backoff_is_spread_from_nothing_to_all_of_it() -> None:
    assert wait_before_repeating(BUSY, 2, 0, jitter=lambda: 0.0) == 0
    waits = {wait_before_repeating(BUSY, 2, 0) for _ in range(50)}
    assert len(waits) > 10
    assert all(wait is not None and 0 <= wait <= 1 for wait in waits)


def test_repeats_are_a_tenth_of_the_calls_of_a_minute() -> None:
    now = 0.0
    budget = RetryBudget(at_least=2, now=lambda: now)
    assert [budget.take() for _ in range(3)] == [True, True, False]
    for _ in range(50):
        budget.count_call()
    assert [budget.take() for _ in range(4)] == [True, True, True, False]
    now = 61.0
    assert [budget.take() for _ in range(3)] == [True, True, False]


def test_a_budget_of_a_long_life_stays_small() -> None:
    clock = iter(range(0, 1_000_000, 10))
    budget = RetryBudget(now=lambda: next(clock))
    for _ in range(1000):
        budget.count_call()
    assert len(budget._calls) <= 7
