"""One database: a SQLite file by default, PostgreSQL by URL. Opens it, brings it up to date, lends transactions.

SQLite runs with a write-ahead log and `synchronous=FULL`, so what is committed survives a power cut, and a writing
transaction takes its lock at once: one that starts by reading and then wants to write fails without waiting.
Every call blocks; whoever lives in an event loop calls from a thread.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError

from .schema import MIGRATIONS, Migrations, metadata, version

log = logging.getLogger(__name__)

BUSY_SECONDS = 10
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_ERROR})
"""What SQLite says of a damaged file. SQLITE_ERROR is a table or column that is not there."""

_SERVER = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""How long a server may be silent, in seconds and the last in milliseconds, before a connection to it is given up.
By default that takes Linux a quarter of an hour, in which every save waits. Names:
https://www.postgresql.org/docs/current/libpq-connect.html"""

_READS = "reads_only"
_ADVISORY_LOCK = 20261121


class DatabaseTooNew(RuntimeError):
    """The database was written by a newer version of the app; it is left as it is."""


class DatabaseDamaged(RuntimeError):
    """The file is no database, or a damaged one."""


@dataclass(frozen=True)
class Database:
    """A database that is up to date. Make one with `open_database`."""

    engine: Engine

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file of ours rather than a server."""
        return self.engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database; None for a server, or for one in memory."""
        name = self.engine.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads: a steady view of the data, and nobody waits for it."""
        steady = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**{_READS: True}, **steady) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes, and holds the write lock from its start; all of it happens, or nothing."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def lock_whole(self, connection: Connection) -> None:
        """Let no other transaction that asks for this lock run beside this one. SQLite's writers never do anyway."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})

    def check(self) -> None:
        """Read all of the file, and compare it with itself. Raises `DatabaseDamaged`; a server looks after itself."""
        if not self.is_sqlite:
            return
        try:
            with self.reading() as connection:
                said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
                astray = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                # What the pragma cannot see: text that is no longer text, JSON that is no longer JSON.
                read = sum(1 for table in metadata.sorted_tables for _ in connection.execute(select(table)))
        except DBAPIError as error:
            if self.is_damage(error):
                raise DatabaseDamaged(str(error.orig)) from error
            raise
        except ValueError as error:
            raise DatabaseDamaged("a value cannot be read") from error
        if said != "ok" or astray:
            raise DatabaseDamaged(str(said) if said != "ok" else "rows refer to rows that are not there")
        log.debug("The database is in order, all %d rows of it.", read)

    def is_damage(self, error: DBAPIError) -> bool:
        """Whether the error says that the file is no database, or a damaged one; a lock or a full disk is neither."""
        code = getattr(error.orig, "sqlite_errorcode", None)
        if code is None:
            # What sqlite3 itself says of text that is no UTF-8 has no code.
            return str(error.orig).startswith("Could not decode")
        if code & 0xFF == sqlite3.SQLITE_READONLY:
            # A damaged header can say that only newer versions may write.
            return self.file is not None and os.access(self.file, os.W_OK)
        return code & 0xFF in _DAMAGE

    def clear_log(self) -> None:
        """Empty SQLite's write-ahead log, which still holds what was deleted; what a reader needs stays for now."""
        if not self.is_sqlite:
            return
        lent = self.engine.raw_connection()
        try:
            lent.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            lent.close()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_database(url: str, *, busy_seconds: float = BUSY_SECONDS, migrations: Migrations = MIGRATIONS) -> Database:
    """The database behind a URL such as `sqlite:////data/history.db`, created or migrated as needed.

    A writer waits `busy_seconds` for another. Raises `DatabaseTooNew`, `DatabaseDamaged`, or SQLAlchemy's
    `OperationalError` when it cannot be reached.
    """
    database = Database(_engine(url, busy_seconds))
    try:
        _migrate(database, migrations)
    except DBAPIError as error:
        database.close()
        if database.is_damage(error):
            raise DatabaseDamaged(str(error.orig)) from error
        raise
    except UnicodeDecodeError as error:
        # SQLite named what is damaged, and the name is damaged too.
        database.close()
        raise DatabaseDamaged("the names of its tables cannot be read") from error
    except DatabaseTooNew:
        database.close()
        raise
    return database


def _engine(url: str, busy_seconds: float) -> Engine:
    # Parameters are prompts and receipts: no line of a log may print them.
    if not url.startswith("sqlite"):
        silence = {name: value for name, value in _SERVER.items() if name not in make_url(url).query}
        engine = create_engine(
            url, hide_parameters=True, pool_pre_ping=True, pool_size=5, max_overflow=5, connect_args=silence
        )
        event.listen(engine, "connect", partial(_prepare_postgres, busy_seconds))
        return engine
    timing = {"timeout": busy_seconds, "check_same_thread": False}
    # Each connection holds two files and a cache of pages; a crowd's are closed again.
    engine = create_engine(url, hide_parameters=True, connect_args=timing, pool_size=2, max_overflow=13)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # No transactions of the driver's own: it would begin late, and without the lock.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgres(busy_seconds: float, connection: Any, _record: Any) -> None:
    connection.execute(f"SET lock_timeout = {round(busy_seconds * 1000)}")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get(_READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _migrate(database: Database, migrations: Migrations) -> None:
    """Bring the tables to this version, in one transaction, after a copy of the file was put aside."""
    with database.reading() as connection:
        found = _version(connection)
    if found > len(migrations):
        raise DatabaseTooNew(f"The database has version {found}; this app knows up to {len(migrations)}.")
    if 0 < found < len(migrations):
        _back_up(database, found)
    with database.writing() as connection:
        database.lock_whole(connection)
        found = _version(connection)
        for step in migrations[found:]:
            step(connection)
        if found < len(migrations):
            connection.execute(version.delete())
            connection.execute(version.insert().values(number=len(migrations)))


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(version.name):
        return 0
    return connection.execute(select(version.c.number)).scalar() or 0


def _back_up(database: Database, found: int) -> None:
    """A copy beside the file. A server's owner keeps backups of a server."""
    file = database.file
    if file is None:
        return
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    copy = sqlite3.connect(file.with_name(f"{file.name}.version-{found}.{moment}"))
    lent = database.engine.raw_connection()
    try:
        # SQLite's own way of copying: a part of the database may still be in its log, where a plain copy misses it.
        lent.driver_connection.backup(copy)  # type: ignore[union-attr]  # it is sqlite3's
    finally:
        lent.close()
        copy.close()
