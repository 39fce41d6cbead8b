"""Failures on request: words in a prompt that make the engine behave like a service in trouble."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .reading import LONGEST_READ, read_prompt

Trick = Literal["", "refuse", "block", "no_image", "cut", "garbage", "html"]

LONGEST_WAIT = 600.0
"""Seconds."""

SENTENCES: dict[int, str] = {
    400: "Rehearsal: the request contains an invalid argument.",
    401: "Rehearsal: the API key is not valid.",
    402: "Rehearsal: the account has no credit left.",
    403: "Rehearsal: this key may not use this model.",
    404: "Rehearsal: the model was not found.",
    408: "Rehearsal: the request took too long to arrive.",
    413: "Rehearsal: the request is too large.",
    422: "Rehearsal: the request was understood and cannot be processed.",
    429: "Rehearsal: too many requests. Please retry in 2s.",
    500: "Rehearsal: an internal error has occurred.",
    502: "Bad gateway",
    503: "Rehearsal: the model is overloaded. Please try again later.",
    504: "Rehearsal: the deadline expired before the work was done.",
    524: "A timeout occurred",
}
"""The statuses that can be rehearsed, each with what is said."""

AS_HTML = frozenset({502, 524})
"""Statuses that a gateway answers with a page, whatever the format asked."""

_SLOW = re.compile(r"(?<![a-z])fail slow(?: (\d{1,4}(?:\.\d+)?))?(?: ?s(?:ec(?:ond)?s?)?(?![a-z]))?")
_STATUS = re.compile(rf"(?<![a-z])fail ({'|'.join(map(str, SENTENCES))})(?!\d)")
_TRICKS: tuple[tuple[Trick, re.Pattern[str]], ...] = (
    ("cut", re.compile(r"(?<![a-z])fail cut(?![a-z])")),
    ("garbage", re.compile(r"(?<![a-z])fail garbage(?![a-z])")),
    ("html", re.compile(r"(?<![a-z])fail html(?![a-z])")),
    ("block", re.compile(r"(?<![a-z])block prompt(?![a-z])")),
    ("refuse", re.compile(r"(?<![a-z])refuse(?![a-z])")),
    ("no_image", re.compile(r"(?<![a-z])no image(?![a-z])")),
)
_LOOSE_ENDS = re.compile(r"^(?:[\s,;.:]|(?:and|then)(?![a-z]))+", re.IGNORECASE)


@dataclass(frozen=True)
class Rehearsal:
    """What to act out: a wait in seconds, then a status or a trick. `prompt` is the rest of the words."""

    prompt: str
    wait: float = 0.0
    status: int | None = None
    trick: Trick = ""


def rehearse(prompt: str) -> Rehearsal:
    """Find the words outside quotes that ask for a failure; a prompt with nothing else asks for black and white."""
    reading = read_prompt(prompt)
    status = _STATUS.search(reading.text)
    nothing: tuple[Trick, re.Match[str] | None] = ("", None)
    tricks = ((name, pattern.search(reading.text)) for name, pattern in _TRICKS)
    trick, trick_words = next(((name, found) for name, found in tricks if found), nothing)
    slow = _SLOW.search(reading.text)
    spans = sorted((m.span() for m in (status, trick_words, slow) if m), reverse=True)
    if not spans:
        return Rehearsal(prompt)
    rest = reading.shown
    for start, end in spans:
        rest = rest[:start] + " " + rest[end:]
    rest = _LOOSE_ENDS.sub("", reading.with_quotes(rest) + prompt[LONGEST_READ:]).strip()
    wait = min(float(slow[1] or 5), LONGEST_WAIT) if slow else 0.0
    return Rehearsal(rest or "black and white", wait, int(status[1]) if status else None, trick)


def gateway_page(status: int) -> str:
    """The page a Cloudflare gateway shows in front of a relay that is down or too slow."""
    title = SENTENCES[status]
    return (
        '<!DOCTYPE html>\n<html lang="en-US">\n<head><title>relay.example | '
        f'{status}: {title}</title><meta charset="UTF-8" /></head>\n<body>\n<div id="cf-wrapper">'
        f'<h1><span>{title}</span> <span class="code-label">Error code {status}</span></h1>'
        "<p>Rehearsed by the offline engine.</p></div>\n</body>\n</html>\n"
    )


DASHBOARD_PAGE = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Relay dashboard</title></head>'
    '<body><div id="root"></div><noscript>Rehearsed by the offline engine.</noscript></body></html>\n'
)
"""What a relay serves, with status 200, when the base URL lacks its /v1."""

GARBAGE = b'{"candidates": [{"content": {"parts": [{"text": "Offline engine", }}, "choices": [<<<\x00\xff\xfe'
"""No JSON, though it begins like some."""
