"""Fixtures: an empty database of each kind the app can keep its history in, SQLite and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edit_studio.storage.database import Database, open_database
from edit_studio.storage.schema import MIGRATIONS, metadata, version
from tests.postgres import NoPostgres, Postgres, postgres

KINDS = ("sqlite", "postgresql")
TABLES = metadata.sorted_tables


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One server for all tests; take a `fresh()` schema each."""
    try:
        with postgres() as server:
            yield server
    except NoPostgres as missing:
        pytest.fail(f"{missing} `python -m tests.postgres` tries to.", pytrace=False)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a row."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'history.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    url = server.empty()
    yield url
    server.give_back(url, [table.name for table in reversed(TABLES) if table is not version], len(MIGRATIONS))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with today's tables."""
    opened = open_database(database_url)
    yield opened
    opened.close()
