"""Databases that the ledger cannot use, each for another reason: a context in which the file is like that."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from sqlalchemy import create_engine

from edit_studio.storage.database import Database, open_database


@contextmanager
def locked(file: Path) -> Iterator[Database]:
    """Another program writes."""
    with (
        closing(open_database(f"sqlite:///{file}", busy_seconds=0.05)) as database,
        closing(sqlite3.connect(file, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        yield database


@contextmanager
def read_only(file: Path) -> Iterator[Database]:
    """Nobody may write."""
    with closing(Database(create_engine(f"sqlite:///file:{file}?mode=ro&uri=true"))) as database:
        yield database


@contextmanager
def deleted(file: Path) -> Iterator[Database]:
    """The file went while it was open."""
    database = open_database(f"sqlite:///{file}")
    with database.reading():
        file.unlink()
    yield database
    database.close()


@contextmanager
def without_its_table(file: Path) -> Iterator[Database]:
    """There are no entries."""
    database = open_database(f"sqlite:///{file}")
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE entries")
    yield database
    database.close()


@contextmanager
def out_of_reach(file: Path) -> Iterator[Database]:
    """The system refuses so much as to say whether the file is there: for this name, as elsewhere for a folder."""
    with closing(Database(create_engine(f"sqlite:///{file.with_name('x' * 300)}"))) as database:
        yield database


BROKEN: dict[str, Callable[[Path], AbstractContextManager[Database]]] = {
    "locked": locked,
    "read only": read_only,
    "deleted": deleted,
    "without its table": without_its_table,
    "out of reach": out_of_reach,
}
