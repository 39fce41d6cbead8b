"""Whatever a service sends, reading it ends soon, with a result or with one of our errors.

Mutations of good answers keep near the real shapes, where a reader has the most to get wrong; bytes at random and the
floods below are for the rest.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edit_core import EditError, EditResult, read_answer
from edit_core.edits import Wire

from .shapes import SHAPES

FOLDER = Path(__file__).parents[1] / "answers"
INDEX = json.loads((FOLDER / "INDEX.json").read_text(encoding="utf-8"))
ANSWERS: tuple[tuple[Wire, int, bytes], ...] = (
    *((case["format"], case["status"], (FOLDER / case["file"]).read_bytes()) for case in INDEX),
    *((shape.wire, shape.status, shape.body) for shape in SHAPES),
)


def trees() -> Iterator[tuple[Wire, int, Any]]:
    """The answers that are one JSON object."""
    for wire, status, body in ANSWERS:
        with suppress(ValueError):
            if isinstance(document := json.loads(body), dict):
                yield wire, status, document


TREES = list(trees())
STREAMS = [(wire, body) for wire, _, body in ANSWERS if body.startswith(b"data:")]

answers = st.sampled_from(ANSWERS)
wires: st.SearchStrategy[Wire] = st.sampled_from(("native", "chat"))
statuses = st.sampled_from((200, 204, 307, 400, 401, 403, 404, 429, 500, 502, 503, 504, 524, 0, 999))
headers = st.dictionaries(
    st.sampled_from(("retry-after", "Retry-After-Ms", "date", "content-type", "x-request-id", "cf-mitigated")),
    st.text(max_size=40) | st.floats().map(str) | st.just("Sat, 21 Nov 2026 03:54:30 GMT"),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
many = settings(deadline=None, max_examples=150, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def outcome(
    wire: Wire, status: int, body: bytes, headers: dict[str, str] | None = None, seconds: float = 1
) -> EditResult | EditError:
    """What reading gives, in time; any other exception goes through and fails the test."""
    begun = time.process_time()
    try:
        return read_answer(wire, status, headers or {}, body)
    except EditError as error:
        return error
    finally:
        assert time.process_time() - begun < seconds


def is_sound(found: EditResult | EditError) -> bool:
    """Whether an outcome can be shown, stored and acted upon."""
    if isinstance(found, EditResult):
        texts = [found.text, found.thoughts, found.finish, found.model, found.request_id, *found.links, *found.notes]
        held = bool(found.pictures or found.links) and len(found.pictures) <= 8 and len(found.links) <= 8
        return held and len(found.signatures) == len(found.pictures) and all(map(is_plain, texts))
    known = found.kind and found.charged in ("no", "maybe", "yes") and len(str(found)) < 2000
    waits = found.retry_after is None or 0 <= found.retry_after <= 7 * 24 * 3600
    return bool(known) and waits and is_plain(found.explain()) and is_plain(found.said)


def is_plain(text: str) -> bool:
    """Whether files and databases take a text: no halves of surrogate pairs, no zero bytes."""
    return text.encode("utf-8", "ignore").decode() == text and "\0" not in text


@many
@given(wires, statuses, headers, st.binary(max_size=400))
def test_any_bytes_at_all_are_read_or_refused(wire: Wire, status: int, headers: dict[str, str], body: bytes) -> None:
    assert is_sound(outcome(wire, status, body, headers))


@many
@given(wires, statuses, values.map(lambda value: json.dumps(value).encode()))
def test_any_json_at_all_is_read_or_refused(wire: Wire, status: int, body: bytes) -> None:
    assert is_sound(outcome(wire, status, body))


@many
@given(answers, st.data())
def test_an_answer_cut_anywhere_is_read_or_refused(answer: tuple[Wire, int, bytes], data: st.DataObject) -> None:
    wire, status, body = answer
    end = data.draw(st.integers(0, len(body)))
    assert is_sound(outcome(wire, status, body[:end]))


@many
@given(answers, st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8), wires)
def test_an_answer_with_flipped_bytes_is_read_or_refused(
    answer: tuple[Wire, int, bytes], flips: list[tuple[int, int]], wire: Wire
) -> None:
    _, status, body = answer
    damaged = bytearray(body or b" ")
    for place, byte in flips:
        damaged[place % len(damaged)] = byte
    assert is_sound(outcome(wire, status, bytes(damaged)))


@many
@given(st.sampled_from(TREES), values, st.data())
def test_an_answer_with_any_value_replaced_is_read_or_refused(
    tree: tuple[Wire, int, Any], value: Any, data: st.DataObject
) -> None:
    wire, status, document = tree
    paths = list(paths_in(document))
    changed = put(document, data.draw(st.sampled_from(paths)), value)
    assert is_sound(outcome(wire, status, json.dumps(changed).encode()))


@many
@given(st.sampled_from(TREES), st.data())
def test_an_answer_with_any_value_in_a_list_or_a_text_is_read_or_refused(
    tree: tuple[Wire, int, Any], data: st.DataObject
) -> None:
    wire, status, document = tree
    path = data.draw(st.sampled_from(list(paths_in(document))))
    wrap = data.draw(st.sampled_from((lambda v: [v], lambda v: [[v], v], lambda v: {"value": v}, json.dumps, str)))
    assert is_sound(outcome(wire, status, json.dumps(put(document, path, wrap(get(document, path)))).encode()))


@many
@given(st.sampled_from(TREES), st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(tree: tuple[Wire, int, Any], random: Any) -> None:
    wire, status, document = tree

    def shuffled(value: Any) -> Any:
        if isinstance(value, list):
            return [shuffled(item) for item in value]
        if isinstance(value, dict):
            return {key: shuffled(value[key]) for key in random.sample(list(value), len(value))}
        return value

    found, same = (outcome(wire, status, json.dumps(each).encode()) for each in (document, shuffled(document)))
    assert facts(found) == facts(same)


@many
@given(st.sampled_from(STREAMS), st.data())
def test_the_framing_of_a_stream_does_not_matter(stream: tuple[Wire, bytes], data: st.DataObject) -> None:
    wire, body = stream
    events = [event for event in body.replace(b"\r\n", b"\n").split(b"\n\n") if event.strip()]
    ends = st.sampled_from((b"\n\n", b"\r\n\r\n", b"\n\n\n", b"\n\n: ping\n\n", b"\n\n:\n\n"))
    again = b"".join(event + data.draw(ends) for event in events)
    assert facts(outcome(wire, 200, again)) == facts(outcome(wire, 200, body))


def facts(found: EditResult | EditError) -> tuple[Any, ...]:
    """What must be the same of two readings."""
    if isinstance(found, EditError):
        return found.kind, found.retryable, found.retry_after, found.charged
    return [p.sha256 for p in found.pictures], found.links, found.text, [d.sha256 for d in found.drafts]


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value of a tree."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in items for found in paths_in(item, (*path, key)))]


def get(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The tree with another value at the end of a path."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(copy[path[0]], path[1:], new)
    return copy


MIB = 1 << 20


def spoken(text: bytes) -> bytes:
    return b'{"choices": [{"index": 0, "message": {"content": "' + text + b'"}}]}'


def filled(text: bytes, size: int = MIB) -> bytes:
    return text * (size // len(text))


def nested(times: int) -> bytes:
    body = "the innermost"
    for _ in range(times):
        body = json.dumps({"error": {"message": body}})
    return body.encode()


BOMBS: dict[str, Callable[[], bytes]] = {
    "lists in lists": lambda: b"[" * 100_000,
    "lists in lists, closed": lambda: b"[" * 100_000 + b"]" * 100_000,
    "lists as deep as the parser goes": lambda: b'{"candidates": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "objects in objects": lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "errors in errors": lambda: b'{"error":' * 900 + b'"x"' + b"}" * 900,
    "JSON in texts": lambda: nested(9),
    "a text of 100 MB": lambda: b'{"candidates": "' + filled(b"a", 100 * MIB) + b'"}',
    "a key of 100 MB": lambda: b'{"' + filled(b"a", 100 * MIB) + b'": 1}',
    "64 MiB of data lines": lambda: filled(b"data:\n", 64 * MIB),
    "64 MiB of line feeds": lambda: b"data: 1\n" + filled(b"\n", 64 * MIB) + b"x",
    "64 MiB of quotes": lambda: filled(b'"', 64 * MIB),
    "64 MiB of braces": lambda: filled(b"{", 64 * MIB),
    "64 MiB of open lines": lambda: filled(b"{\n", 64 * MIB),
    "64 MiB of blanks before a text": lambda: b"[" + filled(b" ", 64 * MIB) + b'"a"]',
    "64 MiB of image marks": lambda: spoken(filled(b"![", 64 * MIB)),
    "64 MiB of link marks": lambda: spoken(filled(b"](", 64 * MIB)),
    "64 MiB of base64 that is none": lambda: spoken(b"![](data:image/png;base64," + filled(b"A", 64 * MIB) + b")"),
    "millions of texts": lambda: b'["' + filled(b'","', 30 * MIB) + b'"]',
    "millions of parts": lambda: (
        b'{"candidates":[{"content":{"parts":[' + filled(b'{"text":"a"},', 30 * MIB) + b"{}]}}]}"
    ),
    "a million events": lambda: filled(b"data: {}\n\n", 10 * MIB),
    "an integer of a million digits": lambda: b'{"a": ' + filled(b"9") + b"}",
    "an integer beyond 64 bits": lambda: b'{"error": {"code": 99999999999999999999999, "message": ["x", 1e999]}}',
    "infinity and nothing": lambda: b'{"usage": {"cost": NaN}, "error": {"code": Infinity, "message": -Infinity}}',
    "halves of surrogate pairs": lambda: b'{"error": {"message": "\\ud83d \\udc00", "code": "\\ud83d"}}',
    "bad UTF-8": lambda: spoken(filled(b"\xff\xc3")),
    "zero bytes": lambda: filled(b"\0"),
    "zero bytes in words": lambda: b'{"error": {"message": "a\\u0000b"}}',
    "the same key twice": lambda: b'{"error": null, "error": {"message": "x"}, "choices": 1, "choices": []}',
    "a byte order mark within": lambda: b'\xef\xbb\xbf\xef\xbb\xbf{"a": 1}',
    "UTF-16": lambda: '{"error": {"message": "x"}}'.encode("utf-16"),
    "braces for a template": lambda: b'{"error": {"message": "{0} {status} %s {", "type": "{}"}}',
    "names that are no texts": lambda: (
        b'{"model": {"a": 1}, "id": [1], "choices": [{"index": [1], "finish_reason": {}}]}'
    ),
    "what stands in for long texts": lambda: (
        b'{"a": "' + filled(b"a") + b'", "message": "' + filled(b"\\u0000lifted 0\\u0000", 16 * MIB) + b'"}'
    ),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_in_time(bomb: Callable[[], bytes]) -> None:
    """All take well under a second on an idle machine; what is searched over and over would take minutes."""
    body = bomb()
    assert is_sound(outcome("native", 200, body, seconds=3))
    assert is_sound(outcome("chat", 200, body, seconds=3))
    assert is_sound(outcome("chat", 502, body, seconds=3))


# Texts that make a careless search look at the same letters again and again. One MiB each would take hours then.
HOSTILE = (
    "![",
    "](",
    "![](",
    "[](",
    "[](http://a",
    "![](http://a)",
    "](data:",
    "![](data:,)",
    "](<",
    "](  ",
    "](\\n",
    "<img",
    "<img ",
    "<img src=",
    "<img src='https://a",
    "data:",
    "data:image/",
    "data:image/,",
    "http://",
    "iVBORw0KGgo",
    "AAAA",
    "(",
    ")",
    "`",
    "<",
    '\\"',
    "\\n",
    " ",
    "retry ",
    "retry 1",
    "retry in 1s ",
    "wait1.",
    "1s1s",
    "status code ",
    "status: 5",
    "{",
    "}",
    "{}",
    "<title",
    "<title>",
    "limit: 0",
    "503",
    "_-",
    "\\u0041",
    "秒后",
    "1秒后",
    "违",
)


PLACES: dict[str, tuple[Wire, int, bytes]] = {
    "words": ("chat", 200, spoken(b"@")),
    "thoughts": ("chat", 200, b'{"choices": [{"delta": {"reasoning_content": "@"}}]}'),
    "payload": ("chat", 200, b'{"choices": [{"message": {"images": ["@"]}}]}'),
    "parts": ("native", 200, b'{"candidates": [{"content": {"parts": [{"text": "@"}]}}]}'),
    "error": ("chat", 500, b'{"error": {"message": "@", "metadata": {"raw": "@"}}}'),
    "page": ("chat", 502, b"<@"),
}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", PLACES)
def test_no_text_is_searched_over_and_over(text: str, place: str) -> None:
    much = filled(text.encode())
    wire, status, body = PLACES[place]
    assert is_sound(outcome(wire, status, body.replace(b"@", much), seconds=0.5))
