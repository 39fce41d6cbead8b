"""The database: brought up to date or refused, checked when it is opened, and set aside when it is damaged."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from edit_studio.history.opening import Opened, open_history
from edit_studio.storage import schema
from edit_studio.storage.claim import FolderInUse
from edit_studio.storage.database import Database, DatabaseDamaged, DatabaseTooNew, open_database
from edit_studio.storage.disk import FolderUnusable
from edit_studio.storage.schema import MIGRATIONS
from edit_studio.storage.vault import Vault
from tests.edit_studio.examples import ANN, click, picture, tells, with_inputs
from tests.edit_studio.victim import ROOT
from tests.postgres import Postgres


def add_colour(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE jobs ADD COLUMN colour VARCHAR(20) DEFAULT 'none'"))


def count_prompts(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE jobs ADD COLUMN length INTEGER"))
    connection.execute(text("UPDATE jobs SET length = LENGTH(prompt)"))


def fail_half_way(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE jobs ADD COLUMN shape VARCHAR(20)"))
    connection.execute(text("INSERT INTO nowhere VALUES (1)"))


LATER = (*MIGRATIONS, add_colour, count_prompts)


def keep_one(database: Database) -> None:
    """A row that a migration has to carry over."""
    with database.writing() as connection:
        connection.execute(
            schema.jobs.insert()
            .values(
                id="j", owner=ANN, token="t", fingerprint="f", state="done", created=1.0, provider="p", wire="native"
            )
            .values(model="m", prompt="seven!!", words="seven!!", takes_asked=1, request={})
        )


def columns(database: Database) -> set[str]:
    return {column["name"] for column in inspect(database.engine).get_columns("jobs")}


def backups(folder: Path) -> list[Path]:
    return sorted(folder.glob("history.db.version-*"))


def test_a_new_database_has_every_table(database: Database) -> None:
    assert set(inspect(database.engine).get_table_names()) == set(schema.metadata.tables)
    with database.reading() as connection:
        assert connection.execute(select(schema.version.c.number)).scalar() == len(MIGRATIONS)


def test_opening_again_changes_nothing(database_url: str, tmp_path: Path) -> None:
    for _ in range(2):
        open_database(database_url).close()
    assert backups(tmp_path) == []


def test_older_versions_are_migrated_with_their_rows(database_url: str, tmp_path: Path) -> None:
    first = open_database(database_url)
    keep_one(first)
    first.close()
    for known in (LATER[:2], LATER):
        open_database(database_url, migrations=known).close()
    last = open_database(database_url, migrations=LATER)
    with last.reading() as connection:
        assert connection.execute(text("SELECT prompt, colour, length FROM jobs")).one() == ("seven!!", "none", 7)
    last.close()
    if last.is_sqlite:
        assert [each.name.split(".")[2] for each in backups(tmp_path)] == ["version-1", "version-2"]
        with closing(sqlite3.connect(backups(tmp_path)[0])) as old:
            assert old.execute("SELECT prompt FROM jobs").fetchall() == [("seven!!",)]


def test_a_migration_that_fails_changes_nothing(database_url: str) -> None:
    open_database(database_url).close()
    with pytest.raises(Exception, match="nowhere"):
        open_database(database_url, migrations=(*MIGRATIONS, fail_half_way))
    same = open_database(database_url)
    assert "shape" not in columns(same)
    keep_one(same)
    same.close()


def test_a_newer_database_is_refused_and_left_alone(database_url: str, tmp_path: Path) -> None:
    newer = open_database(database_url, migrations=LATER)
    keep_one(newer)
    newer.close()
    with pytest.raises(DatabaseTooNew, match=r"^The database has version 3; this app knows up to 1\.$"):
        open_database(database_url)
    same = open_database(database_url, migrations=LATER)
    with same.reading() as connection:
        assert connection.execute(text("SELECT prompt FROM jobs")).scalar() == "seven!!"
    same.close()
    assert backups(tmp_path) == []


@pytest.mark.parametrize(
    ("asked", "seconds"), [("", "10"), ("&keepalives_idle=3", "3")], ids=["by default", "as asked"]
)
def test_a_server_that_falls_silent_is_given_up_soon(postgres_server: Postgres, asked: str, seconds: str) -> None:
    url = postgres_server.empty()
    database = open_database(f"{url}{asked if '?' in url else asked.replace('&', '?')}")
    with database.reading() as connection:
        said = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
    database.close()
    assert (said["keepalives_idle"], said["tcp_user_timeout"], said["connect_timeout"]) == (seconds, "20000", "10")


def test_a_reader_sees_one_moment_only(database_url: str) -> None:
    one, other = open_database(database_url), open_database(database_url)
    with one.reading() as connection:
        assert connection.execute(select(schema.jobs.c.id)).all() == []
        keep_one(other)
        assert connection.execute(select(schema.jobs.c.id)).all() == []
    with one.reading() as connection:
        assert connection.execute(select(schema.jobs.c.id)).scalar() == "j"
    one.close()
    other.close()


def test_a_writer_gives_up_waiting_after_its_time(database_url: str) -> None:
    one, other = open_database(database_url), open_database(database_url, busy_seconds=0.05)
    with one.writing() as holds:
        one.lock_whole(holds)
        with pytest.raises(OperationalError), other.writing() as waits:
            other.lock_whole(waits)
    with other.writing() as connection:
        other.lock_whole(connection)
    one.close()
    other.close()


def test_an_error_prints_nothing_of_what_was_to_be_written(database: Database) -> None:
    query = text("SELECT prompt FROM nowhere WHERE prompt = :prompt")
    with pytest.raises(DBAPIError) as caught, database.reading() as connection:
        connection.execute(query, {"prompt": "what nobody else may read"})
    assert "FROM nowhere" in str(caught.value)
    assert "nobody else" not in str(caught.value)


def test_a_database_that_is_not_there_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(OperationalError):
        open_database(f"sqlite:///{tmp_path}/no/such/folder/history.db")


# Damage


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few edits in it, closed."""
    folder = tmp_path_factory.mktemp("sound")
    opened = open_history(Vault(folder))
    for number in range(12):
        job, _ = opened.history.begin(
            click(str(number), f"edit {number} " + "words " * 40, **with_inputs(picture(number)))
        )
        opened.history.save_take(job.id, 0, picture(100 + number), receipt=tells(number=number))
        opened.history.finish(job.id, "done")
    opened.close()
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(sound, tmp_path / "data"))


def pictures_of(opened: Opened) -> set[str]:
    rows = opened.history.page(ANN, most=100).rows
    return {take.picture.sha256 for row in rows for take in row.takes}


EVERY = {picture(100 + number).sha256 for number in range(12)}


def cut(keep: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(len(data) * keep)]


def wiped(start: int, length: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:start] + bytes(length) + data[start + length :]


@pytest.mark.parametrize(
    "damage",
    [
        cut(0),
        lambda data: data.replace(data, b"this was never a database" * 300),
        lambda data: bytes(len(data)),
        lambda data: data[:100],
        cut(0.3),
        cut(0.9),
        cut(0.9999),
        wiped(0, 100),
        wiped(100, 3000),
        wiped(4096 * 3, 4096 * 4),
        lambda data: data + data[:5000],
    ],
    ids=[
        "empty",
        "text",
        "zeros",
        "header-only",
        "cut-early",
        "cut-late",
        "last-byte",
        "header",
        "schema",
        "pages",
        "more",
    ],
)
def test_a_damaged_database_is_set_aside_and_every_picture_found_again(folder: Path, damage) -> None:
    file = folder / "history.db"
    before = damage(file.read_bytes())
    file.write_bytes(before)
    opened = open_history(Vault(folder))
    assert pictures_of(opened) == EVERY
    opened.history.database.check()
    aside = opened.found.set_aside
    if aside:
        assert aside.read_bytes()[:4096] == before[:4096]
        assert any(aside.name in sentence for sentence in opened.found.sentences())
    else:
        assert damage(b"12") == b"1212", "only what follows the end may go unnoticed"
    opened.close()
    again = open_history(Vault(folder))
    assert (again.found.set_aside, pictures_of(again)) == (None, EVERY)
    again.close()


@pytest.mark.parametrize("seed", range(3))
def test_one_flipped_byte_in_any_page_loses_no_picture(seed: int, sound: Path, tmp_path: Path) -> None:
    data = (sound / "history.db").read_bytes()
    places = random.Random(seed)
    noticed = 0
    for page in range(len(data) // 4096):
        place = page * 4096 + places.randrange(4096)
        folder = Path(shutil.copytree(sound, tmp_path / str(page)))
        flipped = data[place] ^ places.randrange(1, 256)
        (folder / "history.db").write_bytes(data[:place] + bytes([flipped]) + data[place + 1 :])
        opened = open_history(Vault(folder))
        assert pictures_of(opened) == EVERY, f"byte {place}"
        noticed += opened.found.set_aside is not None
        opened.close()
    assert noticed


def test_what_can_be_read_of_a_damaged_database_is_kept(folder: Path) -> None:
    """Drafts and failed edits are in no note: they come from what is left of the database itself."""
    opened = open_history(Vault(folder))
    failed, _ = opened.history.begin(click("failed", "an edit that failed"))
    opened.history.finish(failed.id, "failed", {"kind": "blocked"})
    opened.history.favourite(ANN, failed.id, True)
    opened.history.keep_draft(ANN, {"prompt": "half a thought"})
    opened.close()
    with closing(sqlite3.connect(folder / "history.db")) as raw:
        page = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'jobs_by_age'").fetchone()[0]
    with (folder / "history.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 200)
    opened = open_history(Vault(folder))
    assert opened.found.set_aside
    assert opened.found.salvaged > 30
    assert opened.history.draft(ANN) == {"prompt": "half a thought"}
    kept = opened.history.job(ANN, failed.id)
    assert (kept.state, kept.failure, kept.favourite) == ("failed", {"kind": "blocked"}, True)
    assert [len(row.inputs) for row in opened.history.page(ANN).rows] == [0] + [1] * 12
    assert pictures_of(opened) == EVERY
    opened.close()


def test_a_second_damage_on_the_same_day_overwrites_nothing(folder: Path) -> None:
    names = set()
    for content in (b"one" * 2000, b"two" * 2000):
        (folder / "history.db").write_bytes(content)
        opened = open_history(Vault(folder), clock=lambda: 1_800_000_000.0)
        assert opened.found.set_aside
        names.add(opened.found.set_aside.name)
        opened.close()
    assert names == {"history.db.damaged-20270115-080000", "history.db.damaged-20270115-080000.again-2"}


def test_text_that_is_no_text_any_more_is_damage(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "history.db")) as raw:
        raw.execute("UPDATE jobs SET prompt = CAST(x'ff00fe' AS TEXT) WHERE number = 3")
        raw.commit()
    with pytest.raises(DatabaseDamaged):
        open_database(f"sqlite:///{folder / 'history.db'}").check()
    opened = open_history(Vault(folder))
    assert pictures_of(opened) == EVERY
    opened.close()


def test_a_database_that_is_gone_is_written_again_from_the_notes(folder: Path) -> None:
    (folder / "history.db").unlink()
    opened = open_history(Vault(folder))
    assert opened.found.adopted == 12
    rows = opened.history.page(ANN).rows
    assert pictures_of(opened) == EVERY
    assert {(row.state, len(row.inputs)) for row in rows} == {("done", 1)}
    assert rows[0].prompt.startswith("edit 11 words")
    opened.close()


# Two processes


def test_a_second_app_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = open_history(Vault(tmp_path))
    job, _ = first.history.begin(click())
    with pytest.raises(FolderInUse, match="EDIT_DATA"):
        open_history(Vault(tmp_path))
    assert first.history.job(ANN, job.id).state == "queued"
    first.close()
    open_history(Vault(tmp_path)).close()


HOLDS = """
import pathlib, sys
from edit_studio.storage.claim import Claim
claim = Claim.of_folder(pathlib.Path(sys.argv[1]))
print(flush=True)
input()
"""


def test_a_killed_app_does_not_keep_the_folder(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with other:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(FolderInUse):
            open_history(Vault(tmp_path))
        other.kill()
    open_history(Vault(tmp_path)).close()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_two_apps_on_one_database_are_one_too_many_whatever_their_folders(database_url: str, tmp_path: Path) -> None:
    first = open_history(Vault(tmp_path / "one"), database_url)
    job, _ = first.history.begin(click())
    with pytest.raises(FolderInUse, match="EDIT_DATABASE_URL"):
        open_history(Vault(tmp_path / "two"), database_url, busy_seconds=0.2)
    assert first.history.job(ANN, job.id).state == "queued"
    first.close()
    open_history(Vault(tmp_path / "two"), database_url).close()


def test_a_database_in_another_app_s_data_folder_is_that_app_s(tmp_path: Path) -> None:
    theirs = open_history(Vault(tmp_path / "one"))
    with pytest.raises(FolderInUse, match="EDIT_DATABASE_URL"):
        open_history(Vault(tmp_path / "two"), f"sqlite:///{tmp_path}/one/history.db")
    theirs.close()


def test_two_apps_may_have_a_database_each_in_one_folder(tmp_path: Path) -> None:
    shared = tmp_path / "databases"
    shared.mkdir()
    apps = [open_history(Vault(tmp_path / name), f"sqlite:///{shared}/{name}.db") for name in ("one", "two")]
    with pytest.raises(FolderInUse, match="EDIT_DATABASE_URL"):
        open_history(Vault(tmp_path / "three"), f"sqlite:///{shared}/../databases/two.db")
    for app in apps:
        app.close()


def test_a_database_for_which_there_is_no_folder_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(FolderUnusable, match="nowhere; see EDIT_DATABASE_URL"):
        open_history(Vault(tmp_path / "data"), f"sqlite:///{tmp_path}/nowhere/history.db")
