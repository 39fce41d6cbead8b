"""The one way a kept picture leaves the app: `/pictures/<sha256>/<original|preview|thumb>`, to its owner.

What is another's answers exactly as what does not exist. `?download=<name>` saves it instead of showing it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from edit_core.pictures import FORMATS

from ..history.reading import Reading
from ..history.rows import PictureRow
from ..storage.disk import NoRoom
from ..storage.vault import NotKept, Vault
from .file_names import disposition, safe_name
from .people import People
from .picture_answers import ANEW, LOCKED, placeholder
from .previews import MIME, SIDES, Kind, NoPreview, Previews

ORIGINAL: Final = "original"


@dataclass(frozen=True)
class Found:
    """A file to send. `mime` comes from what the vault knows, never from a request."""

    file: Path
    mime: str


@dataclass(frozen=True)
class PictureRoute:
    """Answers for pictures. `route()` goes before Gradio's routes."""

    people: People
    history: Reading
    vault: Vault
    previews: Previews

    def route(self) -> Route:
        """For the `routes` of the app."""
        return Route("/pictures/{sha256}/{kind}", self.answer, methods=["GET"])

    async def answer(self, request: Request) -> Response:
        """The picture, a placeholder for a preview that cannot be made, or 404."""
        sha256, kind = request.path_params["sha256"], request.path_params["kind"]
        owner, wanted = self.people.owner(request.scope), request.query_params.get("download")
        try:
            picture = await asyncio.to_thread(self.history.visible, owner, sha256)
            if kind != ORIGINAL and kind not in SIDES:
                raise NotKept("There is no such kind of picture.")
            if unsaved := self.vault.unsaved(sha256):
                headers = _headers(picture, unsaved.mime, wanted) | ({} if kind == ORIGINAL else ANEW)
                return Response(unsaved.data, media_type=unsaved.mime, headers=headers)
            found = await self._find(picture, kind)
        except NotKept:
            return PlainTextResponse("There is no such picture.", 404, ANEW)
        except (NoPreview, NoRoom) as error:
            return placeholder(str(error))
        return FileResponse(found.file, media_type=found.mime, headers=_headers(picture, found.mime, wanted))

    async def _find(self, picture: PictureRow, kind: Literal["original"] | Kind) -> Found:
        """Raises `NotKept` for what is not there, `NoPreview`, `NoRoom`."""
        if kind == ORIGINAL:
            found = Found(self.vault.path(picture.sha256, picture.mime), picture.mime)
        else:
            found = Found(await self._preview(picture, kind), MIME)
        if not await asyncio.to_thread(found.file.is_file):
            raise NotKept("The file of this picture is gone from the data folder.")
        return found

    async def _preview(self, picture: PictureRow, kind: Kind) -> Path:
        ready = self.previews.path(picture.sha256, kind)
        if await asyncio.to_thread(ready.is_file):
            return ready
        loop = asyncio.get_running_loop()
        make = self.previews.file
        return await loop.run_in_executor(self.previews.threads, make, picture.sha256, picture.mime, kind)


def _headers(picture: PictureRow, mime: str, wanted: str | None) -> dict[str, str]:
    """`wanted` is the name it is to be saved under; None shows it."""
    name = safe_name(wanted or "", FORMATS[mime].suffix, f"picture-{picture.sha256[:8]}")
    return LOCKED | {"content-disposition": disposition(name, attached=wanted is not None)}


def address(sha256: str, kind: str = ORIGINAL) -> str:
    """The address of a picture, for links on the page. Add `?download=<name>` to save it."""
    return f"/pictures/{sha256}/{kind}"
