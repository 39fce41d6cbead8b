"""What cannot be written just now, and is as soon as the database and the disk let us.

A picture that was paid for is not lost because another program holds the database for half a minute: its file and its
note are on disk already, and its row waits here. Where the disk was full the picture itself waits too. A thread of its
own tries again until nothing waits.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from edit_core.pictures import Picture

from ..storage.disk import NoRoom
from .rows import JobRow, Json, State, TakeRow

log = logging.getLogger(__name__)

PAUSE = 0.5
"""Seconds between two tries. Each try waits for the lock by itself besides."""

NEVER = (DataError, IntegrityError, ProgrammingError)
"""What another try would not mend."""

SOMETIME = (DBAPIError, NoFreeConnection, NoRoom, OSError)
"""What another try may mend: a lock, a full disk, a lost connection."""


@dataclass(frozen=True)
class SavedTake:
    """A take whose files are on disk, or `unsaved`: its picture, which must be put there first."""

    job: JobRow
    take: TakeRow
    unsaved: Picture | None = None


@dataclass(frozen=True)
class Moved:
    """A job in a new state."""

    job_id: str
    state: State
    failure: Json | None = None
    finished: float | None = None


Change = SavedTake | Moved


class LateRows:
    """Writes changes with `write`, in their order, at once where that works."""

    def __init__(self, write: Callable[[Change], None], pause: float = PAUSE) -> None:
        self._write = write
        self._pause = pause
        self._waiting: deque[Change] = deque()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._writer: threading.Thread | None = None
        # Whether the log was told that no thread could be had.
        self._alone = False
        # What the log has told of already: a fault is tried again twice a second.
        self._puzzling: Change | None = None

    @property
    def waiting(self) -> tuple[Change, ...]:
        """What is not in the database yet."""
        with self._lock:
            return tuple(self._waiting)

    def add(self, change: Change) -> None:
        """Write the change, or keep it until it can be written. Raises what another try would not mend."""
        if self._queued_behind(change):
            return
        try:
            self._write(change)
        except NEVER:
            raise
        except SOMETIME as error:
            log.warning("A row waits until it can be written (%s).", type(error).__name__)
            self._keep(change)
        except Exception:
            # A fault of ours must not cost what was paid for; it stands in the log, and the row is tried again.
            log.exception("A row could not be written, and is tried again.")
            self._keep(change)

    def forget(self, job_id: str) -> tuple[Change, ...]:
        """Drop what waits of a job that is being deleted, and return it."""
        with self._lock:
            dropped = tuple(change for change in self._waiting if _job_of(change) == job_id)
            self._waiting = deque(change for change in self._waiting if _job_of(change) != job_id)
        return dropped

    def close(self) -> int:
        """Try once more, then stop. Returns how many rows are left; takes among them come back at the next start."""
        self._closing.set()
        writer = self._writer
        if writer:
            writer.join()
        self.write_waiting()
        return len(self.waiting)

    def write_waiting(self) -> None:
        """Try now, in their order, until something cannot be written yet."""
        while waiting := self.waiting:
            change = waiting[0]
            try:
                self._write(change)
            except NEVER:
                log.exception("A row can never be written; its job is gone, or the app has a fault.")
            except SOMETIME:
                return
            except Exception:
                # As in `add`. Were it raised, it would end the thread, and nothing would ever be written again.
                if change is not self._puzzling:
                    log.exception("A row that waits could not be written, and is tried again.")
                self._puzzling = change
                return
            with self._lock:
                if self._waiting and self._waiting[0] is change:
                    self._waiting.popleft()

    def _queued_behind(self, change: Change) -> bool:
        """Whether others wait, so that the change waits behind them."""
        with self._lock:
            if not self._waiting:
                return False
            self._waiting.append(change)
            self._see_to_writer()
        return True

    def _keep(self, change: Change) -> None:
        with self._lock:
            self._waiting.append(change)
            self._see_to_writer()

    def _see_to_writer(self) -> None:
        """Start the thread that tries again, if there is none; only with the lock held.

        Where the system has no thread to spare, rows stay here until the next one asks for a thread again, or the end.
        """
        if self._writer is not None or self._closing.is_set():
            return
        writer = threading.Thread(target=self._run, name="late rows", daemon=True)
        try:
            writer.start()
        except RuntimeError:
            if not self._alone:
                log.exception("Rows wait for a thread that writes them, and there is none to spare.")
            self._alone = True
        else:
            self._writer, self._alone = writer, False

    def _run(self) -> None:
        while not self._closing.wait(self._pause):
            self.write_waiting()
            with self._lock:
                if not self._waiting:
                    self._writer = None
                    return


def _job_of(change: Change) -> str:
    return change.job.id if isinstance(change, SavedTake) else change.job_id
