"""Names for files that people download: what they called it, without what a system, a shell or a header trips over."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

MOST_BYTES = 120
"""Of a stem, in UTF-8; systems take 255 for a whole name, and archives and copies add to it."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*%]')
_SPACES = re.compile(r"\s+")
_EDGES = " .-_~"
_RESERVED = re.compile(r"(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")


def safe_name(name: str, suffix: str, otherwise: str = "picture") -> str:
    """A file name from any words: the last part of a path, its ending replaced by `suffix` (with its dot).

    Kept are letters, digits and signs of any language. Gone are folders, controls, signs that turn the direction of
    writing, what Windows forbids, and dots and dashes at the edges.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    printable = "".join(sign for sign in _SPACES.sub(" ", last) if unicodedata.category(sign)[0] != "C")
    stem = _FORBIDDEN.sub("_", _SUFFIX.sub("", printable)).strip(_EDGES)
    stem = stem.encode()[:MOST_BYTES].decode(errors="ignore").strip(_EDGES)
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    return (stem or otherwise) + suffix


def disposition(name: str, *, attached: bool) -> str:
    """A Content-Disposition header for a safe name (RFC 6266): the name in ASCII, and in full for who reads it."""
    kind = "attachment" if attached else "inline"
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_" for sign in name)
    if plain == name:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
