"""Archives: a history goes out as a ZIP and comes back, and nothing hostile comes in."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edit_core.edits import EditRequest, EditResult, Reference, Usage
from edit_core.errors import UpstreamFailed
from edit_studio.failures import as_json
from edit_studio.history.archive import RECEIPTS, write_archive
from edit_studio.history.history import History
from edit_studio.history.importer import Imported
from edit_studio.history.lookup import Search
from edit_studio.history.opening import open_history
from edit_studio.history.records import read_note
from edit_studio.history.rows import JobRow
from edit_studio.history.shapes import of_failure, of_receipt
from edit_studio.history.start_up import start_up
from edit_studio.history.unpacking import ArchiveLimits, BadArchive, import_archive
from edit_studio.keeping import DAY
from edit_studio.money.prices import Estimate
from edit_studio.page.carrying import said
from edit_studio.receipts import Asked, Times, write_receipt
from edit_studio.storage.database import Database
from edit_studio.storage.disk import NoRoom
from edit_studio.storage.vault import Vault
from tests.edit_studio.examples import ANN, BOB, click, picture, tells, with_inputs

SMALL = ArchiveLimits(most_jobs=5, most_bytes=100_000, most_picture_bytes=30_000, most_receipt_bytes=40_000)


@pytest.fixture
def history(database: Database, tmp_path: Path) -> Iterator[History]:
    kept = History(database, Vault(tmp_path / "data", floor_bytes=0))
    yield kept
    kept.close()


@pytest.fixture
def anns(history: History) -> History:
    """A tree of three edits of Ann's, one that failed, and one of Bob's."""
    root, _ = history.begin(click("root", "赤い空", takes_asked=2, **with_inputs(picture(1))))
    takes = [history.save_take(root.id, n, picture(2 + n), "words", tells(tokens=n)) for n in range(2)]
    history.finish(root.id, "done")
    child, _ = history.begin(click("child", "../../etc/passwd", **with_inputs(picture(3), from_take=takes[1].id)))
    history.save_take(child.id, 0, picture(4))
    history.finish(child.id, "done")
    history.favourite(ANN, child.id, True)
    failed, _ = history.begin(click("failed"))
    history.finish(failed.id, "failed", {"kind": "blocked"})
    bobs, _ = history.begin(click("bob", "a secret", owner=BOB))
    history.save_take(bobs.id, 0, picture(9))
    history.finish(bobs.id, "done")
    return history


def packed(history: History, owner: str = ANN, search: Search | None = None) -> bytes:
    return b"".join(write_archive(history, owner, search))


def taken_in(history: History, owner: str, data: bytes, limits: ArchiveLimits | None = None) -> Imported:
    return import_archive(history, owner, io.BytesIO(data), limits)


def jobs_of(history: History, owner: str) -> list[JobRow]:
    return list(history.page(owner).rows)


def test_an_archive_has_every_picture_as_it_came_and_all_receipts(anns: History) -> None:
    with zipfile.ZipFile(io.BytesIO(packed(anns))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert sorted(names) == sorted([RECEIPTS, *(f"pictures/{picture(n).sha256}.png" for n in range(1, 5))])
        assert archive.read(f"pictures/{picture(3).sha256}.png") == picture(3).data
        receipts = json.loads(archive.read(RECEIPTS))
    assert [job["prompt"] for job in receipts["jobs"]] == ["make the sky pink", "../../etc/passwd", "赤い空"]
    assert receipts["jobs"][2]["takes"][1]["receipt"] == {"tokens": 1}


def test_an_archive_tells_nothing_of_who_made_it_or_of_others(anns: History) -> None:
    with zipfile.ZipFile(io.BytesIO(packed(anns))) as archive:
        said = archive.read(RECEIPTS).decode()
    assert all(word not in said for word in ("secret", picture(9).sha256, '"ann"', "owner", 'token"', "fingerprint"))


def test_an_archive_of_a_search_has_what_it_finds(anns: History) -> None:
    with zipfile.ZipFile(io.BytesIO(packed(anns, search=Search(favourite=True)))) as archive:
        assert len(archive.namelist()) == 3


def test_an_archive_is_a_stream(anns: History) -> None:
    large = picture(50, 900)
    job, _ = anns.begin(click("large"))
    anns.save_take(job.id, 0, large)
    anns.finish(job.id, "done")
    pieces = list(write_archive(anns, ANN))
    assert len(large.data) > 2 * 2**20
    assert max(map(len, pieces)) < 1.1 * 2**20


def test_nobodys_archive_is_an_empty_one(history: History) -> None:
    assert taken_in(history, ANN, packed(history, "nobody")) == Imported(0, 0, 0)


def test_a_lost_file_does_not_stop_an_export(anns: History) -> None:
    anns.vault.remove(picture(2).sha256, "image/png")
    with zipfile.ZipFile(io.BytesIO(packed(anns))) as archive:
        assert f"pictures/{picture(2).sha256}.png" not in archive.namelist()
        assert archive.testzip() is None


def test_a_picture_that_found_the_disk_full_is_exported_from_memory(database: Database, tmp_path: Path) -> None:
    def full(name: str) -> None:
        if name == "picture: opened":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    history = History(database, Vault(tmp_path / "full", floor_bytes=0, steps=full), pause=60)
    job, _ = history.begin(click())
    history.save_take(job.id, 0, picture(1))
    history.finish(job.id, "done")
    with zipfile.ZipFile(io.BytesIO(packed(history))) as archive:
        assert archive.read(f"pictures/{picture(1).sha256}.png") == picture(1).data
    history.delete(ANN, job.id)
    history.close()


def test_what_was_exported_comes_back_as_the_importers(anns: History) -> None:
    before = jobs_of(anns, ANN)
    assert taken_in(anns, "carl", packed(anns)) == Imported(3, 0, 0)
    after = jobs_of(anns, "carl")
    assert {job.owner for job in after} == {"carl"}
    assert all(job.imported for job in after)
    assert not {job.id for job in before} & {job.id for job in after}
    for old, new in zip(before, after, strict=True):
        assert replace(
            new, id=old.id, owner=ANN, token="", fingerprint="", imported=False, number=0, inputs=(), takes=()
        ) == replace(old, token="", fingerprint="", number=0, inputs=(), takes=())
        assert [each.picture for each in new.inputs] == [each.picture for each in old.inputs]
        assert [(t.picture, t.position, t.receipt) for t in new.takes] == [
            (t.picture, t.position, t.receipt) for t in old.takes
        ]
    assert [branch.take_id for branch in anns.tree("carl", after[1].id).branches] == [after[2].takes[1].id]
    assert start_up(anns, 1.0).sentences() == ()


@pytest.mark.parametrize("letter", ["a", "海", '"'])
def test_endless_words_are_cut_and_come_back_from_an_archive(history: History, letter: str) -> None:
    job, _ = history.begin(click("t", letter * 32_000, takes_asked=4))
    for position in range(4):
        history.save_take(job.id, position, picture(position), letter * 1_000_001, tells(thoughts=letter * 20_000))
    history.finish(job.id, "done")
    assert taken_in(history, BOB, packed(history)) == Imported(1, 0, 0)
    for take in jobs_of(history, BOB)[0].takes:
        assert (len(take.text), len(take.receipt["thoughts"])) == (20_000, 20_000)
        assert take.text.endswith(letter + "… [Cut here: there were 1,000,001 letters.]")
    notes = [read_note(history.vault.read_note(take.id)) for take in history.job(ANN, job.id).takes]
    assert [note.takes[0].text for note in notes] == [take.text for take in jobs_of(history, BOB)[0].takes]


def test_importing_twice_adds_nothing(anns: History) -> None:
    data = packed(anns)
    taken_in(anns, "carl", data)
    assert taken_in(anns, "carl", data) == Imported(0, 3, 0)
    assert taken_in(anns, "carl", packed(anns, "carl")) == Imported(0, 3, 0)
    assert taken_in(anns, ANN, data) == Imported(0, 3, 0)
    assert len(jobs_of(anns, "carl")) == 3


def test_deleted_edits_come_back_from_an_archive(anns: History) -> None:
    data = packed(anns)
    for job in jobs_of(anns, ANN):
        anns.delete(ANN, job.id)
    assert taken_in(anns, ANN, data) == Imported(3, 0, 0)
    assert anns.vault.is_whole(picture(2).sha256, "image/png")


def test_an_edit_that_comes_back_alone_hangs_on_its_parent_that_is_still_there(anns: History) -> None:
    child, root = jobs_of(anns, ANN)[1:]
    data = packed(anns, search=Search(favourite=True))
    anns.delete(ANN, child.id)
    assert taken_in(anns, ANN, data) == Imported(1, 0, 0)
    again = jobs_of(anns, ANN)[0]
    assert [each.from_take for each in again.inputs] == [root.takes[1].id]
    assert [job.id for job in anns.tree(ANN, root.id).jobs] == [root.id, again.id]


def test_an_edit_that_comes_back_alone_hangs_on_its_parent_that_was_imported_before(anns: History) -> None:
    taken_in(anns, "carl", packed(anns))
    child, root = jobs_of(anns, "carl")[1:]
    anns.delete("carl", child.id)
    assert taken_in(anns, "carl", packed(anns, search=Search(favourite=True))) == Imported(1, 0, 0)
    assert [each.from_take for each in jobs_of(anns, "carl")[0].inputs] == [root.takes[1].id]


def test_an_edit_does_not_hang_on_anothers_take(anns: History) -> None:
    assert taken_in(anns, BOB, packed(anns, search=Search(favourite=True))) == Imported(1, 0, 0)
    assert [each.from_take for each in jobs_of(anns, BOB)[0].inputs] == [None]


def test_imported_edits_have_notes_like_all_others(anns: History) -> None:
    taken_in(anns, "carl", packed(anns))
    notes = set(anns.vault.note_ids())
    assert {take.id for job in jobs_of(anns, "carl") for take in job.takes} <= notes


def test_an_edit_is_exported_once_it_is_over(history: History) -> None:
    """Of another nobody would ever tell the one that was imported how it ended."""
    job, _ = history.begin(click("t", takes_asked=2))
    history.save_take(job.id, 0, picture(1))
    assert taken_in(history, BOB, packed(history)) == Imported(0, 0, 0)
    history.save_take(job.id, 1, picture(2))
    history.finish(job.id, "done")
    taken_in(history, BOB, packed(history))
    assert [(row.state, len(row.takes)) for row in jobs_of(history, BOB)] == [("done", 2)]


def hurt(data: bytes, number: int) -> bytes:
    """The archive with one bit of a picture turned round."""
    place = data.index(picture(number).data) + 60
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_a_damaged_picture_is_left_out_and_the_rest_comes_in(anns: History) -> None:
    assert taken_in(anns, BOB, hurt(packed(anns), 4)) == Imported(2, 0, 1)
    assert anns.vault.is_whole(picture(4).sha256, "image/png")


def test_an_edit_that_came_in_without_a_picture_is_made_whole_by_a_sound_archive(anns: History) -> None:
    data = packed(anns)
    found = taken_in(anns, "carl", hurt(data, 2))
    assert found == Imported(3, 0, 0, lacking=1)
    assert said(found) == "3 edits added, 1 damaged or missing picture left out."
    found = taken_in(anns, "carl", data)
    assert found == Imported(0, 3, 0, mended=1)
    assert said(found) == "No edits added, 3 here already, 1 picture added to what was here."
    root = jobs_of(anns, "carl")[2]
    assert [take.picture.sha256 for take in root.takes] == [picture(2).sha256, picture(3).sha256]
    assert {take.id for take in root.takes} <= set(anns.vault.note_ids())
    assert taken_in(anns, "carl", data) == Imported(0, 3, 0)


def test_what_is_missing_still_is_told_again_and_costs_nothing_that_is_there(anns: History) -> None:
    data = hurt(packed(anns), 2)
    taken_in(anns, "carl", data)
    assert taken_in(anns, "carl", data) == Imported(0, 3, 0)
    assert anns.vault.is_whole(picture(3).sha256, "image/png")
    assert [take.position for take in jobs_of(anns, "carl")[2].takes] == [1]


def test_an_edit_that_came_in_alone_is_hung_on_its_parent_when_that_comes(anns: History) -> None:
    taken_in(anns, "carl", packed(anns, search=Search(favourite=True)))
    assert taken_in(anns, "carl", packed(anns)) == Imported(2, 1, 0)
    child, root = sorted(jobs_of(anns, "carl"), key=lambda job: -job.created)[1:]
    assert [each.from_take for each in child.inputs] == [root.takes[1].id]


def test_an_edit_whose_parent_was_deleted_is_hung_on_it_when_that_comes_back(anns: History) -> None:
    data = packed(anns)
    child, root = jobs_of(anns, ANN)[1:]
    anns.delete(ANN, root.id)
    assert taken_in(anns, ANN, data) == Imported(1, 2, 0)
    again = next(job for job in jobs_of(anns, ANN) if job.prompt == root.prompt)
    assert [each.from_take for each in anns.job(ANN, child.id).inputs] == [again.takes[1].id]
    assert {job.id for job in anns.tree(ANN, again.id).jobs} == {again.id, child.id}


def test_no_archive_turns_the_tree_into_a_ring(anns: History) -> None:
    child, root = jobs_of(anns, ANN)[1:]

    def ring(listed: dict) -> None:
        (last,) = (job for job in listed["jobs"] if job["id"] == root.id)
        last["inputs"][0]["from_take"] = child.takes[0].id

    data = receipts(ring)(packed(anns))
    for _ in range(2):
        taken_in(anns, "carl", data)
    assert [each.from_take for each in jobs_of(anns, "carl")[2].inputs] == [None]
    assert len(anns.tree("carl", jobs_of(anns, "carl")[2].id).jobs) == 2


# Hostile archives


def repacked(data: bytes, change: Callable[[zipfile.ZipFile], None], without: tuple[str, ...] = ()) -> bytes:
    """The same archive with something more in it, or less."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            if entry.filename not in without:
                new.writestr(entry, old.read(entry))
        change(new)
    return out.getvalue()


def adds(name: str, content: bytes = b"x", mode: int = 0, deflated: bool = False) -> Callable[[bytes], bytes]:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    entry.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    return lambda data: repacked(data, lambda archive: archive.writestr(entry, content))


def adds_many(count: int, content: bytes) -> Callable[[bytes], bytes]:
    def add(archive: zipfile.ZipFile) -> None:
        for number in range(count):
            archive.writestr(f"pictures/{number:064x}.png", content, zipfile.ZIP_DEFLATED)

    return lambda data: repacked(data, add)


def receipts(change: Callable[[dict], object]) -> Callable[[bytes], bytes]:
    """The same archive with other receipts."""

    def changed(data: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = json.loads(archive.read(RECEIPTS))
        change(found)
        return repacked(data, lambda archive: archive.writestr(RECEIPTS, json.dumps(found)), without=(RECEIPTS,))

    return changed


def first(field: str, value: object) -> Callable[[bytes], bytes]:
    return receipts(lambda found: found["jobs"][2].update({field: value}))


def nested() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as inner:
        inner.writestr("bomb", bytes(10_000_000))
    return out.getvalue()


def lying_directory(data: bytes) -> bytes:
    return data[:-10] + struct.pack("<I", 2**31) + data[-6:]


def every_entry(**marks: int) -> Callable[[bytes], bytes]:
    """The same archive, each entry of its directory marked as encrypted, or compressed in some way."""
    places = {"flags": 8, "method": 10}

    def marked(data: bytes) -> bytes:
        out = bytearray(data)
        start = data.find(b"PK\1\2")
        while start >= 0:
            for what, value in marks.items():
                struct.pack_into("<H", out, start + places[what], value)
            start = data.find(b"PK\1\2", start + 4)
        return bytes(out)

    return marked


OTHER = "pictures/" + "0" * 64 + ".png"
HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "no zip": lambda data: data[:50],
    "empty": lambda data: data[:0],
    "cut": lambda data: data[:-30],
    "something after its end": lambda data: data + b"more",
    "a directory said to be huge": lying_directory,
    "a path upwards": adds("../../evil.png"),
    "an absolute path": adds("/etc/cron.d/evil"),
    "a path upwards with backslashes": adds("..\\..\\evil.png"),
    "a drive": adds("C:\\evil.png"),
    "a folder": adds("pictures/"),
    "a path upwards among the pictures": adds("pictures/../" + "0" * 64 + ".png"),
    "a program": adds("run.sh"),
    "a picture of a strange type": adds("pictures/" + "0" * 64 + ".svgz"),
    "a symbolic link": adds(OTHER, b"/etc/passwd", stat.S_IFLNK | 0o777),
    "a device": adds(OTHER, b"", stat.S_IFCHR | 0o666),
    "a zip in the zip": adds("inner.zip", nested()),
    "a picture that unpacks to too much": adds(OTHER, bytes(40_000), deflated=True),
    "many things that unpack to too much": adds_many(5, bytes(25_000)),
    "too many entries": adds_many(30, b"x"),
    "locked entries": every_entry(flags=1),
    "a rare compression": every_entry(method=14),
    "no receipts": lambda data: repacked(data, lambda _: None, without=(RECEIPTS,)),
    "receipts that are none": lambda data: repacked(
        data, lambda archive: archive.writestr(RECEIPTS, "not json"), without=(RECEIPTS,)
    ),
    "receipts of a list": lambda data: repacked(
        data, lambda archive: archive.writestr(RECEIPTS, "[1]"), without=(RECEIPTS,)
    ),
    "deep receipts": lambda data: repacked(
        data, lambda archive: archive.writestr(RECEIPTS, "[" * 20_000), without=(RECEIPTS,)
    ),
    "another program's receipts": receipts(lambda found: found.update(format="other")),
    "a later version's receipts": receipts(lambda found: found.update(version=99)),
    "jobs that are none": receipts(lambda found: found.update(jobs=[1])),
    "a job without a prompt": receipts(lambda found: found["jobs"][2].pop("prompt")),
    "a job with a strange id": first("id", "../../../evil"),
    "a job that is running": first("state", "sending"),
    "a job in no state": first("state", "won"),
    "a job of the year 10^300": first("created", 1e300),
    "a job with a true number": first("takes_asked", True),
    "a job with an endless name": first("model", "m" * 10_000),
    "a job with huge receipts": first("request", {"a": "b" * 300_000}),
    "a take of another job": receipts(lambda found: found["jobs"][2]["takes"][0].update(id="0" * 32 + "-0")),
    "two takes in one place": receipts(lambda found: found["jobs"][2]["takes"].append(found["jobs"][2]["takes"][0])),
    "a picture with a path for a hash": receipts(
        lambda found: found["jobs"][2]["takes"][0]["picture"].update(sha256="../" * 21 + "x")
    ),
    "a picture that is a page": receipts(
        lambda found: found["jobs"][2]["takes"][0]["picture"].update(mime="text/html")
    ),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # refused before any database is asked
@pytest.mark.parametrize("what", HOSTILE)
def test_an_archive_is_refused_before_anything_is_written_for(what: str, anns: History, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BadArchive) as caught:
        taken_in(anns, BOB, HOSTILE[what](packed(anns)), SMALL)
    assert str(caught.value).endswith(".")
    assert "evil" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before
    assert len(jobs_of(anns, BOB)) == 1


@pytest.mark.parametrize(
    "content",
    [b"<svg onload='alert(1)'/>", nested(), picture(2).data + b"?", b"\x89PNG\r\n\x1a\n"],
    ids=lambda c: str(c[:6]),
)
def test_what_is_no_picture_does_not_come_in_as_one(anns: History, content: bytes) -> None:
    name = f"pictures/{picture(4).sha256}.png"
    data = repacked(packed(anns), lambda archive: archive.writestr(name, content), without=(name,))
    before = anns.vault.names()
    assert taken_in(anns, BOB, data) == Imported(2, 0, 1)
    assert anns.vault.names() == before


def test_a_twice_packed_entry_is_refused(anns: History) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = adds(f"pictures/{picture(4).sha256}.png", picture(4).data)(packed(anns))
    with pytest.raises(BadArchive):
        taken_in(anns, BOB, data)


def full_at(number: int) -> Callable[[str], None]:
    """A disk that is full when so many pictures have been opened on it."""
    opened = 0

    def hear(step: str) -> None:
        nonlocal opened
        opened += step == "picture: opened"
        if step == "picture: opened" and opened == number:
            raise OSError(errno.ENOSPC, "full")

    return hear


def test_an_import_that_finds_the_disk_full_leaves_no_half_edit(anns: History, tmp_path: Path) -> None:
    data = packed(anns)
    small = Vault(tmp_path / "small", floor_bytes=0, steps=full_at(3))
    other = open_history(small)
    with pytest.raises(NoRoom, match="importing again adds the rest"):
        taken_in(other.history, "carl", data)
    assert jobs_of(other.history, "carl") == []
    assert list(small.note_ids()) == []
    assert small.names() == {}
    assert taken_in(other.history, "carl", data) == Imported(3, 0, 0)
    assert [len(job.takes) for job in jobs_of(other.history, "carl")] == [0, 1, 2]
    other.close()


def test_what_is_older_than_what_is_kept_is_left_out(anns: History) -> None:
    middle = jobs_of(anns, ANN)[1]
    found = import_archive(anns, "carl", io.BytesIO(packed(anns)), older_than=middle.created)
    assert found == Imported(2, 0, 0, older=1)
    assert [job.prompt for job in jobs_of(anns, "carl")] == ["make the sky pink", "../../etc/passwd"]
    assert said(found, 7 * DAY) == "2 edits added. Edits are kept for 7 days; 1 older one was left out."
    assert said(Imported(0, 0, 0, 3), DAY) == "No edits added. Edits are kept for 1 day; 3 older ones were left out."


ODD_RECEIPT = {
    "notes": 5,
    "model": "x",
    "size": {"asked": "2K", "got": ["no"]},
    "cost": {"dollars": "much"},
    "seconds": {"queue": 1, "save": None},
    "thoughts": {"a": 1},
    "strange": [[]],
    "seed": 7,
}
ODD_FAILURE = {"kind": "blocked", "charged": ["no"], "retry_after": "abc", "message": 7, "next_step": "Wait."}


def test_what_is_odd_in_receipts_and_failures_does_not_come_in(anns: History) -> None:
    def odd(found: dict) -> None:
        found["jobs"][2]["takes"][0]["receipt"] = ODD_RECEIPT
        found["jobs"][2]["failure"] = ODD_FAILURE

    taken_in(anns, "carl", receipts(odd)(packed(anns)))
    job = jobs_of(anns, "carl")[2]
    assert job.takes[0].receipt == {
        "size": {"asked": "2K"},
        "cost": {},
        "seconds": {"queue": 1, "save": None},
        "seed": 7,
    }
    assert job.failure == {"kind": "blocked", "next_step": "Wait."}


def test_receipts_and_failures_that_were_written_here_stay_as_they_are() -> None:
    asked = Asked("offline", "native", "m", EditRequest("p", (Reference(picture(1)),)), Estimate(5, known=True), ((),))
    usages = (Usage(), Usage(prompt_tokens=3, total_tokens=4, cost=0.04))
    for usage in usages:
        result = EditResult((picture(2),), thoughts="hm", usage=usage, notes=("a",), model="other")
        receipt = write_receipt(asked, result, picture(2), Times(0.1, 2.0))
        assert of_receipt(receipt) == receipt
    failure = as_json(UpstreamFailed("It broke.", retry_after=2.5, status=500, said="no"))
    assert of_failure(failure) == failure


@pytest.mark.parametrize(
    ("created", "finished"), [(1.0, 9e11), (-5, -7), (9e11, 9e11), (1.7e9, 1.6e9)], ids=lambda value: f"{value:g}"
)
def test_times_of_an_archive_are_brought_within_reason(anns: History, created: float, finished: float) -> None:
    change = receipts(lambda found: found["jobs"][2].update(created=created, finished=finished))
    taken_in(anns, "carl", change(packed(anns)))
    job = jobs_of(anns, "carl")[2]
    assert job.finished
    assert 1.5e9 < job.created <= job.finished < time.time() + 2 * DAY


def bare(number: int, **others: object) -> dict:
    """A job without pictures, as an archive has it."""
    times = {"created": 1.7e9, "finished": 1.7e9, "state": "failed", "failure": None}
    words = {"provider": "p", "wire": "n", "model": "m", "prompt": "A", "takes_asked": 1, "request": {}}
    marks = {"favourite": False, "imported": False, "inputs": [], "takes": []}
    return {"id": f"{number:032x}", **times, **words, **marks, **others}


def listed(*jobs: str) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(RECEIPTS, '{"format":"edit-studio-history","version":1,"jobs":[' + ",".join(jobs) + "]}")
    return out


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the names of many files are what it is about
def test_an_archive_may_have_an_input_and_a_result_for_each_of_many_edits(history: History) -> None:
    archive = listed(*(json.dumps(bare(number)) for number in range(10_000)))
    adds_all = zipfile.ZipFile(archive, "a")
    for number in range(20_000):
        adds_all.writestr(f"pictures/{number:064x}.png", b"")
    adds_all.close()
    assert import_archive(history, ANN, archive, older_than=2e9) == Imported(0, 0, 0, older=10_000)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "jobs",
    [
        pytest.param(lambda: ["{}"] * 5_000_000, id="millions of nothing"),
        pytest.param(
            lambda: [json.dumps(bare(1, request={"a": "?"})).replace('"?"', "[" + "{}," * 5_000_000 + "{}]")],
            id="one endless job",
        ),
        pytest.param(
            lambda: [json.dumps(bare(1, request={"a": "?"})).replace('"?"', "[" * 400 + "]" * 400)], id="one deep job"
        ),
        pytest.param(lambda: [json.dumps(bare(n)) for n in range(1_001)], id="too many jobs"),
    ],
)
def test_a_bomb_of_receipts_takes_little_memory(history: History, jobs: Callable[[], list[str]]) -> None:
    bomb = listed(*jobs())
    tracemalloc.start()
    with pytest.raises(BadArchive):
        import_archive(history, ANN, bomb, ArchiveLimits(most_jobs=1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * 2**20
    assert jobs_of(history, ANN) == []


def test_receipts_of_many_edits_come_in_and_take_little_memory(history: History) -> None:
    many = (json.dumps(bare(number, request={"words": "海" * 80_000}), ensure_ascii=False) for number in range(150))
    archive = listed(*many)
    with zipfile.ZipFile(archive) as file:
        assert file.getinfo(RECEIPTS).file_size > 34 * 2**20
    tracemalloc.start()
    assert import_archive(history, ANN, archive) == Imported(150, 0, 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 15 * 2**20
    assert list(history.vault.root.glob("tmp/*")) == []


def test_receipts_that_the_disk_has_no_room_for_are_refused(database: Database, tmp_path: Path) -> None:
    history = History(database, Vault(tmp_path / "data", free=lambda _: 200 * 2**20 + 1000))
    with pytest.raises(NoRoom) as caught:
        import_archive(history, ANN, listed(json.dumps(bare(1, prompt="A" * 60_000))))
    assert str(caught.value) == (
        "There is no room on the disk for the 0.1 MB of receipts in the ZIP file. No edit was added."
    )
    history.close()


def test_what_a_full_quota_holds_comes_back(database: Database, tmp_path: Path) -> None:
    size = len(picture(1, 100).data)
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), quota_bytes=size)
    job, _ = history.begin(click("a", **with_inputs(picture(1, 100))))
    history.finish(job.id, "failed", {})
    data = packed(history)
    history.delete(ANN, job.id)
    assert taken_in(history, ANN, data) == Imported(1, 0, 0)
    assert history.bytes_of(ANN) == size
    history.close()


def test_words_count_beyond_an_eighth_of_the_quota_and_again_with_the_next_archive(
    database: Database, tmp_path: Path
) -> None:
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), quota_bytes=230_000)
    archives = [listed(json.dumps(bare(number, prompt="A" * 90_000))) for number in range(3)]
    assert [import_archive(history, BOB, each).jobs for each in archives[:2]] == [1, 1]
    with pytest.raises(NoRoom) as caught:
        import_archive(history, BOB, archives[2])
    assert str(caught.value) == (
        "There is no room in what there is for each person for the 0.1 MB of these edits. None was added."
    )
    history.close()


def test_words_that_are_here_take_no_room_on_the_disk_again(database: Database, tmp_path: Path) -> None:
    history = History(database, Vault(tmp_path / "data", floor_bytes=0, free=lambda _: 150_000))
    archives = [listed(json.dumps(bare(number, prompt="A" * 90_000))) for number in range(2)]
    assert [import_archive(history, BOB, each).jobs for each in archives] == [1, 1]
    history.close()


def test_importing_again_what_is_there_needs_no_room(database: Database, tmp_path: Path) -> None:
    size = len(picture(1, 100).data)
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), quota_bytes=size + 5000)
    job, _ = history.begin(click("a", **with_inputs(picture(1, 100))))
    history.finish(job.id, "failed", {})
    data = packed(history)
    assert taken_in(history, ANN, data) == Imported(0, 1, 0)
    history.delete(ANN, job.id)
    assert taken_in(history, ANN, data) == Imported(1, 0, 0)
    assert taken_in(history, ANN, data) == Imported(0, 1, 0)
    history.close()


def test_an_import_that_the_disk_cut_short_goes_on_where_there_is_room_for_the_rest_only(
    database: Database, tmp_path: Path
) -> None:
    size = len(picture(1, 100).data)
    vault = Vault(tmp_path / "data", floor_bytes=0, steps=full_at(4))
    history = History(database, vault, quota_bytes=2 * size + 5000)
    for number in (1, 2):
        job, _ = history.begin(click(str(number), owner=BOB, **with_inputs(picture(number, 100))))
        history.finish(job.id, "failed", {})
    data = packed(history, BOB)
    for job in jobs_of(history, BOB):
        history.delete(BOB, job.id)
    with pytest.raises(NoRoom, match="importing again adds the rest"):
        taken_in(history, ANN, data)
    assert taken_in(history, ANN, data) == Imported(1, 1, 0)
    history.close()


def test_an_archive_that_does_not_fit_is_refused(database: Database, tmp_path: Path) -> None:
    history = History(database, Vault(tmp_path / "data", floor_bytes=0), quota_bytes=1000)
    job, _ = history.begin(click())
    history.save_take(job.id, 0, picture(1, 30))
    history.finish(job.id, "done")
    with pytest.raises(NoRoom):
        taken_in(history, BOB, packed(history))
    assert jobs_of(history, BOB) == []
    history.close()
