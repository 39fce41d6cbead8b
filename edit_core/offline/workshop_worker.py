"""Does the engine's work in a process of its own, which may be killed and knows no secret. Started by `workshop.py`.

Asked with one JSON line (`prompt`, `ratio`, `size`, and the lengths of the `pictures`) and then the pictures, it
answers with a line of what will be done (`text`, `thoughts`), and with a line of what came of it (`mime`, `size`) and
then the picture; `mime` is "" without one. In place of either line there may be `refused` and its `status`. It ends
when its input does.
"""

from __future__ import annotations

from ..worker import Pipes, at_the_other_end
from .asking import Asked, Refused
from .engine import Work, make
from .making import Make

MOST_MEMORY = 2 * 2**30
"""Bytes of address space, libraries included."""


def serve(pipes: Pipes, work: Make = make) -> None:
    """Answer until nobody asks any more."""

    def tell(plan: Work) -> None:
        pipes.say({"text": plan.text, "thoughts": plan.thoughts})

    for question in pipes:
        pictures = tuple(pipes.hear_bytes(size) for size in question["pictures"])
        ratio = tuple(question["ratio"]) if question["ratio"] else None
        try:
            made = work(Asked("", question["prompt"], pictures, ratio, question["size"]), tell)
        except Refused as refused:
            pipes.say({"refused": refused.sentence, "status": refused.status})
        except MemoryError:
            pipes.say({"refused": "These pictures take more memory than the engine has.", "status": 413})
        else:
            pipes.say({"mime": made.mime, "size": len(made.data)}, made.data) if made else pipes.say({"mime": ""})


if __name__ == "__main__":
    serve(at_the_other_end(MOST_MEMORY))
