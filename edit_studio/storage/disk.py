"""Files that are there whole or not at all, even after a power cut.

A file is written under another name, synced, renamed, and then its folder is synced. What carries its own name is
therefore complete. Knows nothing of what is in a file.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edit_core.errors import EditError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UNFINISHED = ".tmp"


class NoRoom(EditError):
    """A file cannot be written or removed, or soon could not be."""

    kind = "no_room"
    next_step = "Delete edits you no longer need, or make room on the disk, then try again."


class FolderUnusable(OSError):
    """The data folder is missing and cannot be made, or cannot be written. The message is one line for the owner."""


def nobody_watches(_step: str) -> None:
    """The `steps` of a disk whose steps nobody wants to know."""


def free_bytes(folder: Path) -> int:
    """What is free where this folder lies."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True)
class Disk:
    """Writes files below `root`, where it keeps unfinished ones in a folder of their own.

    `steps` is called with the name of every step of a write, such as "picture: synced"; `sync` puts an open file or
    folder on the disk for good.
    """

    root: Path
    steps: Callable[[str], None] = nobody_watches
    sync: Callable[[int], None] = os.fsync

    @property
    def unfinished(self) -> Path:
        """The folder of files that are being written. On the same file system, so that a rename is one step."""
        return self.root / "tmp"

    def prepare(self) -> None:
        """Make the folder and try it out. Raises `FolderUnusable`."""
        try:
            self.make(self.unfinished)
            probe = self.unfinished / f"{secrets.token_hex(8)}{_UNFINISHED}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise FolderUnusable(f"The data folder {self.root} cannot be written: {_reason(error)}.") from error

    def write(self, file: Path, data: bytes, what: str) -> None:
        """Write a file, over an older one if there is one. Raises `NoRoom`; a part of a file is never there."""
        temporary = self.unfinished / f"{file.name}.{secrets.token_hex(8)}{_UNFINISHED}"
        try:
            self._fill(temporary, data, what)
            self.settle(temporary, file, what)
        except OSError as error:
            _remove_quietly(temporary)
            raise _no_room(what, "saved", error) from error

    def settle(self, temporary: Path, file: Path, what: str) -> None:
        """Give a synced file its own name, for good."""
        self.make(file.parent)
        temporary.replace(file)
        self.steps(f"{what}: renamed")
        self.sync_folder(file.parent)
        self.steps(f"{what}: settled")

    def make(self, folder: Path) -> None:
        """Make a folder and those above it, for good; what is there stays."""
        if not folder.exists():
            self.make(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
            self.sync_folder(folder.parent)

    def sync_folder(self, folder: Path) -> None:
        """Make renames and removals in a folder last. Windows cannot open a folder, and does it by itself."""
        if os.name == "nt":
            return
        number = os.open(folder, os.O_RDONLY)
        try:
            self.sync(number)
        finally:
            os.close(number)

    def leftovers(self) -> Iterator[tuple[Path, str]]:
        """Files whose writing was cut off, each with the name it was to have."""
        for file in self.unfinished.glob(f"*{_UNFINISHED}"):
            yield file, file.name.removesuffix(_UNFINISHED).rpartition(".")[0]

    def _fill(self, temporary: Path, data: bytes, what: str) -> None:
        self.make(temporary.parent)
        number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(number, "wb") as out:
            self.steps(f"{what}: opened")
            half = len(data) // 2
            out.write(memoryview(data)[:half])
            out.flush()
            self.steps(f"{what}: half written")
            out.write(memoryview(data)[half:])
            out.flush()
            self.steps(f"{what}: written")
            self.sync(number)
        self.steps(f"{what}: synced")


@contextmanager
def refusing(what: str, done: str = "saved") -> Iterator[None]:
    """Whatever the system refuses meanwhile is `NoRoom`: the `what` could not be `done`."""
    try:
        yield
    except OSError as error:
        raise _no_room(what, done, error) from error


def files_below(folder: Path) -> Iterator[Path]:
    """Every file one folder further down, as `pictures/ab/…` are below `pictures`."""
    for inner in folder.iterdir() if folder.is_dir() else ():
        if inner.is_dir():
            yield from inner.iterdir()


def _no_room(what: str, done: str, error: OSError) -> NoRoom:
    return NoRoom(f"The {what} could not be {done}: {_reason(error)}.")


def _reason(error: OSError) -> str:
    return "the disk is full" if error.errno in _FULL else (error.strerror or str(error)).lower()


def _remove_quietly(file: Path) -> None:
    # The first error is the one to tell; what cannot be removed either is swept at the next start.
    try:
        file.unlink(missing_ok=True)
    except OSError:
        return
