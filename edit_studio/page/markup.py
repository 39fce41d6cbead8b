"""Small pieces of HTML. Whatever comes from people, files or models goes through `safe` first.

Gradio runs an HTML widget's template as Handlebars and then as a JavaScript template literal, so `$`, `{`, `}` and
the backtick are turned into entities as well as the usual signs.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

_ENTITIES = {ord(sign): f"&#{ord(sign)};" for sign in "&<>\"'`${}"}


def safe(text: object) -> str:
    """Text as HTML that shows exactly that text and can do nothing else."""
    return str(text).translate(_ENTITIES)


def address(file: str | Path) -> str:
    """The address at which Gradio serves a file, relative to the page, safe in an attribute."""
    return safe("gradio_api/file=" + quote(Path(file).as_posix()))


def paragraphs(text: str, css_class: str) -> str:
    """A text of several lines as it was written; nothing at all for an empty one."""
    return f'<p class="{css_class}">{safe(text.strip())}</p>' if text.strip() else ""


def items(lines: Iterable[str], css_class: str) -> str:
    """Lines as a list; they are HTML already."""
    inside = "".join(f"<li>{line}</li>" for line in lines)
    return f'<ul class="{css_class}">{inside}</ul>' if inside else ""
