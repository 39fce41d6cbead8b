"""What can still be read of a damaged database, row by row.

Each table is read from its start until that fails, and from its end until that fails; a row is taken over when its
values are of the kinds they should be, and the rows and files it refers to are there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Float, Table

from ..money.entries import is_entry
from ..storage import schema
from .rows import JobRow, is_state, words_of
from .writing import insert_contents


def salvage(damaged: Path, connection: Connection, kept: Container[str], noted: Mapping[str, JobRow]) -> int:
    """Copy rows from a damaged file into empty tables; returns how many.

    `kept` are the pictures that have a file, `noted` the jobs that have notes: what a note says goes before what the
    damaged file says of the same job, of which only the state and the like are taken.
    """
    copied = 0
    known: dict[Column, set[Any]] = {}
    clicks = {(job.owner, job.token): job.id for job in noted.values()}
    with closing(sqlite3.connect(damaged)) as source:
        # One text that is none any more must not end the reading of all after it; `_value` refuses it.
        source.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        for table in schema.metadata.sorted_tables:
            if table is schema.version:
                continue
            rows = [row for row in _rows(source, table) if _belongs(row, table, known, kept)]
            if table is schema.jobs:
                rows = [_as_noted(row, noted) for row in rows if _is_true(row, clicks)]
            elif table in (schema.inputs, schema.takes):
                rows = [row for row in rows if row["job_id"] not in noted]
            elif table is schema.entries:
                rows = [row for row in rows if is_entry(row["state"], row["day"], row["micros"])]
            if rows:
                connection.execute(table.insert().prefix_with("OR IGNORE"), rows)
            for column in table.c:
                known[column] = {row[column.name] for row in rows} if not isinstance(column.type, JSON) else set()
            copied += len(rows)
    for job_id in noted.keys() & known[schema.jobs.c.id]:
        insert_contents(connection, noted[job_id])
    return copied


def _is_true(row: dict[str, Any], clicks: Mapping[tuple[str, str], str]) -> bool:
    """Whether no note says that this job's id was another."""
    return is_state(row["state"]) and clicks.get((row["owner"], row["token"]), row["id"]) == row["id"]


def _as_noted(row: dict[str, Any], noted: Mapping[str, JobRow]) -> dict[str, Any]:
    if row["id"] not in noted:
        return row
    job = noted[row["id"]]
    changes = ("state", "finished", "failure", "favourite", "number", "words")
    return row | {name: getattr(job, name) for name in row if name not in changes} | {"words": words_of(job.prompt)}


def _belongs(row: dict[str, Any], table: Table, known: dict[Column, set[Any]], kept: Container[str]) -> bool:
    if table is schema.pictures and row["sha256"] not in kept:
        return False
    return all(row[key.parent.name] in known[key.column] for key in table.foreign_keys)


def _rows(source: sqlite3.Connection, table: Table) -> Iterator[dict[str, Any]]:
    seen: set[int] = set()
    for order in ("ASC", "DESC"):
        for number, *values in _until_damage(source, table, order):
            if number not in seen:
                seen.add(number)
                try:
                    yield {column.name: _value(column, each) for column, each in zip(table.c, values, strict=True)}
                except ValueError:
                    continue


def _until_damage(source: sqlite3.Connection, table: Table, order: str) -> Iterator[tuple[Any, ...]]:
    names = ", ".join(f'"{column.name}"' for column in table.c)
    query = f'SELECT rowid, {names} FROM "{table.name}" ORDER BY rowid {order}'  # noqa: S608 - names of our own tables
    try:
        yield from source.execute(query)
    except (sqlite3.Error, UnicodeDecodeError):  # the latter when SQLite names what is damaged
        return


def _value(column: Column, value: Any) -> Any:
    """The value as Python has it. Raises `ValueError` when it is not of the column's kind."""
    if value is None:
        if column.nullable:
            return None
        raise ValueError(column.name)
    if isinstance(value, str):
        value.encode()
    if isinstance(column.type, JSON):
        return json.loads(value) if isinstance(value, str) else _refuse(column)
    if isinstance(column.type, Boolean):
        return bool(value) if value in (0, 1) else _refuse(column)
    kind = (int, float) if isinstance(column.type, Float) else column.type.python_type
    return value if isinstance(value, kind) else _refuse(column)


def _refuse(column: Column) -> Any:
    raise ValueError(column.name)
