"""The form as somebody left it: written down shortly after each change, and put back when the page loads."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

from ..history.rows import Json
from ..shelf import Shelf
from .choices import MOST_TAKES
from .tray import Noted, Notes

PAUSE = 0.4
"""Seconds between a change and its writing: somebody is typing."""

LONGEST = 512 * 2**10
"""Letters of a form as ASCII: more than any edit may say."""

NAMES = ("prompt", "provider", "model", "wire", "ratio", "size")


class Writer:
    """Writes drafts down in the order in which they came: of one person's, only the newest.

    A page announces several changes at once, and they are dealt with side by side: an older form must not end up on
    top.
    """

    def __init__(self, write: Callable[[str, Json], None], pause: float = PAUSE) -> None:
        """`write` puts an owner's form down, in a thread; `pause` is in seconds."""
        self._write = write
        self._pause = pause
        self._numbers = itertools.count()
        self._newest: dict[str, tuple[int, Json]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def keep(self, owner: str, form: Json) -> None:
        """Write the form down once it has been left alone for a moment, unless a newer one has come meanwhile.

        One that is too long for any edit is not; the one before it stays.
        """
        if len(json.dumps(form)) > LONGEST:
            return
        newest = self._newest[owner] = (next(self._numbers), form)
        try:
            await asyncio.sleep(self._pause)
            async with self._one_at_a_time:
                if self._newest.get(owner) is newest:
                    await asyncio.to_thread(self._write, owner, form)
        finally:
            if self._newest.get(owner) is newest:
                del self._newest[owner]

    def coming(self, owner: str) -> Json | None:
        """The form that is about to be written down; None when none is. A page that loads just now wants this one."""
        newest = self._newest.get(owner)
        return newest[1] if newest else None


def as_json(form: Mapping[str, Any], noted: Notes) -> Json:
    """The form as it is kept; {} for one that says nothing yet."""
    prompt = str(form["prompt"] or "")
    if not prompt and not noted:
        return {}
    pictures = [
        {"path": each.path, "name": each.name, "done": list(each.done), "from_take": each.from_take} for each in noted
    ]
    return {name: str(form[name] or "") for name in NAMES} | {"takes": form["takes"], "pictures": pictures}


async def read_notes(shelf: Shelf, draft: Json) -> Notes:
    """The pictures of a draft whose files are still there."""
    kept = [each for each in draft.get("pictures") or [] if await asyncio.to_thread(shelf.has, str(each["path"]))]
    return tuple(Noted(each["path"], each["name"], tuple(each["done"]), each["from_take"]) for each in kept)


def takes_of(draft: Json) -> int:
    """How many pictures were wanted."""
    takes = draft.get("takes")
    return takes if isinstance(takes, int) and 1 <= takes <= MOST_TAKES else 1
