"""History as a ZIP file, out and in: a link that downloads it, and a button that takes one back."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field

import gradio as gr
from sqlalchemy.exc import SQLAlchemyError

from edit_core.errors import BadInput

from ..door.archive_route import address
from ..history.importer import Imported
from ..history.lookup import Search
from ..history.unpacking import BadArchive, import_archive
from ..storage.disk import NoRoom
from ..studio import Studio
from . import words
from .markup import safe

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Carrying:
    """The widgets. `says` tells what became of an import."""

    export: gr.HTML
    imports: gr.UploadButton
    says: gr.HTML


@dataclass(frozen=True)
class Intake:
    """Takes archives in. One at a time: a large one is long work for a thread, and others need threads too."""

    studio: Studio
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    async def take_in(self, owner: str, path: str) -> str:
        """What became of an uploaded archive, in a sentence or two. The upload is removed."""
        async with self.turn:
            return await asyncio.to_thread(self._take_in, owner, path)

    def _take_in(self, owner: str, path: str) -> str:
        try:
            file = self.studio.shelf.resolve(path)
        except BadInput as error:
            return str(error)
        seconds = self.studio.settings.keeping.seconds
        older_than = None if seconds is None else time.time() - seconds
        try:
            with file.open("rb") as data:
                return said(import_archive(self.studio.history, owner, data, older_than=older_than), seconds)
        except (BadArchive, NoRoom) as error:
            return f"{error} {error.next_step}"
        except SQLAlchemyError:
            log.exception("An archive could not be taken in.")
            return words.IMPORT_UNWRITABLE
        finally:
            # In the thread that reads it, as whoever waits for this one may go away.
            with suppress(OSError):
                file.unlink()
                file.parent.rmdir()


def render() -> Carrying:
    """The link, which is there once there is something to download, the button, and a line below."""
    with gr.Row(elem_id="carrying"):
        export = gr.HTML("", elem_id="export")
        imports = gr.UploadButton(words.IMPORT, file_types=[".zip"], size="sm", elem_id="import", min_width=120)
    says = gr.HTML(says_html(""), elem_id="import-says")
    return Carrying(export, imports, says)


def says_html(text: str) -> str:
    """What became of an import, read out by screen readers."""
    return f'<p role="status">{safe(text)}</p>'


def link_html(search: Search) -> str:
    """A plain link, so that the browser shows how far it is."""
    label = words.EXPORT if search == Search() else words.EXPORT_FOUND
    return f'<a href="{safe(address(search).removeprefix("/"))}" download>{safe(label)}</a>'


def said(imported: Imported, kept_seconds: float | None = None) -> str:
    """What came of an archive: “12 edits added, 3 here already.” And that older ones do not come in, if so."""
    added = {0: words.IMPORTED_NONE, 1: words.IMPORTED_ONE}.get(imported.jobs, words.IMPORTED)
    parts = [
        added.format(count=imported.jobs),
        words.IMPORT_KNOWN.format(count=imported.known) if imported.known else "",
        _counted(imported.mended, words.IMPORT_MENDED_ONE, words.IMPORT_MENDED),
        words.IMPORT_SKIPPED.format(count=imported.skipped) if imported.skipped else "",
        _counted(imported.lacking, words.IMPORT_LACKING_ONE, words.IMPORT_LACKING),
    ]
    says = words.IMPORT_SAYS.format(parts=", ".join(filter(None, parts)))
    if not imported.older or kept_seconds is None:
        return says
    older = words.IMPORT_OLDER_ONE if imported.older == 1 else words.IMPORT_OLDER
    return f"{says} {older.format(days=words.days(kept_seconds), count=imported.older)}"


def _counted(count: int, one: str, many: str) -> str:
    """The sentence for so many; "" for none."""
    return (one if count == 1 else many).format(count=count) if count else ""
