"""What is kept: every job with its inputs, takes and receipts, in a database, and the pictures in a vault.

A picture is saved before anybody is told: first its note, then its file, and its row last. So whatever kills the app,
a row never lacks its file, and a file whose row is missing has a note from which the row is written at the next start.
What the database cannot take just now waits for it (`late.py`) once the service was asked; before that it is an error,
and nothing is sent. Every call blocks.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

from sqlalchemy.exc import IntegrityError

from edit_core.errors import BadInput
from edit_core.pictures import Picture

from ..storage.database import Database
from ..storage.disk import NoRoom
from ..storage.rescue import rescue
from ..storage.vault import NotKept, Vault
from . import lookup
from .drafts import remove_older, write_draft
from .late import NEVER, PAUSE, SOMETIME, Change, LateRows, Moved, SavedTake
from .reading import Reading, with_waiting
from .records import MOST_INPUTS, write_note
from .refusals import HistoryUnwritable, QuotaReached, TokenReused
from .removal import Removal
from .rows import (
    RUNNING,
    JobRow,
    Json,
    NewJob,
    PictureRow,
    State,
    TakeRow,
    storable,
    take_id,
    within_words,
)
from .writing import apply, insert_job, mark_favourite, mend_job, own_takes

__all__ = ["History", "HistoryUnwritable", "QuotaReached", "TokenReused", "WriteReceipt"]

log = logging.getLogger(__name__)

LONGEST_TOKEN = 128
WORDS_PART = 8
"""Of a quota, the part that imported words may have besides: those written here do not count, and may come back."""

_EXPIRED_AT_ONCE = 250

WriteReceipt = Callable[[float | None], Json]
"""Gives a receipt. It is asked twice: with None for the note, which goes before the picture, and then with the seconds
that the picture's file took, for the row."""


@contextmanager
def _in_words() -> Iterator[None]:
    """What another try may mend is told as `HistoryUnwritable`, but for what has its own words."""
    try:
        yield
    except (NoRoom, IntegrityError):
        raise
    except SOMETIME as error:
        raise HistoryUnwritable from error


def _nobody_listens(_sha256: str) -> None:
    """For a history whose pictures nobody else has copies of."""


def _no_receipt(_seconds: float | None) -> Json:
    """For a picture of which nothing is to be told."""
    return {}


class History(Reading):
    """Rows in `database`, pictures in `vault`.

    `quota_bytes` is what one owner's pictures may take (None: no limit), `clock` gives seconds since 1970, and
    `on_removed` is called with the hash of each picture that was deleted, so that previews of it can go too.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        *,
        quota_bytes: int | None = None,
        clock: Callable[[], float] = time.time,
        on_removed: Callable[[str], None] = _nobody_listens,
        pause: float = PAUSE,
    ) -> None:
        super().__init__(database, LateRows(self._write, pause))
        self.vault = vault
        self.on_removed = on_removed
        self._removal = Removal(database, vault, self.late, on_removed)
        self._quota = quota_bytes
        self._clock = clock
        self._lock = threading.Lock()
        # Jobs under way, so that saving a take needs nothing of a database that may be locked.
        self._running: dict[str, JobRow] = {}

    # A job's life

    def begin(self, new: NewJob) -> tuple[JobRow, bool]:
        """Write a job down, with copies of its inputs, as “queued”.

        The same owner and token give the job of the first time, and False. Raises `TokenReused` when it asks for
        something else, `NoRoom` or `HistoryUnwritable` when it cannot be kept; nothing must be sent then.
        """
        if not 0 < len(new.token) <= LONGEST_TOKEN or len(new.inputs) > MOST_INPUTS:
            raise BadInput("This is no request that the page makes.")
        pictures = [each.picture for each in new.inputs]
        with _in_words():
            with suppress(NotKept):
                return self.known(new), False
            sizes = {picture.sha256: len(picture.data) for picture in pictures}
            self.check_room(new.owner, self.bytes_beyond(new.owner, sizes))
        with ExitStack() as undone:
            undone.callback(self._take_back, pictures)
            job = self._write_down(new, pictures)
            if job is None:
                with _in_words():
                    return self.known(new), False
            undone.pop_all()
        with self._lock:
            self._running[job.id] = job
        return job, True

    def known(self, new: NewJob) -> JobRow:
        """The job that this click made before. Raises `NotKept`, `TokenReused`."""
        job = self.job_of_click(new.owner, new.token)
        if job.fingerprint != new.fingerprint:
            raise TokenReused("This click was used before, for another edit.")
        return job

    def advance(self, job_id: str, state: State) -> None:
        """A running job's next state. “sending” is written before the service is asked: raises `HistoryUnwritable`."""
        change = Moved(job_id, state)
        if state != "sending":
            self.late.add(change)
            return
        with _in_words():
            self._write(change)

    def save_take(
        self, job_id: str, position: int, picture: Picture, text: str = "", receipt: WriteReceipt = _no_receipt
    ) -> TakeRow:
        """Keep a result. When this returns it is safe, whatever happens next. Raises `NotKept`.

        Only on a full disk it is in memory until there is room (`Vault.unsaved`); `NoRoom` when that is full as well.
        """
        job = self._job_to_save(job_id)
        for take in job.takes:
            if take.position == position:
                return take
        take = TakeRow(
            take_id(job_id, position),
            job_id,
            position,
            PictureRow.of(picture),
            self._clock(),
            within_words(str(storable(text))),
            dict(storable(receipt(None))),
        )
        began, unsaved = time.monotonic(), None
        self._removal.hold(take)
        try:
            try:
                self.keep_files(job, take, picture)
                take = replace(take, receipt=dict(storable(receipt(time.monotonic() - began))))
            except NoRoom:
                if not self.vault.hold_unsaved(picture):
                    raise
                unsaved = picture
            self.late.add(SavedTake(job, take, unsaved))
        except BaseException:
            self._removal.let_go(take)
            raise
        with self._lock:
            if job_id in self._running:
                self._running[job_id] = self._running[job_id].with_take(take)
        return take

    def finish(self, job_id: str, state: State, failure: Json | None = None) -> None:
        """A job is over: done, failed, stopped or unknown."""
        if state in RUNNING:
            raise ValueError(f"“{state}” is no end.")
        kept = None if failure is None else dict(storable(failure))
        self.late.add(Moved(job_id, state, kept, self._clock()))
        with self._lock:
            self._running.pop(job_id, None)

    # What people do with it

    def favourite(self, owner: str, job_id: str, on: bool) -> None:
        """Mark a job as a favourite, or no longer. Raises `NotKept`."""
        with self.database.writing() as connection:
            if not mark_favourite(connection, owner, job_id, on):
                raise NotKept("There is no such edit.")

    def delete(self, owner: str, job_id: str) -> None:
        """Delete a job: rows, notes, and the pictures nobody else has. Raises `NotKept`; `BadInput` while it runs."""
        job = self.job(owner, job_id)
        if not job.over:
            raise BadInput("This edit is still running: stop it first.")
        self._removal.delete(job)
        self.database.clear_log()

    def expire(self, older_than: float) -> int:
        """Delete every job that is over and began before this time (seconds since 1970); returns how many went.

        Forms that were left as they are since before it go too. One that cannot be deleted stays until the next time,
        and keeps no other.
        """
        with self.database.writing() as connection:
            self.database.lock_whole(connection)
            drafts = remove_older(connection, older_than)
        gone = sum(self._expire(job) for job in self._older(older_than))
        if gone or drafts:
            self.database.clear_log()
        return gone

    def _older(self, than: float) -> Iterator[JobRow]:
        """Every job that is over and began before this time. Some at once: there may be any number."""
        jobs: Sequence[JobRow] = ()
        while True:
            with self.database.reading() as connection:
                jobs = lookup.find_older(connection, than, jobs[-1].number if jobs else 0, _EXPIRED_AT_ONCE)
            if not jobs:
                return
            yield from jobs

    def _expire(self, job: JobRow) -> bool:
        """Delete a job, if it can be; returns whether it went."""
        try:
            self._removal.delete(with_waiting(job, self.late.waiting))
        except (NoRoom, OSError) as error:
            log.warning("Edit %s is too old to be kept and cannot be deleted (%s).", job.id, type(error).__name__)
            return False
        return True

    def keep_draft(self, owner: str, form: Json) -> None:
        """Remember the form; an empty one is forgotten."""
        with self.database.writing() as connection:
            self.database.lock_whole(connection)
            write_draft(connection, owner, form, self._clock())

    def close(self) -> int:
        """Write what waits, if that works, and close the database. Returns how many rows were left unwritten."""
        left = self.late.close()
        rescue([change.unsaved for change in self.late.waiting if isinstance(change, SavedTake) and change.unsaved])
        self.database.close()
        return left

    # For start-up and archives

    def insert(self, job: JobRow, most_bytes: int | None = None) -> JobRow:
        """Write a whole job whose pictures are in the vault already.

        Raises `QuotaReached`, and writes nothing, where the owner's pictures would then have more than `most_bytes`.
        """
        self.vault.steps("job: begun")
        with self.database.writing() as connection:
            self.database.lock_whole(connection)
            number = insert_job(connection, job)
            # Asked here as well, since many clicks at once may each have found room.
            if most_bytes is not None and lookup.bytes_of(connection, job.owner) > most_bytes:
                raise QuotaReached(most_bytes)
            self.vault.steps("job: inserted")
        self.vault.steps("job: committed")
        return replace(job, number=number)

    def mend(self, job: JobRow, takes: Sequence[TakeRow], links: Mapping[str, str]) -> None:
        """Add takes that a job lacks, whose pictures are in the vault already.

        `links` says by the hash of an input which take of the same owner it was.
        """
        with self.database.writing() as connection:
            self.database.lock_whole(connection)
            mend_job(connection, job.id, takes, links)

    def keep_files(self, job: JobRow, take: TakeRow, picture: Picture) -> None:
        """The note and the file of a take. Raises `NoRoom`; then there is no note, or one the next start removes."""
        # The note goes first, so that at no moment a picture lies there that nobody can tell whose it is.
        try:
            self.vault.put_note(take.id, write_note(job, take))
            self.vault.put(picture)
        except NoRoom:
            # The first error is the one to tell: where removing fails as well, the picture must still be held.
            with suppress(NoRoom):
                self.vault.remove_notes([take.id])
            raise

    def check_room(self, owner: str, wanted: int, words: int = 0, words_before: int = 0) -> None:
        """Raises `NoRoom` when so many bytes more are too many for the disk, or for this owner.

        `words` are the bytes of what is written down of the edits that are being imported, `words_before` of those that
        this owner imported before.
        """
        self.vault.check_room(wanted + words)
        if self._quota is None:
            return
        beyond = max(0, words + words_before - self._quota // WORDS_PART)
        if self.bytes_of(owner) + wanted + beyond > self._quota:
            raise QuotaReached(self._quota)

    def _write(self, change: Change) -> None:
        """Write a change, or raise; a picture is let go once its row is there, or never will be."""
        try:
            if isinstance(change, SavedTake) and change.unsaved:
                self.keep_files(change.job, change.take, change.unsaved)
            self.vault.steps("row: begun")
            with self.database.writing() as connection:
                self.database.lock_whole(connection)
                apply(connection, change)
                self.vault.steps("row: inserted")
        except Exception as error:
            if isinstance(change, SavedTake):
                self._removal.clear_if_deleted(change.take, never=isinstance(error, NEVER))
            raise
        self.vault.steps("row: committed")
        if isinstance(change, SavedTake):
            self._removal.let_go(change.take)

    def _write_down(self, new: NewJob, pictures: Sequence[Picture]) -> JobRow | None:
        """The job, now that it has its row; None when the same click came twice at once, and the other was first."""
        with self.vault.holding(picture.sha256 for picture in pictures):
            for picture in pictures:
                self.vault.put(picture)
            try:
                with _in_words():
                    return self.insert(self._without_foreign(new.begun(self._clock())), self._quota)
            except IntegrityError:
                return None

    def _take_back(self, pictures: Iterable[Picture]) -> None:
        """Remove the inputs of a job that was not written down, but for those that somebody has."""
        try:
            for picture in pictures:
                self._removal.remove_unused(PictureRow.of(picture))
        except SOMETIME as error:
            # Why there is no job is what is to be told; the next start removes what lies here for nobody.
            log.warning("The inputs of an edit that did not begin stay for now (%s).", type(error).__name__)

    def _without_foreign(self, job: JobRow) -> JobRow:
        """The job without links to takes that are another's, or gone: a page may claim any."""
        with self.database.reading() as connection:
            own = own_takes(connection, job.owner, [each.from_take for each in job.inputs if each.from_take])
        inputs = (each if each.from_take in own else replace(each, from_take=None) for each in job.inputs)
        return replace(job, inputs=tuple(inputs))

    def _job_to_save(self, job_id: str) -> JobRow:
        with self._lock:
            if job_id in self._running:
                return self._running[job_id]
        waiting = self.late.waiting
        with self.database.reading() as connection:
            return with_waiting(lookup.find_any_job(connection, job_id), waiting)
