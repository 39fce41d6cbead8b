"""One take of a job: its money reserved, sent once, saved, and only then told.

Whatever comes back, the ledger is left true, and what was paid for is kept. Nothing here knows a page, a provider or a
wire.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from edit_core.client import Progress
from edit_core.edits import EditResult
from edit_core.errors import Charged, EditError
from edit_core.unbroken import to_its_end

from .fair_queue import Ticket
from .history.history import History
from .history.rows import JobRow, NewJob, State, TakeRow, take_id
from .money.amounts import MICROS
from .money.budget import BudgetReached
from .money.entries import Admitted
from .money.ledger import Ledger
from .money.outcomes import Outcomes
from .receipts import Times
from .storage.rescue import rescue

log = logging.getLogger(__name__)

Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Order:
    """One click: the job to write down, how one take of it is sent and kept, and what a take is thought to cost.

    `send` makes one POST under the take's id and reports how it goes; it raises `EditError`. `keep` saves what came
    under the index of the take; it blocks. `micros` is the estimate in micro-dollars, `most_sent` how often the owner
    lets it be sent where it may be charged each time; `free` says that the provider never charges.
    """

    job: NewJob
    send: Callable[[str, Report], Awaitable[EditResult]]
    keep: Callable[[JobRow, int, EditResult, Times], Sequence[TakeRow]]
    micros: int = 0
    most_sent: int = 1
    free: bool = False

    def spent(self, cost: float | None, lost: int) -> tuple[int, bool]:
        """Micro-dollars of an answer and of the lost ones before it, and whether any of them is an estimate.

        `cost` is in dollars, as the service named it.
        """
        lost = min(lost, self.most_sent - 1)
        answered = self.micros if cost is None else round(cost * MICROS)
        return answered + lost * self.micros, cost is None or lost > 0

    def doubtful(self, lost: int) -> int:
        """Micro-dollars that may have been charged where no answer came at all."""
        return self.micros * min(max(lost, 1), self.most_sent)


@dataclass
class Run:
    """A job while it runs; `states` and `progress` are of its takes."""

    job: JobRow
    order: Order
    tickets: list[Ticket]
    began: float
    states: list[State]
    progress: list[Progress | None]
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    reserving: asyncio.Task[Admitted] | None = None
    stopping: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def refused(self) -> str:
        """Why some takes do not fit into the budget; "" when all do, or when that is not known yet."""
        task = self.reserving
        if task is None or not task.done() or task.cancelled() or task.exception():
            return ""
        return task.result().reason

    def charged_if_cut(self, index: int) -> Charged:
        """Whether a take that was cut short where it stands may have been charged."""
        progress = self.progress[index]
        is_out = self.states[index] != "queued" and (progress is None or progress.sent)
        return "maybe" if is_out and not self.order.free else "no"


@dataclass(frozen=True)
class Takes:
    """Carries takes out. `now` is in seconds, monotonic."""

    history: History
    ledger: Ledger
    now: Callable[[], float] = time.monotonic
    outcomes: Outcomes = field(default_factory=Outcomes)

    async def carry_out(self, run: Run, index: int) -> None:
        """One take, now that it has its place. Raises `EditError`; cancelling closes its connection."""
        result, times = await self._send(run, index)
        run.states[index] = "saving"
        # Where Stop comes too late the picture is here and paid for, so it is kept.
        saving = asyncio.create_task(self._save(run, index, result, times))
        with suppress(asyncio.CancelledError):
            await to_its_end(saving)
        for take in saving.result():
            run.job = run.job.with_take(take)

    async def _send(self, run: Run, index: int) -> tuple[EditResult, Times]:
        """Reserve, send once, and leave the ledger true whatever comes back."""
        job_id = run.job.id

        def report(progress: Progress) -> None:
            run.states[index], run.progress[index] = progress.state, progress

        try:
            await self._reserve(run, index)
            await asyncio.to_thread(self.history.advance, job_id, "sending")
            sent = self.now()
            result = await run.order.send(take_id(job_id, index), report)
        except EditError as error:
            # Where Stop comes too late this is how it ended, and what came damaged was paid for.
            with suppress(asyncio.CancelledError):
                await to_its_end(asyncio.create_task(self._end_badly(run, index, error)))
            raise
        except BaseException:
            await to_its_end(asyncio.create_task(self._close_cut(run, index)))
            raise
        return result, Times(sent - run.began, self.now() - sent)

    async def _reserve(self, run: Run, index: int) -> None:
        """Set money aside, by the first take for all of them, so that what does not fit is known before one is sent.

        Raises `BudgetReached` for a take that has none, and what the ledger raises.
        """
        if run.reserving is None:
            job, micros = run.job, run.order.micros * run.order.most_sent
            takes = range(job.takes_asked)
            reserving = asyncio.to_thread(self.ledger.reserve_many, job.id, takes, job.owner, micros)
            run.reserving = asyncio.create_task(reserving)
        admitted = await to_its_end(run.reserving)
        if index not in admitted.takes:
            raise BudgetReached(admitted.reason)

    async def release_unsent(self, run: Run) -> None:
        """Give back what was set aside for takes that never had their turn."""
        if run.reserving is not None and not run.reserving.exception():
            for index, state in enumerate(run.states):
                if state == "queued":
                    await self._close_cut(run, index)

    async def _close_cut(self, run: Run, index: int) -> None:
        """Close the entry of a take that was cut short; of what it sent nobody counted the answers."""
        is_free = run.charged_if_cut(index) == "no"
        await self._write_down(self.ledger.release if is_free else self.ledger.hold, run.job.id, index)

    async def _end_badly(self, run: Run, index: int, error: EditError) -> None:
        """Close the entry of a take that ended without a picture, and keep what came damaged."""
        await self._close_entry(run, index, error)
        await asyncio.to_thread(self._keep_damaged, run.job.id, index, error)

    async def _close_entry(self, run: Run, index: int, error: EditError) -> None:
        """Close the entry of a take that ended without a picture."""
        job_id = run.job.id
        if error.charged == "no":
            await self._write_down(self.ledger.release, job_id, index)
        elif error.charged == "maybe":
            await self._write_down(self.ledger.hold, job_id, index, run.order.doubtful(error.lost))
        else:
            micros, estimated = run.order.spent(error.cost, error.lost)
            await self._write_down(partial(self.ledger.settle, estimated=estimated), job_id, index, micros)

    async def _write_down(self, say: Callable[..., None], job_id: str, index: int, *micros: int) -> None:
        """Say in the ledger what is known."""
        await self.outcomes.say((job_id, index), partial(say, job_id, index, *micros))

    async def _save(self, run: Run, index: int, result: EditResult, times: Times) -> Sequence[TakeRow]:
        """Keep what came, and settle: what cannot be kept was paid for as well."""
        try:
            return await asyncio.to_thread(self._keep, run, index, result, times)
        finally:
            micros, estimated = run.order.spent(result.usage.cost, result.lost)
            await self._write_down(partial(self.ledger.settle, estimated=estimated), run.job.id, index, micros)

    def _keep(self, run: Run, index: int, result: EditResult, times: Times) -> Sequence[TakeRow]:
        """Save what came. What cannot be saved goes to another disk."""
        try:
            return run.order.keep(run.job, index, result, times)
        except EditError as error:
            failure = error
        except Exception:
            # Whatever broke, the pictures are here and were paid for.
            log.exception("What came could not be saved.")
            failure = EditError("Something in this app broke while saving it; its owner finds it in the log.")
        failure.charged, failure.lost = "no" if run.order.free else "yes", result.lost
        if rescue(result.pictures):
            failure.args = (f"{failure} What came was put among the temporary files of this machine; see the log.",)
        raise failure

    def _keep_damaged(self, job_id: str, index: int, error: EditError) -> None:
        """Set pictures aside that came and cannot be read, and say so in the error."""
        try:
            for number, data in enumerate(error.damaged):
                self.history.vault.put_damaged(f"{job_id}-{index}-{number}", data)
        except Exception:
            # The first error is the one to tell, with what it says of money.
            log.exception("What came damaged could not be set aside.")
        else:
            if error.damaged:
                error.args = (f"{error} What came is kept in the folder “damaged” of the app's data.",)
        finally:
            # The error is looked at until the whole job is over, and is no place for that much.
            error.damaged = ()
