"""How long a service asks us to wait: in a detail, a phrase or a header. Pure: “now” is the `Date` header."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_DELAY = 7 * 24 * 3600.0
"""Seconds. A longer wish is cut to this; nobody waits for it anyway."""

_LONGEST_TEXT = 2000
_LONGEST_PHRASE = 60
_FIELDS = ("retry_after", "retryAfter", "retry_after_seconds")
_UNITS = {
    "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0,
    "秒": 1.0, "分": 60.0, "小时": 3600.0, "天": 86400.0,
}  # fmt: skip
_SPAN = r"((?:\d{1,7}(?:\.\d{1,9})?\s{0,2}(?:ms|s|m|h|d)[a-z]{0,7}\s{0,2}){1,5})"
_PHRASE = re.compile(rf"(?:retry|again|wait)[^.\d]{{0,30}}{_SPAN}", re.IGNORECASE | re.ASCII)
_CHINESE_PHRASE = re.compile(r"(\d{1,7}\s{0,2}(?:秒|分|小时|天))钟?[之以]?后[^。]{0,9}[再重]试", re.ASCII)
_PIECE = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s{0,2}(ms|s|m|h|d|秒|分|小时|天)", re.IGNORECASE | re.ASCII)


def delay_in_details(details: Any) -> float | None:
    """Seconds of google.rpc.RetryInfo: `retryDelay: "22s"`, or as an object with `seconds`."""
    for detail in details if isinstance(details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        if isinstance(delay, dict):
            delay = f"{delay.get('seconds', 0)}s"
        if isinstance(delay, str) and (span := _span(delay[:_LONGEST_PHRASE])) is not None:
            return span
    return None


def delay_in_fields(error: Mapping[str, Any]) -> float | None:
    """Seconds of a field beside the message, as gateways write it: `retry_after: 30`."""
    values = (error.get(name) for name in _FIELDS)
    seconds = (_seconds(str(value)[:_LONGEST_PHRASE]) for value in values if isinstance(value, (str, int, float)))
    return next((delay for delay in seconds if delay is not None), None)


def delay_in_words(text: str) -> float | None:
    """Seconds of a phrase such as “retry in 13h2m1.5s”, “30 秒后重试”."""
    match = _PHRASE.search(text[:_LONGEST_TEXT]) or _CHINESE_PHRASE.search(text[:_LONGEST_TEXT])
    return _span(match[1]) if match else None


def delay_in_headers(headers: Mapping[str, str]) -> float | None:
    """Seconds of `retry-after-ms` or `retry-after`, whether a number or an HTTP date; None for nonsense."""
    lowered = {name.lower(): value.strip() for name, value in headers.items()}
    if (thousandths := _seconds(lowered.get("retry-after-ms", ""))) is not None:
        return thousandths / 1000
    asked = lowered.get("retry-after", "")
    if (seconds := _seconds(asked)) is not None:
        return seconds
    try:
        until, now = parsedate_to_datetime(asked), parsedate_to_datetime(lowered["date"])
        return min(max(0.0, (until - now).total_seconds()), LONGEST_DELAY)
    except (ValueError, TypeError, KeyError, OverflowError):
        return None


def _span(text: str) -> float | None:
    pieces = _PIECE.findall(text)
    return min(sum(float(n) * _UNITS[unit.lower()] for n, unit in pieces), LONGEST_DELAY) if pieces else None


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return min(value, LONGEST_DELAY) if math.isfinite(value) and value >= 0 else None
