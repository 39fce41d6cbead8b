"""JSON trees as source text: JSON, Python or JavaScript, with the pictures as each language reads them from a file.

Whatever people typed ends up inside a program here, so this is the only place that quotes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from .body import PictureFile, Text

_SHORT = 60


@dataclass(frozen=True)
class Language:
    """How a language writes values. `escape` writes one character that does not show; `text` a string in pieces."""

    constants: dict[Any, str]
    escape: Callable[[str], str]
    text: Callable[[Text, Callable[[str], str]], str]
    indent: str

    def literal(self, value: Any, depth: int = 0) -> str:
        """A value as source text; further lines are indented as for that depth."""
        if isinstance(value, dict):
            items = [f"{self.literal(name)}: {self.literal(item, depth + 1)}" for name, item in value.items()]
            return self._bracketed("{}", items, depth)
        if isinstance(value, list):
            return self._bracketed("[]", [self.literal(item, depth + 1) for item in value], depth)
        if isinstance(value, str | tuple):
            return self.text((value,) if isinstance(value, str) else value, self.escape)
        if value is None or isinstance(value, bool):
            return self.constants[value]
        return orjson.dumps(value).decode()

    def _bracketed(self, brackets: str, items: list[str], depth: int) -> str:
        """Items in brackets: on one line where that is short, else on one line each."""
        short = ", ".join(items)
        if len(short) <= _SHORT and "\n" not in short:
            return f"{brackets[0]}{short}{brackets[1]}"
        line = f"\n{self.indent * (depth + 1)}"
        return f"{brackets[0]}{line}{f',{line}'.join(items)}\n{self.indent * depth}{brackets[1]}"


def escaped(text: str, escape: Callable[[str], str]) -> str:
    """The inside of a string literal in double quotes.

    JSON's escapes mean the same in all three languages. What does not show (controls, line separators, marks that turn
    the reading direction) is escaped on top, so that a snippet reads as what it does.
    """
    inside = orjson.dumps(text).decode()[1:-1]
    return inside if inside.isprintable() else "".join(c if c.isprintable() else escape(c) for c in inside)


def _in_units(character: str) -> str:
    """`\\uXXXX`, twice for a character beyond 16 bits: JSON and JavaScript count in UTF-16."""
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _in_points(character: str) -> str:
    """`\\uXXXX` or `\\UXXXXXXXX`: Python counts in whole characters."""
    point = ord(character)
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _sum(text: Text, escape: Callable[[str], str]) -> str:
    """Pieces joined by plus; `picture` is defined by the snippet."""
    return " + ".join(
        f'picture("{piece.name}")' if isinstance(piece, PictureFile) else f'"{escaped(piece, escape)}"'
        for piece in text or ("",)
    )


def _with_gaps(text: Text, escape: Callable[[str], str]) -> str:
    """One string with a gap for each picture: its name between two NULs, which escaped text never holds."""
    return '"{}"'.format(
        "".join(f"\0{piece.name}\0" if isinstance(piece, PictureFile) else escaped(piece, escape) for piece in text)
    )


JSON = Language({None: "null", True: "true", False: "false"}, _in_units, _with_gaps, "  ")
PYTHON = Language({None: "None", True: "True", False: "False"}, _in_points, _sum, "    ")
JAVASCRIPT = Language({None: "null", True: "true", False: "false"}, _in_units, _sum, "  ")
