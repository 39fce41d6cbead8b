"""The form as somebody left it: written down shortly after each change, and put back when the page loads."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from edit_core.errors import BadInput

from ..history.rows import Json
from ..shelf import Shelf
from .choices import MOST_TAKES
from .tray import Noted, Notes

PAUSE = 0.4
"""Seconds between a change and its writing: somebody is typing."""

NAMES = ("prompt", "provider", "model", "wire", "ratio", "size")


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
    kept = []
    for each in draft.get("pictures") or []:
        try:
            await asyncio.to_thread(shelf.resolve, str(each["path"]))
        except BadInput:
            continue
        kept.append(Noted(each["path"], each["name"], tuple(each["done"]), each["from_take"]))
    return tuple(kept)


def takes_of(draft: Json) -> int:
    """How many pictures were wanted."""
    takes = draft.get("takes")
    return takes if isinstance(takes, int) and 1 <= takes <= MOST_TAKES else 1
