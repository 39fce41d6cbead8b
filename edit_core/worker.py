"""A process of our own that may be killed, for work on strangers' bytes: those can crash whatever decodes them.

`Worker` is our end of it, `Pipes` what either end says and hears, `at_the_other_end` how a worker's module begins.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

Answer = TypeVar("Answer")

_ROOT = Path(__file__).parents[1]


class NotStarted(Exception):
    """Of processes, files or threads there is not one more."""


class TooSlow(Exception):
    """The worker took longer than it may, and was ended."""


class Died(Exception):
    """The worker ended before its answer did."""


class Pipes:
    """What is said and heard: a line of JSON at a time, bytes after it where the line says how many."""

    def __init__(self, heard: IO[bytes], said: IO[bytes]) -> None:
        self._heard = heard
        self._said = said

    def say(self, head: Mapping[str, Any], *data: bytes) -> None:
        """Send a line, and bytes. Raises `OSError` when nobody is there."""
        self._said.write(json.dumps(head).encode() + b"\n")
        for each in data:
            self._said.write(each)
        self._said.flush()

    def hear(self) -> dict[str, Any]:
        """The next line. Raises `EOFError` when there is none."""
        line = self._heard.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        head: dict[str, Any] = json.loads(line)
        return head

    def hear_bytes(self, size: int) -> bytes:
        """So many bytes, all of them. Raises `EOFError` when there are fewer."""
        data = self._heard.read(size)
        if len(data) != size:
            raise EOFError
        return data

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Lines, until the other end has no more to say."""
        while True:
            try:
                head = self.hear()
            except EOFError:
                return
            yield head

    def close(self) -> None:
        """Let both go. What was not sent yet was for a process that is gone."""
        for pipe in (self._heard, self._said):
            try:
                pipe.close()
            except OSError:
                continue


class Worker:
    """Runs `module` elsewhere: started when first needed, and again after it died. For one thread at a time.

    It may take `seconds` for an answer. `refusal` is the exception for an answer that is a no.
    """

    def __init__(self, module: str, seconds: float, refusal: type[Exception]) -> None:
        self._module = module
        self._seconds = seconds
        self._refusal = refusal
        self._process: subprocess.Popen[bytes] | None = None
        self._pipes: Pipes | None = None

    def ask(self, talk: Callable[[Pipes], Answer]) -> Answer:
        """What `talk` makes of what the worker says. Raises its `refusal`; `NotStarted`, `TooSlow`, `Died`."""
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(self._seconds, end)
        try:
            process, pipes = self._started()
            clock.start()
        except (OSError, RuntimeError) as error:
            raise NotStarted from error
        whole = False
        try:
            answer = talk(pipes)
            whole = True
        except self._refusal:
            whole = True
            raise
        except (OSError, EOFError) as error:
            raise (TooSlow if late.is_set() else Died) from error
        finally:
            clock.cancel()
            clock.join()
            # Half an answer that nobody read would be taken for the next one's.
            if not whole or late.is_set():
                self.close()
        return answer

    def kill(self) -> None:
        """End the process from another thread than the one that asks, which is told `Died`."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process, if there is one. It also ends with this one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._pipes is not None:
            self._pipes.close()
            self._pipes = None

    def _started(self) -> tuple[subprocess.Popen[bytes], Pipes]:
        if self._process is not None and self._pipes is not None and self._process.poll() is None:
            return self._process, self._pipes
        self.close()
        process = subprocess.Popen(  # noqa: S603 - our own module, and nothing from outside
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            # What decodes strangers' bytes has no key to give away. Windows starts nothing without its own variables.
            env=None if sys.platform == "win32" else {},
        )
        self._process = process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        self._pipes = Pipes(process.stdout, process.stdin)
        return process, self._pipes


def at_the_other_end(most_memory: int) -> Pipes:
    """For the worker's module: its pipes, and so many bytes of address space, libraries included.

    What wants more memory fails alone, there. Windows has no such limit.
    """
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = most_memory if hard == resource.RLIM_INFINITY else min(most_memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    return Pipes(sys.stdin.buffer, sys.stdout.buffer)
