"""The one public endpoint: the same edit for programs, as `gradio_client` calls it.

Gradio makes the endpoint's description from the annotations themselves, so they are not postponed here.
"""

import asyncio
import secrets
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from edit_core.errors import EditError

from ..history.rows import JobRow
from ..settings import Settings
from ..storage.disk import NoRoom
from ..studio import Studio
from .choices import AUTO
from .flow import Flow, owner_of
from .form import Form
from .markup import safe
from .result import name_of


def listen(flow: Flow, settings: Settings) -> None:
    """Offer `/edit`."""

    studio = flow.studio

    async def edit(
        request: gr.Request,
        pictures: list[FileData],
        prompt: str,
        provider: str = settings.provider,
        model: str = "",
        wire: str = "",
        ratio: str = AUTO,
        size: str = AUTO,
    ) -> tuple[list[FileData], str]:
        """Edit pictures as the prompt says; returns the picture files exactly as they came, and the model's words.

        `model` "" is the provider's first, `wire` is "native" or "chat" ("" is the provider's first), `ratio` is like
        "16:9", `size` like "2K"; "auto" leaves both to the model.
        """
        owner = owner_of(studio, request)
        form = Form(tuple(_path(each) for each in pictures), prompt, provider, model, wire, ratio, size)
        try:
            job_id = await flow.submit(owner, secrets.token_urlsafe(24), form)
        except EditError as error:
            raise gr.Error(safe(error.explain()), print_exception=False) from error
        last = [snapshot.job async for snapshot in studio.jobs.follow(owner, job_id)][-1]
        if not last.takes:
            why = last.failure or {}
            sentences = (str(why.get(part) or "") for part in ("message", "money", "next_step"))
            raise gr.Error(safe(" ".join(filter(None, sentences))), print_exception=False)
        try:
            files = await asyncio.to_thread(_on_shelf, studio, last)
        except NoRoom as error:
            raise gr.Error(safe(error.explain()), print_exception=False) from error
        return [FileData(path=file) for file in files], last.takes[0].text

    gr.api(edit, api_name="edit")


def _on_shelf(studio: Studio, job: JobRow) -> list[str]:
    """The results as files that Gradio may send: a program is given addresses, and has no cookie."""
    return [
        str(studio.lend(take.picture, name_of(job, number) + take.picture.suffix))
        for number, take in enumerate(job.takes, 1)
    ]


def _path(file: Any) -> str:
    """The path a caller sends; where it may lead, the shelf decides."""
    path = file.get("path") if isinstance(file, dict) else getattr(file, "path", None)
    return path if isinstance(path, str) else ""
