"""Letting jobs go, and the pictures nobody else has; and sparing those whose rows are still on their way.

What waits for its row may be on its way to the disk in the very moment its job is deleted. Whoever writes it finds that
out here, and clears it away again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..storage.database import Database
from ..storage.vault import Vault
from . import lookup
from .late import LateRows, SavedTake
from .rows import JobRow, PictureRow, TakeRow
from .writing import remove_job


class Removal:
    """Deletes from `database` and `vault`, and from what waits in `late`; `on_removed` hears of each picture."""

    def __init__(self, database: Database, vault: Vault, late: LateRows, on_removed: Callable[[str], None]) -> None:
        self._database = database
        self._vault = vault
        self._late = late
        self._on_removed = on_removed
        self._lock = threading.Lock()
        # Takes whose row is on its way, and jobs that were deleted while such takes were.
        self._held: set[str] = set()
        self._deleted: set[str] = set()

    def hold(self, take: TakeRow) -> None:
        """Spare the picture of a take until `let_go`."""
        with self._lock:
            if take.id in self._held:
                return
            self._held.add(take.id)
        self._vault.hold([take.picture.sha256])

    def let_go(self, take: TakeRow) -> None:
        """End a `hold`, once, however many call it."""
        with self._lock:
            if take.id not in self._held:
                return
            self._held.remove(take.id)
        self._vault.release([take.picture.sha256])

    def delete(self, job: JobRow) -> None:
        """Delete a job with all that is on disk of it. Where the database cannot be written the job stays whole."""
        notes = [take.id for take in job.takes]
        with self._database.writing() as connection:
            self._database.lock_whole(connection)
            unused = remove_job(connection, job)
            # Notes go last before the commit. One that outlived its row would bring the edit back at the next start;
            # one that went before the lock was ours would be missing when the lock cannot be had.
            self._vault.remove_notes(notes)
        late = [change.take for change in self._late.forget(job.id) if isinstance(change, SavedTake)]
        if late:
            # One of them may be on its way to the disk just now; whoever writes it clears it away then.
            with self._lock:
                self._deleted.add(job.id)
            for take in late:
                self.let_go(take)
            self._vault.remove_notes([*notes, *(take.id for take in late)])
        self._vault.remove_damaged(job.id)
        # A take that was still waiting for its row has a file and no row of its picture.
        gone = (*unused, *(take.picture for take in job.takes), *(take.picture for take in late))
        for picture in {each.sha256: each for each in gone}.values():
            self.remove_unused(picture)

    def clear_if_deleted(self, take: TakeRow, *, never: bool) -> None:
        """After a row could not be written: if its job was deleted meanwhile, its files go as well.

        They may have been written after the deletion, and would bring the edit back at the next start. `never` says
        that no try will help; then the picture is let go, and the database can be asked.
        """
        with self._lock:
            deleted = take.job_id in self._deleted
        if never:
            with self._database.reading() as connection:
                deleted = not lookup.is_known(connection, take.job_id)
        if never or deleted:
            self.let_go(take)
        if deleted:
            self._vault.remove_notes([take.id])
            self.remove_unused(take.picture)

    def remove_unused(self, picture: PictureRow) -> None:
        """Let a picture go, unless somebody has it or is about to."""
        if self._vault.remove_unless(self._is_used, picture.sha256, picture.mime):
            self._on_removed(picture.sha256)

    def _is_used(self, sha256: str) -> bool:
        with self._database.reading() as connection:
            return lookup.is_used(connection, sha256)
