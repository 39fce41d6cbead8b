"""What the owner set, read once: the environment, the file .env, and the providers file they may name.

The only module that reads the environment. What it gives is frozen and never shows a key in its `repr`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from dotenv import dotenv_values

from edit_core.edits import Wire
from edit_core.errors import BadInput
from edit_core.providers import PROVIDERS, Provider, is_loopback, parse_providers
from edit_core.sending.outcome import Policy

from .keeping import BadKeeping, Keeping, read_keeping
from .logins import BadLogins, Logins, read_logins

OFFLINE = "offline"
CUSTOM = "custom"
GENERAL_KEY = "EDIT_API_KEY"
GENERAL_URL = "EDIT_BASE_URL"
FIRST_PORT = 7860
_HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*")
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})


class BadSettings(ValueError):
    """A setting that cannot be meant. The message names it and says what it may be."""


@dataclass(frozen=True)
class Limits:
    """How much one person may bring: pictures in an edit, bytes in a file, seconds that picture files are kept."""

    most_pictures: int = 14
    most_file_bytes: int = 50 * 2**20
    seconds_kept: int = 24 * 3600


@dataclass(frozen=True)
class Settings:
    """Everything the app is told from outside.

    `provider`, `model` and `wire` are what the page starts with ("" and None: the provider's first). `providers` holds
    every row, base URLs of the owner's own applied; `named` the ids the owner set anything for. `port` None is the
    first free one from 7860 on. `shared` says that others than the owner use the page, `embedded`
    that it lives in another site's frame (a Space). `names` are host names the page is reached under, as
    `Origins.names`; `policy` is what may be sent again beyond the ordinary. `hugging_face` says that people
    may sign in with their account there.
    """

    provider: str = OFFLINE
    model: str = ""
    wire: Wire | None = None
    providers: Mapping[str, Provider] = field(default_factory=lambda: PROVIDERS)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    named: frozenset[str] = frozenset()
    host: str = "127.0.0.1"
    port: int | None = None
    shared: bool = False
    limits: Limits = field(default_factory=Limits)
    keeping: Keeping = field(default_factory=Keeping)
    embedded: bool = False
    names: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    logins: Logins = field(default_factory=Logins)
    hugging_face: bool = False

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None, dotenv_path: Path | None = None) -> Settings:
        """Settings from the environment (this process's unless given), which goes before the .env file.

        Raises `BadSettings` with a sentence.
        """
        values = _values(os.environ if environ is None else environ, dotenv_path)
        providers = _providers(values)
        keys = _keys(values, providers)
        on_space = values.get("SYSTEM") == "spaces" or "SPACE_ID" in values
        host = values.get("EDIT_HOST") or ("0.0.0.0" if on_space else "127.0.0.1")  # noqa: S104 - a Space's own proxy
        shared = _is_on(values, "EDIT_SHARED") or not is_loopback(host)
        home = dotenv_path.parent if dotenv_path else Path()
        try:
            keeping = read_keeping(values, home, on_space=on_space, shared=shared)
            logins = read_logins(values)
        except (BadKeeping, BadLogins) as error:
            raise BadSettings(str(error)) from error
        return cls(
            provider=_first_provider(values, keys, providers),
            model=values.get("EDIT_MODEL", ""),
            wire=_wire(values.get("EDIT_WIRE", "")),
            providers=MappingProxyType(providers),
            keys=MappingProxyType(keys),
            named=frozenset(keys) | {id for id, row in providers.items() if row != PROVIDERS.get(id)},
            host=host,
            port=_port(values.get("EDIT_PORT", "")),
            shared=shared,
            keeping=keeping,
            embedded=on_space,
            names=_names(values.get("EDIT_HOSTS", "")) + (("*.hf.space",) if on_space else ()),
            policy=Policy(_is_on(values, "EDIT_RETRY_UNKNOWN"), _is_on(values, "EDIT_RELAY_IDEMPOTENCY")),
            logins=logins,
            # A Space sets this when `hf_oauth` is on; the package comes with `gradio[oauth]`, as Spaces install it.
            hugging_face=on_space and not logins and "OAUTH_CLIENT_ID" in values and find_spec("authlib") is not None,
        )

    def missing(self, provider_id: str) -> tuple[str, ...]:
        """The names in .env that must be set before this provider can be asked; empty when it is ready."""
        provider = self.providers[provider_id]
        address = () if provider.base_url else (base_url_name(provider),)
        key = (key_names(provider)[0],) if provider.needs_key and provider_id not in self.keys else ()
        return address + key

    def offered(self) -> tuple[Provider, ...]:
        """The providers to choose from: all of them on one's own machine; in shared use those the owner set up."""
        ready = [row for row in self.providers.values() if not self.missing(row.id)]
        if self.shared:
            return tuple(row for row in ready if row.id == OFFLINE or row.id in self.named)
        return (*ready, *(row for row in self.providers.values() if self.missing(row.id)))


def key_names(provider: Provider) -> tuple[str, ...]:
    """The settings a provider's key may stand in, the likeliest first."""
    own = tuple(name for name in provider.key_names if name != GENERAL_KEY)
    return own or (GENERAL_KEY if provider.id == CUSTOM else f"{_upper(provider.id)}_API_KEY",)


def base_url_name(provider: Provider) -> str:
    """The setting a provider's base URL may stand in."""
    return GENERAL_URL if provider.id == CUSTOM else f"{_upper(provider.id)}_BASE_URL"


def _upper(provider_id: str) -> str:
    return provider_id.upper().replace("-", "_")


def _values(environ: Mapping[str, str], dotenv_path: Path | None) -> dict[str, str]:
    """Both sources as one; what is set but empty counts as not set, as a copied .env is full of such lines."""
    file = dotenv_values(dotenv_path) if dotenv_path and dotenv_path.is_file() else {}
    both = {**file, **environ}
    return {name: value.strip() for name, value in both.items() if value and value.strip()}


def _providers(values: Mapping[str, str]) -> dict[str, Provider]:
    rows = dict(PROVIDERS)
    if path := values.get("EDIT_PROVIDERS_FILE"):
        rows |= _own_rows(Path(path))
    for id, row in rows.items():
        if setting := _first_set(values, row, (base_url_name(row),), GENERAL_URL):
            try:
                rows[id] = row.at(values[setting])
            except BadInput as error:
                raise BadSettings(f"{setting} cannot be used. {error}") from error
    return rows


def _first_set(values: Mapping[str, str], row: Provider, names: tuple[str, ...], general: str) -> str | None:
    """Which setting holds this row's value. The general one belongs to EDIT_PROVIDER, or to the relay without a row."""
    chosen = row.id == values.get("EDIT_PROVIDER", CUSTOM)
    candidates = (*(name for name in names if name != general), *((general,) if chosen else ()))
    return next((name for name in candidates if name in values), None)


def _own_rows(path: Path) -> dict[str, Provider]:
    try:
        return parse_providers(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(f"EDIT_PROVIDERS_FILE: {path} cannot be read ({error.strerror}).") from error
    except BadInput as error:
        raise BadSettings(f"EDIT_PROVIDERS_FILE: {error}") from error


def _keys(values: Mapping[str, str], providers: Mapping[str, Provider]) -> dict[str, str]:
    found = {row.id: _first_set(values, row, key_names(row), GENERAL_KEY) for row in providers.values()}
    return {id: values[setting] for id, setting in found.items() if setting}


def _first_provider(values: Mapping[str, str], keys: Mapping[str, str], providers: Mapping[str, Provider]) -> str:
    """The one the page starts with: as set, else the first with a key, else the offline engine."""
    if (chosen := values.get("EDIT_PROVIDER")) is None:
        return next((id for id in providers if id in keys), OFFLINE)
    if chosen not in providers:
        raise BadSettings(f"EDIT_PROVIDER is “{chosen}”; it is one of {', '.join(providers)}.")
    return chosen


def _wire(text: str) -> Wire | None:
    if not text:
        return None
    if text not in get_args(Wire):
        raise BadSettings(f"EDIT_WIRE is “{text}”; it is native or chat.")
    return "native" if text == "native" else "chat"


def _is_on(values: Mapping[str, str], name: str) -> bool:
    return values.get(name, "").lower() in TRUE_WORDS


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.lower() for name in text.replace(",", " ").split())
    for name in names:
        if not _HOST.fullmatch(name):
            raise BadSettings(f"EDIT_HOSTS names “{name}”; it is host names without http:// or a port.")
    return names


def _port(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadSettings(f"EDIT_PORT is “{text}”; it is a number from 1 to 65535.")
    return int(text)
