"""The notes beside the pictures, read back as jobs: what history is written from when its rows are lost."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..storage.vault import NotKept, Vault
from .records import BadRecord, read_note
from .rows import JobRow

log = logging.getLogger(__name__)


@dataclass
class Noted:
    """Jobs by id, each with the takes that have a note and a whole picture.

    `empty` are takes whose picture is not there or damaged, `unreadable` counts notes that are none.
    """

    jobs: dict[str, JobRow] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    unreadable: int = 0


def read_notes(vault: Vault, take_ids: Iterable[str]) -> Noted:
    """What the notes of these takes say."""
    found = Noted()
    for take_id in take_ids:
        try:
            job = _noted_job(vault, take_id)
        except (BadRecord, NotKept) as error:
            log.warning("A receipt file cannot be read: %s", error)
            found.unreadable += 1
            continue
        take = job.takes[0]
        if vault.is_whole(take.picture.sha256, take.picture.mime):
            found.jobs[job.id] = found.jobs.get(job.id, job).with_take(take)
        else:
            found.empty.append(take_id)
    return found


def _noted_job(vault: Vault, take_id: str) -> JobRow:
    job = read_note(vault.read_note(take_id))
    if job.takes[0].id != take_id:
        raise BadRecord("The note is about another take than its name says.")
    return job
