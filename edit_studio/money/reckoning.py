"""Entries written again for pictures that have none, as after the database was lost: their money must go on counting.

Every picture that was made here was reserved for before it was sent, so one without an entry is one whose entry is
gone. What it cost is what its receipt says.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select

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


def _cost(receipt: Any, unknown: int) -> tuple[int, bool]:
    """What a receipt says a take cost, and whether it was the service that said so. Receipts are old, or damaged."""
    cost = receipt.get("cost") if isinstance(receipt, dict) else None
    if not isinstance(cost, dict):
        return unknown, False
    try:
        return micros(cost.get("dollars", "")), cost.get("from") == "the service"
    except ValueError:
        return unknown, False
