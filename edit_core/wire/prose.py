"""Pictures that a service writes into its words: markdown images, bare data URLs, a lone link or lone base64.

Searches with `str.find`, since a text may hold megabytes of base64; only short pieces meet a regular expression.
Ordinary links are not pictures: relays put previews, download pages and progress links around the real ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from .fields import plain
from .findings import LONGEST_LINK, Sighting

MOST_IMAGES = 64
MOST_PLACES = 4096
"""Pictures of one text that are taken, and places in it that are looked at."""

_LONGEST_HEAD = 200
_SHORTEST_BASE64 = 64
_LONE_LINK = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
_BASE64_START = re.compile(r"(?:iVBORw0KGgo|/9j/|_9j_|UklGR|R0lGOD|AAAA[A-Za-z0-9+/_-]{4}ZnR5c)")
_SOURCE = re.compile(r"\ssrc\s{0,9}=\s{0,9}[\"']?(https?://[^\s\"'<>]+)", re.IGNORECASE)
_CLOSING = re.compile(r"[()\n]")
_MOST_PARENTHESES = 64
_AFTER_DATA = " \t\r\n\"'`)<>]\\"
_WINDOW = 256 * 1024


@dataclass(frozen=True)
class Prose:
    """A text without its pictures, and the pictures."""

    words: str
    sightings: tuple[Sighting, ...] = ()


def read_prose(text: str, *, draft: bool = False) -> Prose:
    """What a text says and which pictures it holds: markdown images, else data URLs, else HTML images, else one lone
    thing."""
    text = plain(text)
    for find in (_markdown_images, _data_urls, _html_images, _lone):
        text, found = find(text)
        if found:
            return Prose(text.strip(), tuple(Sighting(payload, draft=draft) for payload in found))
    return Prose(text.strip())


def _markdown_images(text: str) -> tuple[str, list[str]]:
    """`![alt](target "title")` with a data URL or a link as target; a target cut off at the end counts as well.

    A data URL of something else, such as a film, is left out of the words.
    """
    found: list[str] = []
    words: list[str] = []
    position = 0
    for _ in range(MOST_PLACES):
        bracket = _find(text, "](", position)
        if bracket < 0 or len(found) >= MOST_IMAGES:
            break
        image = text.rfind("![", position, bracket)
        begin, stop, end = _target(text, bracket + 2)
        head = text[begin : min(stop, begin + _LONGEST_HEAD)].lower()
        if _is_picture(text, begin, head, is_image=image >= 0):
            found.append(text[begin + _payload_begin(head) : stop])
        elif not head.startswith("data:"):
            words.append(text[position:end])
            position = end
            continue
        words.append(text[position : image if image >= 0 else max(text.rfind("[", position, bracket), position)])
        position = end
    words.append(text[position:])
    return "".join(words), found


def _is_picture(text: str, begin: int, head: str, *, is_image: bool) -> bool:
    """Whether a target is one. new-api writes `[media](data:application/octet-stream;base64,…)` when it does not know
    the type, so that the bytes decide where the type does not."""
    if head.startswith("data:"):
        told = is_image or head.startswith("data:image")
        return told or _BASE64_START.match(text, begin + _payload_begin(head)) is not None
    return is_image and head.startswith(("http://", "https://"))


def _payload_begin(head: str) -> int:
    """Where the base64 of a data URL begins; 0 for a link."""
    return head.find(",") + 1 if head.startswith("data:") else 0


def _find(text: str, mark: str, position: int) -> int:
    """Where a mark comes next; -1 where it does not. Looked for by its one letter that base64 does not have: that is
    found many times faster."""
    offset = next(index for index, letter in enumerate(mark) if not letter.isalnum())
    at = position + offset - 1
    for _ in range(MOST_PLACES):
        at = text.find(mark[offset], at + 1)
        if at < 0:
            break
        if text.startswith(mark, at - offset):
            return at - offset
    return -1


def _target(text: str, start: int) -> tuple[int, int, int]:
    """Where the target of a markdown link begins and stops whose parenthesis opens before `start`, and where the link
    ends."""
    gap = text[start : start + LONGEST_LINK]
    begin = start + len(gap) - len(gap.lstrip())
    if text[begin : begin + 5].lower() == "data:":
        close = text.find(")", begin)
        close = len(text) if close < 0 else close
        return begin, _stop(text, begin, close), close + 1
    piece = text[begin : begin + LONGEST_LINK]
    if piece.startswith("<") and ">" in piece:
        stop = piece.index(">")
        close = piece.find(")", stop)
        blanks = len(piece[1:stop]) - len(piece[1:stop].lstrip())
        inner = begin + 1 + blanks
        return inner, inner + len(piece[1:stop].strip()), begin + (close if close >= 0 else stop) + 1
    length = _balanced(piece)
    target = (piece[:length].split() or [""])[0]
    return begin, begin + len(target), begin + length + 1


def _stop(text: str, begin: int, close: int) -> int:
    """Where a data URL stops: before the blanks and the title that may follow it."""
    tail = text[max(begin, close - _LONGEST_HEAD) : close]
    title = tail.find(' "')
    return close - len(tail) + len(tail[: title if title >= 0 and tail.rstrip().endswith('"') else None].rstrip())


def _balanced(piece: str) -> int:
    """How far a link reaches until the parenthesis that closes it."""
    depth = 0
    for match in islice(_CLOSING.finditer(piece), _MOST_PARENTHESES):
        if match[0] == "(":
            depth += 1
        elif match[0] == "\n" or depth == 0:
            return match.start()
        else:
            depth -= 1
    return len(piece)


def _data_urls(text: str) -> tuple[str, list[str]]:
    found: list[str] = []
    words: list[str] = []
    position = 0
    while len(found) < MOST_IMAGES and (start := _find(text, "data:image/", position)) >= 0:
        comma = text.find(",", start, start + _LONGEST_HEAD)
        if comma < 0:
            break
        end = _payload_end(text, comma + 1)
        words.append(text[position:start])
        found.append(text[comma + 1 : end])
        position = end
    words.append(text[position:])
    return "".join(words), found


def _payload_end(text: str, start: int) -> int:
    """Where base64 that begins at `start` ends: at white space or a closing mark. Window by window, since each mark
    that does not occur would otherwise be looked for to the very end."""
    for begin in range(start, len(text), _WINDOW):
        places = (text.find(mark, begin, begin + _WINDOW) for mark in _AFTER_DATA)
        if ends := [place for place in places if place >= 0]:
            return min(ends)
    return len(text)


def _html_images(text: str) -> tuple[str, list[str]]:
    """`<img src="https://…">`; data URLs in it were found before."""
    found: list[str] = []
    words: list[str] = []
    position = 0
    for _ in range(MOST_PLACES):
        start = _find(text, "<img", position)
        if start < 0 or len(found) >= MOST_IMAGES:
            break
        end = text.find(">", start, start + LONGEST_LINK) + 1 or start + 4
        source = _SOURCE.search(text, start, end)
        words.append(text[position : start if source else end])
        if source:
            found.append(source[1])
        position = end
    words.append(text[position:])
    return "".join(words), found


def _lone(text: str) -> tuple[str, list[str]]:
    """A text that is nothing but links, or one run of base64."""
    alone = text.strip().strip("`<>\"'").strip()
    if len(alone) <= LONGEST_LINK and all(map(_LONE_LINK.fullmatch, links := alone.split())):
        return "", links
    if len(alone) >= _SHORTEST_BASE64 and _BASE64_START.match(alone):
        return "", [alone]
    return text, []
