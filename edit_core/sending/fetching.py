"""Pictures that came as links: every hop checked, nothing but pictures taken. Knows no network: a GET is handed in.

A link was paid for, and a GET is free: unlike the POST it is repeated when a host fails in a way that may pass.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin

from ..edits import EditResult
from ..errors import BadInput, EditError, Malformed, TimedOut, Unreachable, UnsafeLink, UpstreamFailed
from ..pictures import OUTPUT_LIMITS, Picture
from ..providers import Provider
from .arrival import MOST_ANSWER_BYTES
from .links import MOST_HOPS, Target, check_link

_BACKOFF = 0.5
_WAITS = (1, 2)
"""Before each repeat, in times of the backoff."""
_TOO_MANY = 429


@dataclass(frozen=True)
class Landing:
    """What stands at the end of one GET: `location` for a redirect, `body` for an answer of status 200."""

    status: int
    location: str = ""
    body: bytes = field(default=b"", repr=False)


Get = Callable[[Target, int], Awaitable[Landing]]
"""(where, the most bytes to take) -> what is there. Raises `EditError`."""


async def with_links(
    result: EditResult, provider: Provider, get: Get, deadline: float, *, backoff: float = _BACKOFF
) -> EditResult:
    """The result with its links fetched, as long as the event loop's time is before `deadline`.

    A host that cannot be reached, breaks off, is silent or answers 429 or 5xx is asked twice more; `backoff` is the
    first wait in seconds. A link that cannot be had becomes a note, and so does one that is still fetched when somebody
    cancels; it stays among the links. Raises the first one's `EditError` when there is no picture at all, in the words
    of all the links: the service was paid by then, whatever went wrong.
    """
    pictures = list(result.pictures)
    failures: list[EditError] = []
    # Whole, however long their signatures: with one somebody may still get a picture by hand.
    left: list[str] = []
    room = MOST_ANSWER_BYTES
    for place, link in enumerate(result.links):
        try:
            picture = await _fetched(link, provider, get, room, deadline, backoff)
        except asyncio.CancelledError:
            failures.append(_paid(UpstreamFailed("The edit was stopped."), result))
            left.extend(result.links[place:])
            break
        except EditError as error:
            failures.append(_paid(error, result))
            left.append(link)
            room -= sum(map(len, error.damaged))
        else:
            pictures.append(picture)
            room -= len(picture.data)
    if failures and not pictures:
        failures[0].damaged = tuple(data for failure in failures for data in failure.damaged)
        failures[0].said = "\n".join(left)
        raise failures[0]
    notes = (f"One more picture could not be fetched. {failure}" for failure in failures)
    return replace(
        result,
        pictures=tuple(pictures),
        signatures=result.signatures + ("",) * (len(pictures) - len(result.signatures)),
        links=tuple(left),
        notes=(*result.notes, *notes),
    )


def _paid(error: EditError, result: EditResult) -> EditError:
    """Why a link gave nothing, of an answer that was paid for."""
    error.charged, error.retryable = "yes", False
    error.cost, error.lost = result.usage.cost, result.lost
    return error


async def _fetched(link: str, provider: Provider, get: Get, room: int, deadline: float, backoff: float) -> Picture:
    try:
        async with asyncio.timeout_at(deadline):
            for times in _WAITS:
                try:
                    return await fetch_picture(link, provider, lambda target: get(target, room))
                except (Unreachable, TimedOut, UpstreamFailed) as error:
                    if not error.retryable or asyncio.get_running_loop().time() + times * backoff >= deadline:
                        raise
                await asyncio.sleep(times * backoff)
            return await fetch_picture(link, provider, lambda target: get(target, room))
    except MemoryError:
        raise UpstreamFailed("This app had no memory for a picture that came as a link.") from None
    except TimeoutError:
        raise TimedOut("There was no time left to fetch a picture that came as a link.") from None


async def fetch_picture(link: str, provider: Provider, get: Callable[[Target], Awaitable[Landing]]) -> Picture:
    """The picture behind a link, after at most three redirects.

    Raises `UnsafeLink` for a link or a redirect that must not be followed, `UpstreamFailed` when the host has no
    picture there, `Malformed` with the bytes when what it has is none, and whatever `get` raises.
    """
    for _ in range(MOST_HOPS + 1):
        landing = await get(check_link(link, provider))
        if 300 <= landing.status < 400:
            link = _next_link(link, landing)
        elif landing.status != 200:
            raise UpstreamFailed(
                f"The picture's link answers {landing.status}.",
                status=landing.status,
                retryable=landing.status == _TOO_MANY or landing.status >= 500,
            )
        else:
            return _picture(landing.body)
    raise UnsafeLink("The picture's link leads from one address to the next without end.", said=link[:200])


def _next_link(link: str, landing: Landing) -> str:
    try:
        return urljoin(link, landing.location)
    except ValueError:
        raise UnsafeLink("The picture's link leads to an address that cannot be read.", said=link[:200]) from None


def _picture(data: bytes) -> Picture:
    try:
        return Picture.read(data, OUTPUT_LIMITS)
    except BadInput as error:
        damaged = (data,) if data else ()
        raise Malformed(f"Behind the picture's link is no picture. {error}", damaged=damaged) from None
