"""Which addresses are ours: the hosts we answer to, and the origins that may change something here."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers

_READS = frozenset({"GET", "HEAD"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origins:
    """The names of this app.

    `names` are host names without a port; "*.hf.space" stands for every name below one. The machine itself and every
    address in digits are ours besides: a foreign site can point its own name at us (DNS rebinding), but not digits.
    """

    names: tuple[str, ...] = ()

    def answers_to(self, headers: Headers) -> bool:
        """Whether the request names one host, and it is one of ours."""
        hosts = headers.getlist("host")
        name = host_name(hosts[0]) if len(hosts) == 1 else ""
        return bool(name) and (name == "localhost" or _is_address(name) or _matches(name, self.names))

    def may_change(self, method: str, headers: Headers) -> bool:
        """Whether a request may change something: it reads only, or our own page made it, or no browser did.

        Browsers name the origin of every request that is not a plain read; programs name none.
        """
        if method in _READS:
            return True
        came_from = headers.get("sec-fetch-site")
        if came_from is not None and came_from not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        return origin is None or self._is_ours(origin, headers)

    def _is_ours(self, origin: str, headers: Headers) -> bool:
        """Exactly the host that was asked, or a whole name of ours: other people's Spaces match "*.hf.space" too."""
        asked = place_of(origin)
        if asked is None:
            return False
        scheme, name, port = asked
        if place_of(f"{scheme}://{headers.get('host', '')}") == asked:
            return True
        return name in self.names and port == _DEFAULT_PORTS[scheme]


def host_name(host: str) -> str:
    """The name in a Host header, in small letters; "" when it cannot be one."""
    place = place_of(f"http://{host}")
    return place[1] if place else ""


def place_of(origin: str) -> tuple[str, str, int] | None:
    """Scheme, name and port of an origin; None when it is none, as "null"."""
    if any(sign in origin for sign in "@\\?#, \t"):
        return None
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:  # a port that is no number, a bracket without its other
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.path:
        return None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(name.endswith(each[1:]) if each.startswith("*.") else name == each for each in patterns)
