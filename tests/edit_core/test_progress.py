"""The words of a stream while it comes, and the result when it has come: the same as without streaming."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from edit_core import EditError, read_answer
from edit_core.edits import Wire
from edit_core.wire.progress import LONGEST_LINE, LONGEST_WORDS, ProgressReader, Words

from .shapes import SHAPES
from .shapes.building import Shape, b64, delta, dump, inline, native, pieces, sse, url

FOLDER = Path(__file__).parents[1] / "answers"
RECORDED = [
    Shape(case["file"], case["format"], (FOLDER / case["file"]).read_bytes(), status=case["status"])
    for case in json.loads((FOLDER / "INDEX.json").read_text(encoding="utf-8"))
]
ANSWERS = [*RECORDED, *SHAPES]
BASE64 = re.compile(r"[A-Za-z0-9+/]{60}")


def follow(wire: Wire, body: bytes, sizes: list[int]) -> list[Words]:
    """The words after each piece."""
    reader, start, seen = ProgressReader(wire), 0, []
    for size in sizes:
        seen.append(reader.feed(body[start : start + size]))
        start += size
    return [*seen, reader.feed(body[start:])]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"{answer.wire} {answer.id}")
def test_the_words_of_any_answer_in_any_pieces_hold_no_picture(answer: Shape) -> None:
    chance = random.Random(answer.id)
    sizes = [chance.choice((1, 7, 80, 4000)) for _ in range(60)]
    seen = follow(answer.wire, answer.body, sizes)
    assert not any(BASE64.search(words.text + words.thoughts) for words in seen)
    assert follow(answer.wire, answer.body, [])[-1] == seen[-1]


def as_stream(answer: Shape) -> list[Any] | None:
    """The same answer as the events of a stream, where it is one JSON object."""
    try:
        document = json.loads(answer.body)
        dump(document)
    except ValueError:
        return None
    choices = document.get("choices") if isinstance(document, dict) else None
    if answer.wire == "native" or not isinstance(choices, list) or len(choices) != 1:
        return [document] if isinstance(document, dict) else None
    message = choices[0].get("message") if isinstance(choices[0], dict) else None
    if not isinstance(message, dict) or not isinstance(content := message.get("content"), str):
        return [document]
    chunks: list[Any] = [delta(part) for part in pieces(content, 50)]
    rest = {**choices[0], "delta": {name: value for name, value in message.items() if name != "content"}}
    return [*chunks, {**document, "choices": [{k: v for k, v in rest.items() if k != "message"}]}]


STREAMED = [(answer, events) for answer in ANSWERS if answer.status == 200 and (events := as_stream(answer))]


@pytest.mark.parametrize(("answer", "events"), STREAMED, ids=lambda value: getattr(value, "id", "streamed"))
def test_a_streamed_answer_gives_what_the_unstreamed_gives(answer: Shape, events: list[Any]) -> None:
    assert facts(answer.wire, sse(*events)) == facts(answer.wire, answer.body)


def facts(wire: Wire, body: bytes) -> tuple[Any, ...]:
    try:
        result = read_answer(wire, 200, {}, body)
    except EditError as error:
        return error.kind, error.retryable, error.retry_after, error.charged
    return [p.sha256 for p in result.pictures], result.links, result.text, [p.sha256 for p in result.drafts]


def test_words_and_thoughts_are_told_as_they_come() -> None:
    body = sse(delta(reasoning_content="Hm"), delta("Here "), delta("it is"), done=False)
    ends = [body.find(b"\n\n", place) + 2 for place in (0, body.find(b"Here"), body.find(b"it is"))]
    seen = follow("chat", body, [ends[0], ends[1] - ends[0], ends[2] - ends[1]])
    assert seen[:3] == [Words("", "Hm"), Words("Here ", "Hm"), Words("Here it is", "Hm")]


def test_native_words_and_thoughts_are_told_apart() -> None:
    body = sse(native({"text": "Hm", "thought": True}, {"text": "Here"}, inline("red.png")))
    assert follow("native", body, [])[-1] == Words("Here", "Hm")


@pytest.mark.parametrize(
    "picture", [f"![x]({url('red.jpg')})", url("red.jpg"), b64("red.jpg"), f"[m](data:;base64,{b64('red.png')})"]
)
@pytest.mark.parametrize("length", [1, 7, 50, 10_000])
def test_words_end_where_a_picture_begins(picture: str, length: int) -> None:
    body = sse(*(delta(piece) for piece in pieces(f"Here it is: {picture} Enjoy.", length)))
    words = follow("chat", body, [])[-1].text
    assert words.startswith("Here it is: ")
    assert len(words) < len("Here it is: ") + 6


def test_a_line_of_60_megabytes_is_not_kept() -> None:
    reader, piece = ProgressReader("chat"), b"A" * 65_536
    reader.feed(b'data: {"choices": [{"delta": {"content": "')
    for _ in range(960):
        reader.feed(piece)
    assert len(reader._line) <= LONGEST_LINE
    assert reader.feed(b'"}}]}\n' + sse(delta("after"))) == Words("after")


def test_words_without_end_are_cut() -> None:
    reader = ProgressReader("chat")
    for _ in range(40):
        words = reader.feed(sse(delta("no " * 1000), done=False))
    assert len(words.text) == LONGEST_WORDS
