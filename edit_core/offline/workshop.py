"""The engine's work done in processes of its own, which may be killed: for an app that has other things to lose.

Decoding strangers' bytes can crash a process, and one without memory crashes easily. Here that costs one edit. Each
process gets a share of memory and each piece of work some seconds; `workshop_worker.py` is the other end.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from .asking import Asked, Edited, Refused
from .engine import Work
from .workbench import PLACES

MOST_SECONDS = 50.0
"""Less than an answer may pause, so that what is heard is why."""

_ROOT = Path(__file__).parents[2]
_WORKER = f"{__package__}.workshop_worker"


class Workshop:
    """Does what `engine.make` does, elsewhere. For threads, as many at once as it has `places`.

    `worker` is the module that runs there.
    """

    def __init__(self, places: int = PLACES, seconds: float = MOST_SECONDS, worker: str = _WORKER) -> None:
        self._all = [_Worker(seconds, worker) for _ in range(places)]
        self._free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for each in self._all:
            self._free.put(each)

    def __call__(self, asked: Asked, told: Callable[[Work], None]) -> Edited | None:
        """As `engine.make`. Raises `Refused`, also when the worker died of it or took too long."""
        worker = self._free.get()
        try:
            return worker.make(asked, told)
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """End the processes; only for when nobody asks any more. They also end with this one."""
        for worker in self._all:
            worker.end()


class _Worker:
    """A process, started when first needed and again after it died. For one thread at a time."""

    def __init__(self, seconds: float, module: str) -> None:
        self._seconds = seconds
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    def make(self, asked: Asked, told: Callable[[Work], None]) -> Edited | None:
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(self._seconds, end)
        try:
            process = self._started()
            clock.start()
        except (OSError, RuntimeError) as error:  # of processes, files or threads there is not one more
            raise Refused("The engine is busy: this machine has no room for its work just now.", status=503) from error
        whole = False
        try:
            made = _ask(process, asked, told)
            whole = True
        except (OSError, EOFError) as error:
            if late.is_set():
                raise Refused(f"The engine gave up after {self._seconds:.0f} s.", status=504) from error
            raise Refused(
                "The engine broke down over this picture; it may take too much memory.", status=500
            ) from error
        except Refused:
            whole = True
            raise
        finally:
            clock.cancel()
            clock.join()
            # Half an answer that nobody read would be taken for the next one's.
            if not whole or late.is_set():
                self.end()
        return made

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.end()
        self._process = subprocess.Popen(  # noqa: S603 - our own module, and nothing from outside
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            # It has no key to give away. Windows starts nothing without its own variables.
            env=None if sys.platform == "win32" else {},
        )
        return self._process

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                _close_quietly(pipe)
            self._process = None


def _ask(process: subprocess.Popen[bytes], asked: Asked, told: Callable[[Work], None]) -> Edited | None:
    """Put the question and read the answer. Raises `Refused`; `OSError` or `EOFError` when nobody answers."""
    if process.stdin is None or process.stdout is None:
        raise EOFError
    sizes = [len(each) for each in asked.pictures]
    question = {"prompt": asked.prompt, "ratio": asked.ratio, "size": asked.size, "pictures": sizes}
    process.stdin.write(json.dumps(question).encode() + b"\n")
    for picture in asked.pictures:
        process.stdin.write(picture)
    process.stdin.flush()
    plan = _line(process.stdout)
    told(Work(plan["text"], plan["thoughts"]))
    end = _line(process.stdout)
    if not end["mime"]:
        return None
    data = process.stdout.read(end["size"])
    if len(data) != end["size"]:
        raise EOFError
    return Edited(data, end["mime"])


def _line(pipe: IO[bytes]) -> dict[str, Any]:
    line = pipe.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    content: dict[str, Any] = json.loads(line)
    if "refused" in content:
        raise Refused(content["refused"], content["status"])
    return content


def _close_quietly(pipe: IO[bytes] | None) -> None:
    # What was not flushed was for a process that is gone.
    try:
        if pipe is not None:
            pipe.close()
    except OSError:
        return
