"""History as it is read: what stands in the database, and what waits to be written there.

What waits is looked at first: what is written while we look is then in one of both. Every question names its owner,
and what is another's is as good as not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..storage.database import Database
from . import lookup
from .drafts import read_draft
from .facets import Facets, find_facets
from .late import Change, LateRows, Moved, SavedTake
from .lookup import Page, Search, Tree
from .rows import RUNNING, JobRow, Json, PictureRow, TakeRow


class Reading:
    """The half of `History` that changes nothing."""

    def __init__(self, database: Database, late: LateRows) -> None:
        self.database = database
        self.late = late

    def job(self, owner: str, job_id: str) -> JobRow:
        """One job as it stands. Raises `NotKept`, as does everything here that asks for what is another's."""
        waiting = self.late.waiting
        with self.database.reading() as connection:
            return with_waiting(lookup.find_job(connection, owner, job_id), waiting)

    def job_of_click(self, owner: str, token: str) -> JobRow:
        """The job that a click made, by the token the page gave it. Raises `NotKept`."""
        waiting = self.late.waiting
        with self.database.reading() as connection:
            return with_waiting(lookup.find_by_token(connection, owner, token), waiting)

    def take(self, owner: str, take_id: str) -> TakeRow:
        """One take. Raises `NotKept`."""
        for change in self.late.waiting:
            if isinstance(change, SavedTake) and change.take.id == take_id and change.job.owner == owner:
                return change.take
        with self.database.reading() as connection:
            return lookup.find_take(connection, owner, take_id)

    def visible(self, owner: str, sha256: str) -> PictureRow:
        """A picture this owner may see: an input or a take of a job of theirs. Raises `NotKept`."""
        for change in self.late.waiting:
            if isinstance(change, SavedTake) and change.job.owner == owner and change.take.picture.sha256 == sha256:
                return change.take.picture
        with self.database.reading() as connection:
            return lookup.find_picture(connection, owner, sha256)

    def page(self, owner: str, search: Search | None = None, before: int | None = None, most: int = 50) -> Page:
        """A page of history, the latest first; `before` is the `next_cursor` of the page before."""
        waiting = self.late.waiting
        with self.database.reading() as connection:
            page = lookup.find_page(connection, owner, search or Search(), before, most)
        return replace(page, rows=tuple(with_waiting(job, waiting) for job in page.rows))

    def facets(self, owner: str) -> Facets:
        """What this owner's history can be narrowed to."""
        with self.database.reading() as connection:
            return find_facets(connection, owner)

    def tree(self, owner: str, job_id: str) -> Tree:
        """All jobs that hang together with this one. Raises `NotKept`."""
        with self.database.reading() as connection:
            return lookup.find_tree(connection, owner, job_id)

    def running(self, owner: str | None = None) -> tuple[JobRow, ...]:
        """Jobs that are not over, of one owner or of all."""
        waiting = self.late.waiting
        with self.database.reading() as connection:
            found = lookup.find_running(connection, owner)
        return tuple(job for row in found if not (job := with_waiting(row, waiting)).over)

    def bytes_of(self, owner: str) -> int:
        """Bytes that this owner's pictures take."""
        with self.database.reading() as connection:
            return lookup.bytes_of(connection, owner)

    def bytes_beyond(self, owner: str, sizes: Mapping[str, int]) -> int:
        """Of these pictures, by hash with their bytes, the bytes of those that this owner has not yet."""
        with self.database.reading() as connection:
            own = lookup.own_pictures(connection, owner, sizes)
        return sum(size for name, size in sizes.items() if name not in own)

    def draft(self, owner: str) -> Json:
        """The form as this owner left it; empty when there is none."""
        with self.database.reading() as connection:
            return read_draft(connection, owner)


def with_waiting(job: JobRow, waiting: Iterable[Change]) -> JobRow:
    """The job as it stands, with what the database did not know yet; that may have been written since."""
    for change in waiting:
        if isinstance(change, SavedTake) and change.job.id == job.id:
            job = job.with_take(change.take)
        elif isinstance(change, Moved) and change.job_id == job.id and not (job.over and change.state in RUNNING):
            end = change.finished if change.state not in RUNNING else job.finished
            job = replace(job, state=change.state, failure=change.failure or job.failure, finished=end)
    return job
