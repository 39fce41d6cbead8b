"""Uploads that broke off go, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

from edit_studio.door.unfinished import sweep_unfinished


def put(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")
    return file


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert sweep_unfinished(tmp_path / "none", 1) == 0


def test_uploads_that_broke_off_go_and_the_ones_under_way_stay(tmp_path: Path) -> None:
    old, fresh = put(tmp_path / "tmpabc"), put(tmp_path / "tmpdef")
    finished, folder = put(tmp_path / "abc" / "tmp.png"), tmp_path / "tmpfolder"
    folder.mkdir()
    for each in (old, finished, folder):
        os.utime(each, (0, 0))
    assert sweep_unfinished(tmp_path, 600) == 1
    assert [each.exists() for each in (old, fresh, finished, folder)] == [False, True, True, True]
