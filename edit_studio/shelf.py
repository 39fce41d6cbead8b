"""Where the page's picture files lie, uploads among them: one folder for each, under a name nobody can guess.

Whoever knows the address of a file may fetch it, so the address is the only lock and must be a good one. Nothing
outside `root` is ever read, whatever path a caller sends.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edit_core.errors import BadInput, TooLarge

from .storage.disk import NoRoom, refusing

_ODD = re.compile(r"[^\w.-]+")
_LONGEST_STEM = 60
_FOLDER = "shelf"
_MADE_OF = ".made-of"
"""Beside a file that was made of an upload: where that one lies. No file put here can have such a name."""
_NOT_HERE = "This picture was not uploaded here, or is no longer kept. Choose it again."


@dataclass(frozen=True)
class Shelf:
    """Files below `root`, the folder the page's uploads arrive in.

    `most_bytes` is the largest file that is taken, `has_room` says whether the disk takes so many bytes more.
    """

    root: Path
    most_bytes: int
    has_room: Callable[[int], bool] = lambda _size: True

    def take(self, path: str) -> bytes:
        """The bytes of a file that was uploaded, or put here.

        Raises `BadInput` for any path that leads elsewhere or nowhere, `TooLarge` for a file that is too large.
        """
        file = self.resolve(path)
        size = file.stat().st_size
        if size > self.most_bytes:
            raise TooLarge(f"The file has {size / 2**20:.0f} MB; {self.most_bytes / 2**20:.0f} MB are the most.")
        return file.read_bytes()

    def resolve(self, path: str) -> Path:
        """The real file behind a path, links followed. Raises `BadInput` unless it is a file below `root`."""
        try:
            file = Path(path).resolve()
            ours = file.is_relative_to(self.root.resolve()) and file.is_file()
        except (OSError, ValueError) as error:  # a name too long for the system, a loop of links, a zero byte
            raise BadInput(_NOT_HERE) from error
        if not ours:
            raise BadInput(_NOT_HERE)
        return file

    def has(self, path: str) -> bool:
        """Whether `take` would find a file there."""
        try:
            self.resolve(path)
        except BadInput:
            return False
        return True

    def put(self, data: bytes, name: str, made_of: str = "") -> Path:
        """Write a file in a folder of its own and return its path. `name` is made harmless first.

        `made_of` is the path of the file here that it was made of: a purge of the one takes the other as well. Raises
        `NoRoom`.
        """
        if not self.has_room(len(data)):
            raise NoRoom("The disk of this app is too full for one more picture.")
        file = self.root / _FOLDER / secrets.token_urlsafe(24) / harmless(name)
        with refusing("picture"):
            file.parent.mkdir(parents=True)
            file.write_bytes(data)
            if made_of:
                file.with_name(_MADE_OF).write_text(str(self.resolve(made_of)), encoding="utf-8")
        return file

    def lend(self, file: Path, name: str) -> Path:
        """As `put`, for a file that is kept elsewhere: the same bytes under a second name, where the disk can do that.

        It counts as fresh, however old the file is. Raises `OSError` when it is not there.
        """
        folder = self.root / _FOLDER / secrets.token_urlsafe(24)
        folder.mkdir(parents=True)
        lent = folder / harmless(name)
        try:
            os.link(file, lent)
        except OSError:  # another disk, or one without such names; what is not there is told by the copy
            shutil.copyfile(file, lent)
        os.utime(lent)
        return lent

    def purge(self, pictures: Mapping[str, int], spared: Collection[str] = ()) -> set[str]:
        """Remove every file that is one of these pictures, and the uploads they were made of.

        `pictures` are hashes, each with its number of bytes; `spared` are paths that stay, with what those were made
        of. Returns the hashes of what went. Looks at every file here and reads those of such a size, so call it in a
        thread.
        """
        if not pictures:
            return set()
        sizes = set(pictures.values())
        kept = {Path(path) for path in spared}
        kept |= {upload for path in kept if (upload := self._upload_of(path))}
        found = [file for file in self._files() if _size_of(file) in sizes and _hash(file) in pictures]
        made_of = [self._upload_of(file) for file in found if file not in kept]
        gone = {*found, *filter(None, made_of)} - kept
        hashes = {_hash(file) for file in gone} - {""}
        self._remove(gone)
        return hashes

    def sweep(self, older_than: float) -> int:
        """Remove what came here more than `older_than` seconds ago, in an earlier run as well; returns how many."""
        limit = time.time() - older_than
        return self._remove([file for file in self._files() if _time_of(file) < limit])

    def _files(self) -> list[Path]:
        """Every picture file and upload here; links are left out."""
        files = (Path(folder, name) for folder, _, names in os.walk(self.root) for name in names)
        return [file for file in files if file.is_file() and not file.is_symlink() and not self._is_note(file)]

    def _is_note(self, file: Path) -> bool:
        return file.name == _MADE_OF and file.parent.parent == self.root / _FOLDER

    def _upload_of(self, file: Path) -> Path | None:
        """The upload that a file was made of; None when it is one itself, or its upload is gone."""
        note = file.with_name(_MADE_OF)
        if not self._is_note(note) or not note.is_file():
            return None
        try:
            return self.resolve(note.read_text(encoding="utf-8"))
        except BadInput:
            return None

    def _remove(self, files: Collection[Path]) -> int:
        """Remove files, and the folders in which nothing else is. A purge may meet a sweep, so some may be gone."""
        for file in files:
            file.unlink(missing_ok=True)
            if self._is_note(note := file.with_name(_MADE_OF)):
                note.unlink(missing_ok=True)
            if file.parent != self.root:
                with suppress(OSError):
                    file.parent.rmdir()
        return len(files)


def _hash(file: Path) -> str:
    """The hash of a file's bytes; "" when it went away meanwhile."""
    try:
        with file.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _size_of(file: Path) -> int:
    """Bytes of a file; -1 when it went away meanwhile."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return -1


def _time_of(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def harmless(name: str) -> str:
    """A file name without folders, spaces or odd signs, no longer than a sensible one."""
    path = Path(name.replace("\\", "/"))
    stem = _ODD.sub("_", path.stem).strip("._")[:_LONGEST_STEM]
    return f"{stem or 'picture'}{_ODD.sub('', path.suffix)[:8]}"
