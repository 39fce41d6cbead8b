"""The other end of a worker, which does what it is told: `python -m` it, as a real one."""

from __future__ import annotations

import os
import sys
import threading

from edit_core.worker import at_the_other_end

LIMIT = 2**30


def main() -> None:
    """Answer until nobody asks any more."""
    pipes = at_the_other_end(LIMIT)
    for question in pipes:
        match question["do"]:
            case "answer":
                pipes.say({"pid": os.getpid(), "size": 3}, b"abc")
            case "refuse":
                pipes.say({"pid": os.getpid(), "refused": True})
            case "say half a line":
                sys.stdout.write('{"pid": 1')
                return
            case "send half a picture":
                pipes.say({"pid": os.getpid(), "size": 3}, b"a")
                return
            case "take more memory than it may":
                pipes.say({"pid": len(bytearray(LIMIT))})
            case "take for ever":
                threading.Event().wait()


if __name__ == "__main__":
    main()
