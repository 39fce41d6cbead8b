"""When people come. They come whether or not others are served, so a slow app meets a growing crowd, as in life."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence

import httpx

from .people import Page, Site, Visit, name_of
from .relay import Report

LEAD = 4.0
"""Seconds before their click at which people open the page and bring their photo."""
_AT_THE_DOOR = 4

Patience = Callable[[int], float | None]
"""After how many seconds the person of an edit goes away; None for those who stay."""


def stays(_number: int) -> float | None:
    """Nobody goes away."""
    return None


async def at_a_rate(site: Site, numbers: Sequence[int], rate: float, patience: Patience = stays) -> list[Visit]:
    """One person every 1/rate seconds. Each is counted from the moment they meant to click."""
    start = time.monotonic() + LEAD
    moments = [start + index / rate for index in range(len(numbers))]
    visits = [_come(site, number, at, patience(number)) for number, at in zip(numbers, moments, strict=True)]
    return list(await _told(visits))


async def all_at_once(site: Site, numbers: Sequence[int]) -> list[Visit]:
    """Everybody has the page open and the form filled in, and all click together."""
    door = asyncio.Semaphore(_AT_THE_DOOR)

    async def arrive(number: int) -> Page:
        async with door:
            return await site.arrive(number)

    pages = await asyncio.gather(*map(arrive, numbers))
    now = time.monotonic()
    return list(await _told([_stay(site, *each, now, None) for each in zip(numbers, pages, strict=True)]))


def added_seconds(visits: Sequence[Visit], report: Report) -> list[float]:
    """What the app added to each edit that gave a picture: its seconds less those of the relay; the slowest last."""
    took = {post.edit: post.took for post in report.posts if post.outcome == "picture"}
    return sorted(visit.seconds - took[visit.edit] for visit in visits if visit.end == "picture")


async def _come(site: Site, number: int, clicked: float, patience: float | None) -> Visit:
    await asyncio.sleep(clicked - LEAD - time.monotonic())
    try:
        page = await site.arrive(number)
    except (httpx.HTTPError, RuntimeError) as error:
        return Visit(name_of(number), clicked, time.monotonic() - clicked, "failed", said=repr(error))
    await asyncio.sleep(clicked - time.monotonic())
    return await _stay(site, number, page, clicked, patience)


async def _stay(site: Site, number: int, page: Page, clicked: float, patience: float | None) -> Visit:
    try:
        return await site.visit(number, page, clicked, patience)
    except (httpx.HTTPError, RuntimeError) as error:
        return Visit(name_of(number), clicked, time.monotonic() - clicked, "failed", said=repr(error))


async def _told(visits: Sequence[Awaitable[Visit]]) -> list[Visit]:
    """All of them; whoever runs this sees how far it is."""
    over: list[Visit] = []

    async def told(visit: Awaitable[Visit]) -> Visit:
        over.append(await visit)
        print(f"\r  {len(over)} of {len(visits)}", end="", file=sys.stderr, flush=True)
        return over[-1]

    done = await asyncio.gather(*map(told, visits))
    print(file=sys.stderr)
    return list(done)
