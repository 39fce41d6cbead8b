"""Coming in by name: `/login`, `/logout`, and whose login a request brings.

Gradio has a login of its own, whose numbers never end, whose cookie every site's page may use, and which can be tried
without end; so Gradio is only told the name (`auth_dependency`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from ..logins import Logins, fold
from . import login_page
from .entries import Entries
from .people import People, cookie_line, cookies_of, is_https, nobody_logs_in, signed_in
from .shield import LOGIN, LOGOUT
from .tries import ANYBODY, Tries

COOKIE = "edit_login"

WRONG = "This name and password do not belong together."
PAUSED = "Too many tries. Please try again in {seconds} seconds."
_NO_STORE = {"cache-control": "no-store"}


@dataclass(frozen=True)
class Gate:
    """Lets people in. `routes()` go before Gradio's; `embedded` as in `People`."""

    logins: Logins
    embedded: bool = False
    entries: Entries = field(default_factory=Entries)
    tries: Tries = field(default_factory=Tries)

    def people(self) -> People:
        """Who is who: by the logins if there are any, else as the place itself knows them."""
        if self.logins:
            return People(self.name, self.embedded, required=True)
        return People(signed_in if self.embedded else nobody_logs_in, self.embedded)

    def name(self, scope: Scope) -> str | None:
        """Who is logged in, or None."""
        return self.entries.name(cookies_of(scope).get(COOKIE, ""))

    def name_for_gradio(self, request: Request) -> str | None:
        """The same, as `launch` wants its `auth_dependency`."""
        return self.name(request.scope)

    def routes(self) -> list[Route]:
        """For the `routes` of the app; none without logins."""
        if not self.logins:
            return []
        return [
            Route(LOGIN, self.log_in, methods=["GET", "POST"]),
            Route(LOGOUT, self.log_out, methods=["GET", "POST"]),
        ]

    async def log_in(self, request: Request) -> Response:
        """303 to the page for browsers and JSON for programs; 401 for a wrong password, 429 for too many."""
        if request.method != "POST":
            return _home()
        form = await request.form(max_files=0, max_fields=10)
        name, password = (value if isinstance(value := form.get(each), str) else "" for each in login_page.FIELDS)
        name, address = fold(name), address_of(request.scope, self.logins.proxies)
        if seconds := self.tries.wait(name, address):
            words = PAUSED.format(seconds=seconds)
            return _refusal(request, words, 429, {"retry-after": str(seconds)})
        if not self.logins.belong(name, password):
            self.tries.wrong(name, address)
            return _refusal(request, WRONG, 401, {})
        self.tries.right(name, address)
        self.entries.end(cookies_of(request.scope).get(COOKIE, ""))
        answer = _home() if _reads_pages(request) else JSONResponse({"success": True})
        return self._with_cookie(request, answer, self.entries.begin(name))

    async def log_out(self, request: Request) -> Response:
        """The login ends here and on no other device."""
        self.entries.end(cookies_of(request.scope).get(COOKIE, ""))
        return self._with_cookie(request, _home(), "", seconds=0)

    def _with_cookie(self, request: Request, answer: Response, value: str, seconds: int | None = None) -> Response:
        line = cookie_line(COOKIE, value, seconds, embedded=self.embedded, secure=is_https(request.scope))
        answer.headers.append("set-cookie", line)
        answer.headers.update(_NO_STORE)
        return answer


def address_of(scope: Scope, proxies: int) -> str:
    """The address of a visitor, as far as it cannot be made up; `ANYBODY` when it can.

    uvicorn takes X-Forwarded-For from anybody on this machine and puts it in the place of the address (0.54,
    `ProxyHeadersMiddleware`), so the address says nothing where that header came.
    """
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    forwarded = [each.strip() for line in lines for each in line.split(",")]
    if proxies:
        return forwarded[-proxies] if len(forwarded) >= proxies else ANYBODY
    client = scope.get("client")
    return client[0] if client and not forwarded else ANYBODY


def _refusal(request: Request, words: str, status: int, headers: dict[str, str]) -> Response:
    if _reads_pages(request):
        return HTMLResponse(login_page.html(words), status, headers | _NO_STORE)
    return JSONResponse({"detail": words}, status, headers | _NO_STORE)


def _home() -> Response:
    return RedirectResponse("./", 303)


def _reads_pages(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
