"""Where uploads go: old files there are removed, so the folder is always one of the app's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edit_studio.keeping import Keeping
from edit_studio.page import uploads
from edit_studio.settings import Settings


@pytest.mark.parametrize(
    ("named", "folder"),
    [
        pytest.param(None, "data/edit-studio-uploads", id="in the data folder when the owner named none"),
        pytest.param("", "data/edit-studio-uploads", id="an empty name is none"),
        pytest.param("shared", "shared/edit-studio-uploads", id="a folder inside the one the owner named"),
        pytest.param("edit-studio-uploads", "edit-studio-uploads", id="asked a second time it stays"),
    ],
)
def test_uploads_lie_in_a_folder_of_their_own(
    named: str | None, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    if named is not None:
        monkeypatch.setenv("GRADIO_TEMP_DIR", named and str(tmp_path / named))
    found = uploads(replace(Settings(), keeping=Keeping(folder=tmp_path / "data")))
    assert found == tmp_path / folder
