"""Picture files, and the notes about them, from which history can be written again when its database is lost.

Pictures are named for their bytes, so one that is used ten times lies there once, exactly as it came. For each take
there is a note that says all that history's row of it says. Names are made here; nothing a person or a service sent
becomes part of a path.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import re
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from edit_core.pictures import FORMATS, OUTPUT_LIMITS, Picture

from .disk import Disk, NoRoom, files_below, free_bytes, nobody_watches, refusing

FLOOR_BYTES = 200 * 2**20
"""Free disk below which nothing new is begun: what is under way still has to be saved."""

MOST_UNSAVED_BYTES = 512 * 2**20
"""Of pictures that came and found the disk full, what is held in memory until there is room."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_JOB = re.compile(r"[0-9a-f]{32}")
_NOTE = re.compile(r"[0-9a-f]{32}-\d{1,3}")
_MIME_BY_SUFFIX = {row.suffix: mime for mime, row in FORMATS.items()}


class NotKept(LookupError):
    """Nothing is kept under this name."""


class Vault:
    """Picture files and notes below `root`, which is made, for its owner only, when it is not there.

    `steps` is called with the name of every step of a save, `free` gives the free bytes of a folder's disk, and `sync`
    puts an open file on it for good. `unsaved_bytes` is how much may wait in memory for a full disk. Raises
    `FolderUnusable`.
    """

    def __init__(
        self,
        root: Path,
        *,
        floor_bytes: int = FLOOR_BYTES,
        free: Callable[[Path], int] = free_bytes,
        steps: Callable[[str], None] = nobody_watches,
        sync: Callable[[int], None] = os.fsync,
        unsaved_bytes: int = MOST_UNSAVED_BYTES,
    ) -> None:
        self.root = root
        self.steps = steps
        self._floor = floor_bytes
        self._free = free
        self._disk = Disk(root, steps, sync)
        self._disk.prepare()
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._unsaved: dict[str, Picture] = {}
        self._most_unsaved = unsaved_bytes

    def path(self, sha256: str, mime: str) -> Path:
        """Where a picture lies, or would. Raises `NotKept` for what cannot be the name of one."""
        if not _SHA256.fullmatch(sha256) or mime not in FORMATS:
            raise NotKept("This is not the name of a picture.")
        return self.root / "pictures" / sha256[:2] / f"{sha256}{FORMATS[mime].suffix}"

    def read(self, sha256: str, mime: str) -> Picture:
        """The picture, exactly as it was put here. Raises `NotKept`, `UnreadablePicture` if it was damaged since."""
        file = self.path(sha256, mime)
        # Memory goes first: what is put while we look is then in one of both.
        if unsaved := self.unsaved(sha256):
            return unsaved
        try:
            return Picture.read(file.read_bytes(), OUTPUT_LIMITS)
        except FileNotFoundError as error:
            raise NotKept("The file of this picture is gone from the data folder.") from error

    def put(self, picture: Picture) -> Path:
        """Keep a picture; once is enough, unless the file was damaged since. Raises `NoRoom`."""
        file = self.path(picture.sha256, picture.mime)
        with refusing("picture"):
            there = self.is_whole(picture.sha256, picture.mime)
            if there:
                # Another thread may have renamed it a moment ago and not have synced the folder yet.
                self._disk.sync_folder(file.parent)
        if not there:
            self._disk.write(file, picture.data, "picture")
        self._unsaved.pop(picture.sha256, None)
        return file

    def hold_unsaved(self, picture: Picture) -> bool:
        """Keep a picture in memory, as it cannot be put; returns whether there is room for it. A `put` ends it."""
        with self._lock:
            held = sum(len(each.data) for each in self._unsaved.values())
            if held + len(picture.data) > self._most_unsaved:
                return False
            self._unsaved[picture.sha256] = picture
        return True

    def unsaved(self, sha256: str) -> Picture | None:
        """A picture that is in memory only; None for every other."""
        return self._unsaved.get(sha256)

    def is_whole(self, sha256: str, mime: str) -> bool:
        """Whether the picture is there with every byte as it was."""
        file = self.path(sha256, mime)
        return file.exists() and _hash(file) == sha256

    def names(self) -> dict[str, str]:
        """Every picture that lies here, by its hash, with its type."""
        return {
            file.stem: _MIME_BY_SUFFIX[file.suffix]
            for file in files_below(self.root / "pictures")
            if _SHA256.fullmatch(file.stem) and file.suffix in _MIME_BY_SUFFIX
        }

    def remove(self, sha256: str, mime: str) -> None:
        """Let a picture go, if it is there."""
        self._unsaved.pop(sha256, None)
        self.path(sha256, mime).unlink(missing_ok=True)

    def remove_unless(self, needed: Callable[[str], bool], sha256: str, mime: str) -> bool:
        """Let a picture go unless it is held, or `needed` says so; returns whether it went."""
        with self._lock:
            if self._held[sha256] or needed(sha256):
                return False
            self.remove(sha256, mime)
        return True

    @contextmanager
    def holding(self, names: Iterable[str]) -> Iterator[None]:
        """Meanwhile `remove_unless` spares these pictures: a row that needs them is on its way."""
        names = tuple(names)
        self.hold(names)
        try:
            yield
        finally:
            self.release(names)

    def hold(self, names: Iterable[str]) -> None:
        """As `holding`, until `release` was called as often."""
        with self._lock:
            self._held.update(names)

    def release(self, names: Iterable[str]) -> None:
        """End a `hold`."""
        with self._lock:
            self._held.subtract(names)
            self._held = +self._held

    def note_path(self, take_id: str) -> Path:
        """Where the note of a take lies, or would. Raises `NotKept` for what cannot be the id of one."""
        if not _NOTE.fullmatch(take_id):
            raise NotKept("This is not the name of a take.")
        return self.root / "receipts" / take_id[:2] / f"{take_id}.json"

    def put_note(self, take_id: str, data: bytes) -> None:
        """Write the note of a take. Raises `NoRoom`."""
        self._disk.write(self.note_path(take_id), data, "note")

    def read_note(self, take_id: str) -> bytes:
        """The note of a take. Raises `NotKept`."""
        try:
            return self.note_path(take_id).read_bytes()
        except FileNotFoundError as error:
            raise NotKept("There is no note of this take.") from error

    def note_ids(self) -> Iterator[str]:
        """The takes that have a note."""
        for file in files_below(self.root / "receipts"):
            if file.suffix == ".json" and _NOTE.fullmatch(file.stem):
                yield file.stem

    def remove_notes(self, take_ids: Iterable[str]) -> None:
        """Let notes go, for good: a power cut does not bring them back. Raises `NoRoom`."""
        with refusing("note", "removed"):
            files = [file for take_id in take_ids if (file := self.note_path(take_id)).exists()]
            for file in files:
                file.unlink(missing_ok=True)
            for folder in {file.parent for file in files}:
                self._disk.sync_folder(folder)

    def sweep(self) -> int:
        """Clear away files whose writing was cut off, and return how many; only for when nobody writes.

        A picture among them that lacks nothing but its name is given it: it may have been paid for.
        """
        leftovers = list(self._disk.leftovers())
        for file, name in leftovers:
            sha256, suffix = Path(name).stem, Path(name).suffix
            mime = _MIME_BY_SUFFIX.get(suffix, "")
            if mime and _SHA256.fullmatch(sha256) and _hash(file) == sha256:
                self._disk.settle(file, self.path(sha256, mime), "picture")
            file.unlink(missing_ok=True)
        return len(leftovers)

    @contextmanager
    def spread_out(self, pieces: Iterable[bytes]) -> Iterator[bytes | mmap.mmap]:
        """These pieces as one, to read from the disk rather than from memory; gone afterwards. Raises `NoRoom`."""
        with ExitStack() as opened:
            with refusing("file"):
                file = opened.enter_context(tempfile.TemporaryFile(dir=self._disk.unfinished))
                for piece in pieces:
                    file.write(piece)
                file.flush()
                size = file.tell()
                # There is no map of nothing.
                whole = opened.enter_context(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)) if size else b""
            yield whole

    def put_damaged(self, take_id: str, data: bytes) -> Path:
        """Keep bytes that were paid for as a picture and are none, for whoever can mend them. Raises `NoRoom`."""
        file = self.root / "damaged" / f"{take_id}.bin"
        self._disk.write(file, data, "damaged picture")
        return file

    def remove_damaged(self, job_id: str) -> None:
        """Let go what `put_damaged` kept of all takes of a job. Raises `NoRoom`, `NotKept` for what is no job's id."""
        if not _JOB.fullmatch(job_id):
            raise NotKept("This is not the name of a job.")
        with refusing("damaged picture", "removed"):
            for file in (self.root / "damaged").glob(f"{job_id}-*"):
                file.unlink(missing_ok=True)

    def check_room(self, wanted: int) -> None:
        """Raises `NoRoom` when these bytes would leave less of the disk free than the floor."""
        free = self._free(self.root)
        if free - wanted < self._floor:
            raise NoRoom(
                f"Only {free / 2**20:,.0f} MB of the disk are free, and {self._floor / 2**20:,.0f} MB must stay so. "
                "Nothing was sent."
            )


def _hash(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
