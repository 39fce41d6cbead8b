"""Pictures on their way from the page into an edit: checked, prepared, and each with what was done to it.

What cannot be read is taken out with its own sentence, and the rest stays. Gives the same result for what it gave
before, so it may be asked again at any time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edit_core.errors import BadInput, EditError, TooLarge
from edit_core.pictures import Picture

from .darkroom import Darkroom
from .shelf import Shelf
from .storage.disk import NoRoom


@dataclass(frozen=True)
class Taken:
    """A picture ready for an edit: its file, the file it was asked for by, its contents, and sentences on what was done
    to it. Both files are one where nothing had to be done."""

    path: str
    asked: str
    name: str
    picture: Picture
    done: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A file that was taken out, and why."""

    name: str
    error: EditError


@dataclass(frozen=True)
class Intake:
    """What became of the files, in their order. `left_out` counts those beyond the most there may be."""

    taken: tuple[Taken, ...] = ()
    refused: tuple[Refused, ...] = ()
    left_out: int = 0


async def take_in(shelf: Shelf, darkroom: Darkroom, paths: Sequence[str], most: int) -> Intake:
    """Check and prepare files, at most `most` of them. One at a time, so that others come in between."""
    answers = [await _take_one(shelf, darkroom, path) for path in paths[:most]]
    return Intake(
        taken=tuple(each for each in answers if isinstance(each, Taken)),
        refused=tuple(each for each in answers if isinstance(each, Refused)),
        left_out=max(0, len(paths) - most),
    )


async def _take_one(shelf: Shelf, darkroom: Darkroom, path: str) -> Taken | Refused:
    name, asked = Path(path).name, path
    try:
        prepared = await darkroom.prepare(partial(shelf.take, path))
        if prepared.changes:
            kept_as = Path(name).stem + prepared.picture.suffix
            path = str(await asyncio.to_thread(shelf.put, prepared.picture.data, kept_as, path))
    except (BadInput, TooLarge, NoRoom) as error:
        return Refused(name, error)
    return Taken(path, asked, name, prepared.picture, tuple(str(change) for change in prepared.changes))
