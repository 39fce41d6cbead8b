"""A process that saves edits until it is killed, for the crash tests: `python -m tests.edit_studio.victim`.

It reads orders, one a line, and carries each out in a child of its own (a fork, since starting a Python for each of
many hundred deaths would take minutes). The child writes what was acknowledged into a file: what stands there, the app
has promised.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from edit_studio.history.history import History
from edit_studio.history.opening import open_history
from edit_studio.storage.vault import Vault
from tests.edit_studio.examples import click, picture, tells, with_inputs

JOBS = 2
TAKES = 2
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Order:
    """Save edits in `folder`, noting in `promises` what was acknowledged, and die.

    Either at the `nth` time of the step `die_at`, or `die_after` seconds. Pictures are made from `seed` on.
    """

    folder: str
    promises: str
    url: str
    seed: int
    die_at: str = ""
    nth: int = 1
    die_after: float = 0


class Nursery:
    """The parent of victims, seen from a test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def die(self, order: Order) -> int:
        """Carry out an order; returns how the child ended: minus the signal, or its exit code."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(order)) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery for as long as the block lasts."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.edit_studio.victim"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Nursery(process)
        assert process.stdin
        process.stdin.close()


def live(order: Order) -> None:
    """Save edits, as the app does."""
    left = order.nth

    def step(name: str) -> None:
        nonlocal left
        left -= name == order.die_at
        if order.die_at and not left:
            os.kill(os.getpid(), signal.SIGKILL)

    number = os.open(order.promises, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    opened = open_history(Vault(Path(order.folder), steps=step, floor_bytes=0), order.url)
    for job in range(JOBS):
        save_one(opened.history, order.seed * 100 + job * 10, number)
    opened.close()


def save_one(history: History, seed: int, promises: int) -> None:
    """One edit from click to end, every acknowledgement noted."""
    job, _ = history.begin(click(token=str(seed), takes_asked=TAKES, **with_inputs(picture(seed))))
    promise(promises, "begun", job.id)
    history.advance(job.id, "sending")
    promise(promises, "sent", job.id)
    history.advance(job.id, "saving")
    for position in range(TAKES):
        take = history.save_take(job.id, position, picture(seed + 1 + position), receipt=tells(seed=seed))
        promise(promises, "saved", take.id, take.picture.sha256)
    history.finish(job.id, "done")
    promise(promises, "done", job.id)


def promise(number: int, *words: str) -> None:
    """Write in one call, which a kill does not split."""
    os.write(number, (" ".join(words) + "\n").encode())


def carry_out(order: Order) -> int:
    """Let a child live and die."""
    child = os.fork()
    if not child:
        live(order)
        os._exit(0)
    if order.die_after:
        time.sleep(order.die_after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Carry out orders until there are no more."""
    for line in sys.stdin:
        sys.stdout.write(f"{carry_out(Order(**json.loads(line)))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
