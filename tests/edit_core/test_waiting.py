"""How long a service asks us to wait, in all the places and spellings it uses."""

from __future__ import annotations

from typing import Any

import pytest

from edit_core.wire.waiting import (
    LONGEST_DELAY,
    delay_in_details,
    delay_in_fields,
    delay_in_headers,
    delay_in_words,
)

NOW = "Sat, 21 Nov 2026 03:54:00 GMT"


@pytest.mark.parametrize(
    ("details", "seconds"),
    [
        ([{"retryDelay": "22s"}], 22),
        ([{"@type": "x"}, {"retryDelay": "0.5s"}], 0.5),
        ([{"retryDelay": {"seconds": "7", "nanos": 0}}], 7),
        ([{"retryDelay": {"seconds": 7}}], 7),
        ([{"retryDelay": "0s"}], 0),
        ([{"retryDelay": "soon"}, {"retryDelay": "3s"}], 3),
        ([{"retryDelay": None}, None, 7, "x"], None),
        ({"retryDelay": "22s"}, None),
        (None, None),
    ],
)
def test_a_delay_in_the_details_is_read(details: Any, seconds: float | None) -> None:
    assert delay_in_details(details) == seconds


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        ({"retry_after": 30}, 30),
        ({"retryAfter": "2.5"}, 2.5),
        ({"retry_after": "soon", "retry_after_seconds": 4}, 4),
        ({"retry_after": True}, None),
        ({"retry_after": -1}, None),
        ({}, None),
    ],
)
def test_a_delay_in_a_field_is_read(error: dict[str, Any], seconds: float | None) -> None:
    assert delay_in_fields(error) == seconds


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Please retry in 51.9s.", 51.9),
        ("Please retry in 29.01s", 29.01),
        ("retry in 13h2m1.5s.", 13 * 3600 + 2 * 60 + 1.5),
        ("Please retry in 512.25ms.", 0.51225),
        ("Try again in 20 seconds", 20),
        ("try again after 2 minutes", 120),
        ("Please wait 1 hour", 3600),
        ("RETRY IN 3S", 3),
        ("请在 30 秒后重试", 30),
        ("请5分钟后再试", 300),
        ("retry in 99999999s", None),
        ("retry in 9999999s", LONGEST_DELAY),
        ("您已达到请求数限制：1分钟内最多请求10次", None),
        ("It took 30s.", None),
        ("retry later. In 30s or so", None),
        ("retry in 3\u017f", None),
        ("", None),
    ],
)
def test_a_delay_in_words_is_read(words: str, seconds: float | None) -> None:
    assert delay_in_words(words) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "12"}, 12),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Sat, 21 Nov 2026 03:54:30 GMT", "date": NOW}, 30),
        ({"retry-after": "Sat, 21 Nov 2026 04:54:30 +0100", "Date": NOW}, 30),
        ({"retry-after": "Sat, 21 Nov 2026 03:50:00 GMT", "date": NOW}, 0),
        ({"retry-after": "Sat, 21 Nov 2036 03:50:00 GMT", "date": NOW}, LONGEST_DELAY),
        ({"retry-after": "Sat, 21 Nov 2026 03:54:30 GMT"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 03:54:30", "date": NOW}, None),
        ({"retry-after": "99999999999"}, LONGEST_DELAY),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon", "date": "never"}, None),
        ({}, None),
    ],
)
def test_a_delay_in_the_headers_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert delay_in_headers(headers) == seconds
