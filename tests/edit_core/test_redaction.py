"""The key in texts of every kind, and texts without it that stay as they are."""

from __future__ import annotations

import logging
import time

import pytest

from edit_core import EditResult
from edit_core.errors import KeyRefused
from edit_core.sending.redaction import Redactor
from tests.edit_core.spellings import KEY, SPELLINGS, leaks

REDACTOR = Redactor(KEY)
OTHER_KEYS = ["sk-1234", "AIzaSyA-canary_0123456789abcdefghijk", "x" * 300, "a+b/c==%41&#65;", "sk-%73%6b-real"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_key_is_masked_in_every_spelling(spelling: str) -> None:
    clean = REDACTOR.text(f"before {SPELLINGS[spelling](KEY)} after")
    assert "[key]" in clean
    assert leaks(clean) == []
    assert (clean[:7], clean[-6:]) == ("before ", " after")


@pytest.mark.parametrize("key", OTHER_KEYS)
@pytest.mark.parametrize("spelling", ["as it is", "in capitals", "with JSON escapes", "in base64", "in hexadecimal"])
def test_keys_of_other_shapes_are_masked_as_well(key: str, spelling: str) -> None:
    clean = Redactor(key).text(f"before {SPELLINGS[spelling](key)} after")
    assert "[key]" in clean
    assert key.lower() not in clean.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Make it 50% redder & brighter: C:\\users\\u0041, &amp; so on %20",
        "The key is sk-OTHER-0000000000.",
        "关键字 %E4%B8%AD",
        "sk-CANARY-7f3d9a1bXs5c2e8f4",
        "CANARY",
    ],
)
def test_a_text_without_the_key_stays_as_it_is(text: str) -> None:
    assert REDACTOR.text(text) == text
    assert not REDACTOR.finds_key(text)


@pytest.mark.parametrize("key", ["", "a", "key", "12345"])
def test_what_is_too_short_for_a_key_masks_nothing(key: str) -> None:
    text = "a key of 12345 letters"
    assert Redactor(key).text(text) == text
    assert Redactor(key).growing(text) == text


def test_a_growing_text_holds_back_what_may_become_the_key() -> None:
    for end in range(4, len(KEY)):
        assert REDACTOR.growing(f"It is {KEY[:end]}") == "It is "
    assert REDACTOR.growing(f"It is {KEY}") == "It is [key]"
    assert REDACTOR.growing("It is sk-") == "It is sk-"
    assert REDACTOR.growing("It is over.") == "It is over."


def test_all_words_of_a_result_are_cleaned() -> None:
    dirty = f"x {KEY}"
    clean = REDACTOR.result(EditResult((), (dirty,), dirty, dirty, (), dirty, model=dirty, request_id=dirty,
                                       signatures=(dirty,), notes=(dirty,)))  # fmt: skip
    assert leaks(repr(clean)) == []
    assert repr(clean).count("[key]") == 8


def test_an_error_is_cleaned_and_forgets_what_led_to_it() -> None:
    error = KeyRefused(f"bad {KEY}", said=KEY, status=401)
    error.__cause__ = error.__context__ = RuntimeError(KEY)
    clean = REDACTOR.error(error)
    assert (str(clean), clean.said, clean.status) == ("bad [key]", "[key]", 401)
    assert (clean.__cause__, clean.__context__) == (None, None)


def test_a_log_record_is_cleaned_with_its_arguments_and_its_traceback() -> None:
    try:
        raise RuntimeError(KEY)
    except RuntimeError as error:
        problem = (type(error), error, error.__traceback__)
    record = logging.LogRecord("httpx", logging.INFO, "", 0, "%s and %s", (KEY, KEY.upper()), problem)
    assert REDACTOR.filter(record)
    shown = logging.Formatter().format(record)
    assert shown.startswith("[key] and [key]\nTraceback")
    assert leaks(shown) == []


def test_logs_are_watched_only_while_asked_to() -> None:
    redactor, logger = Redactor(KEY), logging.getLogger("httpcore.http11")
    redactor.watch_logs()
    assert redactor in logger.filters
    redactor.leave_logs()
    assert redactor not in logger.filters


def test_nothing_of_the_key_is_in_what_is_shown_of_a_redactor() -> None:
    assert repr(REDACTOR) == "Redactor()"


@pytest.mark.parametrize("text", ["a" * 20_000_000, "%41" * 300_000, "\\u0041" * 300_000, "&#65;" * 300_000])
def test_a_text_of_megabytes_takes_no_seconds(text: str) -> None:
    began = time.process_time()
    REDACTOR.text(text)
    assert time.process_time() - began < 5
