"""What a module of the project imports, read from its source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("edit_core", "edit_studio")
TOPS = (*PACKAGES, "app")


@dataclass(frozen=True)
class Module:
    """One source file under its dotted name; a package's `__init__` bears the package's own."""

    name: str
    source: str
    is_package: bool = False

    @property
    def package(self) -> str:
        """What a relative import starts from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]


Modules = dict[str, Module]


def read_project(root: Path = ROOT) -> Modules:
    """Every module of the app, by name. Tests and tools are no part of it."""
    files = [root / "app.py", *(file for package in PACKAGES for file in (root / package).rglob("*.py"))]
    modules = (read_module(file, root) for file in files if file.exists())
    return {module.name: module for module in modules}


def read_module(file: Path, root: Path) -> Module:
    """The module in a file, named from the root."""
    parts = file.relative_to(root).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return Module(".".join(parts[:-1] if is_package else parts), file.read_text(encoding="utf-8"), is_package)


def imported(module: Module, known: Modules) -> set[str]:
    """Full names of all it imports, wherever in the file: a submodule by its own name, else the module it is in."""
    return set(_imported(module, known))


def _imported(module: Module, known: Modules) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, module)
            for alias in node.names:
                full = f"{origin}.{alias.name}"
                yield full if full in known else origin


def _origin(node: ast.ImportFrom, module: Module) -> str:
    """The module after `from`, with its dots worked out."""
    if not node.level:
        return node.module or ""
    above = module.package.split(".")
    kept = above[: len(above) - (node.level - 1)]
    return ".".join([*kept, *([node.module] if node.module else [])])


def within(name: str, whole: str) -> bool:
    """Whether the dotted name is `whole` or lies inside it."""
    return name == whole or name.startswith(f"{whole}.")


def arrows(modules: Modules) -> dict[str, set[str]]:
    """Who imports whom inside the project."""
    return {
        name: {other for other in imported(module, modules) if any(within(other, top) for top in TOPS)}
        for name, module in modules.items()
    }


def cycles(graph: dict[str, set[str]]) -> list[str]:
    """Every module that can reach itself, in words."""
    return [f"{name} imports itself by way of others" for name in sorted(graph) if name in _reached(name, graph)]


def _reached(start: str, graph: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph.get(waiting.pop(), set()) - reached
        reached |= new
        waiting.extend(new)
    return reached


def names_of_the_environment(source: str) -> set[str]:
    """The ways of reading the process's environment that the source uses: `os.environ`, `os.getenv` and their kin."""
    ways = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    used: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            used.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            used |= {alias.name for alias in node.names}
    return used & ways
