"""The form somebody left: of changes that come side by side, the last one stays."""

from __future__ import annotations

import asyncio
import threading

import pytest

from edit_studio.history.rows import Json
from edit_studio.page.draft import LONGEST, Writer

TOO_LONG = "a" * LONGEST


class Paper:
    """What was written, in its order; a form that says "slow" takes until it is let go."""

    def __init__(self) -> None:
        self.written: list[tuple[str, str]] = []
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def write(self, owner: str, form: Json) -> None:
        if form["prompt"] == "slow":
            self.begun.set()
            self.let_go.wait(10)
        self.written.append((owner, form["prompt"]))


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        pytest.param([("ann", "a")], [("ann", "a")], id="one change is written"),
        pytest.param([("ann", "a"), ("ann", "b"), ("ann", "c")], [("ann", "c")], id="of changes at once only the last"),
        pytest.param([("ann", "a"), ("bob", "b")], [("ann", "a"), ("bob", "b")], id="each person has a draft"),
        pytest.param([("ann", "\ud800")], [("ann", "\ud800")], id="half a letter is written too"),
        pytest.param([("ann", "a"), ("ann", TOO_LONG)], [("ann", "a")], id="one that is too long leaves the other"),
    ],
)
async def test_what_is_written(asked: list[tuple[str, str]], written: list[tuple[str, str]]) -> None:
    paper = Paper()
    writer = Writer(paper.write, pause=0.01)
    await asyncio.gather(*(writer.keep(owner, {"prompt": prompt}) for owner, prompt in asked))
    assert sorted(paper.written) == written


async def test_a_newer_form_waits_for_an_older_one_that_is_being_written() -> None:
    paper = Paper()
    writer = Writer(paper.write, pause=0)
    older = asyncio.create_task(writer.keep("ann", {"prompt": "slow"}))
    assert await asyncio.to_thread(paper.begun.wait, 10)
    newer = asyncio.create_task(writer.keep("ann", {"prompt": "newer"}))
    done, _ = await asyncio.wait([newer], timeout=0.1)
    assert not done
    paper.let_go.set()
    await asyncio.gather(older, newer)
    assert paper.written == [("ann", "slow"), ("ann", "newer")]


async def test_a_page_that_loads_meanwhile_gets_the_form_that_is_coming() -> None:
    paper = Paper()
    writer = Writer(paper.write, pause=0)
    assert writer.coming("ann") is None
    writing = asyncio.create_task(writer.keep("ann", {"prompt": "slow"}))
    assert await asyncio.to_thread(paper.begun.wait, 10)
    assert (writer.coming("ann"), writer.coming("bob")) == ({"prompt": "slow"}, None)
    paper.let_go.set()
    await writing
    assert writer.coming("ann") is None


async def test_a_form_that_cannot_be_written_does_not_keep_the_next_from_it() -> None:
    paper = Paper()

    def write(owner: str, form: Json) -> None:
        if form["prompt"] == "bad":
            raise OSError("no room")
        paper.write(owner, form)

    writer = Writer(write, pause=0)
    with pytest.raises(OSError, match="no room"):
        await writer.keep("ann", {"prompt": "bad"})
    await writer.keep("ann", {"prompt": "good"})
    assert paper.written == [("ann", "good")]
