"""Previews: light WebP copies of the vault's pictures and of uploads, made when first asked for, once.

Decoding is the dangerous part of a picture, so it is done in processes that get ten seconds and a share of memory. One
that dies takes its own preview with it and nothing else. Whoever asks for a preview waits for it.
"""

from __future__ import annotations

import hashlib
import queue
import threading
from pathlib import Path
from typing import Literal

from edit_core.worker import Died, NotStarted, Pipes, TooSlow, Worker

from ..loop import all_started
from ..storage.disk import Disk, files_below
from ..storage.vault import NotKept, Vault
from ..turns import Turns

Kind = Literal["preview", "thumb"]

SIDES: dict[Kind, int] = {"preview": 1600, "thumb": 256}
"""Pixels on the longest side, at most."""

MIME = "image/webp"
MOST_SECONDS = 10.0
WORKERS = 2
TOO_MUCH = "Making a preview of this picture took too much time or memory."
_WORKER = f"{__package__}.preview_worker"


class NoPreview(Exception):
    """There is no preview of this picture; the message says why. The original is as it was."""


class Damaged(NoPreview):
    """The pixels cannot be decoded, today or tomorrow."""


class NotNow(NoPreview):
    """Nothing is wrong with the picture; a little later there may be one."""


class Previews:
    """Files below `previews/` in the vault's folder: `ab/<sha256>.preview.webp` and `.thumb.webp`.

    `threads` is where to wait for one, so that slow pictures keep nobody else waiting; `turns` are shared with whatever
    else decodes.
    """

    def __init__(
        self, vault: Vault, *, workers: int = WORKERS, seconds: float = MOST_SECONDS, turns: Turns | None = None
    ) -> None:
        self._vault = vault
        self._turns = turns or Turns()
        self._disk = Disk(vault.root)
        self._all = [Worker(_WORKER, seconds, Damaged) for _ in range(workers)]
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self._all:
            self._free.put(worker)
        self.threads = all_started(workers, "previews")
        # One at a time among pictures of a folder: each is decoded once, and not made again while it is deleted.
        self._locks = [threading.Lock() for _ in range(256)]
        self._given_up: dict[str, str] = {}
        self._closing = threading.Event()

    def path(self, sha256: str, kind: Kind) -> Path:
        """Where a preview lies, or would."""
        return self._folder(sha256) / f"{sha256}.{kind}.webp"

    def file(self, sha256: str, mime: str, kind: Kind) -> Path:
        """The preview of a picture in the vault, made if it is not there yet.

        Raises `NotKept`, `NoPreview`, `NoRoom`.
        """
        original = self._vault.path(sha256, mime)
        wanted = self.path(sha256, kind)
        with self._lock(sha256):
            if not original.exists():
                raise NotKept("The file of this picture is gone from the data folder.")
            if not wanted.exists():
                try:
                    self._make(sha256, original)
                except FileNotFoundError as error:
                    raise NotKept("The file of this picture went away just now.") from error
        return wanted

    def of_file(self, file: Path) -> Path:
        """The preview of a picture that lies elsewhere. It goes with the next sweep, if the vault has no such picture.

        Raises `NoPreview`, `NoRoom`, and `FileNotFoundError` when the picture is gone.
        """
        with file.open("rb") as data:
            sha256 = hashlib.file_digest(data, "sha256").hexdigest()
        wanted = self.path(sha256, "preview")
        with self._lock(sha256):
            if not wanted.exists():
                self._make(sha256, file)
        return wanted

    def remove(self, sha256: str) -> None:
        """Let the previews of a picture go, if there are any: for `History.on_removed`."""
        with self._lock(sha256):
            self._given_up.pop(sha256, None)
            for file in (*(self.path(sha256, kind) for kind in SIDES), self._note(sha256)):
                file.unlink(missing_ok=True)

    def sweep(self) -> int:
        """Remove previews whose pictures are gone; returns how many files went."""
        there = [file for file in files_below(self._vault.root / "previews") if file.is_file()]
        # Asked for second: a picture that is saved meanwhile keeps its previews.
        kept = self._vault.names()
        old = [file for file in there if file.name.split(".")[0] not in kept]
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)

    def close(self) -> None:
        """End the workers, whatever they are at: it is for pages that are gone. What waits is not begun."""
        self._closing.set()
        self.threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._all:
            worker.kill()
        self.threads.shutdown()
        for worker in self._all:
            worker.close()

    def _make(self, sha256: str, original: Path) -> None:
        """Both kinds at once, as decoding is what takes the time."""
        if sha256 in self._given_up:
            raise NoPreview(self._given_up[sha256])
        if self._note(sha256).exists():
            raise Damaged(self._note(sha256).read_text(encoding="utf-8"))
        kinds = sorted(SIDES, key=lambda kind: SIDES[kind], reverse=True)
        worker = self._free.get()
        try:
            with self._turns.taking_one():
                made = make_previews(worker, original, [SIDES[kind] for kind in kinds], self._closing)
        except Damaged as error:
            self._disk.write(self._note(sha256), str(error).encode(), "note")
            raise
        except NotNow:
            raise
        except NoPreview as error:
            if not original.exists():
                raise FileNotFoundError(original) from error
            # Not tried again before the next start: it would cost as much each time the page is shown.
            self._given_up[sha256] = str(error)
            raise
        finally:
            self._free.put(worker)
        for kind, data in zip(kinds, made, strict=True):
            self._disk.write(self.path(sha256, kind), data, "preview")

    def _lock(self, sha256: str) -> threading.Lock:
        return self._locks[int(sha256[:2], 16)]

    def _folder(self, sha256: str) -> Path:
        return self._vault.root / "previews" / sha256[:2]

    def _note(self, sha256: str) -> Path:
        """The file that says why there is no preview."""
        return self._folder(sha256) / f"{sha256}.damaged"


def make_previews(worker: Worker, file: Path, sides: list[int], closing: threading.Event | None = None) -> list[bytes]:
    """WebP files for these sides, the largest first.

    Raises `Damaged` for a picture that cannot be decoded, `NoPreview` when two workers died of it or one took too
    long, `NotNow` when there is no room for a worker, or when they are `closing`.
    """

    def talk(pipes: Pipes) -> list[bytes]:
        if closing is not None and closing.is_set():
            # This worker was still being started when the others were killed.
            raise NotNow("The app is about to end.")
        return _ask(pipes, file, sides)

    def ask() -> list[bytes]:
        return worker.ask(talk)

    try:
        try:
            return ask()
        except Died:
            # A system without memory kills whom it likes. Whether the picture is to blame, a second one tells.
            return ask()
    except NotStarted as error:
        raise NotNow("There is no room to make a preview just now.") from error
    except (Died, TooSlow) as error:
        raise NoPreview(TOO_MUCH) from error


def _ask(pipes: Pipes, file: Path, sides: list[int]) -> list[bytes]:
    """Put the question and read the answer. Raises `Damaged`."""
    pipes.say({"file": str(file.resolve()), "sides": sides})
    head = pipes.hear()
    if "said" in head:
        raise Damaged(head["said"])
    return [pipes.hear_bytes(size) for size in head["sizes"]]
