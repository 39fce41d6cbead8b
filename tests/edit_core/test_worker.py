"""A process that does what strangers' bytes may break: whatever it does, the next question is answered."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from edit_core.worker import Died, NotStarted, Pipes, TooSlow, Worker
from tests.children import children


class Refusal(Exception):
    """The answer is a no. Its argument is the process it came from."""


def asking(what: str) -> Callable[[Pipes], tuple[int, bytes]]:
    """A talk: which process answered, and what it sent."""

    def talk(pipes: Pipes) -> tuple[int, bytes]:
        pipes.say({"do": what})
        head = pipes.hear()
        if "refused" in head:
            raise Refusal(head["pid"])
        return head["pid"], pipes.hear_bytes(head["size"])

    return talk


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("tests.edit_core.wild_worker", 20.0, Refusal)
    yield made
    made.close()


def test_one_process_answers_again_and_again_and_a_no_is_an_answer(worker: Worker) -> None:
    first, data = worker.ask(asking("answer"))
    with pytest.raises(Refusal) as refused:
        worker.ask(asking("refuse"))
    assert data == b"abc"
    assert (refused.value.args[0], worker.ask(asking("answer"))[0]) == (first, first)


@pytest.mark.parametrize("what", ["say half a line", "send half a picture", "take more memory than it may"])
def test_one_that_dies_over_a_question_is_replaced_for_the_next(worker: Worker, what: str) -> None:
    before, _ = worker.ask(asking("answer"))
    with pytest.raises(Died):
        worker.ask(asking(what))
    after, data = worker.ask(asking("answer"))
    assert (after != before, data) == (True, b"abc")


def test_one_that_takes_too_long_is_ended() -> None:
    before = children()
    impatient = Worker("tests.edit_core.wild_worker", 0.5, Refusal)
    with pytest.raises(TooSlow):
        impatient.ask(asking("take for ever"))
    assert children() <= before


def test_one_whose_answer_was_not_understood_says_no_more_of_it_to_the_next(worker: Worker) -> None:
    def forgetful(pipes: Pipes) -> None:
        asking("answer")(pipes)
        pipes.say({"do": "answer"})
        raise KeyError("there is no such thing in this answer")

    with pytest.raises(KeyError):
        worker.ask(forgetful)
    assert worker.ask(asking("answer"))[1] == b"abc"


def test_one_that_cannot_be_started_says_so(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(NotStarted):
        worker.ask(asking("answer"))
    monkeypatch.undo()
    assert worker.ask(asking("answer"))[1] == b"abc"


def test_one_that_is_at_work_can_be_ended_from_elsewhere(worker: Worker) -> None:
    def talk(pipes: Pipes) -> None:
        pipes.say({"do": "take for ever"})
        threading.Thread(target=worker.kill).start()
        pipes.hear()

    with pytest.raises(Died):
        worker.ask(talk)
    assert worker.ask(asking("answer"))[1] == b"abc"


def test_a_closed_one_leaves_nothing_behind(worker: Worker) -> None:
    before = children()
    worker.ask(asking("answer"))
    (process,) = children() - before
    worker.close()
    assert process not in children()
