"""One edit from start to end: the only place that sends anything, and the only importer of httpx.

Never more than one POST unless the first provably did no work (see `outcome.py`). httpx's transports are used without
its client: redirects, cookies, proxies and the environment are not switched off, they are not there. The key goes into
one header of one request, and every wait has a clock.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from types import TracebackType
from typing import Any, Self, cast
from uuid import uuid4

import httpx

from .edits import EditRequest, EditResult, Wire
from .errors import BadInput, EditError, Malformed, TimedOut, Unreachable, UnsafeLink, UpstreamFailed
from .providers import Model, Provider, checked_base_url
from .sending.arrival import Arrival
from .sending.fetching import Landing, with_links
from .sending.in_process import App, AppCall
from .sending.keys import checked_key, credential
from .sending.links import Target, check_address
from .sending.outcome import Policy, RetryBudget
from .sending.redaction import Redactor
from .sending.repeating import Repeater
from .sending.reporting import OnProgress, Reporter
from .sending.reporting import Progress as Progress
from .sending.resolver import Resolver, resolve
from .sending.verdict import conclude
from .unbroken import to_its_end
from .wire import Call, build_call


@dataclass(frozen=True)
class Clocks:
    """Every wait, in seconds. `first_byte` exceeds the 120 s after which Cloudflare answers 524, so that the 524 is
    seen rather than guessed; `total` runs from the call of `edit` to its outcome, repeats included. `connect` counts
    for the name, the connection and TLS each; of several addresses all but the last have a part of it. `after_stop` is
    what pictures have that a stopped edit's answer only links to: they were paid for."""

    connect: float = 5
    first_byte: float = 180
    idle: float = 60
    total: float = 300
    backoff: float = 0.5
    after_stop: float = 10


_TURN = 0.2
"""Of the clock for connecting, the part that an address has while there are others to try."""

_NO_MEMORY = "This app ran out of memory before the answer was complete."

_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "edit-studio"}


class Client:
    """Sends edits to one provider.

    `wire` defaults to the provider's first format. `transport` is any httpx transport: the seam for tests and for an
    engine in this process (`in_process`); it finds the provider by itself. `resolve` looks names up: the provider's
    when no transport was handed in, and those in links always. Use it as an async context manager.
    """

    def __init__(
        self,
        provider: Provider,
        key: str = "",
        *,
        wire: Wire | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        clocks: Clocks | None = None,
        policy: Policy | None = None,
        budget: RetryBudget | None = None,
        resolve: Resolver = resolve,
        stream: bool | None = None,
    ) -> None:
        if not provider.base_url:
            raise BadInput(f"{provider.name} needs a base URL.")
        self._provider = replace(provider, base_url=checked_base_url(provider.base_url))
        if not _is_readable(self._provider.base_url):
            raise BadInput("The base URL cannot be read: it looks like https://api.example.com.")
        self._wire: Wire = wire or provider.wires[0]
        key = checked_key(key, provider)
        self._credential = credential(key, provider, self._wire)
        self._redactor = Redactor(key)
        self._clocks = clocks or Clocks()
        self._policy = policy or Policy()
        unpaid, backoff = provider.unpaid_statuses, self._clocks.backoff
        self._repeater = Repeater(self._policy, budget or RetryBudget(), unpaid, backoff)
        self._resolve = resolve
        self._stream = self._wire in provider.streams if stream is None else stream
        self._finds_its_way = transport is not None
        # No kept connections: a dead one would fail after bytes were sent, and then nobody knows what was charged.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._transport = transport or httpx.AsyncHTTPTransport(verify=_trusted_roots(), trust_env=False, limits=limits)

    def __repr__(self) -> str:
        return f"Client({self._provider.id!r}, wire={self._wire!r})"

    async def __aenter__(self) -> Self:
        self._redactor.watch_logs()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()
        self._redactor.leave_logs()

    async def edit(
        self,
        request: EditRequest,
        model: Model | str,
        *,
        on_progress: OnProgress | None = None,
        idempotency_key: str = "",
    ) -> EditResult:
        """Send one edit and return its result with all pictures fetched. Raises `EditError` and nothing else.

        Cancelling closes the connection. A picture that had arrived whole by then is returned all the same.

        `idempotency_key` names the edit to relays that keep such names (`Policy.relay_idempotency`); one is made when
        it is left out.
        """
        name = {"Idempotency-Key": idempotency_key or str(uuid4())} if self._policy.relay_idempotency else {}
        deadline = asyncio.get_running_loop().time() + self._clocks.total

        async def attempt(lost: int) -> EditResult:
            # Built for each attempt: an edit that waits for its answer has no need of its megabytes any more.
            call, body = self._built(request, model, name)
            reporter = Reporter(self._wire, self._redactor, on_progress, lost=lost > 0)
            try:
                return await self._attempt(call, body, reporter, deadline)
            except MemoryError:
                raise UpstreamFailed(_NO_MEMORY, retryable=False) from None

        try:
            result = await self._repeater.run(attempt, deadline)
            backoff = self._clocks.backoff
            if (task := asyncio.current_task()) and task.cancelling():
                deadline = min(deadline, asyncio.get_running_loop().time() + self._clocks.after_stop)
            fetched = await with_links(result, self._provider, self._get, deadline, backoff=backoff)
            return self._redactor.result(fetched)
        except EditError as error:
            failure = self._redactor.error(error)
        except MemoryError:
            failure = UpstreamFailed(_NO_MEMORY, retryable=False)
        if self._provider.free:
            failure.charged = "no"
        # Raised out here and without its past: other errors and their frames hold the request, and with it the key.
        raise failure.with_traceback(None)

    def _built(self, request: EditRequest, model: Model | str, headers: Mapping[str, str]) -> tuple[Call, _Pieces]:
        """The call, without its body, and that. Raises `BadInput`, `TooLarge` and what `build_call` does."""
        try:
            call = build_call(request, self._provider, model, self._wire, stream=self._stream)
        except MemoryError:
            message = "This app has no memory for the request, so nothing was sent."
            raise UpstreamFailed(message, charged="no", retryable=False) from None
        headers = {**call.headers, **headers, "Content-Length": str(call.size)}
        return replace(call, headers=headers, pieces=()), _Pieces(call.pieces)

    async def _attempt(self, call: Call, body: _Pieces, reporter: Reporter, deadline: float) -> EditResult:
        """One POST and what its answer means. A picture that arrived is kept, however the connection ended."""
        arrival, unpaid = Arrival(reporter.received, sent=self._finds_its_way), self._provider.unpaid_statuses
        try:
            broken = await self._broken(call, body, arrival, reporter, deadline)
            return await conclude(arrival, broken, self._wire, unpaid)
        except asyncio.CancelledError:
            # The connection is closed by now. What is all here was paid for, so it is not thrown away, however often
            # somebody cancels: once for Stop, and again for the end of the app.
            stopped = UpstreamFailed("The edit was stopped.")
            concluding = asyncio.create_task(conclude(arrival, stopped, self._wire, unpaid))
            with suppress(asyncio.CancelledError, EditError):
                await to_its_end(concluding)
            with suppress(EditError):
                return concluding.result()
            raise
        except EditError as error:
            if error.charged == "no":
                reporter.in_vain()
            raise

    async def _broken(
        self, call: Call, body: _Pieces, arrival: Arrival, reporter: Reporter, deadline: float
    ) -> EditError | None:
        """Send, receive, and say how the connection broke; None when it ended well. Raises what leaves no answer."""
        broken: EditError | None = None
        try:
            async with asyncio.timeout_at(deadline):
                await self._post(call, body, arrival, reporter)
        except TimeoutError:
            message = f"There was no full answer within {self._clocks.total:.0f} s."
            broken = TimedOut(message, charged="maybe" if arrival.sent else "no")
        except (TimedOut, UpstreamFailed, Malformed) as error:
            broken = error
        reporter.ended(arrival.size)
        return broken

    async def _post(self, call: Call, body: _Pieces, arrival: Arrival, reporter: Reporter) -> None:
        """The one POST; its answer goes into `arrival`."""

        async def trace(event: str, _: Mapping[str, Any]) -> None:
            # The events are httpcore's, listed in its documentation of the request extension “trace”.
            if event.endswith("send_request_headers.started"):
                arrival.sent = True
                reporter.sending()
            elif event.endswith("send_request_body.complete"):
                reporter.waiting()

        if self._finds_its_way:
            reporter.sending()
        else:
            reporter.connecting()
        request = httpx.Request(
            "POST",
            self._provider.base_url + call.path,
            params={**call.query, **self._credential.query} or None,
            headers={**call.headers, **self._credential.headers, **_HEADERS},
            content=body,
            extensions={"timeout": self._timeouts(), "trace": trace},
        )
        addresses = [] if self._finds_its_way else await self._addresses(request.url)
        async with self._opened(request, addresses, arrival, "The service", self._clocks.first_byte) as response:
            await self._receive(response, arrival)

    async def _get(self, target: Target, most_bytes: int) -> Landing:
        """One GET of a link that was checked: without the key, and to addresses that were checked as well."""
        if self._redactor.finds_key(target.path):
            raise UnsafeLink("The link to the picture holds the key, so it was not followed.")
        if not _is_readable(target.url):
            raise UnsafeLink("The picture came as a link that cannot be read.", said=target.url[:200])
        request = httpx.Request(
            "GET", target.url, headers={"Accept": "image/*", **_HEADERS}, extensions={"timeout": self._timeouts()}
        )
        addresses = [] if target.own_loopback and self._finds_its_way else await self._addresses(request.url)
        for address in [] if target.own_loopback else addresses:
            check_address(address)
        arrival = Arrival(sent=True, most_bytes=most_bytes)
        async with self._opened(request, addresses, arrival, "The picture's host", self._clocks.idle) as response:
            if response.status_code == 200:
                await self._receive(response, arrival)
        return Landing(response.status_code, response.headers.get("location", ""), arrival.body)

    @asynccontextmanager
    async def _opened(
        self, request: httpx.Request, addresses: Sequence[str], arrival: Arrival, who: str, first_byte: float
    ) -> AsyncIterator[httpx.Response]:
        """The response to a request, its body still to be read. Turns what httpx raises into our errors."""
        try:
            async with asyncio.timeout(first_byte):
                response = await self._send(request, addresses)
        except TimeoutError:
            if not arrival.sent:
                raise Unreachable(f"{who} could not be reached.") from None
            raise TimedOut(f"{who} did not begin to answer within {first_byte:.0f} s.") from None
        except httpx.TransportError as error:
            raise _translated(error, who) from None
        try:
            yield response
        except httpx.TransportError as error:
            raise _translated(error, who) from None
        finally:
            await response.aclose()

    async def _send(self, request: httpx.Request, addresses: Sequence[str]) -> httpx.Response:
        """The response of the first address that takes the connection; after one that did, no other is asked."""
        if not addresses:
            return await self._transport.handle_async_request(request)
        *others, last = addresses
        for address in others:
            try:
                return await self._transport.handle_async_request(_pinned(request, address, self._timeouts(_TURN)))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if _is_about_certificates(error):
                    raise
        return await self._transport.handle_async_request(_pinned(request, last, self._timeouts()))

    async def _receive(self, response: httpx.Response, arrival: Arrival) -> None:
        """The body of a response into `arrival`, with a clock on every piece."""
        arrival.begin(response.status_code, response.headers)
        async with aclosing(cast(AsyncGenerator[bytes, None], response.aiter_raw())) as pieces:
            while True:
                try:
                    async with asyncio.timeout(self._clocks.idle):
                        piece = await anext(pieces, None)
                except TimeoutError:
                    raise TimedOut(f"The answer stopped for more than {self._clocks.idle:.0f} s.") from None
                if piece is None:
                    break
                arrival.take(piece)
        arrival.finish()

    async def _addresses(self, url: httpx.URL) -> list[str]:
        """The addresses of a URL's host. Raises `Unreachable` when there are none, or not in time."""
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            async with asyncio.timeout(self._clocks.connect):
                addresses = await self._resolve(url.host, port)
        except OSError:
            addresses = []
        if not addresses:
            raise Unreachable(f"The name {url.host} cannot be found.")
        return addresses

    def _timeouts(self, share: float = 1) -> dict[str, float | None]:
        """What httpx shall watch: connecting alone. All other clocks are ours."""
        return {"connect": self._clocks.connect * share, "read": None, "write": None, "pool": None}


@cache
def _trusted_roots() -> ssl.SSLContext:
    """Whom to believe about names. Made once: reading the roots takes 25 ms, in which no other edit goes on."""
    return httpx.create_ssl_context(trust_env=False)


class _Pieces(httpx.AsyncByteStream):
    """A body that is sent piece by piece, once, and let go as it is sent."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = deque(pieces)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._pieces:
            yield self._pieces.popleft()


class _InProcess(httpx.AsyncBaseTransport):
    """Hands requests to an ASGI app in this process; the answer streams, and closing it ends the app's work."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = AppCall(self._app, request.method, str(request.url), request.headers.raw, await request.aread())
        if trace := request.extensions.get("trace"):
            await trace("in_process.send_request_body.complete", {})
        try:
            status, headers = await call.start()
        except asyncio.CancelledError:
            await call.close()
            raise
        return httpx.Response(status, headers=headers, stream=_AppStream(call))


class _AppStream(httpx.AsyncByteStream):
    def __init__(self, call: AppCall) -> None:
        self._call = call

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._call.pieces()

    async def aclose(self) -> None:
        await self._call.close()


def in_process(app: App) -> httpx.AsyncBaseTransport:
    """A transport to an ASGI app in this process, such as `edit_core.offline.app`."""
    return _InProcess(app)


def _is_readable(url: str) -> bool:
    """Whether httpx can make anything of a URL, its host included, which it decodes only when asked for."""
    try:
        return bool(httpx.URL(url).host)
    except (httpx.InvalidURL, UnicodeError):
        return False


def _pinned(request: httpx.Request, address: str, timeouts: Mapping[str, float | None]) -> httpx.Request:
    """The request to one address of its host, so that the name cannot lead elsewhere after it was looked up.

    The `Host` header is there already, and `sni_hostname` is the name that the certificate must be for.
    """
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host, "timeout": timeouts},
    )


_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)


def _translated(error: httpx.TransportError, who: str) -> EditError:
    """Our error for one of httpx's: the only question is whether a byte of the request was sent."""
    if not isinstance(error, _NOT_SENT):
        return UpstreamFailed(f"{who} broke off before its answer was complete.", retryable=True)
    if _is_about_certificates(error):
        message = f"{who} cannot prove who it is (its certificate is not valid), so nothing was sent."
        return Unreachable(message, retryable=False)
    return Unreachable(f"{who} could not be reached.")


def _is_about_certificates(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
