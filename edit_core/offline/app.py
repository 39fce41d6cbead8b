"""The engine as an ASGI app: routes, streaming, and acting out rehearsals."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from . import chat, native
from .asking import Asked, Refused, Reply
from .engine import make
from .making import Make, Making, begin
from .rehearsal import AS_HTML, DASHBOARD_PAGE, GARBAGE, SENTENCES, Rehearsal, gateway_page, rehearse
from .workbench import Workbench

MODEL = "offline-engine"
LARGEST_BODY = 64 * 1024 * 1024

_GOOGLE_ROWS = [
    {
        "name": f"models/{MODEL}",
        "displayName": "Offline engine",
        "description": "Edits pictures by rules on words. Not an AI.",
        "supportedGenerationMethods": ["generateContent", "streamGenerateContent"],
    }
]
_SSE = "text/event-stream"
_CLIENT_GONE = 499


class Dialect(Protocol):
    """What a wire format's module gives; `native` and `chat` are the two."""

    def read(self, body: dict[str, Any], model: str) -> Asked: ...
    def answer(self, asked: Asked, reply: Reply) -> dict[str, Any]: ...
    def opening(self, asked: Asked, reply: Reply) -> list[dict[str, Any]]: ...
    def closing(self, asked: Asked, reply: Reply) -> list[dict[str, Any]]: ...
    def failure(self, status: int, sentence: str) -> dict[str, Any]: ...


class CutShort(Response):
    """Promises a whole body and sends half: over a socket the connection breaks off in the middle."""

    # The signature is ASGI's.
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the true length and half of the bytes."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": False})


def create_app(work: Make = make) -> Starlette:
    """A fresh engine; it keeps nothing of a request, so one serves everybody. `work` is done in threads of its own."""
    native_paths = [f"/{version}/models/{{call:path}}" for version in ("v1beta", "v1")]
    routes = [
        Route("/v1beta/models", _native_models, methods=["GET"]),
        *(Route(path, _generate_content, methods=["POST"]) for path in native_paths),
        Route("/v1/models", _all_models, methods=["GET"]),
        *(Route(path, _chat_completions, methods=["POST"]) for path in ("/v1/chat/completions", "/chat/completions")),
        Route("/health", _health, methods=["GET"]),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _no_route})
    app.state.workbench, app.state.work = Workbench(), work
    return app


async def _health(_request: Request) -> Response:
    return _json({"status": "ok", "engine": MODEL, "ai": False})


async def _native_models(_request: Request) -> Response:
    return _json({"models": _GOOGLE_ROWS})


async def _all_models(_request: Request) -> Response:
    # OpenAI's clients read `data` here; google-genai asks the same path and reads `models`.
    row = {"id": MODEL, "object": "model", "created": 0, "owned_by": "edit-studio"}
    return _json({"object": "list", "data": [row], "models": _GOOGLE_ROWS})


async def _generate_content(request: Request) -> Response:
    model, _, method = request.path_params["call"].rpartition(":")
    if method not in ("generateContent", "streamGenerateContent") or not model:
        return _failed(native, 404, f"There is no method “{method}” here.")
    return await _edit(request, native, model, stream=method == "streamGenerateContent")


async def _chat_completions(request: Request) -> Response:
    return await _edit(request, chat, "", stream=None)


async def _edit(request: Request, dialect: Dialect, model: str, stream: bool | None) -> Response:
    """One edit from request to response; `stream` None leaves the choice to the body's own field."""
    try:
        asked, stream = await _asked(request, dialect, model, stream)
        rehearsal = rehearse(asked.prompt)
        if not await _waited(request, rehearsal.wait):
            return Response(status_code=_CLIENT_GONE)
        return await _respond(request, dialect, asked, rehearsal, stream)
    except Refused as refused:
        return _failed(dialect, refused.status, refused.sentence)
    except ClientDisconnect:
        return Response(status_code=_CLIENT_GONE)


async def _asked(request: Request, dialect: Dialect, model: str, stream: bool | None) -> tuple[Asked, bool]:
    """What is asked, and whether the answer streams. The body, a third larger than its pictures, is let go here."""
    body = await _document(request)
    return dialect.read(body, model), bool(body.get("stream")) if stream is None else stream


async def _document(request: Request) -> dict[str, Any]:
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        raise _too_large()
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > LARGEST_BODY:
            raise _too_large()
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused("The body is not valid JSON.") from error
    if not isinstance(body, dict):
        raise Refused("The body must be a JSON object.")
    return body


def _too_large() -> Refused:
    return Refused(f"The request is too large; {LARGEST_BODY // 1024 // 1024} MiB are the most.", status=413)


async def _waited(request: Request, seconds: float) -> bool:
    """Wait, but no longer than the client does; False when it went away."""
    if seconds <= 0:
        return True
    gone = asyncio.ensure_future(_gone(request))
    try:
        done, _ = await asyncio.wait({gone}, timeout=seconds)
    finally:
        gone.cancel()
    return not done


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


async def _respond(request: Request, dialect: Dialect, asked: Asked, rehearsal: Rehearsal, stream: bool) -> Response:
    if rehearsal.status:
        return _failed(dialect, rehearsal.status, SENTENCES[rehearsal.status])
    if rehearsal.trick == "html":
        return HTMLResponse(DASHBOARD_PAGE)
    media_type = _media_type(request, dialect, stream)
    if rehearsal.trick == "garbage":
        return Response((b"data: " + GARBAGE + b"\n\n") if media_type == _SSE else GARBAGE, media_type=media_type)
    state = request.app.state
    making = await begin(state.workbench, state.work, replace(asked, prompt=rehearsal.prompt), rehearsal.trick)
    if stream:
        pieces = _framed(dialect, media_type, _chunks(dialect, asked, making))
        if rehearsal.trick == "cut":
            return CutShort(b"".join([piece async for piece in pieces]), media_type=media_type)
        return StreamingResponse(pieces, media_type=media_type, headers={"cache-control": "no-cache"})
    document = _dumped(dialect.answer(asked, await making.finished()))
    return (CutShort if rehearsal.trick == "cut" else Response)(document, media_type=media_type)


def _media_type(request: Request, dialect: Dialect, stream: bool) -> str:
    sse = stream and (dialect is chat or request.query_params.get("alt") == "sse")
    return _SSE if sse else "application/json"


async def _chunks(dialect: Dialect, asked: Asked, making: Making) -> AsyncIterator[dict[str, Any]]:
    """The words at once, the picture when it is made."""
    try:
        for document in dialect.opening(asked, making.reply):
            yield document
        for document in dialect.closing(asked, await making.finished()):
            yield document
    except Refused as refused:
        yield dialect.failure(refused.status, refused.sentence)
    finally:
        making.leave()


async def _framed(dialect: Dialect, media_type: str, documents: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    """Server-sent events, or the JSON array Google streams when nobody asks for them."""
    if media_type == _SSE:
        async for document in documents:
            yield b"data: " + _dumped(document) + b"\n\n"
        if dialect is chat:
            yield b"data: [DONE]\n\n"
        return
    before = b"["
    async for document in documents:
        yield before + _dumped(document)
        before = b",\r\n"
    yield b"]"


def _failed(dialect: Dialect, status: int, sentence: str) -> Response:
    headers = {"retry-after": "2"} if status == 429 else {}
    if status in AS_HTML:
        return HTMLResponse(gateway_page(status), status_code=status, headers={"server": "cloudflare"})
    return _json(dialect.failure(status, sentence), status, headers)


async def _no_route(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    dialect: Dialect = native if request.url.path.startswith("/v1beta") else chat
    return _failed(dialect, status, f"There is nothing at {request.method} {request.url.path}.")


def _dumped(document: dict[str, Any]) -> bytes:
    """As JSON. Python's own library is not the fastest, but has an error for the day when memory runs out."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _json(document: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(_dumped(document), status, headers, media_type="application/json")


app = create_app()
