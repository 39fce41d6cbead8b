"""The relay's list of posts held against what the app kept: nothing paid twice, nothing paid and lost.

Reads the app's database itself, not through the app's code.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .people import Visit
from .relay import Post, Report

_QUERY = """
    select substr(jobs.prompt, 1, 11), jobs.state, pictures.sha256, pictures.bytes
    from jobs left join takes on takes.job_id = jobs.id left join pictures on pictures.sha256 = takes.sha256
"""


@dataclass(frozen=True)
class Accounts:
    """Counts of what must not be. `lost` are pictures that the relay gave and nobody has; `repeated` posts of an edit
    after one that may have cost money; `untrue` edits whose state is not what the relay did; `failed` edits without a
    picture although the relay gave one, or was never asked."""

    posts: int
    pictures: int
    lost: int
    repeated: int
    untrue: int
    failed: int


def of_studio(data: Path, visits: list[Visit], report: Report) -> Accounts:
    """Of the app: every edit with its row, its file, and its posts."""
    kept = _kept(data)
    given = [post.edit for post in report.posts if post.outcome == "picture"]
    lost = sum(
        not any(file.is_file() and file.stat().st_size == size for file, size in kept[edit][1]) for edit in given
    )
    edits = _by_edit(report)
    untrue = sum(kept[edit][0] not in _states(posts) for edit, posts in edits.items())
    repeated = sum(map(_repeated, edits.values()))
    return Accounts(len(report.posts), len(given), lost, repeated, untrue, _failed(visits, edits))


def of_naive(visits: list[Visit], report: Report) -> Accounts:
    """Of the naive app: it has no history, so what its person did not see is lost."""
    seen = {visit.edit for visit in visits if visit.end == "picture"}
    given = [post.edit for post in report.posts if post.outcome == "picture"]
    edits = _by_edit(report)
    lost, repeated = sum(edit not in seen for edit in given), sum(map(_repeated, edits.values()))
    return Accounts(len(report.posts), len(given), lost, repeated, 0, _failed(visits, edits))


def _states(posts: list[Post]) -> tuple[str, ...]:
    """What an edit may be called after these posts; the last one decides."""
    states: dict[str, tuple[str, ...]] = {"picture": ("done",), "busy": ("failed",)}
    return states.get(posts[-1].outcome, ("unknown",))


def _failed(visits: list[Visit], edits: Mapping[str, list[Post]]) -> int:
    """Failures that no fault of the relay explains."""
    without = [edits.get(visit.edit, []) for visit in visits if visit.end == "failed"]
    return sum(not posts or posts[-1].outcome == "picture" for posts in without)


def _repeated(posts: list[Post]) -> int:
    """A 503 did no work and costs nothing, so after one the same edit may be sent again."""
    return sum(post.outcome != "busy" for post in posts[:-1])


def _by_edit(report: Report) -> dict[str, list[Post]]:
    edits = defaultdict(list)
    for post in report.posts:
        edits[post.edit].append(post)
    return edits


def _kept(data: Path) -> defaultdict[str, tuple[str, list[tuple[Path, int]]]]:
    """For each edit its state, and the files of its takes with the bytes they must have."""
    kept: defaultdict[str, tuple[str, list[tuple[Path, int]]]] = defaultdict(lambda: ("", []))
    for edit, state, sha256, size in _rows(data / "history.db"):
        # The same edit twice would be two jobs of one click.
        state = state if edit not in kept or sha256 else "twice"
        files = [(data / "pictures" / sha256[:2] / f"{sha256}.png", size)] if sha256 else []
        kept[edit] = (state, kept[edit][1] + files)
    return kept


def _rows(database: Path) -> Iterator[tuple[str, str, str | None, int]]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        yield from connection.execute(_QUERY)
    finally:
        connection.close()
