"""Who may come in by name: the settings EDIT_LOGINS and EDIT_PROXIES, read from text.

Knows nothing of requests or cookies. No message shows any part of an entry: what was meant as a name may be the half
of a password with a comma in it.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

SHORTEST_PASSWORD = 8
LONGEST_NAME = 64
"""Letters."""
MOST_PROXIES = 9

_NOBODY = b""
"""The digest of no password."""


class BadLogins(ValueError):
    """A setting that cannot be meant. The message names it and shows nothing of it."""


@dataclass(frozen=True)
class Logins:
    """The people who may come in. Without any the page is open to everybody.

    `digests` are SHA-256 of the passwords by folded name. `proxies` is how many proxies of the owner's stand before
    the page, each of which adds the address it was reached from to X-Forwarded-For.
    """

    digests: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    proxies: int = 0

    def __bool__(self) -> bool:
        return bool(self.digests)

    def belong(self, name: str, password: str) -> bool:
        """Whether this is the name's password. Takes as long for a name that nobody has."""
        digest = hashlib.sha256(password.encode(errors="surrogatepass")).digest()
        return hmac.compare_digest(digest, self.digests.get(fold(name), _NOBODY.ljust(len(digest))))


def fold(name: str) -> str:
    """The one spelling of a name: telephones begin every word with a capital."""
    return unicodedata.normalize("NFC", name.strip()[: LONGEST_NAME + 1]).casefold()


def read_logins(values: Mapping[str, str]) -> Logins:
    """The settings among `values`. Raises `BadLogins`."""
    proxies = values.get("EDIT_PROXIES", "0")
    if not proxies.isdecimal() or int(proxies) > MOST_PROXIES:
        raise BadLogins(f"EDIT_PROXIES is “{proxies}”; it is a whole number from 0 to {MOST_PROXIES}.")
    digests: dict[str, bytes] = {}
    text = values.get("EDIT_LOGINS", "")
    for number, entry in enumerate(text.split(",") if text else (), 1):
        name, password = _pair(entry, number)
        if name in digests:
            raise BadLogins(f"EDIT_LOGINS: the name of login {number} stands there twice.")
        digests[name] = hashlib.sha256(password.encode()).digest()
    return Logins(MappingProxyType(digests), int(proxies))


def _pair(entry: str, number: int) -> tuple[str, str]:
    name, colon, password = (part.strip() for part in entry.partition(":"))
    if not colon:
        raise BadLogins(
            f"EDIT_LOGINS: login {number} has no colon. It is name:password, and a comma before the next; "
            "a password may hold colons but no comma."
        )
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or " " in name:
        raise BadLogins(
            f"EDIT_LOGINS: the name of login {number} is empty, longer than {LONGEST_NAME} letters, or has a space."
        )
    if len(password) < SHORTEST_PASSWORD:
        raise BadLogins(f"EDIT_LOGINS: the password of login {number} is shorter than {SHORTEST_PASSWORD} letters.")
    return fold(name), password
