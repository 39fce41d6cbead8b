"""What an answer means once no more of it comes: a result, or the error to tell, whichever way the connection ended."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime

from ..edits import EditResult, Wire
from ..errors import EditError
from ..wire import read_answer
from .arrival import Arrival

_LARGE = 1 << 20
"""Bytes of an answer that is read in a thread, so that other edits go on meanwhile."""


async def conclude(
    arrival: Arrival, broken: EditError | None, wire: Wire, unpaid_statuses: Collection[int]
) -> EditResult:
    """The result in what arrived; `broken` says how the connection ended, if not well.

    A whole picture was paid for and is kept even then. Without one `broken` is raised, unless the status had already
    said no: a refusal whose words break off is still a refusal. Failures among `unpaid_statuses` were not charged.
    """
    if broken is not None and not arrival.status:
        raise broken
    try:
        result = await _read(arrival, wire)
    except EditError as error:
        if arrival.status in unpaid_statuses:
            error.charged = "no"
        raise broken if broken is not None and arrival.status < 300 else error from None
    return result if broken is None else replace(result, notes=(*result.notes, f"The picture is whole. {broken}"))


async def _read(arrival: Arrival, wire: Wire) -> EditResult:
    """What arrived, as a result. A wait until a date counts from the answer's own date, or else from now."""
    headers = {"date": format_datetime(datetime.now(UTC), usegmt=True), **arrival.headers}
    if arrival.size < _LARGE:
        return read_answer(wire, arrival.status, headers, arrival.body)
    return await asyncio.to_thread(read_answer, wire, arrival.status, headers, arrival.body)
