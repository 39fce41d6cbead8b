"""What the page's gallery gets of a large picture: its preview, though it asks for the file.

Gradio's gallery (6.31) shows every picture by its whole file, the 4K result that is used as an input among them. A
browser that wants something to show asks for images before anything else, and is answered here. Whoever wants the file
itself does not, and gets it by Gradio's own route.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Match, Route

from edit_core.containers import inspect
from edit_core.errors import BadInput, UnreadablePicture

from ..shelf import Shelf
from ..storage.disk import NoRoom
from .picture_answers import LOCKED, placeholder
from .previews import MIME, NoPreview, Previews

log = logging.getLogger(__name__)

LIGHT = 256 * 1024
"""Bytes up to which a file is sent as it is."""

HEADERS = LOCKED | {"cache-control": "private, max-age=3600", "vary": "Accept", "content-disposition": "inline"}


class TileRoute(Route):
    """Answers for files of the shelf where a picture is to be shown. Goes before Gradio's routes."""

    def __init__(self, shelf: Shelf, previews: Previews) -> None:
        self._root = shelf.root.as_posix()
        super().__init__("/gradio_api/file={path:path}", Tiles(shelf, previews).answer, methods=["GET"])

    def matches(self, scope: MutableMapping[str, Any]) -> tuple[Match, Any]:
        """Only what a browser wants to show, and nothing that lies elsewhere."""
        match, found = super().matches(scope)
        if match is not Match.FULL or not Headers(scope=scope).get("accept", "").startswith("image/"):
            return Match.NONE, {}
        path = Path(found["path_params"]["path"]).as_posix()
        return (match, found) if path.startswith(f"{self._root}/") else (Match.NONE, {})


@dataclass(frozen=True)
class Tiles:
    """Pictures of the shelf, light enough for a gallery."""

    shelf: Shelf
    previews: Previews

    async def answer(self, request: Request) -> Response:
        """The preview of a picture, or the picture where it is light or has none; a placeholder for what is none.

        The gallery shows what was uploaded before anybody has looked whether it is a picture.
        """
        try:
            file = await asyncio.to_thread(self.shelf.resolve, request.path_params["path"])
            size = file.stat().st_size
            if size > self.shelf.most_bytes:
                # An archive, or nothing that an edit would take; no reason to read it.
                return placeholder("This file is too large for a picture.")
            if size > LIGHT:
                loop = asyncio.get_running_loop()
                light = await loop.run_in_executor(self.previews.threads, self.previews.of_file, file)
                return FileResponse(light, media_type=MIME, headers=HEADERS)
        except (BadInput, FileNotFoundError):
            return PlainTextResponse("There is no such picture.", 404, {"cache-control": "no-store"})
        except (NoPreview, NoRoom) as error:
            # It may be shown all the same, and an edit will say what is wrong with it.
            log.info("A picture is shown whole, as it has no preview (%s).", type(error).__name__)
        try:
            mime = await asyncio.to_thread(_mime, file)
        except (UnreadablePicture, FileNotFoundError) as error:
            return placeholder(str(error))
        return FileResponse(file, media_type=mime, headers=HEADERS)


def _mime(file: Path) -> str:
    """By its bytes. Raises `UnreadablePicture`."""
    return inspect(file.read_bytes()).mime
