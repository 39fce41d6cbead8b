"""Pictures that come as links beside others: whatever ends the fetching, those that are here are kept."""

from __future__ import annotations

import asyncio

import pytest

from edit_core.edits import EditResult, Usage
from edit_core.errors import Malformed, UpstreamFailed
from edit_core.pictures import Picture
from edit_core.sending.fetching import Landing, with_links
from edit_core.sending.links import Target
from tests.edit_core.trials import relay_row
from tests.faults import PICTURE

LINKS = ("https://cdn.example/1.png", "https://cdn.example/2.png")
ROW = relay_row("https://relay.example", picture_hosts=("cdn.example",))
BESIDE = EditResult((Picture.read(PICTURE),), links=LINKS)
ALONE = EditResult((), links=LINKS)


class Host:
    """Has a picture behind the first link, and never answers for the second."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def get(self, target: Target, _most_bytes: int) -> Landing:
        if "1.png" in target.url:
            return Landing(200, body=PICTURE)
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError


async def no_memory(_target: Target, _most_bytes: int) -> Landing:
    raise MemoryError


def later() -> float:
    return asyncio.get_running_loop().time() + 60


@pytest.mark.parametrize(("result", "kept"), [(BESIDE, 2), (ALONE, 1)], ids=["beside bytes", "beside another link"])
async def test_a_stop_while_a_link_is_fetched_keeps_what_is_here(result: EditResult, kept: int) -> None:
    host = Host()
    fetching = asyncio.create_task(with_links(result, ROW, host.get, later()))
    await host.asked.wait()
    fetching.cancel()
    ended = await fetching
    assert (len(ended.pictures), len(ended.signatures), ended.links) == (kept, kept, LINKS[1:])
    assert ended.notes == ("One more picture could not be fetched. The edit was stopped.",)


async def test_a_stop_before_there_is_any_picture_says_that_it_was_paid_for() -> None:
    host = Host()
    answer = EditResult((), links=LINKS[::-1], usage=Usage(cost=0.04), lost=1)
    fetching = asyncio.create_task(with_links(answer, ROW, host.get, later()))
    await host.asked.wait()
    fetching.cancel()
    with pytest.raises(UpstreamFailed, match="stopped") as told:
        await fetching
    error = told.value
    assert (error.charged, error.cost, error.lost, error.said) == ("yes", 0.04, 1, "\n".join(LINKS[::-1]))


async def test_a_link_for_which_there_is_no_memory_is_a_note_beside_the_others() -> None:
    ended = await with_links(BESIDE, ROW, no_memory, later())
    assert ended.pictures == BESIDE.pictures
    assert "no memory" in ended.notes[0]
    with pytest.raises(UpstreamFailed, match="no memory") as told:
        await with_links(ALONE, ROW, no_memory, later())
    assert told.value.charged == "yes"


@pytest.mark.parametrize(("seconds", "gets"), [(60, 3), (0.2, 1)], ids=["time enough", "no time for a wait"])
async def test_a_link_is_asked_for_again_only_within_the_time_of_the_edit(seconds: float, gets: int) -> None:
    asked: list[Target] = []

    async def unwell(target: Target, _most_bytes: int) -> Landing:
        asked.append(target)
        raise UpstreamFailed("The picture's host broke off.")

    backoff = 0.001 if gets == 3 else 0.5
    answer = EditResult((), links=LINKS[:1])
    with pytest.raises(UpstreamFailed, match="broke off"):
        await with_links(answer, ROW, unwell, asyncio.get_running_loop().time() + seconds, backoff=backoff)
    assert len(asked) == gets


async def test_what_came_damaged_behind_every_link_is_told_with_the_first_and_counts_as_taken() -> None:
    rooms: list[int] = []

    async def half(target: Target, most_bytes: int) -> Landing:
        rooms.append(most_bytes)
        return Landing(200, body=target.path.encode())

    with pytest.raises(Malformed) as told:
        await with_links(ALONE, ROW, half, later())
    assert (told.value.said, told.value.damaged) == ("\n".join(LINKS), (b"/1.png", b"/2.png"))
    assert rooms[0] - rooms[1] == len(b"/1.png")
