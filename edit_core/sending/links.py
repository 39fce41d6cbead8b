"""Which links to pictures may be followed, and to which addresses. Pure: names are looked up elsewhere.

An answer is written by somebody else: a link in it may point at this machine, its network or a cloud's metadata. So a
link must be https, on the provider's own host or one its row lists, and every address behind the name must be public.
What is connected to is put together from the parts found here, so that no second reader can see another host in it.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ..errors import UnsafeLink
from ..providers import Provider, is_loopback

MOST_HOPS = 3
_PORTS = {"http": 80, "https": 443}
_NEVER_IN_A_LINK = ' \\"<>^`{|}'
_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL = tuple(
    ipaddress.ip_network(block)
    for block in (
        "100.64.0.0/10",  # carrier-grade NAT; also the metadata service of one cloud
        "168.63.129.16/32",  # Azure's wire server
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata service
        "192.88.99.0/24",  # 6to4 relays
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2001::/32",  # Teredo, likewise
        "3fff::/20",  # documentation
    )
)


@dataclass(frozen=True)
class Target:
    """A link that passed the check of its text: where to connect, before the name is looked up.

    `path` holds the query as well, both exactly as written: signed links allow no other spelling.
    """

    scheme: str
    host: str
    port: int
    path: str
    own_loopback: bool = False

    @property
    def url(self) -> str:
        """The parts as one text again."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def check_link(link: str, provider: Provider) -> Target:
    """Where a link leads. Raises `UnsafeLink`, with a plain reason, for a link that must not be followed."""
    parts = _split(link)
    target = _target(parts, link)
    own = _target(urlsplit(provider.base_url), provider.base_url)
    if is_loopback(own.host) and _origin(target) == _origin(own):
        return Target(target.scheme, target.host, target.port, target.path, own_loopback=True)
    if _is_own_machine(target.host):
        raise UnsafeLink(
            f"The relay gave a link to its own machine ({target.host}), which nobody else can open: its owner has to "
            "set the public address under which it hands out pictures.",
            said=link[:200],
        )
    if target.scheme != "https":
        raise UnsafeLink("The picture came as a link without https://, and no other is followed.", said=link[:200])
    if target.host not in {own.host, *(host.lower() for host in provider.picture_hosts)}:
        raise UnsafeLink(
            f"The picture came as a link to {target.host}, which is not on the list of {provider.name}.",
            said=link[:200],
        )
    return target


def check_address(address: str) -> None:
    """Raises `UnsafeLink` unless an IP address is a public one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        raise UnsafeLink("The picture's host has no readable address.") from None
    special = any(ip.version == block.version and ip in block for block in _SPECIAL)
    # Python counts most of IPv6 as global, IPv4 addresses in disguise included; in use is one block alone.
    disguised = isinstance(ip, ipaddress.IPv6Address) and ip not in _PUBLIC_IPV6
    if special or disguised or not ip.is_global or ip.is_multicast:
        raise UnsafeLink(f"The picture's host leads to a private address ({ip}).")


def _split(link: str) -> SplitResult:
    if not link.isascii() or not link.isprintable() or any(mark in link for mark in _NEVER_IN_A_LINK):
        raise UnsafeLink("The picture came as a link with characters that no address has.", said=link[:200])
    try:
        return urlsplit(link)
    except ValueError:
        raise UnsafeLink("The picture came as a link that cannot be read.", said=link[:200]) from None


def _target(parts: SplitResult, link: str) -> Target:
    try:
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        raise UnsafeLink("The picture came as a link that cannot be read.", said=link[:200]) from None
    if "@" in parts.netloc or "%" in host or not host or host.startswith(".") or ".." in host:
        raise UnsafeLink("The picture came as a link with a hidden address.", said=link[:200])
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, _PORTS.get(parts.scheme, 0) if port is None else port, path)


def _origin(target: Target) -> tuple[str, str, int]:
    return target.scheme, target.host, target.port


def _is_own_machine(host: str) -> bool:
    return is_loopback(host) or host.endswith(".localhost") or host in ("0.0.0.0", "::")  # noqa: S104
