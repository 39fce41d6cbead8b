"""Bytes to documents: how a body is taken apart, whatever it calls itself."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest

from edit_core.wire import chat_answer as chat
from edit_core.wire import framing
from edit_core.wire import native_answer as native
from edit_core.wire.folding import fold
from edit_core.wire.framing import CROWDED, CUT, Framed, read_documents
from edit_core.wire.parsing import MOST_VALUES, Parser, TooManyValues, lift

LONG = "A" * 100_000


def framed(body: bytes) -> Framed:
    """The documents of a body, with no pieces of text joined."""
    return read_documents(body, lambda _: None)


BODIES: dict[str, tuple[bytes, list[Any]]] = {
    "JSON": (b'{"a": 1}', [{"a": 1}]),
    "JSON with a byte order mark and blanks": (b'\xef\xbb\xbf \r\n\r\n{"a": 1}\n', [{"a": 1}]),
    "a list": (b'[{"a": 1}]', [[{"a": 1}]]),
    "a text": (b'"words"', ["words"]),
    "a number": (b"7", [7]),
    "NaN and infinity": (b'{"a": Infinity}', [{"a": float("inf")}]),
    "raw line feeds in a text": (b'{"a": "b\nc"}', [{"a": "b\nc"}]),
    "bytes that are no UTF-8": (b'{"a": "\xff"}', [{"a": "\ufffd"}]),
    "halves of surrogate pairs": (b'{"a": ["\\ud83d", "\\ud83d\\ude00"]}', [{"a": ["?", "\U0001f600"]}]),
    "the same key twice": (b'{"a": 1, "a": 2}', [{"a": 2}]),
    "events": (b'data: {"a": 1}\n\ndata: {"a": 2}\n\n', [{"a": 1}, {"a": 2}]),
    "events with CRLF": (b'data: {"a": 1}\r\n\r\ndata: {"a": 2}\r\n\r\n', [{"a": 1}, {"a": 2}]),
    "events with CR": (b'data: {"a": 1}\r\rdata: {"a": 2}\r\r', [{"a": 1}, {"a": 2}]),
    "events with all three": (b'data: {"a": 1}\r\r: ping\n\ndata: {"a": 2}\r\n\r\n', [{"a": 1}, {"a": 2}]),
    "events without a blank after the colon": (b'data:{"a": 1}\n\ndata:[DONE]\n\n', [{"a": 1}]),
    "events with two blanks after the colon": (b'data:  {"a": 1}\n\n', [{"a": 1}]),
    "events without blank lines": (b'data: {"a": 1}\ndata: {"a": 2}\ndata: [DONE]\n', [{"a": 1}, {"a": 2}]),
    "events of several lines": (b'data: {\ndata: "a": 1\ndata: }\n\n', [{"a": 1}]),
    "events with names and comments": (b': hi\n\nevent: x\nid: 1\nretry: 5\ndata: {"a": 1}\n\n', [{"a": 1}]),
    "events with raw tabs in a text": (b'data: {"a": "b\tc"}\n\ndata: {"a": 2}\n\n', [{"a": "b\tc"}, {"a": 2}]),
    "events without an end": (b'data: {"a": 1}', [{"a": 1}]),
    "comments, then bare JSON": (b': hi\n\n{"a": 1}', [{"a": 1}]),
    "a broken event between two": (b'data: {"a": 1}\n\ndata: {x\n\ndata: {"a": 2}\n\n', [{"a": 1}, {"a": 2}]),
    "one document a line": (b'{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
    "one document a line, some with data": (b'{"a": 1}\ndata: {"a": 2}\n\n', [{"a": 1}, {"a": 2}]),
    "JSON and an end mark": (b'{"a": 1}\ndata: [DONE]\n\n', [{"a": 1}]),
    "JSON and a bare end mark": (b'{"a": 1}[DONE]', [{"a": 1}]),
    "JSON and a comment": (b'{\n"a": 1\n}\n<!-- cached -->', [{"a": 1}]),
    "JSON after JSON": (b'{"a": 1}{"a": 2} [3]', [{"a": 1}, {"a": 2}, [3]]),
}


@pytest.mark.parametrize(("body", "documents"), BODIES.values(), ids=BODIES)
def test_documents_are_found_in(body: bytes, documents: list[Any]) -> None:
    found = framed(body)
    assert list(found.documents) == documents
    assert not found.flaw


FLAWS: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 0, ""),
    "blanks": (b" \n\t", 0, ""),
    "words": (b"bad gateway", 0, ""),
    "a page": (b"<html>no</html>", 0, ""),
    "a page that mentions data": (b"<p>\ndata: {}\n\n</p>", 0, ""),
    "JSON that breaks off": (b'{"a": [1, 2', 0, CUT),
    "JSON that breaks off over several lines": (b'{\n"a": [\n{\n', 0, CUT),
    "an event that breaks off": (b'data: {"a": 1}\n\ndata: {"a', 1, CUT),
    "JSON after which JSON breaks off": (b'{"a": 1}{"a', 1, CUT),
    "lists nested too deeply": (b"[" * 100_000, 0, CUT),
    "more values than an answer has": (b"[" + b"1," * MOST_VALUES + b"1]", 0, CROWDED),
}


@pytest.mark.parametrize(("body", "documents", "flaw"), FLAWS.values(), ids=FLAWS)
def test_what_is_no_whole_document_is_told(body: bytes, documents: int, flaw: str) -> None:
    found = framed(body)
    assert (len(found.documents), found.flaw) == (documents, flaw)
    assert not body.strip() or documents or found.page


def test_a_page_is_kept_in_its_beginning_only() -> None:
    assert framed(b"<p>" + b"x" * 10**6).page == "<p>" + "x" * 19_997


def test_a_flood_of_events_ends_and_keeps_what_came_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MOST_EVENTS", 3)
    found = framed(b'data: {"a": 1}\n\n' * 5)
    assert (len(found.documents), found.flaw) == (3, CROWDED)


def test_many_documents_a_line_are_not_mistaken_for_one_with_too_many_values() -> None:
    found = framed(b'{"a": [1, 2, 3, 4, 5, 6]}\n' * 20_000)
    assert (len(found.documents), found.flaw) == (20_000, "")


def test_a_flood_of_broken_events_ends_and_keeps_what_came_first() -> None:
    found = framed(b'data: {"a": 1}\n\n' + b"data: {x\n\n" * 2000 + b'data: {"a": 1}\n\n')
    assert (len(found.documents), found.flaw) == (1, CROWDED)


TREES: dict[str, Any] = {
    "one long text": {"a": LONG, "b": [1, "short", None]},
    "long texts in lists": {"a": [LONG, {"b": LONG}, [[LONG]]], "c": "lifted 0"},
    "long texts between escapes": {"a": 'x"y\\' + LONG + "\n" + LONG + '"', "b": LONG + "\n", "c": "\u0007" + LONG},
    "long texts between letters of several bytes": {
        "a": f"生成\n完成{LONG}图",
        "b": "\n\U0001f600" + LONG + "\U0001f600",
    },
    "long texts that begin like the space between texts": {"a": ", " + LONG, "b": ": " + LONG, "c": "]" + LONG},
    "texts just around the limit": [("B" * size) for size in range(65_530, 65_540)],
    "a long list of short texts": ["short"] * 30_000,
    "what stands in for long texts": {"a": LONG, "b": "\x00lifted", "c": "\x00lifted x\x00", "d": "\x00"},
    "white space": {"a": " " * 200_000},
    "a long way without a text": {"a": "x", "b": [1] * 40_000, "c": "y"},
}


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("indent", [None, 1])
def test_long_texts_are_carried_around_the_parser_unharmed(tree: Any, indent: int | None, *, ascii_only: bool) -> None:
    body = json.dumps(tree, ensure_ascii=ascii_only, indent=indent).encode()
    assert framed(body).documents == (tree,)
    assert framed(b"data: " + json.dumps(tree, ensure_ascii=ascii_only).encode() + b"\n\n").documents == (tree,)


def test_a_mark_that_a_service_sends_itself_harms_nobody() -> None:
    body = json.dumps({"a": LONG, "b": "x\x00lifted 0\x00y", "c": "\x00lifted 7\x00"}).encode()
    assert framed(body).documents == ({"a": LONG, "b": f"x{LONG}y", "c": ""},)


def test_random_long_texts_are_carried_around_the_parser_unharmed() -> None:
    chance = random.Random(1)
    for _ in range(40):
        texts = [
            chance.choice(("", "\n", "生成 ", '"', "\\")).join(
                base64.b64encode(chance.randbytes(chance.choice((3, 300, 40_000, 70_000, 300_000)))).decode()
                for _ in range(chance.randint(1, 4))
            )
            for _ in range(chance.randint(1, 4))
        ]
        tree = {"texts": texts, "more": [{"x" * chance.randint(1, 60_000): texts[0]}]}
        body = json.dumps(tree, ensure_ascii=chance.random() < 0.5).encode()
        assert framed(body).documents == (tree,)


@pytest.mark.parametrize("around", ['"%s"', '"Done:\\n![x](data:image/png;base64,%s)\\nBye"', '"生成 %s"'])
def test_a_picture_never_meets_the_parser(around: str) -> None:
    small, runs = lift((around % LONG).encode())
    assert len(small) < 100
    assert len(runs) == 1


DATA_URLS = {
    "data:image/png;base64,": "",
    "data:image/svg+xml;charset=utf-8;base64,": "",
    "DATA:IMAGE/JPEG;base64,": "",
    "data:application/octet-stream;base64,": "data:application/octet-stream;base64,",
    "data:image/png,base64,": "data:image/png,base64,",
    "look: data:image/png;base64,": "look: data:image/png;base64,",
    "![x](data:image/png;base64,": "![x](data:image/png;base64,",
}


@pytest.mark.parametrize(("head", "kept"), DATA_URLS.items(), ids=DATA_URLS)
@pytest.mark.parametrize("slash", ["/", "\\/"])
def test_of_a_long_picture_as_a_data_url_the_base64_alone_is_read(head: str, kept: str, slash: str) -> None:
    body = '{"a": "%s"}' % (head.replace("/", slash) + LONG)
    assert framed(body.encode()).documents == ({"a": kept + LONG},)


def test_the_values_of_a_whole_body_are_counted() -> None:
    parser, document = Parser(), b"[" + b"1," * 90_000 + b"1]"
    for _ in range(44):
        parser.parse(document)
    with pytest.raises(TooManyValues):
        parser.parse(document)


def chunk(text: str | None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": "1", "choices": [{"index": 0, "delta": {"content": text, **more}, "finish_reason": finish}]}


def part(text: str, **more: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": [{"text": text, **more}], "role": "model"}, "index": 0}]}


STREAMS: dict[str, tuple[Any, list[Any], int]] = {
    "pieces of one text": (chat, [chunk("a"), chunk("b"), chunk("c")], 1),
    "a role at first": (chat, [chunk("a", role="assistant"), chunk("b")], 1),
    "thoughts, then words": (chat, [chunk("", reasoning_content="a"), chunk("b"), chunk("c")], 2),
    "two choices in turns": (chat, [chunk("a"), {"choices": [{"index": 1, "delta": {"content": "b"}}]}, chunk("c")], 3),
    "a finish": (chat, [chunk("a"), chunk("b", "stop"), chunk("c")], 3),
    "a picture": (chat, [chunk("a"), chunk("b", images=["x"]), chunk("c")], 3),
    "an error": (chat, [chunk("a"), {**chunk("b"), "error": "x"}, chunk("c")], 3),
    "what is no object": (chat, [[chunk("a")], "b", None, chunk("c"), 7], 5),
    "native pieces": (native, [part("a"), part("b"), part("c")], 1),
    "native thoughts, then words": (native, [part("a", thought=True), part("b"), part("c")], 2),
    "a native signature": (native, [part("a"), part("b", thoughtSignature="s"), part("c")], 3),
    "a native reason": (native, [part("a"), {"candidates": [{"finishReason": "STOP"}]}, part("c")], 3),
}


@pytest.mark.parametrize(("wire", "documents", "left"), STREAMS.values(), ids=STREAMS)
def test_only_bare_pieces_of_text_are_joined(wire: Any, documents: list[Any], left: int) -> None:
    folded = list(fold(documents, wire.look))
    assert len(folded) == left
    assert wire.read(tuple(folded)) == wire.read(tuple(documents))


def test_a_joined_stream_remembers_its_events() -> None:
    body = b"".join(b"data: %b\n\n" % json.dumps(chunk(letter)).encode() for letter in "abc")
    found = read_documents(body, chat.look)
    assert (len(found.documents), found.events) == (1, 3)
