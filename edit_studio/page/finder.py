"""Search and filters above the strip. A filter is there only where this owner's history gives it a choice."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr

from ..door.archive_route import YES, read_search
from ..history.facets import Facets
from ..history.lookup import Search
from ..history.rows import OVER
from ..settings import Settings
from . import words

ASSETS = Path(__file__).parents[2] / "assets"
MOST_AT_FIRST = 24


@dataclass(frozen=True)
class View:
    """What the strip shows: the edits a search finds, and how many of them."""

    search: Search = field(default_factory=Search)
    most: int = MOST_AT_FIRST

    @classmethod
    def of(cls, asked: Any, most: int) -> View:
        """The view behind the finder's value, which the browser writes. Raises `BadInput` for one it never writes."""
        return cls(read_search(asked if isinstance(asked, dict) else {}), most)


def render() -> gr.HTML:
    """One line of fields. What was asked for is the widget's value; the server changes only its other properties."""
    return gr.HTML(
        {},
        html_template="",
        js_on_load=(ASSETS / "finder.js").read_text(encoding="utf-8"),
        elem_id="finder",
        says={"search": words.SEARCH, "nothing": words.NOTHING_FOUND, "clear": words.SEARCH_CLEAR},
        filters=[],
        nothing=False,
    )


def update(settings: Settings, facets: Facets, search: Search, *, nothing: bool) -> gr.HTML:
    """The fields for a history with these facets. `nothing` says that the search found none of it."""
    return gr.HTML(filters=filters(settings, facets, search), nothing=nothing)


def filters(settings: Settings, facets: Facets, search: Search) -> list[dict[str, Any]]:
    """What the script needs of each filter. One with a single option is on or off; else the first narrows nothing."""
    providers = {row.id: row.name for row in settings.providers.values()}
    models = {model.id: model.label for row in settings.providers.values() for model in row.models if model.label}
    choices = (
        ("outcome", words.ANY_OUTCOME, [each for each in OVER if each in facets.outcomes], words.HISTORY_STATES),
        ("provider", words.ANY_PROVIDER, facets.providers, providers),
        ("model", words.ANY_MODEL, facets.models, models),
    )
    found = [
        {"name": name, "options": [_option("", every), *(_option(value, names.get(value)) for value in values)]}
        for name, every, values, names in choices
        if len(values) > 1 or getattr(search, name)
    ]
    if facets.favourites or search.favourite:
        found.append({"name": "favourite", "options": [_option(YES, words.ONLY_FAVOURITES)]})
    return found


def _option(value: str, label: str | None) -> dict[str, str]:
    return {"value": value, "label": label or value}
