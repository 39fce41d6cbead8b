"""What a waiting person is told, and how often."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edit_core.sending.redaction import Redactor
from edit_core.sending.reporting import Progress, Reporter
from tests.edit_core.spellings import KEY
from tests.faults import Form

STREAM = Form("native", stream=True)


def event(text: str) -> bytes:
    return STREAM._event(text=text)


def told(*pieces: bytes) -> list[Progress]:
    heard: list[Progress] = []
    reporter = Reporter("native", Redactor(KEY), heard.append)
    reporter.sending()
    reporter.waiting()
    for number, piece in enumerate(pieces, start=1):
        reporter.received(number, piece)
    reporter.ended(len(pieces))
    return heard


def test_the_first_words_and_the_last_are_told_and_few_between() -> None:
    heard = told(*[event("a ")] * 500)
    assert [progress.state for progress in heard[:3]] == ["sending", "waiting", "receiving"]
    assert (heard[2].text, heard[-1].text) == ("a ", "a " * 500)
    assert len(heard) < 20


def test_the_beginning_of_the_key_is_held_back_until_it_is_known_to_be_none() -> None:
    for end in range(4, len(KEY) + 1):
        assert KEY[:4] not in told(event("It is "), event(KEY[:end]))[-1].text
    assert told(event(f"{KEY[:12]} it is not"))[-1].text == f"{KEY[:12]} it is not"


def test_an_answer_without_a_byte_is_not_being_received() -> None:
    assert [progress.state for progress in told()] == ["sending", "waiting"]


@pytest.mark.parametrize("lost", [False, True], ids=["nothing was lost", "an earlier answer was lost"])
def test_nothing_is_out_before_the_first_byte_and_after_a_refusal(lost: bool) -> None:
    heard: list[Progress] = []
    reporter = Reporter("native", Redactor(KEY), heard.append, lost=lost)
    reporter.connecting()
    reporter.sending()
    reporter.waiting()
    reporter.received(9, event("No."))
    reporter.in_vain()
    states = [(progress.state, progress.sent) for progress in heard]
    assert states == [("sending", lost), ("sending", True), ("waiting", True), ("receiving", True), ("receiving", lost)]
    assert heard[-1] == replace(heard[-2], sent=lost)


def test_a_flood_of_lines_is_counted_and_no_longer_read() -> None:
    heard = told(event("before"), b"data: {}\n" * 100_001, event("after"))
    assert (heard[-1].text, heard[-1].received_bytes) == ("before", 3)
