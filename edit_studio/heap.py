"""The heap: glibc gives every thread a part of its own and hardly ever gives it back; two parts do for all.

Seen with 25 edits of a 4 MB photo at once: the parts of some thirty threads held half the memory, and their address
space (64 MB each) alone reached a limit of 1.5 GB.
"""

from __future__ import annotations

import ctypes
import sys

_MOST_PARTS = 2
_M_ARENA_MAX = -8
_M_MMAP_THRESHOLD = -3
"""From glibc's malloc.h."""

_LARGE = 1024 * 1024
"""Bytes from which a piece is given back to the system as soon as it is free. Left alone, glibc raises this to 32 MB
after the first picture, and keeps pictures' memory from then on. More than the 256 KiB in which asyncio reads from a
socket (3.11, `max_size`), for those come and go all the time.
"""


def share_heap() -> None:
    """Have threads share two parts from now on. Only glibc has such parts; elsewhere this does nothing."""
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt"):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _MOST_PARTS)
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)


def trim_heap() -> None:
    """Give back to the system what is free inside the parts, after much was let go. Takes some milliseconds."""
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim"):
        ctypes.CDLL(None).malloc_trim(0)
