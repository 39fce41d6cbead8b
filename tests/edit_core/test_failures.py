"""What failures say to a person, and who is blamed when words and numbers disagree."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edit_core import EditError, read_answer
from edit_core.errors import EditError as Base
from edit_core.wire import reasons
from edit_core.wire.failures import LONGEST_QUOTE, UNPAID_STATUSES


def failure(status: int, document: Any, **headers: str) -> EditError:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(EditError) as failed:
        read_answer("chat", status, headers, body)
    return failed.value


# Words, the code inside, the status outside, and the kind that is right.
JUDGEMENTS = (
    ("insufficient_user_quota", 401, 429, "payment"),
    ("IMAGE_SAFETY", 500, 500, "blocked"),
    ("model_not_found", None, 503, "not_found"),
    ("API key not valid", 400, 400, "auth"),
    ("API-Key  NOT_VALID", None, 500, "auth"),
    ("RESOURCE_EXHAUSTED PerDay", 429, 429, "quota"),
    ("resource_exhausted, limit: 0, model", 429, 429, "quota"),
    ("resource_exhausted, limit: 0.5", 429, 429, "rate_limit"),
    ("resource_exhausted, limit: 010", 429, 429, "rate_limit"),
    ("x", 429, 500, "rate_limit"),
    ("x", 400, 503, "bad_request"),
    ("x", 524, 500, "timeout"),
    ("x", 502, 200, "upstream"),
    ("x", 7, 402, "payment"),
    ("internal error", None, 504, "timeout"),
    ("internal error", None, 409, "bad_request"),
    ("invalid_request_error", None, 500, "bad_request"),
    ("upstream_error", None, 400, "upstream"),
    ("connection timed out", None, 502, "timeout"),
    ("timeout", None, 503, "upstream"),
    ("", None, 200, "upstream"),
    ("", None, 599, "upstream"),
    ("", None, 308, "not_found"),
)


@pytest.mark.parametrize(("words", "code", "status", "kind"), JUDGEMENTS)
def test_telling_words_outweigh_codes_and_codes_outweigh_statuses(
    words: str, code: int | None, status: int, kind: str
) -> None:
    assert reasons.judge(words, code, status).error.kind == kind


def test_every_error_that_answers_can_give_has_its_sentence() -> None:
    from_answers = {meaning.error for table in (reasons.TELLING, reasons.VAGUE, reasons.CANNED) for meaning, _ in table}
    from_answers |= {meaning.error for meaning in reasons.STATUSES.values()}
    assert from_answers <= reasons.LEADS.keys()
    assert all(issubclass(error, Base) for error in from_answers)


SENTENCES = (
    (401, {"error": {"message": "No key."}}, "The service does not accept the key (HTTP 401): No key."),
    (401, {"error": {"message": "No key"}}, "The service does not accept the key (HTTP 401): No key."),
    (401, {"error": {"message": "无效的令牌！"}}, "The service does not accept the key (HTTP 401): 无效的令牌！"),
    (500, b"", "The service failed (HTTP 500)."),
    (500, {"error": {"type": "odd", "code": "x1"}}, "The service failed (HTTP 500): x1, odd."),
    (302, b"", "The service has moved to another address (HTTP 302)."),
    (200, b"", "The answer of the service cannot be read: It is empty."),
    (200, {"error": {"message": "busy", "code": 429}}, "The service has too many requests just now: busy."),
    (
        200,
        {"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]},
        "A safety rule of the service stopped this edit (content_filter).",
    ),
    (
        200,
        {"choices": [{"message": {"content": "Which one?"}, "finish_reason": "stop"}]},
        "The model answered without a picture: Which one?",
    ),
)


@pytest.mark.parametrize(("status", "document", "sentence"), SENTENCES)
def test_an_error_says_what_happened_in_one_sentence(status: int, document: Any, sentence: str) -> None:
    assert str(failure(status, document)) == sentence


@pytest.mark.parametrize("status", [*range(300, 309), *range(400, 430), *range(500, 530)])
def test_what_was_surely_not_charged_is_said_so(status: int) -> None:
    unpaid = status in UNPAID_STATUSES or 300 <= status < 400
    assert failure(status, b"").charged == ("no" if unpaid else "maybe")


def test_a_service_is_quoted_at_no_great_length() -> None:
    error = failure(500, {"error": {"message": "x" * 10_000_000}})
    assert len(error.said) == LONGEST_QUOTE
    assert len(str(error)) < 2 * LONGEST_QUOTE


@pytest.mark.parametrize("name", ["code", "type", "param", "status", "message", "details", "metadata", "error"])
@pytest.mark.parametrize("value", [None, True, 7, 1e300, "", "x", [], [1], {}, {"a": {"b": None}}, 10**25])
def test_no_field_of_an_error_can_be_of_a_wrong_type(name: str, value: Any) -> None:
    error = failure(502, {"error": {"message": "down", name: value}})
    assert error.kind in ("upstream", "bad_request")


def test_what_python_quoted_is_opened() -> None:
    quoted = 'VertexAIException - b\'{\\n  "error": {\\n    "code": 429, "message": "It\\\'s slow."}}\\n\''
    assert failure(500, {"error": {"message": quoted}}).said == "It's slow."


def test_progress_told_as_messages_is_no_error() -> None:
    events = [{"message": "queued"}, {"data": [{"url": "https://a.example/x.png"}]}]
    body = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events)
    assert read_answer("chat", 200, {}, body).notes == ()
    assert "An error followed" in read_answer("chat", 200, {}, body + b'data: {"message": "broke"}\n\n').notes[0]


@pytest.mark.parametrize("name", ["x-request-id", "X-Oneapi-Request-Id", "cf-ray"])
def test_the_id_of_a_request_is_kept_for_questions(name: str) -> None:
    body = json.dumps({"data": [{"url": "https://a.example/x.png"}], "id": "in the body"}).encode()
    assert read_answer("chat", 200, {name: "r-1"}, body).request_id == "r-1"
    assert read_answer("chat", 200, {}, body).request_id == "in the body"


def test_the_delay_is_taken_from_the_detail_then_the_words_then_the_header() -> None:
    detail = [{"retryDelay": "1s"}]
    everywhere = {"error": {"message": "retry in 2s", "code": 429, "details": detail}}
    assert failure(429, everywhere, **{"retry-after": "3"}).retry_after == 1
    assert failure(429, {"error": {"message": "retry in 2s"}}, **{"retry-after": "3"}).retry_after == 2
    assert failure(429, {"error": {"message": "slow"}}, **{"retry-after": "3"}).retry_after == 3
