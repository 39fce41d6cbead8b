"""Opening history for work: the folder claimed, a damaged database set aside, everything made whole.

Nothing here is silent: what was found is in `StartUp`, in sentences for the log and the page.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from glob import escape
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError

from ..money.amounts import said
from ..money.reckoning import reckon_again
from ..storage.claim import Claim, DatabaseClaim
from ..storage.database import BUSY_SECONDS, Database, DatabaseDamaged, open_database
from ..storage.vault import Vault
from .history import History
from .notes import read_notes
from .salvage import salvage
from .start_up import StartUp, start_up

log = logging.getLogger(__name__)

DATABASE_FILE = "history.db"


@dataclass(frozen=True)
class Opened:
    """A history ready for work, what was found on the way, and the claims on its folder and database.

    `reckoned` is the micro-dollars of entries that were lost, and written again from the receipts.
    """

    history: History
    found: StartUp
    claims: ExitStack
    reckoned: int = 0

    def sentences(self) -> tuple[str, ...]:
        """What the owner should know of this start."""
        spent = f"What was spent was reckoned again from the receipts: {said(self.reckoned)}."
        return (*self.found.sentences(), *((spent,) if self.reckoned else ()))

    def remove_copies(self, older_than: float) -> int:
        """Remove databases that were set aside, and copies of before a migration, which nobody has written to since
        this time (seconds since 1970): they hold edits that were deleted. Returns how many files went.
        """
        file = self.history.database.file
        if file is None:
            return 0
        copies = [each for kind in ("damaged", "version") for each in file.parent.glob(f"{escape(file.name)}.{kind}-*")]
        old = [each for each in copies if each.is_file() and each.stat().st_mtime < older_than]
        for each in old:
            each.unlink(missing_ok=True)
        return len(old)

    def close(self) -> int:
        """Write what waits, close the database and let the folder go. Returns how many rows were left unwritten."""
        left = self.history.close()
        self.claims.close()
        return left


def open_history(
    vault: Vault,
    url: str = "",
    *,
    quota_bytes: int | None = None,
    free: Collection[str] = (),
    clock: Callable[[], float] = time.time,
    on_removed: Callable[[str], None] = lambda _sha256: None,
    busy_seconds: float = BUSY_SECONDS,
) -> Opened:
    """History on this vault, in the database of this URL (a file in the vault's folder unless given), made whole.

    `free` are the ids of providers that are never paid, so that what was interrupted there is no question of money.
    Raises `FolderInUse`, `FolderUnusable`, `DatabaseTooNew`, or SQLAlchemy's `OperationalError` for a database that
    cannot be reached.
    """
    with ExitStack() as claims:
        claims.callback(Claim.of_folder(vault.root).close)
        url = url or f"sqlite:///{(vault.root / DATABASE_FILE).absolute()}"
        if url.startswith("sqlite"):
            claims.callback(Claim.of_file(_file_of(url)).close)
        database, aside = open_or_set_aside(url, clock(), busy_seconds)
        claims.callback(database.close)
        if not database.is_sqlite:
            claims.callback(DatabaseClaim(database).close)
        copied = _copy_from(aside, database, vault) if aside else 0
        history = History(database, vault, quota_bytes=quota_bytes, clock=clock, on_removed=on_removed)
        found = replace(start_up(history, clock(), free), set_aside=aside, salvaged=copied)
        opened = Opened(history, found, claims, reckon_again(database, clock()))
        for sentence in opened.sentences():
            log.warning("%s", sentence)
        return replace(opened, claims=claims.pop_all())


def open_or_set_aside(url: str, now: float, busy_seconds: float = BUSY_SECONDS) -> tuple[Database, Path | None]:
    """The database; or, where it is damaged, a new one, and where the old one lies now."""
    try:
        return _sound(url, busy_seconds), None
    except DatabaseDamaged as error:
        log.error("The database is damaged: %s", error)
        aside = _set_aside(_file_of(url), now)
    return open_database(url, busy_seconds=busy_seconds), aside


def _sound(url: str, busy_seconds: float) -> Database:
    if url.startswith("sqlite") and (file := _file_of(url)).exists() and not file.stat().st_size:
        raise DatabaseDamaged("the file is empty")
    database = open_database(url, busy_seconds=busy_seconds)
    try:
        database.check()
    except DatabaseDamaged:
        database.close()
        raise
    return database


def _file_of(url: str) -> Path:
    return Path(make_url(url).database or "")


def _set_aside(file: Path, now: float) -> Path:
    """Rename the file and its log; SQLite finds the log again by its name."""
    aside = file.with_name(f"{file.name}.damaged-{datetime.fromtimestamp(now, UTC):%Y%m%d-%H%M%S}")
    for number in range(2, 100):
        if not aside.exists():
            break
        aside = aside.with_name(f"{aside.name.partition('.again-')[0]}.again-{number}")
    for suffix in ("-shm", "-wal", ""):
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    return aside


def _copy_from(aside: Path, database: Database, vault: Vault) -> int:
    """Take over what can be read of a damaged database; nothing where that contradicts itself."""
    noted = read_notes(vault, vault.note_ids())
    try:
        with database.writing() as connection:
            return salvage(aside, connection, vault.names(), noted.jobs)
    except IntegrityError:
        log.warning("The damaged database contradicts itself; only the receipt files are used.")
        return 0
