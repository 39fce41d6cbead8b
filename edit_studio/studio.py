"""The whole app without its page: everything that must survive, opened together and closed together."""

from __future__ import annotations

import asyncio
import logging
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy.exc import OperationalError
from starlette.types import ASGIApp

from .darkroom import Darkroom
from .door.archive_route import ArchiveRoute
from .door.gate import Gate
from .door.origins import Origins
from .door.people import People
from .door.picture_route import PictureRoute
from .door.previews import Previews
from .door.shield import MOST_UPLOAD_BYTES, SECONDS_STILL, Rules
from .door.tile_route import TileRoute
from .door.unfinished import sweep_unfinished
from .editor import Editor
from .fair_queue import FairQueue
from .history.drafts import files_of_others, without
from .history.history import History
from .history.opening import Opened, open_history
from .history.rows import JobRow, Json, PictureRow
from .history.unpacking import ArchiveLimits
from .jobs import LAST_TRY, TO_WRITE_DOWN, Jobs
from .loop import NoThreads
from .money.ledger import Ledger, LedgerUnwritable
from .settings import Settings
from .shelf import Shelf
from .storage.claim import FolderInUse
from .storage.database import DatabaseTooNew
from .storage.disk import FolderUnusable
from .storage.vault import NotKept, Vault
from .turns import Turns
from .wall_clock import WallClock

log = logging.getLogger(__name__)

SWEEP_SECONDS = 3600.0


class CannotOpen(RuntimeError):
    """What is kept cannot be opened. The message is one line for the owner."""


@dataclass
class Studio:
    """The collaborators of every handler. Make one with `open_studio`; `loop` is the one that jobs live in."""

    settings: Settings
    gate: Gate
    people: People
    vault: Vault
    opened: Opened
    ledger: Ledger
    previews: Previews
    jobs: Jobs
    shelf: Shelf
    darkroom: Darkroom
    editor: Editor
    turns: Turns
    loop: asyncio.AbstractEventLoop | None = None
    _closing: threading.Event = field(default_factory=threading.Event)

    @property
    def history(self) -> History:
        """What is kept."""
        return self.opened.history

    @property
    def most_upload(self) -> int:
        """Bytes of one upload: an archive of all the pictures that a person may have, or as large as one may be."""
        archive = ArchiveLimits()
        pictures = min(self.settings.keeping.quota_bytes or archive.most_bytes, archive.most_bytes)
        return max(pictures + archive.most_packed_receipt_bytes, MOST_UPLOAD_BYTES)

    def rules(self) -> Rules:
        """For the shield around the page."""
        origins = Origins(self.settings.names)
        return Rules(self.shelf.root, origins, self.people, most_upload=self.most_upload, has_room=self.shelf.has_room)

    def pictures(self) -> PictureRoute:
        """The way pictures leave the app."""
        return PictureRoute(self.people, self.history, self.vault, self.previews)

    def tiles(self) -> TileRoute:
        """The way the page's gallery gets what lies on the shelf."""
        return TileRoute(self.shelf, self.previews)

    def archive(self) -> ArchiveRoute:
        """The way a whole history leaves the app."""
        return ArchiveRoute(self.people, self.history)

    def lend(self, picture: PictureRow, name: str) -> Path:
        """A kept picture on the shelf, for Gradio to send or take; without a second copy of its bytes. Blocks.

        Raises `NotKept`, `NoRoom`.
        """
        if unsaved := self.vault.unsaved(picture.sha256):
            return self.shelf.put(unsaved.data, name)
        try:
            return self.shelf.lend(self.vault.path(picture.sha256, picture.mime), name)
        except FileNotFoundError as error:
            raise NotKept("The file of this picture is gone from the data folder.") from error

    def keep_draft(self, owner: str, form: Json) -> None:
        """Remember a form; an empty one is forgotten. Raises `NoRoom` where the disk is needed for edits."""
        if form:
            self.vault.check_room(0)
        self.history.keep_draft(owner, form)

    def delete(self, owner: str, job_id: str) -> JobRow:
        """Delete an edit and every copy of its pictures that nobody else needs, what its owner's form has of it too.

        Returns what was deleted. Blocks. Raises as `History.delete`; what cannot be removed after that is logged.
        """
        job = self.history.job(owner, job_id)
        pictures = job.pictures()
        self.history.delete(owner, job_id)
        with self.history.database.reading() as connection:
            needed = files_of_others(connection, owner)
        gone = {
            sha256: each.bytes for sha256, each in pictures.items() if not self.vault.path(sha256, each.mime).exists()
        }
        with _tried("copies of a deleted edit"):
            for sha256 in self.shelf.purge(gone, needed):
                # Also of uploads, which the vault never had.
                self.previews.remove(sha256)
        with _tried("words of a deleted edit"):
            form = self.history.draft(owner)
            left = without(form, job.prompt, self.shelf.has)
            if left != form:
                self.history.keep_draft(owner, left)
                self.history.database.clear_log()
        return job

    def drain(self, seconds: float) -> int:
        """Let what runs come to its end, from another thread than the loop's. Returns how many had to be ended."""
        if self.loop is None or self.loop.is_closed():
            return 0
        ended: Future[int] = asyncio.run_coroutine_threadsafe(self.jobs.drain(seconds), self.loop)
        try:
            return ended.result(seconds + TO_WRITE_DOWN + LAST_TRY + 1)
        except TimeoutError:
            log.warning("What ran could not be written down in time; it is marked as interrupted at the next start.")
            return self.jobs.running

    def close(self) -> None:
        """Write what waits, then let everything go: each part of it whatever becomes of the others."""
        self._closing.set()
        # The last one is the first to be called.
        with ExitStack() as parts:
            parts.callback(self.darkroom.close)
            parts.callback(self.previews.close)
            parts.callback(self.opened.close)
            parts.callback(self.turns.close)

    def end(self) -> None:
        """Let what runs come to its end, for as long as the settings say; then close, whatever became of it."""
        try:
            self.drain(self.settings.keeping.drain_seconds)
        finally:
            self.close()

    def start_sweeping(self) -> None:
        """Remove what is older than it is kept for, now and each hour, in a thread of its own."""
        threading.Thread(target=self._sweep_again_and_again, name="sweep", daemon=True).start()

    def _sweep_again_and_again(self) -> None:
        clock = WallClock()
        while not self._closing.is_set():
            self.sweep(*clock.look())
            self._closing.wait(SWEEP_SECONDS)

    def sweep(self, now: float, is_sure: bool = True) -> int:
        """Remove edits kept no longer, databases with such, old uploads and previews of nothing; returns how many edits
        went.

        Where it is not sure that it is `now`, edits stay: they would be gone for good. What cannot be removed is
        logged, and keeps nothing else from going.
        """
        seconds, expired = self.settings.keeping.seconds, 0
        if not is_sure:
            log.warning("The clock was set; whether edits are too old to be kept is asked in an hour.")
        elif seconds is not None:
            with _tried("edits"):
                expired = self.history.expire(now - seconds)
            with _tried("databases that were set aside"):
                self.opened.remove_copies(now - seconds)
        with _tried("unfinished uploads"):
            sweep_unfinished(self.shelf.root, SECONDS_STILL)
        with _tried("uploads"):
            self.shelf.sweep(self.settings.limits.seconds_kept)
        with _tried("previews"):
            self.previews.sweep()
        return expired


def _has_room(uploads: Path, kept: Path, floor: int, wanted: int) -> bool:
    """Whether the disk takes so many bytes more of what people bring.

    Where edits are on the same one it leaves twice their floor: what people bring keeps nobody from editing. Of
    another one it leaves a tenth, or the floor where that is less.
    """
    folder = uploads if uploads.exists() else kept
    shared = folder.stat().st_dev == kept.stat().st_dev
    disk = shutil.disk_usage(folder)
    return disk.free - wanted >= (2 * floor if shared else min(floor, disk.total // 10))


@contextmanager
def _tried(what: str) -> Iterator[None]:
    """Whatever goes wrong is no reason to leave the rest; an hour later most of it has another chance."""
    try:
        yield
    except Exception:
        log.exception("Some of the %s could not be removed.", what)


def open_studio(settings: Settings, engine: ASGIApp, uploads: Path) -> Studio:
    """Open what is kept, made whole. `engine` is the offline engine, `uploads` the folder Gradio puts uploads into.

    Raises `CannotOpen`.
    """
    try:
        return _open(settings, engine, uploads)
    except (FolderInUse, FolderUnusable, DatabaseTooNew, NoThreads) as error:
        raise CannotOpen(str(error)) from error
    except (OperationalError, LedgerUnwritable) as error:
        raise CannotOpen("The database of the history cannot be reached or written; see EDIT_DATABASE_URL.") from error


def _open(settings: Settings, engine: ASGIApp, uploads: Path) -> Studio:
    keeping = settings.keeping
    gate = Gate(settings.logins, settings.embedded)
    vault = Vault(keeping.folder, floor_bytes=keeping.free_bytes)
    turns = Turns()
    previews, darkroom = Previews(vault, turns=turns), Darkroom(turns=turns)
    free = {row.id for row in settings.providers.values() if row.free}
    opened = open_history(
        vault, keeping.database_url, quota_bytes=keeping.quota_bytes or None, free=free, on_removed=previews.remove
    )
    ledger = Ledger(opened.history.database, keeping.budget)
    try:
        ledger.end_open(free)
    except LedgerUnwritable:
        opened.close()
        raise
    queue = FairQueue(keeping.in_flight, keeping.waiting)
    return Studio(
        settings,
        gate,
        gate.people(),
        vault,
        opened,
        ledger,
        previews,
        Jobs(opened.history, ledger, queue),
        Shelf(
            uploads, settings.limits.most_file_bytes, partial(_has_room, uploads, keeping.folder, keeping.free_bytes)
        ),
        darkroom,
        Editor(settings, engine, darkroom),
        turns,
    )
