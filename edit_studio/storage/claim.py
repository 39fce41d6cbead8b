"""One app at a time on a data folder, and on a server's database.

A second one would take the first one's running edits for interrupted, and its unfinished files for leftovers.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from .database import Database

_FILE = "in-use.lock"
_KEY = 0xED17
"""Stands for this app among a PostgreSQL server's advisory locks; the other half of the key is the schema."""


class FolderInUse(RuntimeError):
    """Another process has the folder, or the database. The message is one line for the owner."""


class Claim:
    """The folder is ours until `close`, or until this process ends in whatever way. Raises `FolderInUse`.

    The lock is SQLite's on an empty database of its own: it works alike on every system, and cannot be left behind.
    """

    def __init__(self, root: Path) -> None:
        self._lock = sqlite3.connect(root / _FILE, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._lock.close()
            raise FolderInUse(
                f"Another Edit Studio is using the data folder {root}. End it, or set EDIT_DATA to another folder."
            ) from error

    def close(self) -> None:
        """Let the folder go."""
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
