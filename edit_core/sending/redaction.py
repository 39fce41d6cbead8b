"""Keeping a key out of everything that is shown, logged or kept.

Services echo keys: in a refusal, a header, a URL, in other letter case or encoded. Whatever text leaves the client goes
through a `Redactor` first, as a whole and after it was decoded, so that no escape and no piece hides the key.
"""

from __future__ import annotations

import html
import logging
import re
from base64 import b64encode
from dataclasses import replace
from urllib.parse import unquote

from ..edits import EditResult
from ..errors import EditError

MASK = "[key]"
_SHORTEST = 6
_TAIL = 12
_ROUNDS = 3
"""Escapes inside escapes that are undone."""
_LEAST_HELD_BACK = 4
_LOGGERS = (
    "asyncio",
    "edit_core.sending.in_process",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpx",
)
"""A filter of a logger sees what is logged to it alone, not what comes from loggers below it."""
_ESCAPE = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")


class Redactor(logging.Filter):
    """Replaces a key, its encodings and its tail with `[key]`. Its `repr` shows nothing of the key.

    As a logging filter it cleans the records of the HTTP libraries, which print response headers.
    """

    def __init__(self, key: str) -> None:
        super().__init__()
        self._spellings = _spellings(key) if len(key) >= _SHORTEST else ()
        self._pattern = re.compile("|".join(map(re.escape, self._spellings)), re.IGNORECASE)

    def __repr__(self) -> str:
        return "Redactor()"

    def text(self, text: str) -> str:
        """The text without the key. Text in which an escape hid the key comes back with its escapes undone."""
        if not self._spellings:
            return text
        shown = plain = self._cleaned(text)
        for undo in (_undo_json, unquote, html.unescape) * _ROUNDS:
            undone = undo(plain)
            if undone != plain:
                plain = self._cleaned(undone)
                shown = shown if plain == undone else plain
        return shown

    def finds_key(self, text: str) -> bool:
        """Whether the key is in a text, in any spelling."""
        return self.text(text) != text

    def growing(self, text: str) -> str:
        """Text that more will follow: without the key, and without an end that may be the beginning of the key."""
        text = self.text(text)
        end = text[-max(map(len, self._spellings), default=0) :].lower()
        for size in range(len(end), _LEAST_HELD_BACK - 1, -1):
            if any(spelling.startswith(end[-size:]) for spelling in self._spellings):
                return text[:-size]
        return text

    def error(self, error: EditError) -> EditError:
        """The same error without the key in its words, and without the errors behind it: they hold the request."""
        error.args = tuple(self.text(str(argument)) for argument in error.args)
        error.said = self.text(error.said)
        error.__cause__ = error.__context__ = None
        return error

    def result(self, result: EditResult) -> EditResult:
        """The same result without the key in its words. Pictures are bytes of their own and stay as they are."""
        if not self._spellings:
            return result
        return replace(
            result,
            links=tuple(map(self.text, result.links)),
            text=self.text(result.text),
            thoughts=self.text(result.thoughts),
            finish=self.text(result.finish),
            model=self.text(result.model),
            request_id=self.text(result.request_id),
            signatures=tuple(map(self.text, result.signatures)),
            notes=tuple(map(self.text, result.notes)),
        )

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a log record in place, its traceback included; it is never dropped."""
        record.msg, record.args = self.text(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            # A handler that makes its own traceback would make it from `exc_info`.
            record.exc_text, record.exc_info = self.text(record.exc_text), None
        return True

    def watch_logs(self) -> None:
        """Clean what the HTTP libraries log from now on."""
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self)

    def leave_logs(self) -> None:
        """Undo `watch_logs`."""
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self)

    def _cleaned(self, text: str) -> str:
        """A text without the key as it stands. Only one that holds it meets the pattern: a text may have megabytes."""
        lowered = text.lower()
        holds = any(spelling in lowered for spelling in self._spellings)
        return self._pattern.sub(MASK, text) if holds else text


def _spellings(key: str) -> tuple[str, ...]:
    """The key, its tail, and what encodings without escapes make of it; in lower case, the longest first."""
    coded = [*_inside_base64(key), key.encode().hex()]
    urlsafe = [text.replace("+", "-").replace("/", "_") for text in coded]
    return tuple(sorted({text.lower() for text in (key, key[-_TAIL:], *coded, *urlsafe)}, key=len, reverse=True))


def _inside_base64(key: str) -> list[str]:
    """The part of base64 text that is the same wherever in it the key begins: three alignments, edges cut off."""
    data = key.encode()
    aligned = [b64encode(b"\0" * shift + data).decode() for shift in range(3)]
    return [text[(0, 2, 3)[shift] :].rstrip("=")[:-1] for shift, text in enumerate(aligned)]


def _undo_json(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda escape: chr(int(escape[1] or escape[2], 16)), text)
