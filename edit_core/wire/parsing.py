"""One JSON document from its bytes: fast where it is a picture, forgiving where it is slightly wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

MOST_VALUES = 100_000
MOST_VALUES_IN_ALL = 4_000_000
"""Values of one document and of a whole body. A real answer has dozens, a stream in tiny pieces three million; what is
beyond only fills the memory, at a hundred bytes each."""

_LONG = 64 * 1024
_BETWEEN_STRINGS = b",:]} \t\r\n"
_WRITTEN = b"\\u0000lifted "
_MARK = re.compile("\x00lifted ([0-9]{1,4})\x00")
"""Stands in for a run of letters. Should a service send this very word, it only fools itself."""

_HEAD = b"base64,"
_LONGEST_HEAD = 200
_DATA_URL = re.compile(r"data:image/[\w.+-]{1,40}(;[\w=.-]{1,40}){0,3};base64,", re.IGNORECASE)

_LONGEST_ESCAPE = len(b"\\u0000")
_MOST_IN_A_RUN = 1000


class TooManyValues(ValueError):
    """JSON that is nothing but bulk."""


class Parser:
    """Reads the documents of one body; `runs` are what `lift` took out of it."""

    def __init__(self, runs: Sequence[str] = ()) -> None:
        self._left = MOST_VALUES_IN_ALL
        self._runs = runs
        # A body may be parsed twice; marks that a service made itself must not multiply the runs.
        self._letters_left = 2 * sum(map(len, runs))

    def parse(self, text: bytes) -> Any:
        """One JSON document. Raises `ValueError`.

        orjson first; then the standard library, which forgives raw control characters and NaN, after mending bytes
        that are no UTF-8: a picture somebody paid for is not refused over a stray byte in the words beside it.
        """
        self._count(text)
        try:
            return self._put_back(orjson.loads(text), text)
        except ValueError:
            pass
        try:
            document = json.loads(text.decode("utf-8", "replace"), strict=False)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        return self._put_back(_without_surrogates(document) if b"\\u" in text else document, text)

    def parse_run(self, text: bytes) -> tuple[list[Any], str]:
        """The documents that stand in a row without a mark between them, and the text after the last one."""
        documents: list[Any] = []
        letters = text.decode("utf-8", "replace")
        decoder = json.JSONDecoder(strict=False)
        position = 0
        self._count(text)
        while letters[position : position + 1] in ("{", "[") and len(documents) < _MOST_IN_A_RUN:
            try:
                document, position = decoder.raw_decode(letters, position)
            except (ValueError, RecursionError):
                break
            documents.append(self._put_back(_without_surrogates(document), text))
            position = _behind_space(letters, position)
        return documents, letters[position : position + _LONG]

    def _put_back(self, tree: Any, text: bytes) -> Any:
        """The document with every mark in its strings replaced. Names of fields are left: none is that long."""
        if not self._runs or _WRITTEN not in text:
            return tree
        holder = [tree]
        for node, key, value in _strings(holder):
            if "\x00" in value:
                node[key] = _joined([piece for piece in self._pieces(value) if piece])
        return holder[0]

    def _pieces(self, value: str) -> Iterator[str]:
        for place, piece in enumerate(_MARK.split(value)):
            if place % 2 == 0:
                yield piece
            elif int(piece) < len(self._runs) and len(run := self._runs[int(piece)]) <= self._letters_left:
                self._letters_left -= len(run)
                yield run

    def _count(self, text: bytes) -> None:
        """Take the values of a document off what is left. Commas in words count as well; no answer has that many."""
        values = text.count(b",") + text.count(b"{") + text.count(b"[")
        if values > min(MOST_VALUES, self._left):
            raise TooManyValues("more values than an answer has")
        self._left -= values


def _joined(pieces: Sequence[str]) -> str:
    """The string of these pieces. Of one that is a picture as a data URL, the base64 alone.

    What is in front says nothing that the bytes do not say better, and joining them copies megabytes.
    """
    if len(pieces) == 2 and _DATA_URL.fullmatch(pieces[0]):
        return pieces[1]
    return pieces[0] if len(pieces) == 1 else "".join(pieces)


def _behind_space(letters: str, position: int) -> int:
    gap = letters[position : position + _LONG]
    return position + len(gap) - len(gap.lstrip())


def lift(text: bytes) -> tuple[bytes, list[str]]:
    """A body with a mark in the place of each long run of plain letters, and these.

    A JSON parser checks, copies and converts each of the millions of characters of a picture, and so does whoever
    splits a stream into lines. With the runs lifted out first, and each put back as one slice, reading takes a
    fraction of the time.
    """
    lifted = list(_long_runs(text)) if len(text) > _LONG else []
    if not lifted:
        return text, []
    whole = memoryview(text)
    edges = [0, *(edge for pair in lifted for edge in pair), len(text)]
    kept = [whole[begin:stop] for begin, stop in zip(edges[::2], edges[1::2], strict=True)]
    written = (_WRITTEN + b"%d\\u0000" % number for number in range(len(lifted)))
    small = b"".join((kept[0], *(piece for pair in zip(written, kept[1:], strict=True) for piece in pair)))
    return small, [str(whole[begin:stop], "utf-8", "replace") for begin, stop in lifted]


def _long_runs(text: bytes) -> Iterator[tuple[int, int]]:
    """(begin, stop) of runs of at least 64 KiB within strings that hold neither a quote nor an escape.

    One probe in every 32 KiB finds them all: a longer run covers a probe, and it reaches from the nearest quote or
    backslash before it to the nearest behind it. No byte is looked at more than a few times: from a probe to the next
    mark there is nothing to find.
    """
    probe, quote = _LONG // 2, -1
    while probe < len(text):
        quote = quote if quote >= probe else text.find(b'"', probe)
        if quote < 0:
            return
        escape = text.find(b"\\", probe, quote)
        stop = quote if escape < 0 else escape
        begin = _begin(text, probe, stop)
        if begin >= 0 and stop - begin >= _LONG:
            yield _behind_head(text, begin), stop
        probe = max(probe + _LONG // 2, stop + 1)


def _begin(text: bytes, probe: int, stop: int) -> int:
    """Where the run around a probe begins; -1 where there is none, as between two strings."""
    floor = max(0, probe - _LONG)
    opened, escaped = text.rfind(b'"', floor, probe), text.rfind(b"\\", floor, probe)
    if escaped > opened:
        return _next_letter(text, escaped + _LONGEST_ESCAPE)
    # What follows a closing quote is punctuation or space.
    within = opened >= 0 and (text[stop : stop + 1] == b"\\" or text[opened + 1] not in _BETWEEN_STRINGS)
    return opened + 1 if within else -1


def _behind_head(text: bytes, begin: int) -> int:
    """Where the base64 of a data URL begins; `begin` for every other run."""
    head = text.find(_HEAD, begin, begin + _LONGEST_HEAD)
    return begin if head < 0 else head + len(_HEAD)


def _next_letter(text: bytes, place: int) -> int:
    """The next place where a letter begins: UTF-8 takes up to four bytes for one, of which the first is no 10xxxxxx."""
    return next((at for at in range(place, place + 4) if text[at : at + 1].ljust(1)[0] & 0xC0 != 0x80), place)


def _without_surrogates(tree: Any) -> Any:
    """The tree with halves of surrogate pairs replaced: text that no file and no database would take."""
    holder = [tree]
    for node, key, value in _strings(holder):
        if not value.isascii():
            node[key] = value.encode("utf-8", "replace").decode("utf-8")
    return holder[0]


def _strings(tree: list[Any]) -> Iterator[tuple[Any, Any, str]]:
    """(holder, key or index, string) for each string value of a tree. A loop, since documents may nest deeply."""
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(value, str):
                yield node, key, value
            elif isinstance(value, (dict, list)):
                waiting.append(value)
