"""Picture files: exactly as they came, whole or not at all, and never outside the folder."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edit_core.errors import UnreadablePicture
from edit_studio.storage.disk import FolderUnusable, NoRoom
from edit_studio.storage.vault import NotKept, Vault
from tests.edit_studio.examples import picture
from tests.edit_studio.victim import ROOT

TAKE = "0123456789abcdef0123456789abcdef-0"


def files(folder: Path) -> list[str]:
    """Every file below the folder."""
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def failing_at(step: str, number: int) -> Callable[[str], None]:
    """Steps at one of which the system gives this error."""

    def steps(name: str) -> None:
        if name == step:
            raise OSError(number, os.strerror(number))

    return steps


def test_a_picture_comes_back_byte_for_byte(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    one = picture(1)
    file = vault.put(one)
    assert file.read_bytes() == one.data
    assert vault.read(one.sha256, one.mime) == one
    assert file.relative_to(tmp_path).as_posix() == f"pictures/{one.sha256[:2]}/{one.sha256}.png"


def test_the_same_picture_lies_there_once(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    assert vault.put(picture(1)) == vault.put(picture(1))
    assert len(files(tmp_path)) == 1


def test_a_file_that_was_cut_short_is_written_again(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    file = vault.put(picture(1))
    os.truncate(file, 10)
    assert not vault.is_whole(picture(1).sha256, "image/png")
    vault.put(picture(1))
    assert file.read_bytes() == picture(1).data


def test_a_file_that_was_damaged_is_written_again(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    file = vault.put(picture(1))
    file.write_bytes(picture(1).data[:60] + b"?" + picture(1).data[61:])
    vault.put(picture(1))
    assert file.read_bytes() == picture(1).data


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.EROFS])
def test_a_folder_that_cannot_be_synced_is_said_like_every_other_trouble(tmp_path: Path, number: int) -> None:
    broken = [False]

    def sync(file: int) -> None:
        if broken[0]:
            raise OSError(number, os.strerror(number))
        os.fsync(file)

    vault = Vault(tmp_path, sync=sync)
    vault.put(picture(1))
    vault.put_note(TAKE, b"{}")
    broken[0] = True
    with pytest.raises(NoRoom, match=r"^The picture could not be saved: .+\.$"):
        vault.put(picture(1))
    with pytest.raises(NoRoom, match=r"^The note could not be removed: .+\.$"):
        vault.remove_notes([TAKE])


def test_what_came_damaged_of_one_job_can_be_removed(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.remove_damaged("a" * 32)
    for name in (f"{'a' * 32}-0-0", f"{'a' * 32}-11-3", f"{'b' * 32}-0-0"):
        vault.put_damaged(name, b"half a picture")
    vault.remove_damaged("a" * 32)
    assert files(tmp_path) == [f"damaged/{'b' * 32}-0-0.bin"]
    with pytest.raises(NotKept):
        vault.remove_damaged("*")


def test_only_the_owner_of_the_folder_can_read_it(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "data")
    file = vault.put(picture(1))
    assert [stat.S_IMODE(each.stat().st_mode) for each in (vault.root, file.parent, file)] == [0o700, 0o700, 0o600]


@pytest.mark.parametrize(
    "sha256", ["", "..", "../../../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "0" * 32 + "/" + "0" * 31]
)
def test_a_name_that_is_no_hash_leads_nowhere(tmp_path: Path, sha256: str) -> None:
    with pytest.raises(NotKept):
        Vault(tmp_path).path(sha256, "image/png")


@pytest.mark.parametrize("take_id", ["", "..", "../x", TAKE + "\n", "0" * 32, "0" * 32 + "-", "0" * 31 + "/-0"])
def test_a_name_that_is_no_take_leads_nowhere(tmp_path: Path, take_id: str) -> None:
    with pytest.raises(NotKept):
        Vault(tmp_path).note_path(take_id)


@pytest.mark.parametrize("mime", ["image/svg+xml", "text/html", "", "png"])
def test_only_pictures_are_kept(tmp_path: Path, mime: str) -> None:
    with pytest.raises(NotKept):
        Vault(tmp_path).path("0" * 64, mime)


def test_a_lost_file_and_a_damaged_one_are_said(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    file = vault.put(picture(1))
    file.write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    with pytest.raises(UnreadablePicture):
        vault.read(picture(1).sha256, "image/png")
    file.unlink()
    with pytest.raises(NotKept):
        vault.read(picture(1).sha256, "image/png")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("step", ["opened", "half written", "written", "synced", "renamed"])
def test_a_save_that_fails_leaves_no_part_of_a_file(tmp_path: Path, step: str, number: int) -> None:
    vault = Vault(tmp_path, steps=failing_at(f"picture: {step}", number))
    with pytest.raises(NoRoom, match=r"^The picture could not be saved: .+\.$"):
        vault.put(picture(1))
    assert all(vault.is_whole(sha256, mime) for sha256, mime in vault.names().items())
    assert list((tmp_path / "tmp").iterdir()) == []
    whole = Vault(tmp_path).put(picture(1))
    assert whole.read_bytes() == picture(1).data


def test_a_full_disk_is_told_from_others(tmp_path: Path) -> None:
    with pytest.raises(NoRoom, match="the disk is full"):
        Vault(tmp_path, steps=failing_at("picture: written", errno.ENOSPC)).put(picture(1))


def test_unfinished_files_are_swept_and_whole_pictures_among_them_kept(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    whole, torn = picture(1), picture(2)
    (tmp_path / "tmp" / f"{whole.sha256}.png.00ff.tmp").write_bytes(whole.data)
    (tmp_path / "tmp" / f"{torn.sha256}.png.00ff.tmp").write_bytes(torn.data[:-1])
    (tmp_path / "tmp" / f"{TAKE}.json.00ff.tmp").write_bytes(b"{}")
    assert vault.sweep() == 3
    assert vault.names() == {whole.sha256: "image/png"}
    assert files(tmp_path / "tmp") == []


def test_folders_that_somebody_wiped_are_made_again(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "data")
    vault.put(picture(1))
    shutil.rmtree(tmp_path / "data")
    vault.put(picture(1))
    vault.put_note(TAKE, b"{}")
    assert vault.is_whole(picture(1).sha256, "image/png")
    assert vault.read_note(TAKE) == b"{}"


def test_a_held_picture_is_spared_until_it_is_let_go(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    name = (picture(1).sha256, "image/png")
    vault.put(picture(1))
    with vault.holding([name[0]]), vault.holding([name[0]]):
        assert not vault.remove_unless(lambda _: False, *name)
    assert not vault.remove_unless(lambda _: True, *name)
    assert vault.remove_unless(lambda _: False, *name)
    assert vault.names() == {}


@pytest.mark.parametrize(("free", "wanted", "fits"), [(300, 100, True), (300, 101, False), (150, 0, False)])
def test_nothing_is_begun_below_the_floor(tmp_path: Path, free: int, wanted: int, fits: bool) -> None:
    vault = Vault(tmp_path, floor_bytes=200 * 2**20, free=lambda _: free * 2**20)
    if fits:
        vault.check_room(wanted * 2**20)
    else:
        with pytest.raises(NoRoom, match=rf"^Only {free} MB of the disk are free, and 200 MB must stay so\. Nothing"):
            vault.check_room(wanted * 2**20)
    assert files(tmp_path) == []


@pytest.mark.parametrize("place", ["a file/data", "a file", "/proc/data", "/sys/data"])
def test_a_folder_that_cannot_be_is_said_in_one_line(tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").write_bytes(b"")
    with pytest.raises(FolderUnusable) as caught:
        Vault(tmp_path / place)
    assert str(caught.value).startswith(f"The data folder {tmp_path / place} cannot be written: ")
    assert "\n" not in str(caught.value)


def test_a_really_full_disk_keeps_what_was_saved_and_works_again_later(tmp_path: Path) -> None:
    """On a file system of four megabytes; where we may not mount one, with files that may not grow."""
    told = run_on_a_small_disk(tmp_path)
    assert told["saved"] > 2
    assert told["error"].startswith("The picture could not be saved: ")
    assert told["kept"] == told["saved"]
    assert told["saved again"]
    assert told["left over"] == []


def run_on_a_small_disk(folder: Path) -> dict:
    """What `tests.edit_studio.small_disk` said of itself."""
    program = [sys.executable, "-m", "tests.edit_studio.small_disk", str(folder)]
    mount = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    script = f'mount -t tmpfs -o size=4m none "{folder}" && exec "$@"'
    ways = (
        [[*mount, script, "sh", *program], [*program, "--limit"]]
        if shutil.which("unshare")
        else [[*program, "--limit"]]
    )
    for way in ways:
        ended = subprocess.run(way, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
        if ended.returncode == 0:
            break
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))
