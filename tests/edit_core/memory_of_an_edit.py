"""A program: a good edit, then one against each fault, and by how much memory rose at most during each.

`python -m tests.edit_core.memory_of_an_edit native|chat stream|whole URL_OF_THE_GOOD URL_OF_A_FAULT...` prints a line
for each fault: `<outcome> <kind or -> <MB>`. A process of its own, since a peak belongs to a process; Linux only.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.edit_core.trials import attempt
from tests.faults import Form

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_PEAK = "5"
"""What resets the peak, when written to `clear_refs` (man 5 proc)."""


def kilobytes(name: str) -> int:
    """A line of the process's status."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])


def main(wire: str, how: str, good: str, *faults: str) -> None:
    form = Form("native" if wire == "native" else "chat", stream=how == "stream")
    asyncio.run(attempt(good, form))
    for fault in faults:
        CLEAR.write_text(_PEAK)
        before = kilobytes("VmRSS")
        ended = asyncio.run(attempt(fault, form))
        rise = (kilobytes("VmHWM") - before) / 1024
        sys.stdout.write(f"{ended.outcome} {ended.raised.kind if ended.raised else '-'} {rise:.1f}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
