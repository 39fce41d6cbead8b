"""The last resort for pictures that were paid for and never found room on their disk: another disk."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

from edit_core.pictures import Picture

log = logging.getLogger(__name__)


def rescue(pictures: Sequence[Picture]) -> list[Path]:
    """Write pictures into a new folder among the system's temporary files; returns those that could be written.

    The log says where they are, and which could not be written either.
    """
    saved = []
    for picture in pictures:
        name = f"{picture.sha256}{picture.suffix}"
        try:
            file = Path(tempfile.mkdtemp(prefix="edit-studio-rescued-"), name)
            file.write_bytes(picture.data)
        except (OSError, MemoryError):
            log.exception("A picture was lost, as no disk has room for it: %s.", name)
        else:
            log.error("A picture that found its disk full was put here: %s.", file)
            saved.append(file)
    return saved
