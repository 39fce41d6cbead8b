"""Takes the jobs of an archive in: each picture must be one and have the hash it is named for.

Jobs get ids made here and belong to whoever imports them. One that is there already is made whole: an archive may have
been damaged, or a part of a history, when it came in.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError

from edit_core.errors import UnreadablePicture
from edit_core.pictures import OUTPUT_LIMITS, Picture

from ..storage.vault import NotKept
from .enclosed import Enclosed, token_of
from .history import History
from .lookup import is_used
from .rows import InputRow, JobRow, PictureRow, TakeRow, new_job_id, take_id


@dataclass(frozen=True)
class Imported:
    """What became of an archive's jobs: now in history, there before, left out because no picture was whole, or
    because they are older than what is kept.

    `lacking` counts the pictures that jobs came in without, `mended` those that were added to jobs there before.
    """

    jobs: int
    known: int
    skipped: int
    older: int = 0
    lacking: int = 0
    mended: int = 0


class Importer:
    """Takes the jobs of one archive in, the earliest first, so that what refers to a take finds it."""

    def __init__(
        self,
        history: History,
        archive: zipfile.ZipFile,
        pictures: Mapping[str, zipfile.ZipInfo],
        older_than: float | None,
    ) -> None:
        self._history = history
        self._archive = archive
        self._pictures = pictures
        self._older_than = older_than
        self._new_ids: dict[str, str] = {}
        self._lacking = 0

    def take_in(self, jobs: Enclosed) -> Imported:
        """Raises `NoRoom`; the jobs before are there then, whole."""
        added = known = skipped = older = mended = 0
        for job in reversed(jobs):
            if here := self._find(job.owner, job.id):
                self._new_ids[job.id] = here.id
                known += 1
                mended += self._mend(job, here)
            elif self._older_than is not None and job.created < self._older_than:
                older += 1
            elif self._add(job):
                added += 1
            else:
                skipped += 1
        return Imported(added, known, skipped, older, self._lacking, mended)

    def _find(self, owner: str, job_id: str) -> JobRow | None:
        """The job that this owner has already: their own, or imported before; None if they have not."""
        try:
            return self._history.job(owner, job_id)
        except NotKept:
            pass
        try:
            return self._history.job_of_click(owner, token_of(job_id))
        except NotKept:
            return None

    def _add(self, job: JobRow) -> bool:
        fresh = new_job_id()
        with self._undoing(job, fresh, job.takes) as undone:
            moved = replace(job, id=fresh, inputs=tuple(self._inputs(job)), takes=())
            takes = tuple(self._takes(job.takes, moved))
            if job.takes and not takes:
                return False
            try:
                self._history.insert(replace(moved, takes=takes))
            except IntegrityError:
                # The same archive is being imported twice at once.
                return False
            undone.pop_all()
        self._new_ids[job.id] = fresh
        self._lacking += len(job.inputs) + len(job.takes) - len(moved.inputs) - len(takes)
        return True

    def _mend(self, job: JobRow, here: JobRow) -> int:
        """Give a job that came in before the takes it lacks, and any job its links; returns how many takes."""
        there = {take.position for take in here.takes}
        lacking = [
            take
            for take in job.takes
            if here.imported and take.position not in there and take.picture.sha256 in self._pictures
        ]
        links = self._links(job, here)
        if not lacking and not links:
            return 0
        with self._undoing(job, here.id, lacking) as undone:
            self._history.check_room(here.owner, sum(take.picture.bytes for take in lacking))
            takes = tuple(self._takes(lacking, here))
            try:
                self._history.mend(here, takes, links)
            except IntegrityError:
                # It was deleted just now.
                return 0
            undone.pop_all()
        return len(takes)

    def _links(self, job: JobRow, here: JobRow) -> dict[str, str]:
        """By its hash, the take each input of a job was, where that is here and not known of it."""
        parents = {each.picture.sha256: self._parent(job.owner, each.from_take) for each in job.inputs}
        loose = [each.picture.sha256 for each in here.inputs if not self._take(here.owner, each.from_take)]
        # No archive may turn the tree into a ring: what it hangs on was there before.
        return {
            sha256: parent.id for sha256 in loose if (parent := parents.get(sha256)) and parent.created < here.created
        }

    @contextmanager
    def _undoing(self, job: JobRow, job_id: str, takes: Collection[TakeRow]) -> Iterator[ExitStack]:
        """Unless it is emptied, the stack takes back what is written of these takes of a job meanwhile.

        Half an edit would keep the whole one out for good.
        """
        with ExitStack() as undone, self._history.vault.holding(job.pictures()):
            undone.callback(self._take_back, job, [take_id(job_id, take.position) for take in takes])
            yield undone

    def _take_back(self, job: JobRow, notes: Iterable[str]) -> None:
        vault = self._history.vault
        vault.remove_notes(notes)
        for picture in job.pictures().values():
            if vault.remove_unless(self._is_used, picture.sha256, picture.mime):
                self._history.on_removed(picture.sha256)

    def _is_used(self, sha256: str) -> bool:
        with self._history.database.reading() as connection:
            return is_used(connection, sha256)

    def _inputs(self, job: JobRow) -> Iterator[InputRow]:
        for row in job.inputs:
            try:
                picture = self._read(row.picture.sha256)
            except NotKept:
                continue
            self._history.vault.put(picture)
            parent = self._parent(job.owner, row.from_take)
            yield replace(row, picture=PictureRow.of(picture), from_take=parent.id if parent else None)

    def _takes(self, takes: Iterable[TakeRow], moved: JobRow) -> Iterator[TakeRow]:
        for row in takes:
            try:
                picture = self._read(row.picture.sha256)
            except NotKept:
                continue
            new_id = take_id(moved.id, row.position)
            take = replace(row, id=new_id, job_id=moved.id, picture=PictureRow.of(picture))
            self._history.keep_files(moved, take, picture)
            yield take

    def _parent(self, owner: str, old: str | None) -> TakeRow | None:
        """The take here, of this archive or not, that had an id elsewhere; None for one this owner does not have."""
        job_id, _, position = (old or "").rpartition("-")
        here = self._find(owner, self._new_ids.get(job_id, job_id)) if job_id else None
        return self._take(owner, f"{here.id}-{position}") if here else None

    def _take(self, owner: str, name: str | None) -> TakeRow | None:
        """This owner's take of this id; None when there is none."""
        try:
            return self._history.take(owner, name) if name else None
        except NotKept:
            return None

    def _read(self, sha256: str) -> Picture:
        """A picture of the archive. Raises `NotKept` when it is not there, or not what its name says."""
        try:
            picture = Picture.read(self._unpacked(self._pictures[sha256]), OUTPUT_LIMITS)
        except (KeyError, UnreadablePicture, zipfile.BadZipFile, zlib.error) as error:
            raise NotKept("The archive lacks this picture.") from error
        if picture.sha256 != sha256:
            raise NotKept("The archive has another picture under this name.")
        return picture

    def _unpacked(self, entry: zipfile.ZipInfo) -> bytes:
        """What the entry holds, and of one that holds more than it says only so much."""
        with self._archive.open(entry) as data:
            return data.read(entry.file_size)
