"""An engine's worker that misbehaves on demand, as one may over a hostile picture: `python -m` it, as the real one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from edit_core.offline.asking import Asked, Edited
from edit_core.offline.engine import Work, make
from edit_core.offline.workshop_worker import MOST_MEMORY, serve
from edit_core.worker import at_the_other_end


def run_wild(asked: Asked, told: Callable[[Work], None]) -> Edited | None:
    """The engine's work, unless the prompt asks for trouble."""
    if "raise" in asked.prompt:
        raise RuntimeError("the engine is broken")
    told(Work("Here it comes.", ""))
    if "die" in asked.prompt:
        os.kill(os.getpid(), signal.SIGKILL)
    if "eat" in asked.prompt:
        bytearray(2 * 2**30)
    while "loop" in asked.prompt:
        continue
    return make(asked, lambda _: None)


if __name__ == "__main__":
    serve(at_the_other_end(MOST_MEMORY), run_wild)
