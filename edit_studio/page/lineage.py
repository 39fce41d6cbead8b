"""How the edit that is shown came about: original → edit 1 → edit 2, and the branches, where results were used again.

Every edit stands one column to the right of the one whose result it began with. The first of several that began with
the same one goes on in its line; each other has a line of its own below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from ..door.picture_route import address
from ..history.lookup import Tree
from ..history.rows import JobRow
from . import words
from .strip import entry

ASSETS = Path(__file__).parents[2] / "assets"
NOTHING: dict[str, Any] = {"title": "", "note": "", "nodes": []}


@dataclass(frozen=True)
class Place:
    """Where an edit stands. `above` is how many lines further up the edit stands that it began with."""

    job: JobRow
    line: int
    column: int
    above: int = 0


def render() -> gr.HTML:
    """Nothing, until an edit is shown that hangs together with another."""
    return gr.HTML(
        NOTHING,
        html_template="",
        js_on_load=(ASSETS / "lineage.js").read_text(encoding="utf-8"),
        elem_id="lineage",
    )


def value(tree: Tree, shown: str) -> dict[str, Any]:
    """What the script draws for the tree of the edit that is shown."""
    if len(tree.jobs) < 2:
        return NOTHING
    numbers = {job.id: number for number, job in enumerate(tree.jobs, 1)}
    nodes = []
    for place in places(tree):
        if place.column == 1 and place.job.inputs:
            nodes.append(_original(place))
        label = words.LINEAGE_EDIT.format(number=numbers[place.job.id])
        nodes.append(entry(place.job) | _at(place) | {"label": label, "shown": place.job.id == shown})
    return {"title": words.LINEAGE, "note": "" if tree.whole else words.LINEAGE_PART, "nodes": nodes}


def places(tree: Tree) -> list[Place]:
    """Each edit of the tree at its place, line by line. An edit of several results hangs on the first of them."""
    takes = {take.id: job.id for job in tree.jobs for take in job.takes}
    parents = {job.id: _parent(job, takes) for job in tree.jobs}
    children: defaultdict[str, list[JobRow]] = defaultdict(list)
    for job in tree.jobs:
        children[parents[job.id]].append(job)
    found: dict[str, Place] = {}
    left, lines = children[""][::-1], 0
    while left:
        job = left.pop()
        began = found.get(parents[job.id])
        if began and children[began.job.id][0] is job:
            found[job.id] = Place(job, began.line, began.column + 1)
        else:
            above = lines - began.line if began else 0
            found[job.id] = Place(job, lines, began.column + 1 if began else 1, above)
            lines += 1
        left += children[job.id][::-1]
    return list(found.values())


def _parent(job: JobRow, takes: Mapping[str, str]) -> str:
    """The edit whose result was the job's first such input, by the edits of `takes`; "" for one that began anew."""
    return next(filter(None, (takes.get(each.from_take or "", "") for each in job.inputs)), "")


def _original(place: Place) -> dict[str, Any]:
    picture = place.job.inputs[0].picture
    return {
        "id": "",
        "label": words.LINEAGE_ORIGINAL,
        "thumb": address(picture.sha256, "thumb").removeprefix("/"),
        "href": address(picture.sha256).removeprefix("/"),
        "line": place.line,
        "column": 0,
        "above": 0,
    }


def _at(place: Place) -> dict[str, int]:
    return {"line": place.line, "column": place.column, "above": place.above}
