"""Reading history: jobs by id, a page of them, the tree they form, a picture one may see.

Every question names its owner, and what is another's is as good as not there. Works on a connection somebody lends;
changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Text, and_, cast, exists, func, or_, select

from ..storage import schema
from ..storage.vault import NotKept
from .rows import OVER, RUNNING, InputRow, JobRow, PictureRow, State, TakeRow, words_of

Outcome = Literal["running", "done", "failed", "stopped", "unknown"]

MOST_WORDS = 100
LONGEST_WORD = 100
"""Of a search, the words that count and the letters of each: databases have a limit for both."""

MOST_IN_A_TREE = 200
_AT_ONCE = 500
"""Names in one question: databases have a limit for them."""

_jobs, _inputs, _takes, _pictures = (schema.jobs, schema.inputs, schema.takes, schema.pictures)
_JOB_COLUMNS = [column for column in _jobs.c if column.name != "words"]


@dataclass(frozen=True)
class Search:
    """What a page of history is narrowed to; "" and None leave all.

    Every one of the words must be in the prompt, in any order; of more than `MOST_WORDS` the first so many.
    """

    words: str = ""
    provider: str = ""
    model: str = ""
    outcome: Outcome | None = None
    favourite: bool = False


@dataclass(frozen=True)
class Page:
    """Some jobs, the latest first. `next_cursor` is what to ask for the page after; None on the last."""

    rows: tuple[JobRow, ...]
    next_cursor: int | None


@dataclass(frozen=True)
class Branch:
    """A take that was an input of a later job."""

    take_id: str
    job_id: str


@dataclass(frozen=True)
class Tree:
    """The jobs that hang together, the earliest first. `whole` is False where there were more than are shown."""

    jobs: tuple[JobRow, ...]
    branches: tuple[Branch, ...]
    whole: bool


def find_job(connection: Connection, owner: str, job_id: str) -> JobRow:
    """One job with its inputs and takes. Raises `NotKept`."""
    return _one(connection, and_(_jobs.c.owner == owner, _jobs.c.id == job_id))


def find_any_job(connection: Connection, job_id: str) -> JobRow:
    """One job, whosever it is: for the app itself, never for a page. Raises `NotKept`."""
    return _one(connection, _jobs.c.id == job_id)


def is_known(connection: Connection, job_id: str) -> bool:
    """Whether anybody has this job."""
    return bool(connection.execute(select(exists().where(_jobs.c.id == job_id))).scalar_one())


def find_by_token(connection: Connection, owner: str, token: str) -> JobRow:
    """The job of a click. Raises `NotKept`."""
    return _one(connection, and_(_jobs.c.owner == owner, _jobs.c.token == token))


def find_running(connection: Connection, owner: str | None = None) -> tuple[JobRow, ...]:
    """Jobs that are not over, of one owner or of all, the earliest first."""
    query = _select_jobs().where(_jobs.c.state.in_(RUNNING)).order_by(_jobs.c.number)
    return _whole(connection, query if owner is None else query.where(_jobs.c.owner == owner))


def find_older(connection: Connection, than: float, after: int, most: int) -> tuple[JobRow, ...]:
    """Jobs of everybody that are over, began before this time and have a number beyond `after`; at most so many."""
    old = (_jobs.c.created < than, _jobs.c.state.not_in(RUNNING), _jobs.c.number > after)
    return _whole(connection, _select_jobs().where(*old).order_by(_jobs.c.number).limit(most))


def find_take(connection: Connection, owner: str, take_id: str) -> TakeRow:
    """One take. Raises `NotKept`."""
    query = _select_takes().join(_jobs).where(_takes.c.id == take_id, _jobs.c.owner == owner)
    if row := connection.execute(query).mappings().first():
        return _take(row)
    raise NotKept("There is no such picture.")


def find_picture(connection: Connection, owner: str, sha256: str) -> PictureRow:
    """A picture that is an input or a take of one of this owner's jobs. Raises `NotKept`."""
    query = select(_pictures).where(_pictures.c.sha256 == sha256, _is_of(owner))
    if row := connection.execute(query).mappings().first():
        return _picture(row)
    raise NotKept("There is no such picture.")


def find_page(connection: Connection, owner: str, search: Search, before: int | None, most: int) -> Page:
    """Jobs earlier than the cursor `before`, at most so many."""
    query = _select_jobs().where(_jobs.c.owner == owner, *_narrowed(search))
    if before is not None:
        query = query.where(_jobs.c.number < before)
    rows = _whole(connection, query.order_by(_jobs.c.number.desc()).limit(most + 1))
    more = len(rows) > most
    return Page(rows[:most], rows[most - 1].number if more else None)


def find_tree(connection: Connection, owner: str, job_id: str, most: int = MOST_IN_A_TREE) -> Tree:
    """All jobs that hang together with this one by takes that became inputs. Raises `NotKept`."""
    found = {job_id: find_job(connection, owner, job_id)}
    branches: set[Branch] = set()
    fresh: Sequence[str] = [job_id]
    whole = True
    while fresh and whole:
        links = _links(connection, owner, fresh)
        ids = {each for branch, parent in links for each in (parent, branch.job_id)} - found.keys()
        whole = len(found) + len(ids) <= most
        kept = sorted(ids)[: most - len(found)]
        found |= {job.id: job for job in _by_ids(connection, kept)}
        branches |= {branch for branch, parent in links if parent in found and branch.job_id in found}
        fresh = kept
    jobs = tuple(sorted(found.values(), key=lambda job: job.number))
    return Tree(jobs, tuple(sorted(branches, key=lambda branch: (branch.job_id, branch.take_id))), whole)


def own_pictures(connection: Connection, owner: str, names: Iterable[str]) -> set[str]:
    """Which of these pictures, by hash, are an input or a take of one of this owner's jobs."""
    return {
        name
        for some in _portions(names)
        for name in connection.execute(
            select(_pictures.c.sha256).where(_pictures.c.sha256.in_(some), _is_of(owner))
        ).scalars()
    }


def known_names(connection: Connection, owner: str, names: Iterable[str]) -> set[str]:
    """Which of these are the id, or the token, of one of this owner's jobs."""
    return {
        name
        for some in _portions(names)
        for column in (_jobs.c.id, _jobs.c.token)
        for name in connection.execute(select(column).where(_jobs.c.owner == owner, column.in_(some))).scalars()
    }


def bytes_of(connection: Connection, owner: str) -> int:
    """Bytes of all pictures of this owner's jobs, each counted once."""
    mine = select(_jobs.c.id).where(_jobs.c.owner == owner)
    used = (
        select(_takes.c.sha256)
        .where(_takes.c.job_id.in_(mine))
        .union(select(_inputs.c.sha256).where(_inputs.c.job_id.in_(mine)))
    )
    query = select(func.coalesce(func.sum(_pictures.c.bytes), 0)).where(_pictures.c.sha256.in_(used))
    return int(connection.execute(query).scalar_one())


def imported_text_of(connection: Connection, owner: str) -> int:
    """Letters of all that is written down of the edits this owner imported."""
    mine = (_jobs.c.owner == owner, _jobs.c.imported.is_(True))
    jobs = select(_letters(_jobs.c.prompt, _jobs.c.request, _jobs.c.failure)).where(*mine)
    takes = select(_letters(_takes.c.text, _takes.c.receipt)).join(_jobs).where(*mine)
    return sum(int(connection.execute(query).scalar_one()) for query in (jobs, takes))


def _letters(*columns: ColumnElement) -> ColumnElement[int]:
    return func.coalesce(func.sum(sum(func.coalesce(func.length(cast(each, Text)), 0) for each in columns)), 0)


def _is_of(owner: str) -> ColumnElement[bool]:
    """Whether a picture is an input or a take of one of this owner's jobs."""
    return or_(
        *(
            exists().where(each.c.sha256 == _pictures.c.sha256, each.c.job_id == _jobs.c.id, _jobs.c.owner == owner)
            for each in (_takes, _inputs)
        )
    )


def _portions(names: Iterable[str]) -> Iterator[list[str]]:
    names = list(names)
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))


def is_used(connection: Connection, sha256: str) -> bool:
    """Whether any job of anybody has this picture."""
    query = select(
        or_(exists().where(_takes.c.sha256 == sha256), exists().where(_inputs.c.sha256 == sha256)),
    )
    return bool(connection.execute(query).scalar_one())


def _narrowed(search: Search) -> Iterable[ColumnElement[bool]]:
    for word in list(dict.fromkeys(words_of(search.words).split()))[:MOST_WORDS]:
        yield _jobs.c.words.contains(word[:LONGEST_WORD], autoescape=True)
    if search.provider:
        yield _jobs.c.provider == search.provider
    if search.model:
        yield _jobs.c.model == search.model
    if search.outcome:
        yield _jobs.c.state.in_(states_of(search.outcome))
    if search.favourite:
        yield _jobs.c.favourite.is_(True)


def states_of(outcome: Outcome) -> tuple[State, ...]:
    """The states a filter stands for."""
    if outcome not in get_args(Outcome):
        raise NotKept("There is no such outcome.")
    return RUNNING if outcome == "running" else tuple(state for state in OVER if state == outcome)


def outcome_of(state: State) -> Outcome:
    """The filter that finds a state."""
    return "running" if state in RUNNING else state  # type: ignore[return-value]  # the others are the outcomes


def _links(connection: Connection, owner: str, job_ids: Sequence[str]) -> list[tuple[Branch, str]]:
    """Every branch that leaves one of these jobs or ends in one, with the job it leaves."""
    parent, child = _jobs.alias("parent"), _jobs.alias("child")
    query = (
        select(_takes.c.id, _takes.c.job_id, _inputs.c.job_id.label("child_id"))
        .select_from(_inputs)
        .join(_takes, _takes.c.id == _inputs.c.from_take)
        .join(parent, and_(parent.c.id == _takes.c.job_id, parent.c.owner == owner))
        .join(child, and_(child.c.id == _inputs.c.job_id, child.c.owner == owner))
    )
    rows = (connection.execute(query.where(end.in_(job_ids))).all() for end in (_takes.c.job_id, _inputs.c.job_id))
    return [(Branch(row.id, row.child_id), row.job_id) for some in rows for row in some]


def _one(connection: Connection, which: ColumnElement[bool]) -> JobRow:
    if found := _whole(connection, _select_jobs().where(which)):
        return found[0]
    raise NotKept("There is no such edit.")


def _by_ids(connection: Connection, job_ids: Sequence[str]) -> tuple[JobRow, ...]:
    return _whole(connection, _select_jobs().where(_jobs.c.id.in_(job_ids))) if job_ids else ()


def _select_jobs() -> Select:
    return select(*_JOB_COLUMNS)


def _select_takes() -> Select:
    return select(_takes, *(column for column in _pictures.c if column.name != "sha256")).join(_pictures)


def _whole(connection: Connection, query: Select) -> tuple[JobRow, ...]:
    """The jobs of a query with their inputs and takes: three queries, however many jobs."""
    rows = connection.execute(query).mappings().all()
    ids = [row["id"] for row in rows]
    inputs: defaultdict[str, list[InputRow]] = defaultdict(list)
    takes: defaultdict[str, list[TakeRow]] = defaultdict(list)
    if ids:
        columns = (column for column in _pictures.c if column.name != "sha256")
        some = select(_inputs, *columns).join(_pictures).where(_inputs.c.job_id.in_(ids))
        for row in connection.execute(some.order_by(_inputs.c.position)).mappings():
            inputs[row["job_id"]].append(_input(row))
        for row in connection.execute(
            _select_takes().where(_takes.c.job_id.in_(ids)).order_by(_takes.c.position)
        ).mappings():
            takes[row["job_id"]].append(_take(row))
    return tuple(JobRow(**row, inputs=tuple(inputs[row["id"]]), takes=tuple(takes[row["id"]])) for row in rows)


def _picture(row: RowMapping) -> PictureRow:
    return PictureRow(row["sha256"], row["mime"], row["width"], row["height"], row["bytes"])


def _input(row: RowMapping) -> InputRow:
    return InputRow(_picture(row), row["name"], row["role"], tuple(row["changes"]), row["from_take"])


def _take(row: RowMapping) -> TakeRow:
    return TakeRow(
        row["id"], row["job_id"], row["position"], _picture(row), row["created"], row["text"], row["receipt"]
    )
