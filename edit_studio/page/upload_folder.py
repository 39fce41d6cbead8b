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

_OWN = "edit-studio-uploads"
"""Old files in it are removed, so it is never a folder that anything else may lie in."""


def uploads(settings: Settings) -> Path:
    """The folder, which Gradio is told of: in the one the owner named, else in the data folder. Call before `build`."""
    named = Path(os.environ.get(_VARIABLE) or settings.keeping.folder).absolute()
    own = named if named.name == _OWN else named / _OWN
    os.environ[_VARIABLE] = str(own)
    return Path(get_upload_folder())
