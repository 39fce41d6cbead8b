"""An edit as a job: one click, once, carried out whatever becomes of the page.

A job is written down before anything is sent, and belongs to the server: closing the tab, a dropped connection or a
reload changes nothing, and its owner finds it again. Each of its takes waits for a place, reserves its money, is sent
once, saved, and only then told. Nothing here knows a page, a provider or a wire.

Everything runs in one event loop; what blocks (database, disk) runs in threads.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from edit_core.errors import Charged, EditError

from .failures import CutOff, Interrupted, Restarting, Stopped, as_json
from .fair_queue import FairQueue, Ticket, TooBusy
from .history.history import History, HistoryUnwritable
from .history.rows import JobRow, Json, State
from .money.ledger import Ledger
from .storage.vault import NotKept
from .takes import Order, Run, Takes

log = logging.getLogger(__name__)

TO_WRITE_DOWN = 4.0
"""Seconds that edits which were ended at the end of the app have to be written down."""

LAST_TRY = 1.0
"""Seconds for what the ledger could not take before. What it does not take now, the next start finds in the history."""

BEAT = 0.5
"""Seconds between two snapshots while something moves."""

LONGEST_SILENCE = 5.0
"""Seconds between two snapshots while nothing does. The page's clock runs by itself, and forty edits that wait would
keep the app busy with saying so."""

STRANDED_AFTER = 10.0
"""Seconds after which an edit in line that is in nobody's hands is taken for lost: none is written down so slowly."""

_BY_CHARGE: tuple[Charged, ...] = ("no", "maybe", "yes")
_LIVELY: tuple[State, ...] = ("queued", "sending", "waiting", "receiving", "saving")


@dataclass(frozen=True)
class Snapshot:
    """A job at one moment.

    `place` is how many are served first, counting this one; 0 once it is its turn. `seconds` is the time since the
    click, standing still once it is over. `text` and `thoughts` are the model's words so far, `refused` is why the
    budget has no room for some of the takes.
    """

    job: JobRow
    seconds: float
    place: int = 0
    received_bytes: int = 0
    text: str = ""
    thoughts: str = ""
    refused: str = ""


class Jobs:
    """All jobs of this process, the only one on its database: submit, follow, stop."""

    def __init__(
        self, history: History, ledger: Ledger, queue: FairQueue, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._history = history
        self._takes = Takes(history, ledger, now)
        self._queue = queue
        self._now = now
        self._runs: dict[str, Run] = {}
        self._draining = False
        self._ends: set[asyncio.Task[None]] = set()
        self._beginning: dict[tuple[str, str, str], asyncio.Task[str]] = {}

    @property
    def running(self) -> int:
        """Jobs that are not over."""
        return len(self._runs)

    async def submit(self, order: Order) -> str:
        """Start a job and return its id. The same owner and token give the id of the first time.

        Raises `EditError` when it is not taken; then nothing was sent.
        """
        key = order.job.owner, order.job.token, order.job.fingerprint
        task = self._beginning.get(key)
        if task is None:
            task = self._beginning[key] = asyncio.create_task(self._begin(order))
            task.add_done_callback(lambda _: self._beginning.pop(key))
        # Whoever asked may go away in the middle; the click was made all the same.
        return await asyncio.shield(task)

    async def _begin(self, order: Order) -> str:
        new = order.job
        try:
            if self._draining:
                raise Restarting("The app is restarting, so nothing was sent.")
            self._queue.check_room(new.takes_asked)
        except (Restarting, TooBusy):
            with suppress(NotKept):
                return (await asyncio.to_thread(self._history.known, new)).id
            raise
        began = self._now()
        # Before it is written down, or others would take the room meanwhile.
        tickets = [self._queue.enter(new.owner) for _ in range(new.takes_asked)]
        is_new = False
        try:
            job, is_new = await asyncio.to_thread(self._history.begin, new)
        finally:
            if not is_new:
                for ticket in tickets:
                    self._queue.leave(ticket)
        if is_new:
            self._start(job, order, tickets, began)
        return job.id

    async def follow(self, owner: str, job_id: str) -> AsyncIterator[Snapshot]:
        """Snapshots: one at once, one each beat while something moves, the last when it is over. Raises `NotKept`."""
        told, told_at = None, 0.0
        while (run := self._runs.get(job_id)) and run.job.owner == owner:
            snapshot = self._snapshot(run)
            still = replace(snapshot, seconds=0)
            if still != told or self._now() - told_at >= LONGEST_SILENCE:
                told, told_at = still, self._now()
                yield snapshot
            try:
                async with asyncio.timeout(BEAT):
                    await run.over.wait()
            except TimeoutError:
                continue
        job = await self._at_rest(owner, job_id)
        yield Snapshot(job, (job.finished or job.created) - job.created)

    async def stop(self, owner: str, job_id: str) -> None:
        """End a job: its connections are closed at once. What arrived in full is kept. Raises `NotKept`."""
        run = self._runs.get(job_id)
        if run is None or run.job.owner != owner:
            await self._at_rest(owner, job_id)
            return
        if run.stopping:
            return
        run.stopping = True
        _cancel(run)

    async def drain(self, seconds: float) -> int:
        """Take nothing new, give what runs this long, then end it. Returns how many had to be ended."""
        self._draining = True
        end = self._now() + seconds
        if self._beginning:
            await asyncio.wait(self._beginning.values(), timeout=seconds)
        for run in list(self._runs.values()):
            for task, state in zip(run.tasks, run.states, strict=True):
                if state == "queued":
                    task.cancel()
        if self._ends:
            await asyncio.wait(self._ends, timeout=max(0.0, end - self._now()))
        left = [run for run in self._runs.values() if not run.over.is_set()]
        for run in left:
            _cancel(run)
        if self._ends:
            await asyncio.wait(self._ends, timeout=TO_WRITE_DOWN)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._takes.outcomes.try_each_once(), LAST_TRY)
        return len(left)

    async def _at_rest(self, owner: str, job_id: str) -> JobRow:
        """A job that nobody carries out, as it is kept. Raises `NotKept`.

        One that is in line and in nobody's hands has a row of which we were never told, as the database broke off in
        that moment: it is ended here, or its owner would wait for it until the next start. Others may have been sent.
        """
        job = await asyncio.to_thread(self._history.job, owner, job_id)
        if self._is_stranded(job):
            # It may have begun and ended since its row was read.
            job = await asyncio.to_thread(self._history.job, owner, job_id)
        if self._is_stranded(job):
            await asyncio.to_thread(self._history.finish, job_id, "failed", as_json(HistoryUnwritable()))
            job = await asyncio.to_thread(self._history.job, owner, job_id)
        return job

    def _is_stranded(self, job: JobRow) -> bool:
        begins = (job.owner, job.token, job.fingerprint) in self._beginning
        is_old = time.time() - job.created > STRANDED_AFTER
        return job.state == "queued" and is_old and not (begins or job.id in self._runs)

    def _start(self, job: JobRow, order: Order, tickets: list[Ticket], began: float) -> None:
        takes = range(job.takes_asked)
        run = Run(job, order, tickets, began, ["queued" for _ in takes], [None for _ in takes])
        self._runs[job.id] = run
        run.tasks = [asyncio.create_task(self._take(run, index)) for index in takes]
        if self._draining:
            # The end came while it was being written down.
            _cancel(run)
        end = asyncio.create_task(self._see_through(run))
        self._ends.add(end)
        end.add_done_callback(self._ends.discard)

    async def _take(self, run: Run, index: int) -> None:
        """One take, from its place in the queue on."""
        async with self._queue.place(run.tickets[index]):
            await self._takes.carry_out(run, index)

    async def _see_through(self, run: Run) -> None:
        """Wait for every take, then write down how the job ended."""
        await asyncio.wait(run.tasks)
        failures = [failure for task in run.tasks if (failure := self._failure(run, task))]
        state: State = "done" if len(failures) < len(run.tasks) else _end(run, failures, self._draining)
        try:
            await self._takes.release_unsent(run)
        finally:
            await self._finish(run, state, as_json(_spokesman(failures)) if failures else None)

    async def _finish(self, run: Run, state: State, why: Json | None) -> None:
        """Write down how the job ended. Whatever becomes of that, nobody waits for it any longer."""
        try:
            await asyncio.to_thread(self._history.finish, run.job.id, state, why)
        finally:
            self._runs.pop(run.job.id, None)
            run.over.set()

    def _failure(self, run: Run, task: asyncio.Task[None]) -> EditError | None:
        """Why a take has no picture; None when it has one."""
        charged = run.charged_if_cut(run.tasks.index(task))
        if task.cancelled():
            if run.stopping:
                return Stopped("It was stopped.", charged=charged)
            interrupted = Interrupted if charged == "no" else CutOff
            return interrupted("The app stopped before it was done.", charged=charged)
        error = task.exception()
        if error is None or isinstance(error, EditError):
            return error
        log.error("A take broke.", exc_info=error)
        return EditError("Something in this app broke; its owner finds it in the log.", charged=charged)

    def _snapshot(self, run: Run) -> Snapshot:
        progress = [each for each in run.progress if each]
        latest = progress[-1] if progress else None
        left = [index for index, task in enumerate(run.tasks) if not task.done()]
        state = max([run.states[index] for index in left] or run.states, key=_LIVELY.index)
        places = [self._queue.position(run.tickets[index]) for index in left]
        return Snapshot(
            replace(run.job, state=state),
            self._now() - run.began,
            place=min(places, default=0) if state == "queued" else 0,
            received_bytes=sum(each.received_bytes for each in progress),
            text=latest.text if latest else "",
            thoughts=latest.thoughts if latest else "",
            refused=run.refused,
        )


def _cancel(run: Run) -> None:
    for task in run.tasks:
        task.cancel()


def _spokesman(failures: Sequence[EditError]) -> EditError:
    """The failure that speaks for all: the one that says the most of money.

    It quotes what every paid one did, as there may be a link to a picture in it.
    """
    worst = max(failures, key=lambda failure: _BY_CHARGE.index(failure.charged))
    if worst.charged == "yes":
        worst.said = "\n".join(dict.fromkeys(each.said for each in failures if each.charged == "yes" and each.said))
    return worst


def _end(run: Run, failures: Sequence[EditError], draining: bool) -> State:
    """How a job without any picture ended."""
    was_cut = any(isinstance(failure, Stopped) for failure in failures)
    if run.stopping and was_cut:
        return "stopped"
    if draining and was_cut:
        return "unknown" if any(failure.charged != "no" for failure in failures) else "stopped"
    return "unknown" if any(failure.charged == "maybe" for failure in failures) else "failed"
