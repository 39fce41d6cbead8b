"""Does the engine's work in a process of its own, which may be killed and knows no secret. Started by `workshop.py`.

Asked with one JSON line (`prompt`, `ratio`, `size`, and the lengths of the `pictures`) and then the pictures, it
answers with a line of what will be done (`text`, `thoughts`), and with a line of what came of it (`mime`, `size`) and
then the picture; `mime` is "" without one. In place of either line there may be `refused` and its `status`. It ends
when its input does.
"""

from __future__ import annotations

import json
import sys
from typing import Any, BinaryIO

from .asking import Asked, Refused
from .engine import Work, make
from .making import Make

MOST_MEMORY = 2 * 2**30
"""Bytes of address space, libraries included."""


def serve(asked: BinaryIO, answered: BinaryIO, work: Make = make) -> None:
    """Answer until nobody asks any more."""

    def say(head: dict[str, Any], data: bytes = b"") -> None:
        answered.write(json.dumps(head).encode() + b"\n" + data)
        answered.flush()

    def tell(plan: Work) -> None:
        say({"text": plan.text, "thoughts": plan.thoughts})

    for line in asked:
        question = json.loads(line)
        pictures = tuple(asked.read(size) for size in question["pictures"])
        ratio = tuple(question["ratio"]) if question["ratio"] else None
        try:
            made = work(Asked("", question["prompt"], pictures, ratio, question["size"]), tell)
        except Refused as refused:
            say({"refused": refused.sentence, "status": refused.status})
        except MemoryError:
            say({"refused": "These pictures take more memory than the engine has.", "status": 413})
        else:
            say({"mime": made.mime, "size": len(made.data)}, made.data) if made else say({"mime": ""})


def limit_memory() -> None:
    """Work that wants more fails alone, here. Windows has no such limit."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    limit_memory()
    serve(sys.stdin.buffer, sys.stdout.buffer)
