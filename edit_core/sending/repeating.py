"""Attempts at one call until one gives a result, as far as the policy allows. Knows no network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace

from ..edits import EditResult
from ..errors import CHARGED_TWICE, EditError
from .outcome import Outcome, Policy, RetryBudget, outcome_of, wait_before_repeating


@dataclass(frozen=True)
class Repeater:
    """What may be repeated for one provider. `backoff` is the first wait in seconds."""

    policy: Policy
    budget: RetryBudget
    unpaid_statuses: Collection[int] = ()
    backoff: float = 0.5

    async def run(self, attempt: Callable[[int], Awaitable[EditResult]], deadline: float) -> EditResult:
        """The result of the first attempt that has one; raises the error of the last.

        No attempt begins after `deadline`, which is in the event loop's time. Attempts whose answer was lost are
        counted, in the result's or the error's `lost`: whatever comes after them, money may be gone. Each attempt is
        told how many there were before it.
        """
        waited, number, lost = 0.0, 0, 0
        self.budget.count_call()
        while True:
            number += 1
            try:
                result = await attempt(lost)
            except EditError as error:
                lost += outcome_of(error) is Outcome.UNKNOWN
                wait = self._wait(error, number, waited, deadline)
                if wait is None:
                    error.lost = lost
                    if lost and error.charged == "no":
                        error.charged = "maybe"
                    raise
            else:
                return replace(result, notes=(*result.notes, CHARGED_TWICE), lost=lost) if lost else result
            await asyncio.sleep(wait)
            waited += wait

    def _wait(self, error: EditError, number: int, waited: float, deadline: float) -> float | None:
        wait = wait_before_repeating(
            error, number, waited, policy=self.policy, unpaid_statuses=self.unpaid_statuses, backoff=self.backoff
        )
        if wait is None or asyncio.get_running_loop().time() + wait >= deadline or not self.budget.take():
            return None
        return wait
