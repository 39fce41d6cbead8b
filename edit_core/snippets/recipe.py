"""What a snippet says in any language: where to send what, and where the key goes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from ..edits import Wire
from ..providers import Provider
from ..wire import Call
from .body import PictureFile, take_pictures

_STREAMING = ("stream", "stream_options")


@dataclass(frozen=True)
class Key:
    """How the key travels: `variable` is where the snippet finds it, and it is sent as `prefix` + key.

    `name` is that of a header, or of a query field where `in_query`. A key that is not `required` is sent only where
    the variable is set: a relay of one's own may have none.
    """

    variable: str
    required: bool
    name: str
    prefix: str = ""
    in_query: bool = False


@dataclass(frozen=True)
class Recipe:
    """One POST. `url` holds the query but no key; strings with pictures in `body` are `Text`."""

    url: str
    headers: Mapping[str, str]
    body: Any
    files: tuple[PictureFile, ...]
    wire: Wire
    keys: tuple[Key, ...]

    @property
    def needs(self) -> str:
        """What must be there before it runs, in words: "image-1.jpg in this folder and A_KEY in the environment"."""
        files = " and ".join(file.name for file in self.files)
        variables = [f"{key.variable} in the environment" for key in self.keys if key.required]
        return " and ".join([*([f"{files} in this folder"] if files else []), *variables])


def recipe_of(call: Call, provider: Provider, wire: Wire) -> Recipe:
    """The recipe for a call; for a streamed one, that of the same edit in one piece."""
    query = {name: value for name, value in call.query.items() if name != "alt"}
    path = call.path.replace(":streamGenerateContent", ":generateContent")
    tree = {name: value for name, value in orjson.loads(call.body).items() if name not in _STREAMING}
    body, files = take_pictures(tree)
    return Recipe(
        url=provider.base_url + path + (f"?{urlencode(query)}" if query else ""),
        headers={**call.headers, "Accept": "application/json"},
        body=body,
        files=files,
        wire=wire,
        keys=_keys(provider, wire),
    )


def _keys(provider: Provider, wire: Wire) -> tuple[Key, ...]:
    """At most one: none for a provider that has no name for a key and needs none."""
    if not provider.key_names and not provider.needs_key:
        return ()
    variable = _variable(provider)
    if wire == "native" and provider.auth == "query":
        return (Key(variable, provider.needs_key, "key", in_query=True),)
    if wire == "native" and provider.auth == "x-goog-api-key":
        return (Key(variable, provider.needs_key, "x-goog-api-key"),)
    return (Key(variable, provider.needs_key, "Authorization", "Bearer "),)


def _variable(provider: Provider) -> str:
    """The row's name for the key, if a shell would take it: rows may come from a file, and this goes into a program."""
    names = [name for name in provider.key_names if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name, re.ASCII)]
    return names[0] if names else "API_KEY"
