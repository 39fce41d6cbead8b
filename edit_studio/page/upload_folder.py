"""The folder that Gradio puts uploads into: one of this app's own.

The usual one is shared by every Gradio app of a machine, and nobody clears it of what an earlier run left there.
"""

from __future__ import annotations

import os
from pathlib import Path

from gradio.utils import get_upload_folder

from ..settings import Settings

_VARIABLE = "GRADIO_TEMP_DIR"
"""The only way to tell Gradio (6.31, `utils.get_upload_folder`)."""


def uploads(settings: Settings) -> Path:
    """The folder, which Gradio is told of: in the data folder, unless the owner set another. Call before `build`."""
    os.environ.setdefault(_VARIABLE, str(settings.keeping.folder.absolute() / "uploads"))
    return Path(get_upload_folder())
