"""People who edit: each opens the page, brings a photo of their own, clicks once, and looks at the picture.

What differs between the two apps, real and naive, is how their pages are filled in and where the picture lies.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import httpx

from edit_studio.door.picture_answers import NOTE
from edit_studio.page import words

from .apps import App
from .samples import photo
from .sessions import Session

End = Literal["picture", "failed", "left"]
"""What the person saw last: the picture, a sentence why there is none, or nothing, because they went away."""

_PLACE = re.compile(re.escape(words.PLACE).replace(re.escape("{place}"), r"(\d+)"))
_RESULT = re.compile(r"pictures/([0-9a-f]{64})/original\?download")
_PREVIEW = re.compile(r"pictures/[0-9a-f]{64}/preview")


@dataclass(frozen=True)
class Visit:
    """One edit as its person saw it. `clicked` is when they meant to, `seconds` how long after that it ended, `place`
    the furthest place in the queue they were told (0: none), `said` why there is no picture."""

    edit: str
    clicked: float
    seconds: float
    end: End
    place: int = 0
    said: str = ""


@dataclass(frozen=True)
class Ended:
    """What a click led to: addresses of what the page shows now, none when it failed; the others as in `Visit`."""

    shows: tuple[str, ...] = ()
    place: int = 0
    said: str = ""


class Page(Protocol):
    """A page with its form filled in, ready for the click."""

    @property
    def session(self) -> Session:
        """The page as its browser speaks to it."""
        ...

    async def click(self) -> Ended:
        """Click and listen to the end."""
        ...


class Site:
    """An app's site. People have their own cookies and connections, as browsers do; none is used twice, since a server
    that is late closes the ones it has just promised to keep."""

    def __init__(self, app: App) -> None:
        self.app = app
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._transport = httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
        self._config: Mapping[str, Any] = {}

    async def close(self) -> None:
        """Let all connections go."""
        await self._transport.aclose()

    async def arrive(self, number: int) -> Page:
        """Open the page as a new person and fill it in. The prompt names the edit."""
        http = httpx.AsyncClient(base_url=self.app.address, transport=self._transport, timeout=600)
        # The page brings the cookie by which a person is known.
        (await http.get("")).raise_for_status()
        self._config = self._config or (await http.get("config")).json()
        session = Session(http, self._config)
        session.stay()
        fill = _fill_naive if self.app.name == "naive" else _fill_studio
        try:
            return await fill(session, f"{name_of(number)}: make the sky pink", photo(number))
        except BaseException:
            session.leave()
            raise

    async def look(self, page: Page, shows: tuple[str, ...]) -> bool:
        """Fetch what the page shows, as its browser does. Whether it was pictures, and nothing that stands for one."""
        stand_ins = 0
        for address in shows:
            async with page.session.http.stream("GET", address) as answer:
                answer.raise_for_status()
                stand_ins += NOTE in answer.headers
                async for _ in answer.aiter_raw():
                    continue
        return bool(shows) and not stand_ins

    async def visit(self, number: int, page: Page, clicked: float, leave_after: float | None = None) -> Visit:
        """Click and wait until the picture is seen, or go away after so many seconds, which closes the connection.

        `clicked` is the moment the click was meant for, in monotonic time.
        """
        name = name_of(number)
        try:
            async with asyncio.timeout(leave_after):
                ended = await page.click()
                seen = await self.look(page, ended.shows)
        except TimeoutError:
            return Visit(name, clicked, time.monotonic() - clicked, "left")
        finally:
            page.session.leave()
        end: End = "picture" if seen else "failed"
        return Visit(name, clicked, time.monotonic() - clicked, end, ended.place, ended.said)


def name_of(number: int) -> str:
    """How the relay and the history know an edit."""
    return f"edit-{number:06d}"


@dataclass(frozen=True)
class _StudioPage:
    session: Session
    values: Mapping[int, Any]

    async def click(self) -> Ended:
        place, text = 0, ""
        changed: list[int] = []
        event = self.session.events("click", "edit")[0]
        async with aclosing(self.session.trigger(event, self.values)) as messages:  # type: ignore[type-var]
            async for text in messages:
                place = max([place, *(int(found) for found in _PLACE.findall(text))])
                if 'class=\\"failure' in text:
                    return Ended(place=place, said=_sentence(text))
                changed += json.loads(text).get("output", {}).get("changed_state_ids") or []
        # As the page does: what listens to a state is told each time it changed.
        for follower in [event for state in changed for event in self.session.listeners(state)]:
            text = json.dumps(await self.session.outcome(follower, {}))
            if _RESULT.search(text):
                return Ended(tuple(sorted(set(_PREVIEW.findall(text)))), place)
            if 'class=\\"failure' in text:
                return Ended(place=place, said=_sentence(text))
        return Ended(place=place, said=text[:500])


async def _fill_studio(session: Session, prompt: str, data: bytes) -> Page:
    for event in session.events("load"):
        await session.outcome(event, {})
    pictures = session.widget("pictures")
    file = await session.upload("photo.jpg", data)
    chosen = {pictures: [{"image": file, "caption": None}]}
    # The page checks and prepares what was uploaded, and gives the gallery back as it then is.
    taken = (await session.outcome(session.events("upload", "pictures")[0], chosen))[0]
    token = secrets.token_hex(24)
    return _StudioPage(session, {pictures: taken, session.widget("prompt"): prompt, session.widget("token"): token})


def _sentence(text: str) -> str:
    found = re.search(r'class=\\"what\\">(.*?)<', text)
    return found[1] if found else text[:500]


@dataclass(frozen=True)
class _NaivePage:
    session: Session
    values: Mapping[int, Any]

    async def click(self) -> Ended:
        event = self.session.events("click")[0]
        async with aclosing(self.session.trigger(event, self.values)) as messages:  # type: ignore[type-var]
            async for text in messages:
                message = json.loads(text)
                if message["msg"] == "process_completed":
                    if not message["success"]:
                        return Ended(said=text[:500])
                    return Ended((message["output"]["data"][0]["url"],))
        return Ended(said="The stream ended.")


async def _fill_naive(session: Session, prompt: str, data: bytes) -> Page:
    file = await session.upload("photo.jpg", data)
    (event,) = session.events("click")
    return _NaivePage(session, dict(zip(event["inputs"], (file, prompt), strict=True)))
