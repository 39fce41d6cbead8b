"""Previews: light WebP copies of the vault's pictures, made when first asked for, once.

Decoding is the dangerous part of a picture, so it is done in processes that get ten seconds and a share of memory. One
that dies takes its own preview with it and nothing else. Whoever asks for a preview waits for it.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Literal

from ..storage.disk import Disk, files_below
from ..storage.vault import NotKept, Vault

Kind = Literal["preview", "thumb"]

SIDES: dict[Kind, int] = {"preview": 1600, "thumb": 256}
"""Pixels on the longest side, at most."""

MIME = "image/webp"
MOST_SECONDS = 10.0
WORKERS = 2
TOO_MUCH = "Making a preview of this picture took too much time or memory."
_ROOT = Path(__file__).parents[2]


class NoPreview(Exception):
    """There is no preview of this picture; the message says why. The original is as it was."""


class Damaged(NoPreview):
    """The pixels cannot be decoded, today or tomorrow."""


class NotNow(NoPreview):
    """Nothing is wrong with the picture; a little later there may be one."""


class _Died(Exception):
    """The worker ended before its answer did."""


class Worker:
    """A process that makes previews, started when first needed and again after it died. For one thread at a time."""

    def __init__(self, seconds: float = MOST_SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def make(self, file: Path, sides: list[int]) -> list[bytes]:
        """WebP files for these sides, the largest first.

        Raises `Damaged` for a picture that cannot be decoded, `NoPreview` when two workers died of it or one took too
        long, `NotNow` when there is no room for a worker.
        """
        try:
            return self._make_once(file, sides)
        except _Died:
            # A system without memory kills whom it likes. Whether the picture is to blame, a second one tells.
            try:
                return self._make_once(file, sides)
            except _Died as error:
                raise NoPreview(TOO_MUCH) from error

    def _make_once(self, file: Path, sides: list[int]) -> list[bytes]:
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(self._seconds, end)
        try:
            process = self._started()
            clock.start()
        except (OSError, RuntimeError) as error:  # of processes, files or threads there is not one more
            raise NotNow("There is no room to make a preview just now.") from error
        whole = False
        try:
            made = _ask(process, file, sides)
            whole = True
        except Damaged:
            whole = True
            raise
        except (OSError, EOFError) as error:
            if late.is_set():
                raise NoPreview(TOO_MUCH) from error
            raise _Died from error
        finally:
            clock.cancel()
            clock.join()
            if late.is_set() or not whole:
                self.close()
        return made

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                _close_quietly(pipe)
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        self._process = subprocess.Popen(  # noqa: S603 - our own module, and nothing from outside
            [sys.executable, "-m", f"{__package__}.preview_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            # What decodes strangers' bytes has no key to give away. Windows starts nothing without its own variables.
            env=None if sys.platform == "win32" else {},
        )
        return self._process


class Previews:
    """Files below `previews/` in the vault's folder: `ab/<sha256>.preview.webp` and `.thumb.webp`.

    `threads` is where to wait for one, so that slow pictures keep nobody else waiting.
    """

    def __init__(self, vault: Vault, *, workers: int = WORKERS, seconds: float = MOST_SECONDS) -> None:
        self._vault = vault
        self._disk = Disk(vault.root)
        self._all = [Worker(seconds) for _ in range(workers)]
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self._all:
            self._free.put(worker)
        self.threads = ThreadPoolExecutor(workers, "previews")
        # One at a time among pictures of a folder: each is decoded once, and not made again while it is deleted.
        self._locks = [threading.Lock() for _ in range(256)]
        self._given_up: dict[str, str] = {}

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
                self._make(sha256, original)
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
        """End the workers once they have done what they are at; what waits is not begun."""
        self.threads.shutdown(cancel_futures=True)
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
            made = worker.make(original, [SIDES[kind] for kind in kinds])
        except Damaged as error:
            self._disk.write(self._note(sha256), str(error).encode(), "note")
            raise
        except NotNow:
            raise
        except NoPreview as error:
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


def _ask(process: subprocess.Popen[bytes], file: Path, sides: list[int]) -> list[bytes]:
    """Put the question and read the answer. Raises `Damaged`; `OSError` or `EOFError` when nobody answers."""
    if process.stdin is None or process.stdout is None:
        raise EOFError
    process.stdin.write(json.dumps({"file": str(file.resolve()), "sides": sides}).encode() + b"\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    head = json.loads(line)
    if "said" in head:
        raise Damaged(head["said"])
    made = [process.stdout.read(size) for size in head["sizes"]]
    if [len(each) for each in made] != head["sizes"]:
        raise EOFError
    return made


def _close_quietly(pipe: IO[bytes] | None) -> None:
    # What was not flushed was for a process that is gone.
    try:
        if pipe is not None:
            pipe.close()
    except OSError:
        return
