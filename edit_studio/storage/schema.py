"""The tables, and how an older file of them becomes today's.

Only shapes here: what the rows mean is in `history.py` and `ledger.py`. Times are seconds since 1970 in UTC, as floats;
money is whole micro-dollars, so that sums are exact; what has no columns of its own is JSON.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")

pictures = Table(
    "pictures",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("mime", String(40), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    # The order of history. Clocks jump; this only grows.
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("owner", String(128), nullable=False),
    Column("token", String(128), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created", Float, nullable=False),
    Column("finished", Float),
    Column("provider", String(64), nullable=False),
    Column("wire", String(8), nullable=False),
    Column("model", String(200), nullable=False),
    Column("prompt", Text, nullable=False),
    # The prompt as it is searched: compatible forms made one, and without case.
    Column("words", Text, nullable=False),
    Column("takes_asked", Integer, nullable=False),
    Column("request", JSON, nullable=False),
    Column("failure", JSON),
    Column("favourite", Boolean, nullable=False, default=False),
    # It came in an archive: its receipts are what the archive says.
    Column("imported", Boolean, nullable=False, default=False),
    UniqueConstraint("owner", "token", name="one_job_per_token"),
    Index("jobs_of_owner", "owner", "number"),
    # One for each filter of history, so that a rare choice needs no walk past everything else.
    Index("jobs_of_provider", "owner", "provider", "number"),
    Index("jobs_of_model", "owner", "model", "number"),
    Index("jobs_of_state", "owner", "state", "number"),
    Index("jobs_of_favour", "owner", "favourite", "number"),
    Index("jobs_by_state", "state", "number"),
    Index("jobs_by_age", "created"),
    # Without this SQLite gives the number of a deleted last row to the next.
    sqlite_autoincrement=True,
)

inputs = Table(
    "inputs",
    metadata,
    Column("job_id", String(64), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sha256", String(64), ForeignKey("pictures.sha256"), nullable=False),
    Column("name", String(200), nullable=False, default=""),
    Column("role", String(80), nullable=False, default=""),
    Column("changes", JSON, nullable=False),
    # The take this picture was: the branch of the tree. It stays when that take is deleted, and leads nowhere then.
    Column("from_take", String(64)),
    Index("inputs_by_picture", "sha256"),
    Index("inputs_by_parent", "from_take"),
)

takes = Table(
    "takes",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("job_id", String(64), ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("sha256", String(64), ForeignKey("pictures.sha256"), nullable=False),
    Column("created", Float, nullable=False),
    Column("text", Text, nullable=False, default=""),
    Column("receipt", JSON, nullable=False),
    UniqueConstraint("job_id", "position", name="one_take_per_place"),
    Index("takes_by_picture", "sha256"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("owner", String(128), primary_key=True),
    Column("form", JSON, nullable=False),
    Column("changed", Float, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("job_id", String(64), nullable=False),
    Column("take", Integer, nullable=False),
    Column("owner", String(128), nullable=False),
    # The UTC day of the reservation, as 2026-11-21. Its first seven letters are the month.
    Column("day", String(10), nullable=False),
    Column("state", String(8), nullable=False),
    Column("micros", BigInteger, nullable=False),
    Column("estimated", Boolean, nullable=False, default=True),
    Column("created", Float, nullable=False),
    UniqueConstraint("job_id", "take", name="one_entry_per_take"),
    Index("entries_by_day", "day"),
    # Holds all that a reservation sums up, so that the write lock is not kept for reading rows.
    Index("entries_by_state", "state", "day", "owner", "micros"),
)

version = Table("version", metadata, Column("number", Integer, primary_key=True))


def create_all(connection: Connection) -> None:
    """Version 1: every table."""
    metadata.create_all(connection)


Migrations = tuple[Callable[[Connection], None], ...]

MIGRATIONS: Migrations = (create_all,)
"""Step n takes a database from version n to n + 1. Each runs in a transaction; steps are added, never changed."""
