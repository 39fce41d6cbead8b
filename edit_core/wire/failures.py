"""What an unhappy answer means: reason words first, status second.

Relays pass failures on in their own way: a key without money is 401, a wrong key 400, a blocked picture 500, a missing
model 503. So the words of the answer are looked up in tables (`reasons.py`) before the status is believed, and words
that are hidden as JSON inside a string are opened first (`complaints.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import Blocked, Charged, EditError, Malformed, NoImage, UpstreamFailed
from . import reasons
from .complaints import Complaint, find_complaint
from .fields import plain
from .findings import Gathered, Reading
from .framing import CUT, Framed
from .reasons import Meaning
from .waiting import delay_in_headers, delay_in_words

LONGEST_QUOTE = 500
"""Characters of a service's own words that are passed on."""

UNPAID_STATUSES = frozenset({400, 401, 402, 403, 404, 405, 413, 415, 422, 429, 503})
"""Statuses with which a service says that it did no work; redirects are refused by us and count as well."""

_UNREADABLE = Meaning(Malformed, retryable=True)
_MARKS_OF_ANSWERS = frozenset(
    {"candidates", "choices", "data", "usageMetadata", "usage", "promptFeedback", "output", "response", "images"}
)
_TOKENS_OF_A_PICTURE = 1000
"""Output tokens. A picture counts about 1,290; no refusal is that long."""


def find_failure(framed: Framed, status: int, headers: Mapping[str, str]) -> EditError | None:
    """The error an answer states, by its documents, its page or its status; None when it states none."""
    complaint = find_complaint(framed.documents)
    if complaint is None:
        if 200 <= status < 300:
            return None
        page = _page_words(framed.page)
        if blocked := _bot_check(page, headers):
            return _failure(blocked, status, page, hint="A bot check stands before this address.")
        complaint = Complaint(page, page)
    delay = complaint.delay
    if delay is None:
        delay = delay_in_words(complaint.message)
    if delay is None:
        delay = delay_in_headers(headers)
    meaning = reasons.judge(complaint.words, complaint.code, status)
    return _failure(meaning, status, complaint.message, retry_after=delay)


def without_picture(framed: Framed, reading: Reading, gathered: Gathered, status: int) -> EditError:
    """Why an answer that states no error holds no picture either."""
    if not framed.documents:
        return _unreadable(framed, status)
    said = reading.refusal or reading.explanation or reading.words
    if reading.blocked_prompt or reading.refusal:
        return _failure(Meaning(Blocked), status, said, reading.reasons[:1])
    for reason in reading.reasons:
        if meaning := reasons.finish(reason):
            return _failure(meaning, status, said, (reason,), _lost_hint(reading))
    if meaning := reasons.by_words(reading.words, reasons.CANNED):
        return _failure(meaning, status, said)
    if reading.failed_role:
        return _failure(Meaning(UpstreamFailed), status, said)
    if detail := _damage(framed, reading, gathered):
        failure = _failure(_UNREADABLE, status, f"{detail} {said}")
        failure.damaged = tuple(damage.data for damage in gathered.damaged if damage.data)
        return failure
    unknown = tuple(reason for reason in reading.reasons if not reasons.is_ordinary(reason))
    meaning = Meaning(NoImage, retryable=not said and not unknown)
    return _failure(meaning, status, said, unknown[:1], _lost_hint(reading))


def blocks(reading: Reading) -> bool:
    """Whether a safety rule ended this answer; then no draft may stand in for the result."""
    ends = (reasons.finish(reason) for reason in reading.reasons)
    return reading.blocked_prompt or any(end is not None and end.error is Blocked for end in ends)


def _damage(framed: Framed, reading: Reading, gathered: Gathered) -> str:
    """What is wrong with the form of an answer, or ""."""
    if gathered.damaged:
        return gathered.damaged[0].why
    if framed.flaw or (framed.events > 1 and not reading.reasons):
        return framed.flaw or CUT
    items = [item for document in framed.documents for item in (document if isinstance(document, list) else [document])]
    if not any(isinstance(item, dict) and not _MARKS_OF_ANSWERS.isdisjoint(item) for item in items):
        return "It has none of the known forms."
    return ""


def _lost_hint(reading: Reading) -> str:
    """A relay that drops the picture still reports the tokens of one."""
    if not reading.words and (reading.usage.output_tokens or 0) >= _TOKENS_OF_A_PICTURE:
        return "It counted the tokens of a picture, so the relay may have lost it: try the other format."
    return ""


def _unreadable(framed: Framed, status: int) -> EditError:
    """Why an answer without one document cannot be read; an error page under a good status names its own status."""
    page = framed.page.strip()
    if not page:
        return _failure(_UNREADABLE, status, "It is empty.")
    if framed.flaw and page[:1] != "<":
        return _failure(_UNREADABLE, status, framed.flaw)
    title = _page_words(page)
    if number := _STATUS_ON_PAGE.search(title):
        return _failure(reasons.by_status(int(number[0])), status, title)
    if page[:1] != "<":
        return _failure(_UNREADABLE, status, f"It is no JSON: {page}")
    detail = f"A web page came instead: “{title}”. Is the base URL right? It usually ends before /v1."
    return _failure(Meaning(Malformed, retryable=False), status, detail)


def _failure(
    meaning: Meaning,
    status: int,
    said: str,
    words: tuple[str, ...] = (),
    hint: str = "",
    retry_after: float | None = None,
) -> EditError:
    said = plain(said).strip()[:LONGEST_QUOTE]
    where = ", ".join(filter(None, (*words, f"HTTP {status}" if not 200 <= status < 300 else "")))
    lead = reasons.LEADS[meaning.error] if not 300 <= status < 400 else "The service has moved to another address"
    message = f"{lead}{f' ({where})' if where else ''}{f': {_sentence(said)}' if said else '.'}"
    return meaning.error(
        f"{message} {hint}".strip(),
        charged=_charged(meaning.error, status),
        retryable=meaning.retryable,
        retry_after=retry_after,
        status=status,
        said=said,
    )


def _sentence(text: str) -> str:
    return text if text[-1:] in ".!?。！？”" else f"{text}."


def _charged(error: type[EditError], status: int) -> Charged:
    if status in UNPAID_STATUSES or 300 <= status < 400:
        return "no"
    return "yes" if 200 <= status < 300 and error in (Blocked, NoImage) else "maybe"


_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,500}>|\s+")
_STATUS_ON_PAGE = re.compile(r"\b[45]\d\d\b")


def _page_words(page: str) -> str:
    """The title of a web page, or the beginning of its words."""
    if title := _TITLE.search(page):
        return " ".join(title[1].split())
    return _TAG.sub(" ", page).strip()[:200]


def _bot_check(page: str, headers: Mapping[str, str]) -> Meaning | None:
    """Cloudflare marks its challenge with a header; others only by the page."""
    challenged = any(name.lower() == "cf-mitigated" for name in headers)
    return reasons.PAGES[0][0] if challenged else reasons.by_words(page, reasons.PAGES)
