"""Entries put right at the start, by what history says of their takes.

Every picture that was made here was reserved for before it was sent, so one without an entry is one whose entry is
gone, as after the database was lost: its money must go on counting. An entry that is still reserved is one whose
outcome was never written. What a picture cost is what its receipt says.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, exists, select

from edit_core.errors import CHARGED_TWICE

from ..storage import schema
from ..storage.database import Database
from .amounts import micros
from .days import day_of
from .prices import UNKNOWN_PRICE

_jobs, _takes, _entries = schema.jobs, schema.takes, schema.entries


def reckon_again(database: Database, now: float, unknown: int = UNKNOWN_PRICE) -> int:
    """Write an entry for each saved take that has none; returns their micro-dollars together.

    It counts on the day the take was saved, or today where that is yet to come. `unknown` is what a take counts as
    whose receipt names no cost. Left out is what came in an archive, and a take's further pictures, which cost nothing
    of their own. Only for the one process that works on this database.
    """
    has_one = exists().where(_entries.c.job_id == _takes.c.job_id, _entries.c.take == _takes.c.position)
    lost = (
        select(_takes.c.job_id, _takes.c.position, _takes.c.created, _takes.c.receipt, _jobs.c.owner)
        .join(_jobs)
        .where(_takes.c.position < _jobs.c.takes_asked, _jobs.c.imported.is_(False), ~has_one)
        .order_by(_takes.c.created)
    )
    with database.reading() as connection:
        rows = [_entry(row, now, unknown) for row in connection.execute(lost)]
    if not rows:
        return 0
    with database.writing() as connection:
        database.lock_whole(connection)
        connection.execute(_entries.insert(), rows)
    return sum(row["micros"] for row in rows)


def end_open(connection: Connection, free: Collection[str] = ()) -> int:
    """Give every entry that is still reserved its end; returns how many are held. For when every job is over.

    A take that is there was paid for. One that is not was free where its provider is, or where its job says that
    nothing was charged. Of the rest nobody knows.
    """
    of_take = (_takes.c.job_id == _entries.c.job_id) & (_takes.c.position == _entries.c.take)
    still_open = (
        select(_entries.c.number, _entries.c.micros, _jobs.c.provider, _jobs.c.failure, _takes.c.id, _takes.c.receipt)
        .select_from(_entries.outerjoin(_jobs, _jobs.c.id == _entries.c.job_id).outerjoin(_takes, of_take))
        .where(_entries.c.state == "reserved")
    )
    ends = {row.number: _end_of(row, free) for row in connection.execute(still_open).all()}
    for number, values in ends.items():
        connection.execute(_entries.update().where(_entries.c.number == number).values(values))
    return sum(values["state"] == "held" for values in ends.values())


def _end_of(row: Any, free: Collection[str]) -> dict[str, Any]:
    if row.id is not None:
        cost, said = _cost(row.receipt, row.micros)
        if CHARGED_TWICE in _notes(row.receipt):
            # Set aside for both requests; the receipt is of the one that was answered.
            cost, said = max(cost, row.micros), False
        return {"state": "settled", "micros": cost, "estimated": not said}
    failure = row.failure if isinstance(row.failure, dict) else {}
    return {"state": "released" if row.provider in free or failure.get("charged") == "no" else "held"}


def _entry(take: Any, now: float, unknown: int) -> dict[str, Any]:
    cost, said = _cost(take.receipt, unknown)
    created = min(max(take.created, 0.0), now)
    return {
        "job_id": take.job_id,
        "take": take.position,
        "owner": take.owner,
        "day": day_of(created),
        "state": "settled",
        "micros": cost,
        "estimated": not said,
        "created": created,
    }


def _notes(receipt: Any) -> list[Any]:
    notes = receipt.get("notes") if isinstance(receipt, dict) else None
    return notes if isinstance(notes, list) else []


def _cost(receipt: Any, unknown: int) -> tuple[int, bool]:
    """What a receipt says a take cost, and whether it was the service that said so. Receipts are old, or damaged."""
    cost = receipt.get("cost") if isinstance(receipt, dict) else None
    if not isinstance(cost, dict):
        return unknown, False
    try:
        return micros(cost.get("dollars", "")), cost.get("from") == "the service"
    except ValueError:
        return unknown, False
