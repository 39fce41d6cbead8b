"""The engine's work done in processes of its own, which may be killed: for an app that has other things to lose.

Decoding strangers' bytes can crash a process, and one without memory crashes easily. Here that costs one edit. Each
process gets a share of memory and each piece of work some seconds; `workshop_worker.py` is the other end.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

from ..worker import Died, NotStarted, Pipes, TooSlow, Worker
from .asking import Asked, Edited, Refused
from .engine import Work
from .workbench import PLACES

MOST_SECONDS = 50.0
"""Less than an answer may pause, so that what is heard is why."""

_WORKER = f"{__package__}.workshop_worker"


class Workshop:
    """Does what `engine.make` does, elsewhere. For threads, as many at once as it has `places`.

    `worker` is the module that runs there.
    """

    def __init__(self, places: int = PLACES, seconds: float = MOST_SECONDS, worker: str = _WORKER) -> None:
        self._seconds = seconds
        self._all = [Worker(worker, seconds, Refused) for _ in range(places)]
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for each in self._all:
            self._free.put(each)

    def __call__(self, asked: Asked, told: Callable[[Work], None]) -> Edited | None:
        """As `engine.make`. Raises `Refused`, also when the worker died of it or took too long."""
        worker = self._free.get()
        try:
            return worker.ask(lambda pipes: _ask(pipes, asked, told))
        except NotStarted as error:
            raise Refused("The engine is busy: this machine has no room for its work just now.", status=503) from error
        except TooSlow as error:
            raise Refused(f"The engine gave up after {self._seconds:.0f} s.", status=504) from error
        except Died as error:
            raise Refused(
                "The engine broke down over this picture; it may take too much memory.", status=500
            ) from error
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """End the processes; only for when nobody asks any more. They also end with this one."""
        for worker in self._all:
            worker.close()


def _ask(pipes: Pipes, asked: Asked, told: Callable[[Work], None]) -> Edited | None:
    """Put the question and read the answer. Raises `Refused`."""
    sizes = [len(each) for each in asked.pictures]
    question = {"prompt": asked.prompt, "ratio": asked.ratio, "size": asked.size, "pictures": sizes}
    pipes.say(question, *asked.pictures)
    plan = _heard(pipes)
    told(Work(plan["text"], plan["thoughts"]))
    end = _heard(pipes)
    return Edited(pipes.hear_bytes(end["size"]), end["mime"]) if end["mime"] else None


def _heard(pipes: Pipes) -> dict[str, Any]:
    head = pipes.hear()
    if "refused" in head:
        raise Refused(head["refused"], head["status"])
    return head
