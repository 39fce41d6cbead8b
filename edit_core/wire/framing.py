"""Bytes to documents: JSON, server-sent events, NDJSON and web pages, told apart by their bytes alone.

Content types are not believed: relays send events as text/plain, JSON as event streams and error pages as JSON.
What the documents mean is not known here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .folding import Look, fold
from .parsing import Parser, TooManyValues, lift

MOST_EVENTS = 300_000
MOST_KEPT = 50_000
MOST_LINES = 700_000
MOST_FAILURES = 1000
"""Events of one stream, those that are left when pieces of text are joined, lines of one body, and events that are no
JSON: far above any real one, so that a flood ends."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DONE = b"[DONE]"
_FIELDS = (b"data", b"event", b"id", b"retry")


CUT = "It breaks off before its end."
CROWDED = "It holds more than any real answer."


@dataclass(frozen=True)
class Framed:
    """The documents of a body in order, and what was left.

    `page` is the text of a body that is not JSON at all, `flaw` a sentence on what is wrong with the form of the last
    document, and `events` how many pieces a stream came in.
    """

    documents: tuple[Any, ...] = ()
    page: str = ""
    flaw: str = ""
    events: int = 0


def read_documents(body: bytes, look: Look) -> Framed:
    """Every document in a body; the tiny pieces of a stream, which `look` knows, come joined. Never raises: bytes
    without a document come back as a page."""
    small, runs = lift(body)
    text = small.removeprefix(_BYTE_ORDER_MARK).strip()
    if not text:
        return Framed()
    try:
        return _read(text, Parser(runs), look)
    except TooManyValues:
        return Framed(page=_page(text), flaw=CROWDED)


def _read(text: bytes, parser: Parser, look: Look) -> Framed:
    if text[:1] in b'{["':
        return _read_json(text, parser, look)
    if text[:1] != b"<" and _looks_like_events(text):
        framed = _gather(_events(text), parser, look)
        return framed if framed.documents or framed.flaw else Framed(page=_page(text))
    try:
        return Framed((parser.parse(text),))
    except ValueError:
        return Framed(page=_page(text))


def _read_json(text: bytes, parser: Parser, look: Look) -> Framed:
    """A JSON value; or one with an end mark behind it; or a document a line; or several in a row; or a cut one."""
    whole = text.removesuffix(_DONE).rstrip().removesuffix(b"data:").rstrip() if text.endswith(_DONE) else text
    try:
        return Framed((parser.parse(whole),))
    except TooManyValues:
        # One document a line may be many, and each of them small.
        if b"\n" not in whole:
            raise
    except ValueError:
        pass
    by_line = _gather(_lines(whole), parser, look) if b"\n" in whole or b"\r" in whole else Framed()
    if by_line.documents and by_line.flaw != CUT:
        return by_line
    run, rest = parser.parse_run(whole)
    if run:
        return Framed(tuple(run), page=rest[:20_000], flaw=CUT if rest[:1] in ("{", "[") else "")
    return by_line if by_line.documents else Framed(page=_page(text), flaw=CUT)


def _gather(pieces: Iterator[bytes], parser: Parser, look: Look) -> Framed:
    """The documents in these pieces. Whatever came before a flood or a break is kept."""
    stream = _Stream(pieces, parser)
    documents = tuple(islice(fold(stream.documents(), look), MOST_KEPT))
    return Framed(documents, stream.page, CROWDED if len(documents) == MOST_KEPT else stream.flaw, stream.events)


class _Stream:
    """The documents of a stream as they are parsed, and what went wrong on the way."""

    def __init__(self, pieces: Iterator[bytes], parser: Parser) -> None:
        self._pieces = pieces
        self._parser = parser
        self._failures = 0
        self.events = 0
        self.page = ""
        self.flaw = ""

    def documents(self) -> Iterator[Any]:
        """Each document. A flaw is forgotten when a good one follows it."""
        for piece in self._pieces:
            if self.events >= MOST_EVENTS or self._failures >= MOST_FAILURES:
                self.flaw = CROWDED
                return
            try:
                document = self._parser.parse(piece)
            except TooManyValues:
                self.flaw, self.page = CROWDED, self.page or _page(piece)
                return
            except ValueError:
                self.flaw, self.page = CUT, self.page or _page(piece)
                self._failures += 1
            else:
                self.flaw = ""
                self.events += 1
                yield document


def _looks_like_events(text: bytes) -> bool:
    head = text[:4096].splitlines()
    return any(line.startswith(b":") or (line.split(b":", 1)[0] in _FIELDS and b":" in line) for line in head)


def _events(text: bytes) -> Iterator[bytes]:
    """The data of each event. Follows the WHATWG rules, and reads lines without a field name as data of their own."""
    held: list[bytes] = []
    for line in _each_line(text):
        if line[:5] == b"data:":
            if value := line[6:] if line[5:6] == b" " else line[5:]:
                held.append(value)
        elif line[:1] in (b"{", b"["):
            held.append(line)
        elif held and not line:
            yield from _data(held)
            held = []
    yield from _data(held)


def _data(held: list[bytes]) -> Iterator[bytes]:
    """The lines of one event as one document; or, where a relay leaves out the blank lines, as one each."""
    held = [line for line in held if line.strip() != _DONE]
    if len(held) > 1 and all(line.lstrip()[:1] == b"{" and line.rstrip()[-1:] == b"}" for line in held):
        yield from held
    elif held:
        yield b"\n".join(held)


def _lines(text: bytes) -> Iterator[bytes]:
    """Lines that may be documents of their own."""
    for line in _each_line(text):
        line = line.removeprefix(b"data:").strip()
        if line[:1] in (b"{", b"[") and line != _DONE:
            yield line


def _each_line(text: bytes) -> Iterator[bytes]:
    """Lines of any length, ended by LF, CRLF or CR, without a second copy of the whole."""
    for ended in islice(io.BytesIO(text), MOST_LINES):
        line = ended.rstrip(b"\r\n")
        if b"\r" in line:
            yield from line.split(b"\r", MOST_LINES)
        else:
            yield line


def _page(text: bytes) -> str:
    return text[:20_000].decode("utf-8", "replace")
