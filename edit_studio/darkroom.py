"""The darkroom: people's pictures prepared and made to fit, in processes of their own where that takes decoding.

Decoding strangers' bytes can crash a process, and a large photo takes some hundred megabytes. Here either costs one
picture: each process gets a share of memory and each picture some seconds, and none is started before it is needed. A
picture whose pixels may stay as they are never comes to one.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from edit_core.errors import EditError, TooLarge, UnreadablePicture
from edit_core.pictures import Picture
from edit_core.preparation import Change, Prepared, fit, prepare_undecoded
from edit_core.worker import Died, NotStarted, Pipes, TooSlow, Worker

from .loop import all_started
from .turns import Turns

T = TypeVar("T")

WORKERS = 2
MOST_SECONDS = 60.0
"""For one picture. To shrink a transparent one of 48 megapixels was seen to take from 20 to more than 30."""

_WORKER = f"{__package__}.darkroom_worker"
_NO_ROOM = "There is no room to prepare this picture just now."


class NotPrepared(TooLarge):
    """Preparing a picture took more than there is for one. Nothing was sent."""

    next_step = "Try again in a minute, or choose a smaller picture."
    retryable_by_nature = True


_REFUSALS: dict[str, type[EditError]] = {
    "unreadable": UnreadablePicture,
    "too_large": TooLarge,
    "no_memory": NotPrepared,
}
"""What the other end calls them."""


class Darkroom:
    """Does what `edit_core.preparation` does, and gives the same bytes and words.

    Whoever waits for a process waits in the darkroom's own threads, so that slow pictures keep nobody from saving.
    `turns` are shared with whatever else decodes, `worker` is the module that runs there.
    """

    def __init__(
        self,
        *,
        workers: int = WORKERS,
        seconds: float = MOST_SECONDS,
        worker: str = _WORKER,
        turns: Turns | None = None,
    ) -> None:
        self._seconds = seconds
        self._turns = turns or Turns()
        self._all = [Worker(worker, seconds, EditError) for _ in range(workers)]
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for each in self._all:
            self._free.put(each)
        self._threads = all_started(workers, "darkroom")
        self._closing = threading.Event()

    async def prepare(self, read: Callable[[], bytes]) -> Prepared:
        """As `preparation.prepare`, of what `read` gives. Raises as that, `NotPrepared`, and as `read` does.

        A picture that must be decoded is read once more when its turn comes: a crowd that waits for that must not fill
        the memory.
        """
        ready = await asyncio.to_thread(lambda: prepare_undecoded(read()))
        if ready is None:
            ready = await self._in_line(lambda: self._ask({}, read()))
        return ready

    async def fit(self, pictures: Sequence[Picture], most_bytes: int) -> tuple[Prepared, ...]:
        """As `preparation.fit`. Raises `TooLarge`, `UnreadablePicture`, `NotPrepared`."""
        if sum(len(each.data) for each in pictures) <= most_bytes:
            return fit(pictures, most_bytes)
        return await self._in_line(partial(fit, pictures, most_bytes, self._shrink))

    def close(self) -> None:
        """End the processes, whatever they are at: it is for pages that are gone. What waits is not begun."""
        self._closing.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._all:
            worker.kill()
        self._threads.shutdown()
        for worker in self._all:
            worker.close()

    async def _in_line(self, work: Callable[[], T]) -> T:
        """What the work gives, once a thread has come to it. Whoever is cancelled before that leaves the line."""
        try:
            working = self._threads.submit(work)
        except RuntimeError as error:  # Python's for threads that were told to end
            raise NotPrepared(_NO_ROOM) from error
        return await asyncio.wrap_future(working)

    def _shrink(self, picture: Picture, most_bytes: int) -> Prepared:
        """As `preparation.shrink`."""
        return self._ask({"most_bytes": most_bytes}, picture.data)

    def _ask(self, question: dict[str, int], data: bytes) -> Prepared:
        """A picture from the next process that is free. Blocks. Raises what either end refuses."""
        worker = self._free.get()
        try:
            with self._turns.taking_one():
                return worker.ask(lambda pipes: self._talk(pipes, question, data))
        except NotStarted as error:
            raise NotPrepared(_NO_ROOM) from error
        except TooSlow as error:
            raise NotPrepared(f"Preparing this picture took more than {self._seconds:.0f} s.") from error
        except Died as error:
            raise NotPrepared("Preparing this picture broke down; it may take too much memory.") from error
        finally:
            self._free.put(worker)

    def _talk(self, pipes: Pipes, question: dict[str, int], data: bytes) -> Prepared:
        """Put the question and read the answer. Raises `UnreadablePicture`, `TooLarge`, `NotPrepared`."""
        if self._closing.is_set():
            # This process was still being started when the others were killed.
            raise EOFError
        pipes.say({**question, "size": len(data)}, data)
        head: dict[str, Any] = pipes.hear()
        if "refused" in head:
            raise _REFUSALS[head["refused"]](head["said"])
        picture = Picture.read(pipes.hear_bytes(head["size"]))
        return Prepared(picture, tuple(Change(kind, detail) for kind, detail in head["changes"]))
