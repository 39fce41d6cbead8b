"""What is kept, where and for how long, and how many edits may be under way: the settings of it, read from text."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from edit_core.errors import BadInput

from .money.budget import Budget, parse_budget
from .money.prices import Prices, parse_prices

DATA_NAME = "EDIT_DATA"
DATABASE_URL_NAME = "EDIT_DATABASE_URL"
SPACE_DISK = Path("/data")
"""Where a Space's lasting storage is mounted, if it has one."""

DAY = 24 * 3600.0
DAYS_WHEN_SHARED = 7.0
MEGABYTE = 2**20
_NO_DATABASE = (
    f"{DATABASE_URL_NAME} is no address that can be used; it is postgresql://user:password@host/name, "
    "or sqlite:////folder/file.db."
)


class BadKeeping(ValueError):
    """A setting that cannot be meant. The message names it and says what it may be."""


@dataclass(frozen=True)
class Keeping:
    """`folder` holds everything; `database_url` "" is a file in it. `seconds` None keeps for ever.

    `drain_seconds` is what edits have at the end to come to theirs. `ephemeral` says that the folder goes with the
    machine: nothing outlives a restart.
    """

    folder: Path = Path("data")
    database_url: str = field(default="", repr=False)
    seconds: float | None = None
    quota_bytes: int = 1024 * MEGABYTE
    free_bytes: int = 200 * MEGABYTE
    in_flight: int = 40
    waiting: int = 100
    drain_seconds: float = 30
    budget: Budget = field(default_factory=Budget)
    prices: Prices = field(default_factory=Prices)
    ephemeral: bool = False


def read_keeping(values: Mapping[str, str], home: Path, *, on_space: bool, shared: bool) -> Keeping:
    """The settings among `values`; `home` is the folder that `data/` lies in. Raises `BadKeeping`."""
    lasting = not on_space or os.access(SPACE_DISK, os.W_OK)
    usual = home / "data" if not on_space else SPACE_DISK if lasting else Path(tempfile.gettempdir(), "edit-studio")
    days = _number(values, "EDIT_KEEP_DAYS", DAYS_WHEN_SHARED if shared else None)
    return Keeping(
        folder=Path(values.get(DATA_NAME) or usual).expanduser(),
        database_url=_database_url(values.get(DATABASE_URL_NAME, "")),
        seconds=None if not days else days * DAY,
        quota_bytes=int((_number(values, "EDIT_QUOTA_MB", 1024) or 0) * MEGABYTE),
        free_bytes=int((_number(values, "EDIT_FREE_MB", 1024 if shared else 200) or 0) * MEGABYTE),
        in_flight=_whole(values, "EDIT_IN_FLIGHT", 40, least=1),
        waiting=_whole(values, "EDIT_WAITING", 100, least=0),
        drain_seconds=_number(values, "EDIT_DRAIN", 30) or 0,
        budget=_budget(values.get("EDIT_BUDGET", "")),
        prices=_prices(values.get("EDIT_PRICES", "")),
        ephemeral=not lasting and DATA_NAME not in values,
    )


def _number(values: Mapping[str, str], name: str, usual: float | None) -> float | None:
    if name not in values:
        return usual
    try:
        number = float(values[name])
    except ValueError:
        number = -1
    if not 0 <= number < 1e9:
        raise BadKeeping(f"{name} is “{values[name]}”; it is a number, 0 or more.")
    return number


def _whole(values: Mapping[str, str], name: str, usual: int, *, least: int) -> int:
    text = values.get(name, str(usual))
    if not text.isdecimal() or not least <= int(text) <= 10_000:
        raise BadKeeping(f"{name} is “{text}”; it is a whole number from {least} to 10000.")
    return int(text)


def _database_url(text: str) -> str:
    """The same address with the driver that is ours. What is wrong with it is said without showing its password."""
    if not text:
        return ""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise BadKeeping(_NO_DATABASE) from error
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        # One in memory would be gone at the end. With two slashes the first folder counts as a host.
        if url.host or (url.database or ":memory:").startswith((":memory:", "file:")):
            raise BadKeeping(_NO_DATABASE)
        return text
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise BadKeeping(_NO_DATABASE)
    if find_spec("psycopg") is None:
        raise BadKeeping(f"{DATABASE_URL_NAME} needs a driver: pip install 'psycopg[binary]'.")
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _budget(text: str) -> Budget:
    try:
        return parse_budget(text)
    except BadInput as error:
        raise BadKeeping(f"EDIT_BUDGET: {error}") from error


def _prices(text: str) -> Prices:
    try:
        return parse_prices(text)
    except BadInput as error:
        raise BadKeeping(f"EDIT_PRICES: {error}") from error
