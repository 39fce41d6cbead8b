"""The layer rules: arrows point down, and each outside thing has one door.

The tables are the rules. A new module of `edit_core` fails here until it has a row, so that its place is a decision.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports import (
    ROOT,
    Module,
    Modules,
    arrows,
    cycles,
    imported,
    names_of_the_environment,
    read_project,
    within,
)

VALUES = ("errors", "encoding", "containers", "pictures", "pixels", "preparation", "edits", "providers")
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "errors": (),
    "unbroken": (),
    "encoding": ("errors",),
    "containers": ("errors",),
    "pictures": ("containers", "errors"),
    "pixels": ("pictures", "containers", "errors"),
    "preparation": ("pixels", "pictures", "containers", "errors"),
    "edits": ("pictures", "errors"),
    "providers": ("edits", "errors"),
    "wire": ("providers", "edits", "pictures", "encoding", "errors"),
    "sending": ("wire", "providers", "edits", "pictures", "errors"),
    "client": ("sending", "wire", "unbroken", *VALUES),
    "snippets": ("wire", *VALUES),
    # The engine knows nothing of what reads its answers.
    "worker": (),
    "offline": ("worker",),
    "__init__": ("client", "snippets", "wire", *VALUES),
    "__main__": ("__init__", "client", "snippets", "offline", "wire", *VALUES),
}
"""Inside `edit_core`, from the bottom up: the first part of a module's name, and whom it may import besides itself."""

DOORS: dict[str, tuple[str, ...]] = {
    "gradio": ("app", "edit_studio.page"),
    "httpx": ("edit_core.client",),
    "dotenv": ("edit_studio.settings",),
    # The command line is an entry of its own beside the app: it has no settings, and reads its one key itself. Gradio
    # is told its upload folder in no other way.
    "the environment": ("edit_studio.settings", "edit_core.__main__", "edit_studio.page.gradio_environment"),
    "edit_studio.page": ("app", "edit_studio.page"),
    "edit_core.offline": ("edit_core.__main__", "edit_core.offline", "edit_studio", "app"),
    "edit_studio": ("app", "edit_studio"),
    "app": (),
}
"""Who may import a thing; everybody else goes through them."""

SAYS_NOTHING = ("utils", "util", "helpers", "helper", "common", "misc", "manager", "managers")
"""File names that would take in anything."""

LONGEST_APP = 40


def core_part(name: str) -> str:
    """The row of a module of `edit_core`: `edit_core.wire.native` is in `wire`."""
    return name.split(".")[1] if "." in name else "__init__"


def wrong_arrows(modules: Modules) -> list[str]:
    """Arrows inside `edit_core` that no row allows."""
    return [
        f"{name} must not import {other}"
        for name, others in sorted(arrows(modules).items())
        if within(name, "edit_core")
        for other in sorted(others)
        if within(other, "edit_core") and not allowed(core_part(name), core_part(other))
    ]


def allowed(part: str, other: str) -> bool:
    """Whether the row of `part` allows the arrow. Within a package only cycles are wrong."""
    return part == other or other in MAY_IMPORT.get(part, ())


def rowless(modules: Modules) -> list[str]:
    """Modules of `edit_core` that have no row."""
    return [
        f"{name} has no row in MAY_IMPORT"
        for name in sorted(modules)
        if within(name, "edit_core") and core_part(name) not in MAY_IMPORT
    ]


def broken_doors(modules: Modules) -> list[str]:
    """Modules that reach a thing past its door."""
    return [
        f"{name} must not import {thing}"
        for name, module in sorted(modules.items())
        for thing, doors in DOORS.items()
        if uses(module, thing, modules) and not any(within(name, door) for door in doors)
    ]


def uses(module: Module, thing: str, modules: Modules) -> bool:
    """Whether the module imports the thing or a part of it."""
    if thing == "the environment":
        return bool(names_of_the_environment(module.source))
    return any(within(other, thing) for other in imported(module, modules))


def cyclic(modules: Modules) -> list[str]:
    """Modules on a circle of imports."""
    return cycles(arrows(modules))


RULES = [wrong_arrows, rowless, broken_doors, cyclic]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule) -> None:
    assert rule(read_project()) == []


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("edit_core.errors", "from .edits import Wire", "edit_core.errors must not import edit_core.edits"),
        ("edit_core.errors", "import edit_core", "edit_core.errors must not import edit_core"),
        (
            "edit_core.pictures",
            "def f():\n    from . import edits",
            "edit_core.pictures must not import edit_core.edits",
        ),
        ("edit_core.providers", "from .pictures import A", "edit_core.providers must not import edit_core.pictures"),
        ("edit_core.wire.native", "from ..client import A", "edit_core.wire.native must not import edit_core.client"),
        ("edit_core.offline.app", "from ..edits import A", "edit_core.offline.app must not import edit_core.edits"),
        ("edit_core.client", "from .offline import A", "edit_core.client must not import edit_core.offline"),
        ("edit_core.odds", "", "edit_core.odds has no row in MAY_IMPORT"),
        ("edit_core.edits", "import httpx", "edit_core.edits must not import httpx"),
        ("edit_core.edits", "from gradio.themes import A", "edit_core.edits must not import gradio"),
        ("edit_core.edits", "from edit_studio import jobs", "edit_core.edits must not import edit_studio"),
        ("edit_core.client", "import os\nos.environ['A']", "edit_core.client must not import the environment"),
        ("edit_core.client", "from os import getenv", "edit_core.client must not import the environment"),
        ("edit_studio.jobs", "import dotenv", "edit_studio.jobs must not import dotenv"),
        ("edit_studio.jobs", "from .page import A", "edit_studio.jobs must not import edit_studio.page"),
        ("edit_studio.page.form", "import app", "edit_studio.page.form must not import app"),
        ("edit_core.edits", "from .edits import A", "edit_core.edits imports itself by way of others"),
        ("edit_core.wire.chat", "from .native import A", "edit_core.wire.chat imports itself by way of others"),
    ],
)
def test_a_broken_rule_is_seen(name: str, source: str, said: str) -> None:
    modules = {
        each: Module(each, "", is_package=True)
        for each in ("edit_core", "edit_core.wire", "edit_core.offline", "edit_studio", "edit_studio.page")
    }
    modules |= {each: Module(each, "") for each in ("edit_core.client", "edit_core.edits", "edit_core.pictures")}
    modules["edit_core.wire.native"] = Module("edit_core.wire.native", "from .chat import A")
    modules[name] = Module(name, source)
    assert said in [sentence for rule in RULES for sentence in rule(modules)]


def test_file_names_say_what_is_in_them() -> None:
    folders = ("edit_core", "edit_studio", "tests", "bench", "scripts")
    files = [ROOT / "app.py", *(file for folder in folders for file in (ROOT / folder).rglob("*.py"))]
    assert [str(file.relative_to(ROOT)) for file in files if file.stem in SAYS_NOTHING] == []


def test_the_app_file_stays_tiny() -> None:
    app = Path(ROOT / "app.py")
    lines = app.read_text(encoding="utf-8").splitlines() if app.exists() else []
    assert len(lines) < LONGEST_APP


@pytest.mark.parametrize(
    "worker", ["edit_studio.darkroom_worker", "edit_studio.door.preview_worker", "edit_core.offline.workshop_worker"]
)
def test_a_process_that_only_decodes_pictures_loads_nothing_that_sends_or_keeps(worker: str) -> None:
    """There are several of them, and they stay: what one loads is paid for each time."""
    loads = f"import sys, {worker}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", loads], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert "PIL.Image" in loaded.split()
    assert {"httpx", "gradio", "sqlalchemy"}.isdisjoint(loaded.split())
