"""A provider's key: which text can be one, and the one place in a request where it goes."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..edits import Wire
from ..errors import BadInput, KeyRefused
from ..providers import Provider

_LONGEST = 4096


@dataclass(frozen=True)
class Credential:
    """What a request carries to prove who pays: a header, or `?key=` where the provider's row demands it."""

    headers: dict[str, str] = field(default_factory=dict, repr=False)
    query: dict[str, str] = field(default_factory=dict, repr=False)


def checked_key(key: str, provider: Provider) -> str:
    """A key as people paste it, without the blanks around it. Raises `KeyRefused` for none, `BadInput` for no key."""
    key = key.strip()
    if not key and provider.needs_key:
        names = " or ".join(provider.key_names)
        raise KeyRefused(f"{provider.name} needs a key{f': set {names}' if names else ''}.")
    if not key.isascii() or not key.isprintable() or " " in key or len(key) > _LONGEST:
        raise BadInput("The key holds characters that no key has; was more than the key copied?")
    return key


def credential(key: str, provider: Provider, wire: Wire) -> Credential:
    """Where a checked key goes. Chat calls always use `Authorization: Bearer`."""
    how = provider.auth if wire == "native" else "bearer"
    if not key:
        return Credential()
    if how == "query":
        return Credential(query={"key": key})
    return Credential({"Authorization": f"Bearer {key}"} if how == "bearer" else {"x-goog-api-key": key})
