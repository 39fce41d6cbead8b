"""What stands before everything else and turns away what the page never asks.

Wraps the whole app, Gradio's own middleware included: that one would tell any site that it may read our answers. Plain
ASGI, so that streams pass as they come.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import login_page
from .bodies import BadBody, read_body
from .origins import Origins
from .people import Cookies, People
from .sessions import Sessions, begins_event, begun_in, named_in
from .unfinished import sweep_unfinished

GRADIO = "/gradio_api"
UPLOAD = f"{GRADIO}/upload"
LOGIN = "/login"
LOGOUT = "/logout"
MOST_JSON_BYTES = 2 * 2**20
MOST_UPLOAD_BYTES = 256 * 2**20
"""Several pictures come as one upload."""
LOOK_EVERY = 8 * 2**20
"""Bytes of an upload after which it is asked again whether the disk has room."""
NO_ROOM = "The disk is nearly full, so nothing was taken. Ask the owner of this app to make room."
FULL_HOUSE = (errno.EMFILE, errno.ENFILE)
"""No file is left for one more upload; a moment later there may be."""
SECONDS_STILL = 600
"""An upload that nobody has added to for so long is over."""

CLOSED = (
    # Writes what a session typed to a file that everybody can read.
    f"{GRADIO}/deep_link",
    # Fetch what a caller names, or files by another spelling.
    *(f"{GRADIO}/proxy=", f"{GRADIO}/file=http:", f"{GRADIO}/file=https:", f"{GRADIO}/file/"),
    # Other people's runs, figures of the server, and the tools of a developer.
    *(f"{GRADIO}/runs", f"{GRADIO}/run-history", f"{GRADIO}/profiling", f"{GRADIO}/dev/", "/monitoring"),
    *(f"{GRADIO}/vibe-", f"{GRADIO}/undo-vibe", f"{GRADIO}/process_recording", f"{GRADIO}/stream/"),
    # Hands the login's cookie to scripts, from which it is hidden on purpose.
    f"{GRADIO}/token",
)
"""How the paths begin that the page does not need."""

HOME = ("", "/")
OPEN = (*HOME, LOGIN, LOGOUT, f"{GRADIO}/startup-events")
"""What strangers may ask for where there are logins. Gradio asks for the last itself when it starts."""

_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' data: blob:; worker-src 'self' blob:; form-action 'self'; base-uri 'self'; object-src 'none'; "
    "frame-ancestors "
)
"""Gradio's page needs inline scripts and `eval`; what this stops is sending anything to another site."""


@dataclass(frozen=True)
class Rules:
    """`uploads` is the folder Gradio puts uploads into, `origins` the names of this app; sizes are in bytes.

    `has_room` says whether the disk takes an upload of so many more bytes.
    """

    uploads: Path
    origins: Origins = field(default_factory=Origins)
    people: People = field(default_factory=People)
    most_json: int = MOST_JSON_BYTES
    most_upload: int = MOST_UPLOAD_BYTES
    has_room: Callable[[int], bool] = lambda _size: True

    def headers(self) -> dict[str, str]:
        """Headers of every answer that does not have its own."""
        shared = {"x-content-type-options": "nosniff", "referrer-policy": "same-origin"}
        if self.people.embedded:
            return shared | {"content-security-policy": f"{_POLICY}'self' https://huggingface.co"}
        return shared | {
            "content-security-policy": f"{_POLICY}'self'",
            "x-frame-options": "SAMEORIGIN",
            "cross-origin-opener-policy": "same-origin",
        }


class Refused(Exception):
    """A request that is turned away with this status; the message is for the caller."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Shield:
    """The outermost layer of the app. See `lifespan` for how it gets there."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self.app = Cookies(app, rules.people)
        self.rules = rules
        self._headers = rules.headers()
        self._sessions = Sessions()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, self._with_headers(send))
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._check(scope)
            if _is_upload(scope):
                await self._pass_upload(_without_origin(scope), receive, send)
                return
            content = None
            if scope["method"] not in ("GET", "HEAD"):
                content, receive = await self._read(scope, receive)
            self._check_session(scope, content)
        except Refused as refused:
            await PlainTextResponse(str(refused), refused.status)(scope, receive, send)
            return
        if _path(scope) in HOME and self.rules.people.is_stranger(scope):
            await _doorstep()(scope, receive, send)
            return
        await self.app(_without_origin(scope), receive, self._noting_events(scope, send))

    def _check(self, scope: Scope) -> None:
        """Raises `Refused` for what can be told from the head of a request."""
        headers = Headers(scope=scope)
        if not self.rules.origins.answers_to(headers):
            raise Refused(400, "This app does not answer to that host name.")
        if _path(scope).lower().startswith(CLOSED):
            raise Refused(404, "There is nothing here.")
        # A link to it changes something too.
        method = "POST" if _path(scope) == LOGOUT else scope["method"]
        if not self.rules.origins.may_change(method, headers):
            raise Refused(403, "Only this app's own page may ask for that.")
        if _path(scope) not in OPEN and self.rules.people.is_stranger(scope):
            raise Refused(401, "Log in first.")
        most = self.rules.most_upload if _is_upload(scope) else self.rules.most_json
        announced = headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced) > most:
            raise Refused(413, _too_large(most))
        if _is_upload(scope) and not self.rules.has_room(int(announced)):
            raise Refused(507, NO_ROOM)

    def _check_session(self, scope: Scope, content: Any) -> None:
        """Raises `Refused` for a session or an event of somebody else's."""
        named = named_in(scope["method"], _path(scope), scope.get("query_string", b""), content)
        if not self._sessions.may_use(named, self.rules.people.holder(scope)):
            raise Refused(404, "There is nothing here.")

    def _noting_events(self, scope: Scope, send: Send) -> Send:
        """A `send` that learns from the answer whose a new event is."""
        if not begins_event(scope["method"], _path(scope)):
            return send

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.body":
                self._sessions.begin(begun_in(message.get("body", b"")), self.rules.people.holder(scope))
            await send(message)

        return noting

    async def _read(self, scope: Scope, receive: Receive) -> tuple[Any, Receive]:
        """What the body says, and the body for whoever comes next. Raises `Refused`."""
        kind = Headers(scope=scope).get("content-type", "")
        body = await _whole(receive, self.rules.most_json)
        content = None
        if _path(scope).rstrip("/") != LOGIN:
            if kind.lower().startswith(("multipart/", "application/x-www-form-urlencoded")):
                raise Refused(415, "Forms are not taken here.")
            try:
                content = read_body(body, self.rules.uploads)
            except BadBody as error:
                raise Refused(400, str(error)) from error
        return content, _again(body, receive)

    async def _pass_upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An upload streams through; one that grows too large for us, or for the disk, is cut off."""
        size, begun, taken, broke = _Size(self.rules), False, False, False

        async def counted() -> Message:
            message = await receive()
            size.add(len(message.get("body", b"")))
            return {"type": "http.disconnect"} if size.refused else message

        async def watched(message: Message) -> None:
            nonlocal begun, taken, broke
            # What the app says of a body that was cut off, or when it broke, is not what happened.
            broke = broke or message.get("status") == 500
            if not size.refused and not broke:
                begun = True
                taken = taken or message.get("status") == 200
                await send(message)

        try:
            await self.app(scope, counted, watched)
        except ClientDisconnect:
            # The app's own words for a body that ended early.
            if not size.refused:
                raise
        except OSError as error:
            if not broke or error.errno not in FULL_HOUSE:
                raise
        finally:
            if not taken:
                await asyncio.to_thread(sweep_unfinished, self.rules.uploads, SECONDS_STILL)
        if size.refused and not begun:
            await PlainTextResponse(str(size.refused), size.refused.status)(scope, receive, send)
        elif broke:
            await PlainTextResponse("The app is busy. Try again in a moment.", 503)(scope, receive, send)

    def _with_headers(self, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        return with_headers


class _Size:
    """How large an upload is so far, and why no more of it is taken."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._bytes = self._looked = 0
        self.refused: Refused | None = None

    def add(self, more: int) -> None:
        """Count a piece. Now and then the disk is looked at, as others write to it too."""
        self._bytes += more
        if self._bytes > self._rules.most_upload:
            self.refused = Refused(413, _too_large(self._rules.most_upload))
        elif self._bytes - self._looked > LOOK_EVERY:
            self._looked = self._bytes
            if not self._rules.has_room(0):
                self.refused = Refused(507, NO_ROOM)


def _too_large(most: int) -> str:
    return f"That is more than {most / 2**20:.0f} MB."


def lifespan(rules: Rules) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Give this to FastAPI as its `lifespan`, and the shield is around the app before the first request.

    Middleware handed to Gradio ends up inside its own (gradio 6.31, `App.create_app` adds after `FastAPI(...)`), so
    the finished stack is wrapped here. When that fails the server does not start.
    """

    @asynccontextmanager
    async def shielded(app: Starlette) -> AsyncIterator[None]:
        if app.middleware_stack is None:
            raise RuntimeError("The app has no middleware stack yet, so nothing would shield it.")
        app.middleware_stack = Shield(app.middleware_stack, rules)
        yield

    return shielded


def _doorstep() -> Response:
    return HTMLResponse(login_page.html(), headers={"cache-control": "no-store"})


def _path(scope: Scope) -> str:
    """The path as the routes see it."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _is_upload(scope: Scope) -> bool:
    return scope["method"] == "POST" and _path(scope).rstrip("/") == UPLOAD


def _without_origin(scope: Scope) -> Scope:
    """It has been judged; with it gone, Gradio's middleware does not invite the origin to read our answers."""
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"origin"]}


async def _whole(receive: Receive, most: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The body ended early.")
        body += message.get("body", b"")
        if len(body) > most:
            raise Refused(413, _too_large(most))
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives this body first."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
