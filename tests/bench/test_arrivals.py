"""People of the load bench who meet a page that breaks."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import httpx
import pytest

from bench.load.apps import App
from bench.load.arrivals import all_at_once
from bench.load.people import Page, Site, Visit, name_of


class BreakingSite(Site):
    """Its second person meets what breaks; nothing is asked of any app."""

    def __init__(self, error: Exception) -> None:
        super().__init__(App("nobody's", "http://127.0.0.1/", 0, Path("nowhere")))
        self._error = error

    async def arrive(self, number: int) -> Page:
        """A page that knows no more than whose it is."""
        return cast(Page, number)

    async def visit(self, number: int, page: Page, clicked: float, leave_after: float | None = None) -> Visit:
        """Breaks for the second."""
        assert leave_after is None, page
        if number == 2:
            raise self._error
        return Visit(name_of(number), clicked, 1.0, "picture")


@pytest.mark.parametrize("error", [httpx.ReadError("cut"), RuntimeError("An event of the page failed")])
async def test_a_person_whose_page_breaks_counts_as_failed_and_the_others_go_on(error: Exception) -> None:
    visits = await all_at_once(BreakingSite(error), [1, 2, 3])
    assert [(visit.edit, visit.end) for visit in visits] == [
        ("edit-000001", "picture"),
        ("edit-000002", "failed"),
        ("edit-000003", "picture"),
    ]
    assert str(error) in visits[1].said
