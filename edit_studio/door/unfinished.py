"""Uploads that were cut off, which Gradio leaves in its upload folder."""

from __future__ import annotations

import time
from pathlib import Path


def sweep_unfinished(root: Path, older_than: float) -> int:
    """Remove uploads that nobody has written to for so many seconds; returns how many went.

    Gradio 6.31 writes an upload to `tmp…` in this folder, and leaves that there when the upload is refused or breaks
    off (`GradioMultiPartParser`: `NamedTemporaryFile(delete=False)`).
    """
    limit = time.time() - older_than
    gone = 0
    for file in _temporary(root):
        try:
            if file.is_file() and file.stat().st_mtime < limit:
                file.unlink()
                gone += 1
        except FileNotFoundError:
            # Finished, and moved to its place, a moment ago.
            continue
    return gone


def _temporary(root: Path) -> list[Path]:
    try:
        return list(root.glob("tmp*"))
    except OSError:
        # No file is left to open the folder with; the next upload that breaks off sweeps again.
        return []
