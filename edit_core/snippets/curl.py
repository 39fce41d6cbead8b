"""A recipe for the shell: curl, with the body on its standard input, where no limit on arguments applies."""

from __future__ import annotations

from .literals import JSON
from .recipe import Key, Recipe

_LAST_PICTURE = {
    "native": """grep -o '"data": *"[^"]*"' | tail -n 1 | cut -d '"' -f 4""",
    "chat": "grep -o 'data:image/[a-z]*;base64,[A-Za-z0-9+/=]*' | tail -n 1 | cut -d , -f 2",
}
"""From an answer to the base64 of its last picture; drafts come before the result. jq would be one thing to install."""


def written(recipe: Recipe) -> str:
    """The snippet, one command. No mark in its comment means anything to a shell: zsh runs comments that are pasted."""
    needs = f"Needs {recipe.needs}. " if recipe.needs else ""
    ready = "".join(f"test -r {file.name} && " for file in recipe.files)
    return "\n".join(
        [
            f"# {needs}Saves answer.json and result.png",
            # An unreadable file must not become a request that costs money.
            f"{ready}{{",
            *_pieces(recipe),
            "} | curl -sS --fail-with-body --max-time 300 --globoff -o answer.json --data-binary @- \\",
            *(f"  -H {_quoted(f'{name}: {value}')} \\" for name, value in recipe.headers.items()),
            *(f"  {_header(key)} \\" for key in recipe.keys if not key.in_query),
            f"  {_address(recipe)} &&",
            # Some services write a slash in JSON as \/, and base64 has no other backslash.
            rf"tr -d '\\' < answer.json | {_LAST_PICTURE[recipe.wire]} | base64 --decode > result.png &&",
            "test -s result.png",
            "",
        ]
    )


def _pieces(recipe: Recipe) -> list[str]:
    """Commands that print the body: JSON in single quotes, and between the quotes each picture from its file."""
    # Pasted into an interactive bash, an exclamation mark recalls an earlier command, on further lines even in quotes.
    words_and_names = JSON.literal(recipe.body).replace("!", "\\u0021").split("\0")
    return [
        f"  base64 < {piece} | tr -d '\\n'" if place % 2 else f"  printf %s {_quoted(piece)}"
        for place, piece in enumerate(words_and_names)
    ]


def _quoted(text: str) -> str:
    """A word for the shell: between single quotes nothing has a meaning but the single quote."""
    return "'" + text.replace("'", "'\\''") + "'"


def _header(key: Key) -> str:
    if key.required:
        return f'-H "{key.name}: {key.prefix}${{{key.variable}:?}}"'
    return f'${{{key.variable}:+-H"{key.name}: {key.prefix}${key.variable}"}}'


def _address(recipe: Recipe) -> str:
    before = "&" if "?" in recipe.url else "?"
    fields = [
        f'"{before}{key.name}=${{{key.variable}:?}}"'
        if key.required
        else f'"${{{key.variable}:+{before}{key.name}=${key.variable}}}"'
        for key in recipe.keys
        if key.in_query
    ]
    return _quoted(recipe.url) + "".join(fields)
