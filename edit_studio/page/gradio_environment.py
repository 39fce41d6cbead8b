"""What Gradio can be told by its environment only: which folder takes the uploads, and to keep no records of events."""

from __future__ import annotations

import os
from pathlib import Path

from gradio.utils import get_upload_folder

from ..settings import Settings

_FOLDER = "GRADIO_TEMP_DIR"
"""Gradio 6.31, `utils.get_upload_folder`. The usual one is shared by every Gradio app of a machine, and nobody clears
it of what an earlier run left there."""

_OWN = "edit-studio-uploads"
"""Old files in it are removed, so it is never a folder that anything else may lie in."""

_NO_RECORDS = {"GRADIO_ANALYTICS_MAX_EVENTS": "1", "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**9)}
"""Gradio 6.31, `queueing.Queue`: for a monitor that this page does not have, it keeps ten thousand records, and sums
them all up with pandas whenever an event ends."""


def uploads(settings: Settings) -> Path:
    """The folder, which Gradio is told of: in the one the owner named, else in the data folder. Call before `build`."""
    named = Path(os.environ.get(_FOLDER) or settings.keeping.folder).absolute()
    own = named if named.name == _OWN else named / _OWN
    os.environ[_FOLDER] = str(own)
    return Path(get_upload_folder())


def record_no_events() -> None:
    """Have Gradio keep no records of events. Call before the page is built."""
    os.environ.update(_NO_RECORDS)
