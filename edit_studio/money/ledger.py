"""The ledger: what may be spent is reserved before anything is sent, and becomes what was spent afterwards.

    reserved ──┬── settled    the service did its work
               ├── released   it did not: nothing was sent, or it refused
               └── held       nobody knows. It counts as spent until whoever pays says settled or released, or a
                              late picture proves it

Settled, reserved and held all count against the budget. A reservation is one transaction under the database's write
lock, so however many ask at once, in however many processes, the sum never passes a limit. What cannot be written
down is not sent. Every call blocks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import Connection, Row, case, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from edit_core.errors import Charged, EditError

from ..storage.database import Database
from ..storage.schema import entries
from .budget import Budget, BudgetReached, Spent, reached
from .days import current_day, mend_days, start_of
from .entries import COUNTED, Admitted, Balance, Entry, State, Sum
from .reckoning import end_open

__all__ = ["AlreadyReserved", "BudgetReached", "Ledger", "LedgerUnwritable", "NoReservation"]

_FROM: dict[State, tuple[State, ...]] = {
    # A picture that came is paid for, whatever was thought of it before.
    "settled": ("reserved", "held", "released", "settled"),
    "released": ("reserved", "held", "released"),
    "held": ("reserved", "held"),
}
"""To each state, from which others."""


class LedgerUnwritable(EditError):
    """The ledger cannot be written or read."""

    kind = "ledger"
    next_step = "Tell the owner: the data folder or its database cannot be written. Then try again."


class AlreadyReserved(ValueError):
    """This take has an entry; sending it once more could pay for it twice."""


class NoReservation(LookupError):
    """This take has no entry that could become what was asked."""


class Ledger:
    """The entries of one database, and the budget they are held to. `clock` gives seconds since 1970."""

    def __init__(
        self, database: Database, budget: Budget | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.budget = budget or Budget()
        self._database = database
        self._clock = clock

    def reserve(self, job_id: str, take: int, owner: str, micros: int) -> None:
        """Set an amount aside for one take. Only after this may it be sent.

        Raises `BudgetReached`, `LedgerUnwritable` (nothing was reserved either way) or `AlreadyReserved`.
        """
        self.reserve_many(job_id, (take,), owner, micros)

    def reserve_many(self, job_id: str, takes: Sequence[int], owner: str, micros: int) -> Admitted:
        """Set `micros` aside for each of as many takes as the budget has room for, the first ones first.

        Raises `BudgetReached` when it has room for none, else as `reserve`.
        """
        _check(micros)
        with self._writing("The costs cannot be written down, so nothing was sent.", "no") as connection:
            self._database.lock_whole(connection)
            now = self._clock()
            mend_days(connection, now)
            day = current_day(connection, now)
            spent = _spent(connection, day, owner) if self.budget.limited else Spent(day)
            cap = self.budget.tightest(spent, micros)
            room = len(takes) if cap is None else min(len(takes), cap.room(micros) or 0)
            over = reached(cap, micros, day, now) if cap and room < len(takes) else None
            rows = [
                {"job_id": job_id, "take": take, "owner": owner, "day": day, "state": "reserved", "micros": micros}
                | {"estimated": True, "created": max(now, start_of(day))}
                for take in takes[:room]
            ]
            if rows:
                _insert(connection, rows)
        # Only now, as days that were put right are to stay so.
        if over and not room:
            raise over
        return Admitted(tuple(takes[:room]), tuple(takes[room:]), str(over or ""))

    def settle(self, job_id: str, take: int, micros: int, *, estimated: bool) -> None:
        """The service did its work for this much; `estimated` when it did not say for how much.

        Raises `NoReservation`, or `LedgerUnwritable`: then the entry stays as it was, and counts.
        """
        _check(micros)
        self._become("settled", job_id, take, micros=micros, estimated=estimated)

    def release(self, job_id: str, take: int) -> None:
        """It was not charged: nothing was sent, or the service refused. Raises as `settle` does."""
        self._become("released", job_id, take)

    def hold(self, job_id: str, take: int, micros: int | None = None) -> None:
        """Nobody knows whether it was charged; no more than `micros`, where given. Raises as `settle` does."""
        values: dict[str, Any] = {} if micros is None else {"micros": micros}
        self._become("held", job_id, take, **values)

    def end_open(self, free: Collection[str] = ()) -> int:
        """Give every reservation its end, at start, by what history says of its take; returns how many are held.

        `free` are the ids of providers that are never paid. Only for the one process that works on this database, once
        every job there is over. Raises `LedgerUnwritable`; then nothing has changed.
        """
        with self._writing("The costs cannot be written down.", "maybe") as connection:
            self._database.lock_whole(connection)
            return end_open(connection, free)

    def mark(self, job_id: str, take: int, *, charged: bool) -> None:
        """Whoever pays has looked at the bill: a held entry was charged as estimated, or was not.

        It makes room in everybody's budget, so ask first who it is. Raises `NoReservation` for what is not held.
        """
        self._become("settled" if charged else "released", job_id, take, sources=("held",))

    def spent(self, owner: str = "") -> Spent:
        """What counts against the budget now, of everybody and of one owner."""
        unknown = select(func.sum(entries.c.micros)).where(entries.c.state == "held")
        with self._reading() as connection:
            spent = _spent(connection, current_day(connection, self._clock()), owner)
            return replace(spent, held=int(connection.execute(unknown).scalar() or 0))

    def held(self, most: int = 100) -> tuple[Entry, ...]:
        """Entries that wait for `mark`, the latest first."""
        with self._reading() as connection:
            rows = connection.execute(
                select(entries).where(entries.c.state == "held").order_by(entries.c.number.desc()).limit(most)
            )
            return tuple(map(_entry, rows))

    def entries_of(self, job_id: str) -> tuple[Entry, ...]:
        """The entries of a job's takes, in their order."""
        with self._reading() as connection:
            rows = connection.execute(select(entries).where(entries.c.job_id == job_id).order_by(entries.c.take))
            return tuple(map(_entry, rows))

    def balance(self) -> Balance:
        """Everything there is, by state: what must agree with the calls that were made."""
        columns = entries.c.state, func.count(), func.sum(entries.c.micros)
        with self._reading() as connection:
            rows = connection.execute(select(*columns).group_by(entries.c.state)).all()
        return Balance(**{state: Sum(count, int(total)) for state, count, total in rows})

    def _become(self, state: State, job_id: str, take: int, *, sources: tuple[State, ...] = (), **values: Any) -> None:
        of_take = (entries.c.job_id == job_id) & (entries.c.take == take)
        allowed = entries.c.state.in_(sources or _FROM[state])
        with self._writing("The costs cannot be written down; what was reserved still counts.", "maybe") as connection:
            changed = connection.execute(entries.update().where(of_take & allowed).values(state=state, **values))
            if not changed.rowcount:
                raise NoReservation(f"Take {take} of job {job_id} has nothing that could be {state}.")

    @contextmanager
    def _writing(self, sentence: str, charged: Charged) -> Iterator[Connection]:
        with self._translating(sentence, charged), self._database.writing() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._translating("The costs cannot be read.", "no"), self._database.reading() as connection:
            yield connection

    @contextmanager
    def _translating(self, sentence: str, charged: Charged) -> Iterator[None]:
        file = self._database.file
        try:
            # SQLite goes on writing into a file that was deleted under it, and then nothing of that is ever seen again.
            if file and not file.exists():
                raise LedgerUnwritable(f"{sentence} The database is gone.", charged=charged)
            yield
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise LedgerUnwritable(sentence, charged=charged) from error


def _check(micros: int) -> None:
    if micros < 0:
        raise ValueError(f"{micros} micro-dollars are no price")


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> None:
    try:
        connection.execute(entries.insert(), rows)
    except IntegrityError as error:
        raise AlreadyReserved(f"Job {rows[0]['job_id']} has an entry for this take already.") from error


def _spent(connection: Connection, day: str, owner: str) -> Spent:
    # What lies after the current day is of a clock that was wrong; until that is put right it counts now.
    is_today, is_owner, amount = entries.c.day >= day, entries.c.owner == owner, entries.c.micros
    sums = select(
        func.sum(case((is_today, amount), else_=0)),
        func.sum(amount),
        func.sum(case((is_today & is_owner, amount), else_=0)),
        func.sum(case((is_owner, amount), else_=0)),
    ).where(entries.c.day >= f"{day[:7]}-01", entries.c.state.in_(COUNTED))
    return Spent(day, *(int(number or 0) for number in connection.execute(sums).one()))


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        row.job_id, row.take, row.owner, row.day, cast(State, row.state), row.micros, row.estimated, row.created
    )
