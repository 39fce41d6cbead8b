"""What a file is when it is no picture we take, said by name, because the name is what helps the person."""

from __future__ import annotations

import codecs
import re

from ..errors import UnreadablePicture

TAKEN = "JPEG, PNG, WebP, GIF, HEIC and AVIF"
_HEAD = 2048

_BINARIES: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), name)
    for pattern, name in (
        (rb"%PDF-", "a PDF document"),
        (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript drawing"),
        (rb"II\*\0|MM\0\*|II\+\0|MM\0\+", "a TIFF or camera raw file"),
        (rb"BM....\0\0\0\0", "a BMP picture"),
        (rb"8BPS", "a Photoshop document"),
        (rb"\0\0[\x01\x02]\0", "an icon"),
        (rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL picture"),
        (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 picture"),
        (rb"PK\x03\x04", "a ZIP archive or an office document"),
        (rb"\x1a\x45\xdf\xa3|RIFF....AVI |\0\0\x01\xba", "a video"),
        (rb"RIFF....WAVE|ID3|OggS|fLaC", "a sound"),
        (rb"\x1f\x8b|7z\xbc\xaf|Rar!", "an archive"),
    )
)
_DRAWING = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_PAGE = re.compile(rb"<!doctype html|<(html|head|body|script|title)[\s>]", re.IGNORECASE)
_MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b"))


def refusal(data: bytes) -> UnreadablePicture:
    """Why these bytes are not taken: each kind of file has its own sentence."""
    if not data:
        return UnreadablePicture("The file is empty.")
    head = data[:_HEAD]
    for pattern, name in _BINARIES:
        if pattern.match(head):
            return UnreadablePicture(f"This is {name}. Pictures are taken as {TAKEN}.")
    if _MARKUP.match(head) and _DRAWING.search(head):
        return UnreadablePicture("This is a vector drawing (SVG), which has no pixels to edit.")
    if _MARKUP.match(head) and _PAGE.search(head):
        return UnreadablePicture("This is a web page, not a picture; perhaps the link led to a page about it.")
    if _is_text(head):
        return UnreadablePicture("This is plain text, not a picture.")
    return UnreadablePicture(f"This is no kind of picture we know. Pictures are taken as {TAKEN}.")


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters; a character cut at the end of `head` does no harm."""
    if len(head.translate(None, _CONTROLS)) != len(head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
