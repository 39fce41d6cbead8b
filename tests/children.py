"""The processes that this one has started and not ended."""

from __future__ import annotations

from pathlib import Path


def children() -> set[str]:
    """Their ids; Linux only."""
    while True:
        tasks = Path("/proc/self/task").iterdir()
        try:
            return {child for task in tasks for child in (task / "children").read_text(encoding="utf-8").split()}
        except (FileNotFoundError, ProcessLookupError):
            continue  # a thread that was joined is listed a moment longer, and may end before its file is read
