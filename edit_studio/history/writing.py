"""Changing the rows of history, on a connection somebody lends, within a transaction of theirs.

The caller holds the lock of the whole database (`Database.lock_whole`), so that what is looked up here still holds when
it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, func, select

from ..storage import schema
from .late import Change, Moved, SavedTake
from .lookup import is_used
from .rows import RUNNING, JobRow, PictureRow, TakeRow, words_of

_jobs, _inputs, _takes, _pictures = (schema.jobs, schema.inputs, schema.takes, schema.pictures)


def insert_job(connection: Connection, job: JobRow) -> int:
    """Write a job with its inputs and takes; returns its place in history."""
    columns = [column.name for column in _jobs.c if column.name not in ("number", "words")]
    values = {name: getattr(job, name) for name in columns} | {"words": words_of(job.prompt)}
    key = connection.execute(_jobs.insert().values(values)).inserted_primary_key
    insert_contents(connection, job)
    if key is None:
        raise RuntimeError("The database gave the job no number.")
    return int(key[0])


def insert_contents(connection: Connection, job: JobRow) -> None:
    """Write the inputs and takes of a job that has its row."""
    insert_pictures(connection, job.pictures().values())
    rows = [
        {
            "job_id": job.id,
            "position": position,
            "sha256": each.picture.sha256,
            "name": each.name,
            "role": each.role,
            "changes": list(each.changes),
            "from_take": each.from_take,
        }
        for position, each in enumerate(job.inputs)
    ]
    if rows:
        connection.execute(_inputs.insert(), rows)
    for take in job.takes:
        insert_take(connection, take)


def insert_take(connection: Connection, take: TakeRow) -> None:
    """Write a take. One that is there already stays as it is."""
    if connection.execute(select(_takes.c.id).where(_takes.c.id == take.id)).first():
        return
    insert_pictures(connection, [take.picture])
    connection.execute(
        _takes.insert().values(
            id=take.id,
            job_id=take.job_id,
            position=take.position,
            sha256=take.picture.sha256,
            created=take.created,
            text=take.text,
            receipt=take.receipt,
        )
    )


def mend_job(connection: Connection, job_id: str, takes: Iterable[TakeRow], links: Mapping[str, str]) -> None:
    """Write takes that a job lacks; `links` says by the hash of an input which take that one was."""
    for take in takes:
        insert_take(connection, take)
    for sha256, name in links.items():
        mine = (_inputs.c.job_id == job_id, _inputs.c.sha256 == sha256)
        connection.execute(_inputs.update().where(*mine).values(from_take=name))


def insert_pictures(connection: Connection, pictures: Iterable[PictureRow]) -> None:
    """Write the pictures that have no row yet."""
    wanted = {picture.sha256: picture for picture in pictures}
    known = set(connection.execute(select(_pictures.c.sha256).where(_pictures.c.sha256.in_(wanted))).scalars())
    rows = [vars(picture) for name, picture in wanted.items() if name not in known]
    if rows:
        connection.execute(_pictures.insert(), rows)


def apply(connection: Connection, change: Change) -> None:
    """Write a take, or a job's new state. A job that is over does not run again."""
    if isinstance(change, SavedTake):
        insert_take(connection, change.take)
        return
    update = _jobs.update().where(_jobs.c.id == change.job_id)
    if change.state in RUNNING:
        update = update.where(_jobs.c.state.in_(RUNNING))
    connection.execute(update.values(_moved(change)))


def _moved(change: Moved) -> Mapping[str, object]:
    if change.state in RUNNING:
        return {"state": change.state}
    return {"state": change.state, "failure": change.failure, "finished": change.finished}


def mark_favourite(connection: Connection, owner: str, job_id: str, on: bool) -> bool:
    """Mark a job, or no longer; returns whether it is there."""
    update = _jobs.update().where(_jobs.c.owner == owner, _jobs.c.id == job_id).values(favourite=on)
    return connection.execute(update).rowcount > 0


def remove_job(connection: Connection, job: JobRow) -> tuple[PictureRow, ...]:
    """Delete a job with its inputs and takes; returns its pictures that nobody else has, their rows deleted too."""
    connection.execute(_jobs.delete().where(_jobs.c.id == job.id))
    unused = tuple(row for row in job.pictures().values() if not is_used(connection, row.sha256))
    connection.execute(_pictures.delete().where(_pictures.c.sha256.in_([row.sha256 for row in unused])))
    return unused


def own_takes(connection: Connection, owner: str, take_ids: Iterable[str]) -> set[str]:
    """Which of these takes are this owner's."""
    query = select(_takes.c.id).join(_jobs).where(_jobs.c.owner == owner, _takes.c.id.in_(list(take_ids)))
    return set(connection.execute(query).scalars())


def count_jobs(connection: Connection) -> int:
    """All jobs of everybody."""
    return int(connection.execute(select(func.count()).select_from(_jobs)).scalar_one())
