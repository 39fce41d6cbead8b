"""One app at a time on a data folder, and on a database that lies elsewhere.

A second one would take the first one's running edits for interrupted, and its unfinished files for leftovers.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from .database import Database
from .disk import FolderUnusable

_LOCK = "in-use.lock"
_KEY = 0xED17
"""Stands for this app among a PostgreSQL server's advisory locks; the other half of the key is the schema."""


class FolderInUse(RuntimeError):
    """Another process has the folder, or the database. The message is one line for the owner."""


class Claim:
    """A folder, or a database's file, is ours until `close`, or until this process ends in whatever way.

    `what` is claimed by a lock beside it, and the `setting` that names it are for the words. Raises `FolderInUse`,
    `FolderUnusable`. The lock is SQLite's on an empty database of its own: it works alike on every system, and cannot
    be left behind.
    """

    def __init__(self, lock: Path, what: str, setting: str) -> None:
        try:
            self._lock = sqlite3.connect(lock, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.OperationalError as error:
            raise FolderUnusable(f"There is no writing in the folder {lock.parent}; see {setting}.") from error
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._lock.close()
            raise FolderInUse(f"Another Edit Studio is using {what}. End it, or let {setting} name another.") from error

    @classmethod
    def of_folder(cls, root: Path) -> Claim:
        """The data folder."""
        return cls(root / _LOCK, f"the data folder {root}", "EDIT_DATA")

    @classmethod
    def of_file(cls, file: Path) -> Claim:
        """A SQLite database, wherever it lies and whatever it is called there."""
        file = file.resolve()
        return cls(file.with_name(f"{file.name}.{_LOCK}"), f"the database {file}", "EDIT_DATABASE_URL")

    def close(self) -> None:
        """Let it go."""
        self._lock.close()


class DatabaseClaim:
    """A server's database is ours until `close`, or until our connection ends. Raises `FolderInUse`.

    Waits as long as for any lock there: the connection of an app that was killed may end a moment after it.
    """

    def __init__(self, database: Database) -> None:
        self._held = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            lock = text("SELECT pg_advisory_lock(:key, hashtext(current_schema()))")
            self._held.execute(lock, {"key": _KEY})
        except OperationalError as error:
            self._held.close()
            raise FolderInUse(
                "Another Edit Studio is using the database. End it, or set EDIT_DATABASE_URL to another one."
            ) from error

    def close(self) -> None:
        """Let the database go. The connection ends, as a pool would keep the lock with it."""
        self._held.invalidate()
        self._held.close()
