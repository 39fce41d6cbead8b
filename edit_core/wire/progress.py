"""The words of a streamed answer while it comes, for showing only: what it means is read from the whole answer.

So streaming can never change a result. Lines that hold a picture are passed over without a copy, and the words end
where a picture begins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import ModuleType

from ..edits import Wire
from . import chat_answer, native_answer
from .parsing import Parser

LONGEST_LINE = 64 * 1024
"""Bytes. Words come in short lines; a longer one is a picture."""

LONGEST_WORDS = 64 * 1024

# Where a picture begins: markdown, a data URL, or a run of letters and digits that is no word of any language.
_PICTURE = re.compile(r"!\[|\]\(data:|data:image|;base64,|iVBORw0KGgo|/9j/4|UklGR|[A-Za-z0-9][A-Za-z0-9+/_-]{59}")
_THOUGHT_MARKS = (b'"thought"', b'"thinking', b'"reasoning')
_BACK = 60
"""Characters before a new piece that are looked at again, since the beginning of a picture may be cut."""


@dataclass(frozen=True)
class Words:
    """What a streamed answer has said so far, without its pictures."""

    text: str = ""
    thoughts: str = ""


class ProgressReader:
    """Collects the words of a stream from its pieces as they arrive. Never raises; holds one short line at most."""

    def __init__(self, wire: Wire) -> None:
        self._format: ModuleType = native_answer if wire == "native" else chat_answer
        self._line = bytearray()
        self._skipping = False
        self._text = _Channel()
        self._thoughts = _Channel()

    def feed(self, piece: bytes) -> Words:
        """The words so far, after these bytes."""
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            self._keep(piece, start, end)
            self._finish_line()
            start = end + 1
        self._keep(piece, start, len(piece))
        return Words(self._text.words, self._thoughts.words)

    def _keep(self, piece: bytes, start: int, end: int) -> None:
        if self._skipping or len(self._line) + end - start > LONGEST_LINE:
            self._skipping = True
            self._line.clear()
        else:
            self._line += piece[start:end]

    def _finish_line(self) -> None:
        line = bytes(self._line).strip()
        self._line.clear()
        skipped, self._skipping = self._skipping, False
        if skipped or not line.startswith(b"data:") or self._is_enough(line):
            return
        try:
            text, thoughts = self._format.read_words(Parser().parse(line.removeprefix(b"data:").strip()))
        except ValueError:
            return
        self._text.add(text)
        self._thoughts.add(thoughts)

    def _is_enough(self, line: bytes) -> bool:
        """Whether nothing in this line is to be shown, as in the many pieces of a picture."""
        return self._text.ended and (self._thoughts.ended or not any(mark in line for mark in _THOUGHT_MARKS))


class _Channel:
    """The words of one kind, up to the first picture among them."""

    def __init__(self) -> None:
        self.words = ""
        self.ended = False

    def add(self, text: str) -> None:
        if self.ended or not text:
            return
        looked_at = max(0, len(self.words) - _BACK)
        self.words += text[:LONGEST_WORDS]
        picture = _PICTURE.search(self.words, looked_at)
        if picture or len(self.words) > LONGEST_WORDS:
            self.words = self.words[: picture.start() if picture else LONGEST_WORDS]
            self.ended = True
