"""Rows U-05 to U-29: every fault of a relay has one named outcome, and no fault makes a second paid POST."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from edit_core.client import Clocks
from edit_core.sending.outcome import Outcome
from tests.edit_core.trials import PATIENT, attempt
from tests.fault_relay import FaultRelay, Script
from tests.faults import (
    FORMS,
    PICTURE,
    Form,
    chunked,
    failed,
    hangs,
    http,
    repeats,
    resets,
    sends,
    trickles,
)

NOT_SENT, REFUSED, UNKNOWN = Outcome.NOT_SENT, Outcome.REFUSED, Outcome.UNKNOWN
DONE, DONE_EMPTY = Outcome.DONE, Outcome.DONE_EMPTY


@dataclass(frozen=True)
class Row:
    """A fault and what becomes of it: `scripts` are played one per request, `kind` and `says` are about the error."""

    name: str
    scripts: Callable[[Form], Sequence[Script]]
    outcome: Outcome
    posts: int = 1
    kind: str = ""
    says: str = ""
    clocks: Clocks = PATIENT


def always(script: Script) -> Callable[[Form], Sequence[Script]]:
    """The same fault in every form and on every request."""
    return lambda _: [script]


def then_well(*scripts: Script) -> Callable[[Form], Sequence[Script]]:
    """The faults, and a good answer after them."""
    return lambda form: [*scripts, sends(form.ok)]


def ends_within(seconds: float) -> Clocks:
    return replace(PATIENT, total=seconds)


def date_in(seconds: int) -> list[str]:
    now = datetime.now(UTC)
    later = format_datetime(now + timedelta(seconds=seconds), usegmt=True)
    return [f"Date: {format_datetime(now, usegmt=True)}", f"Retry-After: {later}"]


HEADERS_BEGIN = b"HTTP/1.1 200 OK\r\nContent-Ty"
RETRY_INFO = b"""{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Slow down.",
"details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "%b"}]}}"""

BROKEN = [
    Row("U-05 reset after the full request", always(resets()), UNKNOWN, kind="upstream"),
    Row("U-05 farewell after the full request", always(sends()), UNKNOWN, kind="upstream"),
    Row("U-06 reset in the headers", always(sends(HEADERS_BEGIN, then="reset")), UNKNOWN, kind="upstream"),
    Row("U-06 farewell in the headers", always(sends(HEADERS_BEGIN)), UNKNOWN, kind="upstream"),
    Row("U-07 reset in the body", lambda f: [sends(f.ok[:-400], then="reset")], UNKNOWN, kind="upstream"),
    Row("U-07 farewell in the body", lambda f: [sends(f.ok[:-400])], UNKNOWN, kind="upstream"),
    Row(
        "U-07 reset a byte before the end of a picture in one document",
        lambda f: [sends(http(200, Form(f.wire, False).body)[:-1], then="reset")],
        UNKNOWN,
        kind="upstream",
    ),
    Row("U-12 500 once, then well", then_well(sends(failed(500))), UNKNOWN, kind="upstream", says="HTTP 500"),
    Row("U-12 502 with a web page", always(sends(http(502, b"<h1>Bad</h1>", kind="text/html"))), UNKNOWN),
    Row("U-13 504", always(sends(failed(504))), UNKNOWN, kind="timeout", says="gave up"),
    Row(
        "U-13 524 of Cloudflare",
        always(sends(http(524, b"<title>A timeout occurred</title>"))),
        UNKNOWN,
        kind="timeout",
    ),
    Row("U-14 408", always(sends(failed(408))), UNKNOWN, kind="timeout"),
    Row("U-14 409", always(sends(failed(409))), UNKNOWN),
]

REFUSALS = [
    Row("U-14 400", always(sends(failed(400))), REFUSED, kind="bad_request", says="refused the request"),
    Row("U-14 401", always(sends(failed(401))), REFUSED, kind="auth", says="does not accept the key"),
    Row("U-14 402", always(sends(failed(402))), REFUSED, kind="payment", says="no money left"),
    Row("U-14 403", always(sends(failed(403))), REFUSED, kind="auth", says="does not accept the key"),
    Row("U-14 404", always(sends(failed(404))), REFUSED, kind="not_found", says="does not know this model"),
    Row("U-14 413", always(sends(failed(413))), REFUSED, kind="bad_request", says="HTTP 413"),
    Row("U-14 422", always(sends(failed(422))), REFUSED, kind="bad_request", says="HTTP 422"),
    Row("U-14 401 whose body breaks off", always(sends(failed(401)[:-9], then="reset")), REFUSED, kind="auth"),
]

BUSY = [
    Row("U-10 429 with Retry-After 1", then_well(sends(failed(429, "No.", "Retry-After: 1"))), DONE, 2),
    Row("U-10 429 with a date", lambda f: [sends(failed(429, "No.", *date_in(1))), sends(f.ok)], DONE, 2),
    Row("U-10 429 with a date long past", lambda f: [sends(failed(429, "No.", *date_in(-60))), sends(f.ok)], DONE, 2),
    Row("U-10 429 with Retry-After 0", then_well(sends(failed(429, "No.", "Retry-After: 0"))), DONE, 2),
    Row("U-10 429 with retry-after-ms", then_well(sends(failed(429, "No.", "retry-after-ms: 30"))), DONE, 2),
    Row("U-10 429 with RetryInfo", then_well(sends(http(429, RETRY_INFO % b"0.03s"))), DONE, 2),
    Row("U-10 429 in prose", then_well(sends(failed(429, "Please retry in 30ms."))), DONE, 2),
    *(
        Row(f"U-10 429 with Retry-After {text}", then_well(sends(failed(429, "No.", f"Retry-After: {text}"))), DONE, 2)
        for text in ("-5", "abc", "1e309", "nan", "", "1, 2", "Thu, 99 Foo 2026")
    ),
    Row("U-10 429 with Retry-After 3600", always(sends(failed(429, "No.", "Retry-After: 3600"))), REFUSED, 1),
    Row("U-10 429 with Retry-After 31", always(sends(failed(429, "No.", "Retry-After: 31"))), REFUSED, 1),
    Row("U-10 429 with a date in an hour", always(sends(failed(429, "No.", *date_in(3600)))), REFUSED, 1),
    Row("U-10 429 with RetryInfo of an hour", always(sends(http(429, RETRY_INFO % b"3600s"))), REFUSED, 1),
    Row("U-10 429 in prose, in 13 hours", always(sends(failed(429, "Please retry in 13h2m1.5s."))), REFUSED, 1),
    Row("U-10 429 for ever", always(sends(failed(429))), REFUSED, 3, kind="rate_limit"),
    Row("U-10 429 because a quota is used up", always(sends(failed(429, "limit: 0, per_day"))), REFUSED, kind="quota"),
    Row("U-10 429 for want of money", always(sends(failed(429, "insufficient_quota"))), REFUSED, kind="payment"),
    Row("U-11 503 twice, then well", then_well(sends(failed(503)), sends(failed(503))), DONE, 3),
    Row("U-11 503 for ever", always(sends(failed(503))), REFUSED, 3, kind="upstream"),
    Row("U-11 503 for want of a model", always(sends(failed(503, "model_not_found"))), REFUSED, kind="not_found"),
    Row("U-11 503, then a reset", always(sends(failed(503))), REFUSED, 3),
    Row("U-11 503, then a hang is not repeated", lambda _: [sends(failed(503)), resets()], UNKNOWN, 2),
]

SHORT = Clocks(connect=5, first_byte=0.3, idle=0.3, total=10, backoff=0.01)
SLOW = [
    Row("U-15 silence before the headers", always(hangs()), UNKNOWN, kind="timeout", clocks=SHORT, says="begin"),
    Row(
        "U-15 headers that trickle",
        always(trickles(http(200, b"{}"), 0.05)),
        UNKNOWN,
        kind="timeout",
        clocks=SHORT,
        says="begin",
    ),
    Row(
        "U-16 silence in the body",
        lambda f: [sends(f.ok[:-400], then="hang")],
        UNKNOWN,
        kind="timeout",
        clocks=SHORT,
        says="stopped",
    ),
    Row(
        "U-17 a body that trickles",
        lambda f: [trickles(f.ok, 0.02)],
        UNKNOWN,
        kind="timeout",
        clocks=ends_within(0.5),
        says="full answer",
    ),
    Row(
        "U-18 endless keep-alives",
        always(repeats(chunked(end=False), b"d\r\n: keep-alive\n\r\n", 0.01)),
        UNKNOWN,
        kind="timeout",
        clocks=ends_within(0.5),
        says="full answer",
    ),
    Row(
        "U-22 a flood of 1xx answers",
        always(repeats(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 50, 0.01)),
        UNKNOWN,
        kind="timeout",
        clocks=SHORT,
    ),
]

NESTED_GZIP = http(200, gzip.compress(gzip.compress(b"{}")), "Content-Encoding: gzip")
LYING = [
    Row(
        "U-20 a length that is too small", lambda f: [sends(http(200, f.document(picture=PICTURE), length=50))], UNKNOWN
    ),
    Row(
        "U-20 a length that is too large, half a picture",
        lambda f: [sends(http(200, f.body[:300], length=999))],
        UNKNOWN,
    ),
    Row("U-21 corrupt gzip", always(sends(http(200, b"\x1f\x8b\x08\0garbage", "Content-Encoding: gzip"))), UNKNOWN),
    Row("U-21 gzip that breaks off", lambda f: [sends(http(200, gzip.compress(f.body)[:60]))], UNKNOWN),
    Row("U-21 gzip in gzip", always(sends(NESTED_GZIP)), UNKNOWN, kind="malformed"),
    Row("U-21 gzip twice in the header", always(sends(http(200, b"x", "Content-Encoding: gzip, gzip"))), UNKNOWN),
    Row("U-21 brotli", always(sends(http(200, b"x", "Content-Encoding: br"))), UNKNOWN, kind="malformed"),
    Row("U-21 zstd", always(sends(http(200, b"x", "Content-Encoding: zstd"))), UNKNOWN, kind="malformed"),
    Row(
        "U-22 a chunk size that is none", always(sends(chunked(end=False) + b"ZZZ\r\n{}\r\n")), UNKNOWN, kind="upstream"
    ),
    Row("U-22 a chunk that breaks off", always(sends(chunked(end=False) + b'5\r\n{"a')), UNKNOWN, kind="upstream"),
    Row("U-22 a header of 200 KB", always(sends(http(200, b"{}", "X: " + "a" * 200_000))), UNKNOWN, kind="upstream"),
    Row("U-22 10,000 headers", always(sends(http(200, b"{}", *["X-Many: aaaa"] * 10_000))), UNKNOWN, kind="upstream"),
    Row("U-22 HTTP/0.9", always(sends(b"{}")), UNKNOWN, kind="upstream"),
    Row("U-22 no HTTP at all", always(sends(b"\0\1\2\r\n\r\n")), UNKNOWN, kind="upstream"),
    Row("U-22 a status of four digits", always(sends(b"HTTP/1.1 2000 OK\r\n\r\n")), UNKNOWN, kind="upstream"),
    Row(
        "U-22 another protocol",
        always(sends(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")),
        UNKNOWN,
    ),
    Row(
        "U-22 a length and chunks at once, broken",
        always(sends(chunked(end=False, headers=["Content-Length: 5"]))),
        UNKNOWN,
    ),
    Row(
        "U-23 half a document",
        lambda f: [sends(http(200, f.document(picture=PICTURE)[:-40]))],
        UNKNOWN,
        kind="malformed",
    ),
    *(
        Row(f"U-23 {name}", always(sends(http(200, body))), UNKNOWN, kind="malformed")
        for name, body in {
            "nothing": b"",
            "null": b"null",
            "an empty list": b"[]",
            "100,000 brackets": b"[" * 100_000,
            "not a number": b'{"anything": NaN}',
            "bytes that are no text": b"\xff\xfe\x80" * 20,
            "a byte order mark alone": b"\xef\xbb\xbf",
            "a key of a megabyte": b'{"%b": 1}' % (b"a" * 1_000_000),
            "the page of the dashboard": b"<!doctype html><title>New API</title>",
        }.items()
    ),
]

KEPT = [
    Row("U-18 a stream without its end mark", lambda f: [sends(chunked(f.words, f.picture))], DONE),
    Row(
        "U-20 a length that is too large, the picture whole", lambda f: [sends(http(200, f.body, length=99_999))], DONE
    ),
    Row("U-20 no length", lambda f: [sends(b"HTTP/1.1 200 OK\r\n\r\n" + f.body)], DONE),
    Row(
        "U-21 gzip nobody asked for",
        lambda f: [sends(http(200, gzip.compress(f.body), "Content-Encoding: gzip"))],
        DONE,
    ),
    Row("U-21 gzip without a word about it", lambda f: [sends(http(200, gzip.compress(f.body)))], DONE),
    Row(
        "U-21 a plain body called gzip",
        lambda f: [sends(http(200, f.document(picture=PICTURE), "Content-Encoding: gzip"))],
        DONE,
    ),
    Row("U-21 deflate", lambda f: [sends(http(200, zlib.compress(f.body), "Content-Encoding: deflate"))], DONE),
    Row("U-24 an answer that calls itself a web page", lambda f: [sends(http(200, f.body, kind="text/html"))], DONE),
    Row("U-24 an answer that calls itself a picture", lambda f: [sends(http(200, f.body, kind="image/png"))], DONE),
    Row("U-22 a length and chunks at once", lambda f: [sends(chunked(f.body, headers=["Content-Length: 5"]))], DONE),
]

EMPTY = [
    Row(
        "U-27 words alone",
        lambda f: [sends(http(200, f.document(text="I cannot do that.", ended=True)))],
        DONE_EMPTY,
        kind="no_image",
    ),
    Row(
        "U-27 a picture that was blocked",
        lambda f: [
            sends(
                http(
                    200,
                    f.document(text="", ended=True)
                    .replace(b"STOP", b"IMAGE_SAFETY")
                    .replace(b"stop", b"content_filter"),
                )
            )
        ],
        DONE_EMPTY,
        kind="blocked",
    ),
]

ALL = [*BROKEN, *REFUSALS, *BUSY, *SLOW, *LYING, *KEPT, *EMPTY]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
async def test_a_fault_has_one_outcome_and_no_needless_post(row: Row, form: Form) -> None:
    async with FaultRelay(*row.scripts(form)) as relay:
        ended = await attempt(relay.url, form, clocks=row.clocks)
        assert (ended.outcome, relay.posts) == (row.outcome, row.posts), ended.raised or ended.given
    if ended.given is not None:
        assert [picture.data for picture in ended.result.pictures] == [PICTURE]
    if ended.raised is not None:
        assert row.kind in ("", ended.error.kind)
        assert row.says in str(ended.error)
        assert ended.error.explain().endswith(".")
