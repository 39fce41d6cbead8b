"""A real PostgreSQL for the tests: finding it, getting it (`python -m tests.postgres`), and running one in a folder.

It listens on a socket in that folder only, and belongs to whoever started it. PostgreSQL refuses to run as root; where
the tests do, it runs as another user of the machine.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.chromium import administrator, reason
from tests.waiting import eventually

PLACES = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/pgsql-*")
INSTALL = (
    ("reading the system's list of packages", ("apt-get", "update", "-qq")),
    ("installing the system's package", ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql")),
)
LONGEST_STEP = 600
LONGEST_START = 30
UNPRIVILEGED = ("postgres", "nobody")

SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=16MB")
"""What a server needs that has nothing to lose."""


class NoPostgres(Exception):
    """There is no PostgreSQL; the message says what to do."""


def find_programs() -> Path:
    """The folder with `initdb` and `postgres`. Raises `NoPostgres`."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    for place in PLACES:
        root, _, pattern = place.partition("*")
        found += sorted(Path(root).parent.glob(f"{Path(root).name}*/bin") if pattern else Path(root).glob("*/bin"))
    for folder in found:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise NoPostgres("No PostgreSQL here: install it (on Debian and Ubuntu: apt-get install postgresql).")


def get_programs() -> Path:
    """Find PostgreSQL, or install the system's package. Asks nothing; raises `NoPostgres`."""
    for says, command in INSTALL:
        try:
            return find_programs()
        except NoPostgres:
            prefix = administrator()
            if prefix is None or not shutil.which(command[0]):
                raise
            sys.stderr.write(f"No PostgreSQL yet: {says} ...\n")
            ended = subprocess.run(
                (*prefix, *command),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=LONGEST_STEP,
                check=False,
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            )
            if ended.returncode:
                sys.stderr.write(f"  that failed: {reason(ended.stdout + ended.stderr)}\n")
    return find_programs()


@dataclass(frozen=True)
class Postgres:
    """A running server, by the folder of its socket and the name of its user."""

    sockets: Path
    user: str
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)
    _spare: list[str] = field(default_factory=list, repr=False)

    def fresh(self) -> str:
        """The URL of a schema of its own, without tables."""
        schema = f"test_{next(self._numbers)}"
        self._run(f"CREATE SCHEMA {schema}")
        return f"postgresql+psycopg://{self.user}@/postgres?host={self.sockets}&options=-csearch_path%3D{schema}"

    def empty(self) -> str:
        """The URL of a schema without rows; one that was given back if there is one, for making tables takes time."""
        return self._spare.pop() if self._spare else self.fresh()

    def give_back(self, url: str, tables: Iterable[str], version: int) -> None:
        """Empty these tables, the ones that refer to others first, and lend the schema again.

        Unless a test made other tables of them: then they have another version.
        """
        schema = url.rpartition("%3D")[2]
        if self._run(f"SELECT to_regclass('{schema}.version')")[0][0] is None:
            return
        if self._run(f"SELECT number FROM {schema}.version") == [(version,)]:  # noqa: S608 - the schema's name is ours
            self._run("; ".join(f"DELETE FROM {schema}.{table}" for table in tables))  # noqa: S608
            self._spare.append(url)

    def _run(self, statements: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(host=str(self.sockets), user=self.user, dbname="postgres", autocommit=True) as server:
            answer = server.execute(statements.encode())
            return answer.fetchall() if answer.description else []


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server for as long as the block lasts. Raises `NoPostgres`."""
    programs = find_programs()
    # In the system's own folder and with a short name: another user must reach it, and a socket's path is short.
    root = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    person = _other_user()
    try:
        if person:
            os.chown(root, person.pw_uid, person.pw_gid)
        user = (person or pwd.getpwuid(os.geteuid())).pw_name
        _run_as(person, [programs / "initdb", "-D", root / "data", "-U", user, "-A", "trust", "-N", "-E", "UTF8"])
        with _server(programs, root, person) as log:
            server = Postgres(root, user)
            _wait_for(server, log)
            yield server
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def _server(programs: Path, root: Path, person: pwd.struct_passwd | None) -> Iterator[Path]:
    options = [part for each in (*SPEED, "listen_addresses=") for part in ("-c", each)]
    log = root / "log"
    with log.open("wb") as out:
        running = subprocess.Popen(
            [programs / "postgres", "-D", root / "data", "-k", root, *options],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            **_identity(person),
        )
    try:
        yield log
    finally:
        # The end without a checkpoint: nobody needs the data again.
        running.send_signal(signal.SIGQUIT)
        try:
            running.wait(timeout=10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _wait_for(server: Postgres, log: Path) -> None:
    def answers() -> bool:
        try:
            psycopg.connect(host=str(server.sockets), user=server.user, dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    if not eventually(answers, LONGEST_START):
        raise NoPostgres(f"PostgreSQL did not start: {reason(log.read_text(errors='replace'))}")


def _other_user() -> pwd.struct_passwd | None:
    """Who runs the server when we are root; None when we may ourselves."""
    if os.geteuid():
        return None
    known = {person.pw_name: person for person in pwd.getpwall()}
    for name in UNPRIVILEGED:
        if name in known:
            return known[name]
    raise NoPostgres("PostgreSQL does not run as root, and there is no other user here.")


def _identity(person: pwd.struct_passwd | None) -> dict:
    if person is None:
        return {"cwd": "/"}
    return {"cwd": "/", "user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


def _run_as(person: pwd.struct_passwd | None, command: list) -> None:
    ended = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=120, check=False, **_identity(person)
    )
    if ended.returncode:
        raise NoPostgres(f"PostgreSQL could not be set up: {reason(ended.stderr or ended.stdout)}")


if __name__ == "__main__":
    try:
        get_programs()
    except NoPostgres as missing:
        sys.exit(str(missing))
