"""What the tests of the app share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import database, database_url, postgres_server

from .serving import Served, served

__all__ = ["database", "database_url", "postgres_server"]


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running page on the offline engine."""
    with served(tmp_path_factory.mktemp("page")) as running:
        yield running
