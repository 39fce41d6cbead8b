"""What a request may carry: so many bytes, and no path to a file that was not uploaded here.

Gradio checks where an uploaded file lies only when the caller says that it is one; a caller who leaves that out would
be handed any file of this machine (seen in 6.31: `ImageData` has no validator for `meta`, as `FileData` has).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MARK = {"_type": "gradio.FileData"}
"""What Gradio's page puts into `meta` of every file it names."""


class BadBody(ValueError):
    """A body that is turned away; the message is for the caller."""


def read_body(body: bytes, uploads: Path) -> Any:
    """What the JSON of a body says; None when there is no body. Raises `BadBody` for a file not below `uploads`."""
    if not body:
        return None
    try:
        content = json.loads(body)  # as Starlette reads it, so that both see the same
    except (ValueError, RecursionError) as error:
        raise BadBody("The body is not JSON.") from error
    root = uploads.resolve()
    for each in _dicts(content):
        if "path" in each and each["path"] is not None:
            _check_file(each, root)
    return content


def _check_file(file: dict[str, Any], root: Path) -> None:
    if file.get("meta") != MARK:
        raise BadBody("A file must be marked as one.")
    try:
        ours = Path(file["path"]).resolve().is_relative_to(root)
    except (TypeError, ValueError, OSError, RuntimeError) as error:
        raise BadBody("This is no path.") from error
    if not ours:
        raise BadBody("This file was not uploaded here.")


def _dicts(content: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON document, however deep."""
    left = [content]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            yield value
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
