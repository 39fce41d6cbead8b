"""The form as somebody left it, so that a reload finds it again: one draft for each owner."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, select

from ..storage import schema
from .rows import Json, storable

_drafts = schema.drafts


def read_draft(connection: Connection, owner: str) -> Json:
    """The form of this owner; empty when there is none."""
    return dict(connection.execute(select(_drafts.c.form).where(_drafts.c.owner == owner)).scalar() or {})


def write_draft(connection: Connection, owner: str, form: Json, now: float) -> None:
    """Remember the form; an empty one is forgotten."""
    connection.execute(_drafts.delete().where(_drafts.c.owner == owner))
    if form:
        connection.execute(_drafts.insert().values(owner=owner, form=storable(form), changed=now))


def remove_older(connection: Connection, than: float) -> int:
    """Forget the forms that nobody has changed since this time (seconds since 1970); returns how many."""
    return connection.execute(_drafts.delete().where(_drafts.c.changed < than)).rowcount


def without(form: Json, prompt: str, is_there: Callable[[str], bool]) -> Json:
    """A form that no longer has this prompt, nor pictures whose files are gone; {} when nothing is left to remember."""
    words = "" if form.get("prompt") == prompt else form.get("prompt", "")
    pictures = [each for each in form.get("pictures") or [] if is_there(str(each["path"]))]
    return {**form, "prompt": words, "pictures": pictures} if words or pictures else {}


def files_of_others(connection: Connection, owner: str) -> set[str]:
    """The paths of the pictures in everybody else's drafts."""
    drafts = connection.execute(select(_drafts.c.form).where(_drafts.c.owner != owner)).scalars()
    return {str(picture["path"]) for form in drafts for picture in form.get("pictures") or []}
