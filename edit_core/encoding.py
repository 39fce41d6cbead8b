"""Base64 and data URLs, both ways: lenient in what is read, exact in what is written.

pybase64 does the work with SIMD instructions, many times faster than the standard library on megabytes. Nothing here
runs a regular expression over picture data.
"""

from __future__ import annotations

import binascii

import pybase64

_NEITHER = bytes.maketrans(b"-_", b"+/")
_LONGEST_HEAD = 200
_MOST_HEADS = 2
_QUOTED = ((b"%2B", b"+"), (b"%2F", b"/"), (b"%3D", b"="), (b"%2b", b"+"), (b"%2f", b"/"), (b"%3d", b"="))
_WIDTHS = (64, 76)
_WHITE_SPACE = b"\r\n\t\f\v"


def encode_base64(data: bytes) -> bytes:
    """Standard base64 with padding."""
    return pybase64.b64encode(data)


def decode_base64(text: str) -> bytes:
    """The bytes behind base64 as services really write it. Raises `ValueError` when there is no reading it.

    Read are: plain and URL-safe alphabets, missing padding, line breaks, a data URL in front (or two, where a relay
    added one to what had one), percent signs, and blanks where a form decoder turned every `+` into one.
    """
    payload = text
    for _ in range(_MOST_HEADS):
        if payload[:_LONGEST_HEAD].lstrip()[:5].lower() == "data:":
            payload = split_data_url(payload.lstrip())[1]
    try:
        return pybase64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        return _decode_leniently(payload)


def _decode_leniently(payload: str) -> bytes:
    letters = payload.encode("ascii").strip()
    for quoted, letter in _QUOTED if b"%" in letters else ():
        letters = letters.replace(quoted, letter)
    letters = letters.translate(_NEITHER, _WHITE_SPACE)
    if b" " in letters:
        # A blank is either a lost "+" or a line break; text with real "+" in it lost none.
        letters = letters.replace(b" ", b"" if b"+" in letters or _is_wrapped(letters) else b"+")
    letters = letters.rstrip(b"=")
    return pybase64.b64decode(letters + b"=" * (-len(letters) % 4), validate=True)


def _is_wrapped(letters: bytes) -> bool:
    """Whether the blanks stand where lines of base64 end, and nowhere else."""
    width = letters.find(b" ")
    ends = letters[width :: width + 1]
    return width in _WIDTHS and not ends.strip(b" ") and len(ends) == letters.count(b" ")


def split_data_url(text: str) -> tuple[str, str]:
    """(declared type, payload) of `data:image/png;charset=…;base64,…`; the type may be wrong or missing."""
    head, _, payload = text.partition(",")
    return head[5:].partition(";")[0].strip().lower(), payload


def data_url(mime: str, data: bytes) -> tuple[bytes, bytes]:
    """`data:<mime>;base64,` and the base64, in two pieces: joining them would copy megabytes."""
    return b"data:%b;base64," % mime.encode("ascii"), encode_base64(data)
