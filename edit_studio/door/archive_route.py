"""The way a whole history leaves the app: `/archive`, a ZIP file for its owner, narrowed by the search in the query.

It is written while it is sent, in threads, so neither memory nor disk holds it and the event loop is free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from edit_core.errors import BadInput

from ..history.archive import write_archive
from ..history.history import History
from ..history.lookup import Outcome, Search
from .file_names import disposition
from .people import People
from .picture_answers import LOCKED

PATH = "/archive"
MIME = "application/zip"
YES = "1"
OUTCOMES: Mapping[str, Outcome | None] = {"": None, **{name: name for name in get_args(Outcome)}}
LONGEST = 1000
"""Letters of one part of a search."""


@dataclass(frozen=True)
class ArchiveRoute:
    """Answers for archives. `route()` goes before Gradio's routes."""

    people: People
    history: History

    def route(self) -> Route:
        """For the `routes` of the app."""
        return Route(PATH, self.answer, methods=["GET"])

    async def answer(self, request: Request) -> Response:
        """The archive as a stream; 400 for a search that the page does not make."""
        owner = self.people.owner(request.scope)
        try:
            search = read_search(request.query_params)
        except BadInput as error:
            return PlainTextResponse(str(error), 400, {"cache-control": "no-store"})
        name = f"edit-studio-{datetime.now(UTC):%Y-%m-%d}.zip"
        headers = LOCKED | {"cache-control": "no-store", "content-disposition": disposition(name, attached=True)}
        if request.method == "HEAD":
            return Response(media_type=MIME, headers=headers)
        return StreamingResponse(write_archive(self.history, owner, search), media_type=MIME, headers=headers)


def address(search: Search) -> str:
    """The address of an archive of what a search finds, for links on the page."""
    asked = {
        "words": search.words,
        "provider": search.provider,
        "model": search.model,
        "outcome": search.outcome or "",
        "favourite": YES if search.favourite else "",
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{PATH}?{query}" if query else PATH


def read_search(asked: Mapping[str, Any]) -> Search:
    """The search that a query or the page's form names; what it leaves out narrows nothing. Raises `BadInput`."""
    parts = {name: asked.get(name) or "" for name in ("words", "provider", "model", "outcome", "favourite")}
    if any(not isinstance(part, str) or len(part) > LONGEST for part in parts.values()):
        raise BadInput("This is no search that the page makes.")
    if parts["outcome"] not in OUTCOMES:
        raise BadInput("There is no such outcome.")
    outcome = OUTCOMES[parts["outcome"]]
    return Search(parts["words"].strip(), parts["provider"], parts["model"], outcome, bool(parts["favourite"]))
