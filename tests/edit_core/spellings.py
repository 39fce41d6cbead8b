"""A key that must never be seen, the ways in which services give keys back, and a search for all of them."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from urllib.parse import quote

KEY = "sk-CANARY-7f3d9a1bXs5c2e8f40"

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda key: key,
    "in capitals": str.upper,
    "in the other case": str.swapcase,
    "as its last twelve": lambda key: f"***{key[-12:]}",
    "with Bearer before it": lambda key: f"Bearer {key}",
    "in an address": lambda key: f"https://relay.example/v1?key={quote(key, safe='')}&a=b",
    "with every letter in percent": lambda key: "".join(f"%{ord(letter):02X}" for letter in key),
    "in percent twice": lambda key: "".join(f"%25{ord(letter):02x}" for letter in key),
    "with JSON escapes": lambda key: "".join(f"\\u{ord(letter):04x}" for letter in key),
    "with one JSON escape": lambda key: f"\\u0073{key[1:]}",
    "with JSON escapes twice": lambda key: "".join(f"\\\\u{ord(letter):04X}" for letter in key),
    "with hexadecimal escapes": lambda key: "".join(f"\\x{ord(letter):02x}" for letter in key),
    "with HTML escapes": lambda key: "".join(f"&#{ord(letter)};" for letter in key),
    "with HTML escapes in hexadecimal": lambda key: "".join(f"&#x{ord(letter):x};" for letter in key),
    "in percent and HTML": lambda key: html.escape("".join(f"%{ord(letter):02x}" for letter in key)),
    "in base64": lambda key: base64.b64encode(key.encode()).decode(),
    "in base64, shifted by one": lambda key: base64.b64encode(b"x" + key.encode() + b"yz").decode(),
    "in base64, shifted by two": lambda key: base64.b64encode(b"xy" + key.encode() + b"z").decode(),
    "in base64 of a header": lambda key: base64.b64encode(f"Bearer {key}".encode()).decode(),
    "in base64 for addresses": lambda key: base64.urlsafe_b64encode(b"??" + key.encode()).decode(),
    "in hexadecimal": lambda key: key.encode().hex(),
    "several times": lambda key: f"{key}{key}, {key}",
}


def spellings_of(key: str) -> list[str]:
    """What must never be seen of a key, in lower case."""
    coded = [base64.b64encode(b"\0" * shift + key.encode()).decode().rstrip("=")[4:-1] for shift in range(3)]
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in key)
    percent = "".join(f"%{ord(letter):02x}" for letter in key)
    return [each.lower() for each in (key, quote(key, safe=""), key[-12:], escaped, percent, *coded)]


def leaks(text: str, key: str = KEY) -> list[str]:
    """The spellings of the key that are in a text."""
    return [spelling for spelling in spellings_of(key) if spelling in text.lower()]


def plainly(seen: str) -> list[str]:
    """The spellings of the key that are in what was seen, also after escapes were undone."""
    found = leaks(seen)
    for undone in (html.unescape(seen), seen.encode("ascii", "replace").decode("unicode_escape", "replace")):
        found += leaks(undone)
    return found
