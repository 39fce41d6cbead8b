"""What occurs in somebody's history, so that a filter is offered only where it would find some edits and not all.

Goes from one value of an index to the next, so that it costs as many look-ups as there are values, however many edits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, exists, select

from ..storage import schema
from .lookup import Outcome, outcome_of

MOST_VALUES = 40
"""Of each; a longer list is no help to anybody."""

_jobs = schema.jobs


@dataclass(frozen=True)
class Facets:
    """Ids of providers and models, how edits ended, and whether any is a favourite."""

    providers: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    favourites: bool = False

    @property
    def any(self) -> bool:
        """Whether there is any edit at all."""
        return bool(self.providers)


def find_facets(connection: Connection, owner: str) -> Facets:
    """What occurs in this owner's history, on a connection somebody lends."""
    favourite = select(exists().where(_jobs.c.owner == owner, _jobs.c.favourite.is_(True)))
    outcomes = (outcome_of(state) for state in _values(connection, owner, _jobs.c.state))
    return Facets(
        tuple(islice(_values(connection, owner, _jobs.c.provider), MOST_VALUES)),
        tuple(islice(_values(connection, owner, _jobs.c.model), MOST_VALUES)),
        tuple(dict.fromkeys(outcomes)),
        bool(connection.execute(favourite).scalar_one()),
    )


def _values(connection: Connection, owner: str, column: Column[Any]) -> Iterator[Any]:
    """The values of a column that an index sorts below the owner; "" is none."""
    value = ""
    while True:
        after = select(column).where(_jobs.c.owner == owner, column > value).order_by(column).limit(1)
        found = connection.execute(after).scalar()
        if found is None:
            return
        yield found
        value = found
