"""Who is asking: the login name where there is a login, else whoever holds a random cookie of ours.

A cookie is a key to pictures, so only its hash is ever an owner's id: a copy of the database opens nothing. Knows no
Gradio; a login is read by a function that is handed in.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "edit_person"
KEPT_SECONDS = 400 * 24 * 3600
"""As long as browsers keep any cookie; each visit begins it anew."""

Login = Callable[[Scope], str | None]
"""The login name that a request proves, or None."""

_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")
_KEY = "edit_studio.person"
_NAME = "edit_studio.login"
_LONGEST_NAME = 100


def nobody_logs_in(_scope: Scope) -> str | None:
    """For an app without a login."""
    return None


def signed_in(scope: Scope) -> str | None:
    """The login of a Space's "Sign in with Hugging Face", which Gradio keeps in its session (6.31, `gradio.oauth`)."""
    info = scope.get("session", {}).get("oauth_info") or {}
    name = info.get("userinfo", {}).get("preferred_username")
    return f"hf {name}" if name and info.get("expires_at", 0) > time.time() else None


class NotLoggedIn(PermissionError):
    """Nobody is asking, where everybody has a name."""


@dataclass(frozen=True)
class People:
    """Tells owners apart.

    `embedded` says that the page lives in another site's frame (a Space), where a browser sends a cookie only when it
    is marked for that. `required` says that nobody comes in without a login.
    """

    login: Login = nobody_logs_in
    embedded: bool = False
    required: bool = False

    def owner(self, scope: Scope) -> str:
        """The owner's id behind a request that came through `Cookies`: at most 128 characters. Raises `NotLoggedIn`.

        In an event of Gradio's the scope is `request.request.scope`. An event goes on as whoever began it.
        """
        if name := scope.get(_NAME) or self.login(scope):
            return _named(name)
        if self.required:
            raise NotLoggedIn("Log in first.")
        value: str = scope[_KEY]
        return f"cookie:{_hash(value)}"

    def holder(self, scope: Scope) -> str:
        """Whom a session of Gradio's belongs to: the login, else the cookie, else "" for all who bring none."""
        name = self.login(scope)
        return _named(name) if name else cookie_value(scope) or ""

    def knows(self, scope: Scope) -> bool:
        """Whether the next request of whoever is asking has the same owner: they have a login, or keep our cookie.

        In another site's frame, and where cookies are switched off, a browser keeps none.
        """
        return bool(scope.get(_NAME) or self.login(scope) or cookie_value(scope))

    def is_stranger(self, scope: Scope) -> bool:
        """Whether a request lacks the login that it needs."""
        return self.required and not self.login(scope)


class Cookies:
    """Middleware that gives everybody an id before their first event: the page itself brings the cookie.

    Other answers bring none. A request that another site made comes without our cookie, and one set in the answer
    would take the place of the one that person has.
    """

    def __init__(self, app: ASGIApp, people: People) -> None:
        self.app = app
        self.people = people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        value = cookie_value(scope) or secrets.token_urlsafe(32)
        secure = is_https(scope)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["method"] == "GET" and _is_page(message):
                MutableHeaders(scope=message).append("set-cookie", self._set_cookie(value, secure=secure))
            await send(message)

        await self.app({**scope, _KEY: value, _NAME: self.people.login(scope)}, receive, send_with_cookie)

    def _set_cookie(self, value: str, *, secure: bool) -> str:
        return cookie_line(COOKIE, value, KEPT_SECONDS, embedded=self.people.embedded, secure=secure)


def cookie_line(name: str, value: str, seconds: int | None, *, embedded: bool, secure: bool) -> str:
    """A Set-Cookie header that scripts cannot read; without seconds it goes with the browser."""
    words = [f"{name}={value}", "Path=/", *(() if seconds is None else (f"Max-Age={seconds}",)), "HttpOnly"]
    if embedded and secure:
        words += ["Secure", "SameSite=None", "Partitioned"]
    else:
        words += ["Secure"] * secure + ["SameSite=Lax"]
    return "; ".join(words)


def cookies_of(scope: Scope) -> dict[str, str]:
    """Every cookie of a request, the last of a name."""
    return cookie_parser(";".join(Headers(scope=scope).getlist("cookie")))


def cookie_value(scope: Scope) -> str | None:
    """The value of our cookie, or None when there is none that we can have made."""
    value = cookies_of(scope).get(COOKIE, "")
    return value if _VALUE.fullmatch(value) else None


def is_https(scope: Scope) -> bool:
    """Whether the browser came by https, to us or to the proxy before us.

    Anybody can claim it; the claim only makes their own cookie stricter.
    """
    claimed = Headers(scope=scope).get("x-forwarded-proto", "").split(",")[0].strip().lower()
    return "https" in (claimed, scope.get("scheme"))


def _is_page(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    return message["status"] == 200 and headers.get("content-type", "").startswith("text/html")


def _named(name: str) -> str:
    return f"login:{name if len(name) <= _LONGEST_NAME else _hash(name)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
