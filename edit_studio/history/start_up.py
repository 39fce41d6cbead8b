"""Making history and its folder agree again after whatever ended the app last time.

In this order: unfinished files are swept, takes whose row was never written are adopted from their notes, pictures of
nobody are removed, and what was under way is marked as interrupted. Nothing is ever sent again from here.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from edit_core.errors import MONEY, Charged

from ..storage import schema
from ..storage.vault import NotKept
from . import lookup
from .history import History
from .late import Moved, SavedTake
from .notes import read_notes
from .rows import AFTER_APP_ENDED, APP_ENDED, JobRow, Json
from .writing import apply, count_jobs

log = logging.getLogger(__name__)


def _interruption(message: str, charged: Charged) -> Json:
    told = {"kind": APP_ENDED, "message": message, "money": MONEY[charged], "charged": charged}
    return told | {"next_step": AFTER_APP_ENDED[charged]}


NO_PICTURE = "The app ended while this edit was under way, and no picture had arrived."
NOT_ALL_PICTURES = "The app ended while this edit was under way, and not all of its pictures had arrived."
NEVER_SENT = _interruption("The app ended before this edit was sent.", "no")


@dataclass(frozen=True)
class StartUp:
    """What was found, and done about it.

    `interrupted`, `unpaid`, `never_sent` and `completed` are ids of jobs that were under way: they are now unknown, or
    stopped at a provider that is free (both done in part, where some pictures were there), stopped, and done because
    every picture was there. `adopted` counts takes written from their notes, `swept` files removed, `missing` pictures
    whose file is gone, `unreadable` notes that are no notes; `set_aside` is a damaged database's file, of which
    `salvaged` rows were copied.
    """

    interrupted: tuple[str, ...] = ()
    unpaid: tuple[str, ...] = ()
    never_sent: tuple[str, ...] = ()
    completed: tuple[str, ...] = ()
    adopted: int = 0
    swept: int = 0
    missing: int = 0
    unreadable: int = 0
    set_aside: Path | None = None
    salvaged: int = 0

    def sentences(self) -> tuple[str, ...]:
        """What the owner should know, for the log and the page."""
        name = self.set_aside.name if self.set_aside else ""
        found = (
            (name, f"The history's database was damaged. It was set aside as {name}; rows copied: {self.salvaged}."),
            (self.adopted, f"Saved pictures that were put back into the history: {self.adopted}."),
            (self.interrupted, f"Edits that were interrupted and may have been charged: {len(self.interrupted)}."),
            (self.unpaid, f"Edits that were interrupted and cost nothing: {len(self.unpaid)}."),
            (self.never_sent, f"Edits that were stopped before they were sent: {len(self.never_sent)}."),
            (self.missing, f"Pictures of the history that are gone from the data folder: {self.missing}."),
            (self.unreadable, f"Receipt files that cannot be read and were left as they are: {self.unreadable}."),
        )
        return tuple(sentence for true, sentence in found if true)


def start_up(history: History, now: float, free: Collection[str] = ()) -> StartUp:
    """Mend what the last end left behind; `free` are the ids of providers that are never paid.

    Only for when nobody else works on this history.
    """
    with history.database.reading() as connection:
        was_empty = not count_jobs(connection)
    swept = history.vault.sweep()
    noted = read_notes(history.vault, _unknown_notes(history))
    history.vault.remove_notes(noted.empty)
    adopted = sum(_write(history, job) for job in sorted(noted.jobs.values(), key=lambda job: job.created))
    missing, orphans = _compare(history)
    swept += len(noted.empty)
    # Where the database is another than the folder's, or notes are damaged, nobody can tell what is whose.
    if not noted.unreadable and not (was_empty and adopted):
        for sha256, mime in orphans.items():
            history.vault.remove(sha256, mime)
            history.on_removed(sha256)
        swept += len(orphans)
    ended = _interrupt(history, now, free)
    return replace(ended, adopted=adopted, swept=swept, missing=missing, unreadable=noted.unreadable)


def _unknown_notes(history: History) -> list[str]:
    """Notes of takes that have no row."""
    with history.database.reading() as connection:
        known = set(connection.execute(select(schema.takes.c.id)).scalars())
    return sorted(note_id for note_id in history.vault.note_ids() if note_id not in known)


def _write(history: History, job: JobRow) -> int:
    """Write a job's found takes, and the job where it has no row either; returns how many takes."""
    try:
        with history.database.writing() as connection:
            history.database.lock_whole(connection)
            lookup.find_any_job(connection, job.id)
            for take in job.takes:
                apply(connection, SavedTake(job, take))
    except NotKept:
        there = history.vault.names()
        inputs = tuple(each for each in job.inputs if each.picture.sha256 in there)
        try:
            history.insert(replace(job, inputs=inputs))
        except IntegrityError:
            log.warning("A receipt file speaks of an edit whose place is taken.")
            return 0
    return len(job.takes)


def _compare(history: History) -> tuple[int, dict[str, str]]:
    """How many pictures have a row and no file, and the files that have no row."""
    rows = schema.pictures
    with history.database.reading() as connection:
        known = {row.sha256: row.mime for row in connection.execute(select(rows.c.sha256, rows.c.mime))}
    there = history.vault.names()
    missing = sum(there.get(sha256) != mime for sha256, mime in known.items())
    return missing, {sha256: mime for sha256, mime in there.items() if sha256 not in known}


def _interrupt(history: History, now: float, free: Collection[str]) -> StartUp:
    """Give every job that was under way its end."""
    ended: defaultdict[str, list[str]] = defaultdict(list)
    with history.database.writing() as connection:
        history.database.lock_whole(connection)
        for job in lookup.find_running(connection):
            end = _end_of(job, now, "no" if job.provider in free else "maybe")
            apply(connection, end)
            ended[_kind(end)].append(job.id)
    return StartUp(
        interrupted=tuple(ended["interrupted"]),
        unpaid=tuple(ended["unpaid"]),
        never_sent=tuple(ended["never_sent"]),
        completed=tuple(ended["completed"]),
    )


def _end_of(job: JobRow, now: float, charged: Charged) -> Moved:
    """The end of a job that was under way; `charged` says whether what was sent of it may have been."""
    # A take may bring more pictures than were asked for; they have places behind those, and fill none of them.
    if sum(take.position < job.takes_asked for take in job.takes) == job.takes_asked:
        return Moved(job.id, "done", None, now)
    if job.takes:
        return Moved(job.id, "done", _interruption(NOT_ALL_PICTURES, charged), now)
    if job.state == "queued":
        return Moved(job.id, "stopped", NEVER_SENT, now)
    return Moved(job.id, "stopped" if charged == "no" else "unknown", _interruption(NO_PICTURE, charged), now)


def _kind(end: Moved) -> str:
    """The field of `StartUp` for a job that ended like this."""
    if end.failure is None:
        return "completed"
    if end.failure is NEVER_SENT:
        return "never_sent"
    return "unpaid" if end.failure["charged"] == "no" else "interrupted"
