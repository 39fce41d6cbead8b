"""The queue in front of the places: fair between owners, bounded, and never leaking a place."""

from __future__ import annotations

import asyncio

import pytest

from edit_studio.fair_queue import FairQueue, Ticket, TooBusy


def holding(*tickets: Ticket) -> list[bool]:
    return [ticket.granted.done() for ticket in tickets]


async def test_places_are_given_at_once_while_there_are_any() -> None:
    queue = FairQueue(places=2)
    first, second, third = (queue.enter("a") for _ in range(3))
    assert holding(first, second, third) == [True, True, False]
    assert (queue.held, queue.waiting) == (2, 1)


async def test_a_person_with_fifty_edits_delays_anothers_first_one_by_one_edit() -> None:
    queue = FairQueue(places=5)
    many = [queue.enter("many") for _ in range(50)]
    newcomer = queue.enter("newcomer")
    assert queue.position(newcomer) == 1
    assert queue.position(many[5]) == 2
    queue.leave(many[0])
    assert holding(newcomer, many[5]) == [True, False]


async def test_two_people_who_wait_take_turns() -> None:
    queue = FairQueue(places=1)
    running = queue.enter("c")
    tickets = {name: queue.enter(name[0]) for name in ("a1", "a2", "b1", "b2")}
    order = []
    while tickets:
        queue.leave(running)
        name = next(name for name, ticket in tickets.items() if ticket.granted.done())
        running = tickets.pop(name)
        order.append(name)
    assert order == ["a1", "b1", "a2", "b2"]


async def test_a_full_queue_refuses_politely() -> None:
    queue = FairQueue(places=1, most_waiting=2)
    for _ in range(3):
        queue.enter("a")
    with pytest.raises(TooBusy, match="2 edits are waiting"):
        queue.enter("b")


async def test_whoever_gives_up_waiting_frees_the_line() -> None:
    queue = FairQueue(places=1)
    first, second, third = (queue.enter("a") for _ in range(3))
    queue.leave(second)
    assert queue.position(third) == 1
    queue.leave(first)
    assert third.granted.done()
    queue.leave(third)
    queue.leave(third)
    assert (queue.held, queue.waiting) == (0, 0)


async def test_a_place_comes_back_when_its_work_is_cancelled() -> None:
    queue = FairQueue(places=1)

    async def work(ticket: Ticket) -> None:
        async with queue.place(ticket):
            await asyncio.Event().wait()

    running = asyncio.ensure_future(work(queue.enter("a")))
    waiting = asyncio.ensure_future(work(queue.enter("a")))
    await asyncio.sleep(0)
    for task in (waiting, running):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (queue.held, queue.waiting) == (0, 0)
