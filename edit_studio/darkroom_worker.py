"""Prepares pictures in a process of its own, which may be killed and knows no secret. Started by `darkroom.py`.

Asked with one JSON line (`size`, and `most_bytes` where the picture is to be shrunk to so many) and then the picture,
it answers with one JSON line (`changes`, `size`) and then the picture as it may be sent. In place of them there may be
`refused` and what is `said`. It ends when its input does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from edit_core.errors import TooLarge, UnreadablePicture
from edit_core.pictures import Picture
from edit_core.preparation import Prepared, prepare, shrink
from edit_core.worker import Pipes, at_the_other_end

from .heap import share_heap, trim_heap

MOST_MEMORY = 2 * 2**30
"""Bytes of address space, libraries included."""


def work(data: bytes, most_bytes: int | None) -> Prepared:
    """The picture prepared, or a prepared one shrunk to so many bytes. Raises `UnreadablePicture`, `TooLarge`."""
    return prepare(data) if most_bytes is None else shrink(Picture.read(data), most_bytes)


def serve(pipes: Pipes, work: Callable[[bytes, int | None], Prepared] = work) -> None:
    """Answer until nobody asks any more."""
    for question in pipes:
        _answer(pipes, question, work)
        # It stays for as long as the app does, and most of that time nobody asks.
        trim_heap()


def _answer(pipes: Pipes, question: dict[str, Any], work: Callable[[bytes, int | None], Prepared]) -> None:
    """One answer. The picture is let go when this returns."""
    data = pipes.hear_bytes(question["size"])
    try:
        made = work(data, question.get("most_bytes"))
    except UnreadablePicture as error:
        pipes.say({"refused": "unreadable", "said": str(error)})
    except TooLarge as error:
        pipes.say({"refused": "too_large", "said": str(error)})
    except MemoryError:
        pipes.say({"refused": "no_memory", "said": "This picture takes more memory than one may have."})
    else:
        changes = [(each.kind, each.detail) for each in made.changes]
        pipes.say({"changes": changes, "size": len(made.picture.data)}, made.picture.data)


if __name__ == "__main__":
    # Each thread's own part of the heap would take 64 MB of the address space there is.
    share_heap()
    serve(at_the_other_end(MOST_MEMORY))
