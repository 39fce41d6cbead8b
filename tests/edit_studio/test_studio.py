"""What the app as a whole promises from its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from edit_core.offline.app import create_app
from edit_studio.settings import Settings
from edit_studio.studio import open_studio


@pytest.mark.parametrize(
    ("quota", "most"),
    [("10", 256), ("1024", 1024 + 24), ("5000", 2048 + 24), ("0", 2048 + 24)],
    ids=["a small one leaves room for pictures", "as usual", "more than an archive may hold", "none"],
)
def test_all_that_a_person_may_have_can_be_brought_back_in_one_archive(tmp_path: Path, quota: str, most: int) -> None:
    settings = Settings.read({"EDIT_DATA": str(tmp_path / "data"), "EDIT_QUOTA_MB": quota})
    studio = open_studio(settings, create_app(), tmp_path / "uploads")
    assert studio.rules().most_upload == most * 2**20
    studio.close()
