"""The shelf gives out what was uploaded, and no other file of this machine."""

from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path

import pytest

from edit_core.errors import BadInput, TooLarge
from edit_core.pictures import Picture
from edit_studio.shelf import Shelf, harmless
from edit_studio.storage.disk import NoRoom

from .examples import picture


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "uploads" / "a1").mkdir(parents=True)
    (tmp_path / "uploads" / "a1" / "cat.jpg").write_bytes(b"a cat")
    (tmp_path / "uploads" / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (tmp_path / "secret.jpg").write_bytes(b"a secret")
    (tmp_path / "uploads-too").mkdir()
    (tmp_path / "uploads-too" / "cat.jpg").write_bytes(b"not here")
    return Shelf(tmp_path / "uploads", most_bytes=100)


def test_an_uploaded_file_is_given_out(shelf: Shelf) -> None:
    assert shelf.take(str(shelf.root / "a1" / "cat.jpg")) == b"a cat"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/proc/self/environ",
        "/etc/passwd",
        "{root}",
        "{root}/a1",
        "{root}/gone.jpg",
        "{root}/../secret.jpg",
        "{root}/a1/../../secret.jpg",
        "{root}/link.jpg",
        "{root}-too/cat.jpg",
        "{root}/a1/cat.jpg\0.png",
        "a1/cat.jpg",
        "http://127.0.0.1/cat.jpg",
        "{root}/" + "long" * 2000,
    ],
)
def test_every_other_path_is_refused(shelf: Shelf, path: str) -> None:
    with pytest.raises(BadInput, match="not uploaded here"):
        shelf.take(path.replace("{root}", str(shelf.root)))


def test_a_file_that_is_too_large_is_refused_unread(shelf: Shelf) -> None:
    large = shelf.put(b"x" * 101, "large.jpg")
    with pytest.raises(TooLarge):
        shelf.take(str(large))


def test_what_is_put_comes_back_from_a_folder_nobody_can_guess(shelf: Shelf) -> None:
    first, second = shelf.put(b"one", "cat.jpg"), shelf.put(b"two", "cat.jpg")
    assert (shelf.take(str(first)), shelf.take(str(second))) == (b"one", b"two")
    assert first.name == second.name == "cat.jpg"
    assert len(first.parent.name) >= 32


def test_only_old_files_are_swept_an_earlier_run_s_uploads_among_them(shelf: Shelf) -> None:
    upload = shelf.root / "a1" / "cat.jpg"
    old, new = shelf.put(b"old", "old.jpg", str(upload)), shelf.put(b"new", "new.jpg", str(upload))
    long_ago = time.time() - 1000
    for each in (old, upload):
        os.utime(each, (long_ago, long_ago))
    assert shelf.sweep(older_than=500) == 2
    assert [each.exists() for each in (old, old.parent, upload, upload.parent)] == [False] * 4
    assert new.exists()
    assert shelf.root.is_dir()


def put(file: Path, data: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def sizes(*pictures: Picture) -> dict[str, int]:
    return {each.sha256: len(each.data) for each in pictures}


def test_every_copy_is_purged_whatever_it_is_called_and_others_stay(shelf: Shelf) -> None:
    one, other = picture(401), picture(402)
    put(shelf.root / "abc" / "cat.png", one.data)
    shelf.put(one.data, "no_ending")
    shared = put(shelf.root / "ghi" / "dog.png", other.data)
    put(shelf.root / "ghi" / "cat.txt", one.data)
    assert shelf.purge(sizes(one)) == {one.sha256}
    assert shared.exists()
    assert not (shelf.root / "abc").exists()
    assert shelf.purge(sizes(one)) == set()


def test_a_purge_takes_the_upload_too_that_a_picture_was_made_of(shelf: Shelf) -> None:
    upload = put(shelf.root / "abc" / "cat.png", b"as it was uploaded")
    made = [shelf.put(picture(401).data, "cat.png", str(upload)) for _ in range(2)]
    assert shelf.purge(sizes(picture(401))) == {picture(401).sha256, sha256(b"as it was uploaded").hexdigest()}
    assert not any(each.parent.exists() for each in (upload, *made))


def test_a_purge_spares_what_it_is_told_to_and_what_that_was_made_of(shelf: Shelf) -> None:
    upload = put(shelf.root / "abc" / "cat.png", b"as it was uploaded")
    hers, his = (shelf.put(picture(401).data, "cat.png", str(upload)) for _ in range(2))
    assert shelf.purge(sizes(picture(401)), spared={str(his)}) == {picture(401).sha256}
    assert [each.exists() for each in (hers, his, upload)] == [False, True, True]


def test_a_kept_picture_is_lent_without_a_second_copy_and_counts_as_fresh(shelf: Shelf, tmp_path: Path) -> None:
    kept = put(tmp_path / "vault" / "a.png", picture(401).data)
    os.utime(kept, (0, 0))
    lent = shelf.lend(kept, "cat.png")
    assert lent.samefile(kept)
    assert shelf.sweep(older_than=500) == 0
    assert shelf.purge(sizes(picture(401))) == {picture(401).sha256}
    assert kept.exists()


def test_a_note_that_was_uploaded_names_nothing_to_purge(shelf: Shelf) -> None:
    """It takes a folder of the shelf, where nobody chooses names."""
    kept = put(shelf.root / "b2" / "dog.jpg", b"a dog")
    put(shelf.root / "abc" / ".made-of", str(kept).encode())
    put(shelf.root / "abc" / "cat.png", picture(401).data)
    assert shelf.purge(sizes(picture(401))) == {picture(401).sha256}
    assert kept.exists()


def test_a_link_to_a_picture_elsewhere_is_not_followed(shelf: Shelf, tmp_path: Path) -> None:
    kept = put(tmp_path / "vault" / "cat.png", picture(401).data)
    (shelf.root / "file.png").symlink_to(kept)
    (shelf.root / "folder").symlink_to(kept.parent)
    assert shelf.purge(sizes(picture(401))) == set()
    assert kept.exists()


def test_sweeping_a_shelf_that_was_never_used_is_fine(tmp_path: Path) -> None:
    nowhere = Shelf(tmp_path / "nowhere", 100)
    assert (nowhere.sweep(0), nowhere.purge({"0" * 64: 9})) == (0, set())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cat.jpg", "cat.jpg"),
        ("猫.png", "猫.png"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\cat.jpg", "cat.jpg"),
        ("a cat & a “dog”.webp", "a_cat_a_dog.webp"),
        (".env", "env"),
        ("", "picture"),
        ("…", "picture"),
        ("x" * 300 + ".jpg", "x" * 60 + ".jpg"),
    ],
)
def test_names_are_made_harmless(name: str, expected: str) -> None:
    assert harmless(name) == expected


def test_a_picture_that_the_disk_has_no_room_for_is_not_put(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "uploads", 10_000, has_room=lambda wanted: wanted <= 9)
    assert shelf.put(b"nine byte", "a.png").read_bytes() == b"nine byte"
    with pytest.raises(NoRoom, match="too full"):
        shelf.put(b"ten bytes.", "b.png")
    assert len(list(shelf.root.rglob("*.png"))) == 1


def test_a_disk_that_refuses_a_picture_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_bytes(b"a file stands where the folder should be")
    with pytest.raises(NoRoom, match="could not be saved"):
        Shelf(tmp_path / "uploads", 10_000).put(b"a picture", "a.png")
