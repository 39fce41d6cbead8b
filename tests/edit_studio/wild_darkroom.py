"""A darkroom's worker that misbehaves on demand, as one may over a hostile picture: `python -m` it, as the real one.

`trouble(what)` is a picture that asks for it: a GIF whose comment says what.
"""

from __future__ import annotations

import io
import os
import signal
import threading
from pathlib import Path

from PIL import Image

from edit_core.preparation import Prepared
from edit_core.worker import at_the_other_end
from edit_studio.darkroom_worker import MOST_MEMORY, serve, work

WORKER = __name__
_NAME = Path("/proc/self/comm")


def trouble(what: str) -> bytes:
    """A small GIF, as `work_wildly` knows it."""
    out = io.BytesIO()
    Image.new("P", (40, 30)).save(out, "GIF", comment=f"please {what}".encode())
    return out.getvalue()


def loops(process: str) -> bool:
    """Whether the process of this id is at work on `trouble("loop")`."""
    return Path("/proc", process, "comm").read_text(encoding="utf-8") == "looping\n"


def work_wildly(data: bytes, most_bytes: int | None) -> Prepared:
    """The darkroom's work, unless the picture asks for trouble."""
    if b"please die" in data:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"please eat" in data:
        bytearray(MOST_MEMORY)
    if b"please loop" in data:
        _NAME.write_text("looping")
        threading.Event().wait()
    return work(data, most_bytes)


if __name__ == "__main__":
    serve(at_the_other_end(MOST_MEMORY), work_wildly)
