"""Turns: no more at once than there are places, and nobody is kept for ever."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from edit_studio.turns import Turns


class Crowd:
    """People who each take a turn and stay until they are let go."""

    def __init__(self, turns: Turns, people: int) -> None:
        self.turns = turns
        self.let_go = threading.Event()
        self.inside = 0
        self.most = 0
        self.came = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(people)
        self.visits = [self._threads.submit(self._visit) for _ in range(people)]

    def _visit(self) -> None:
        with self.turns.taking_one():
            with self._lock:
                self.inside += 1
                self.most = max(self.most, self.inside)
            self.came.release()
            assert self.let_go.wait(10)
            with self._lock:
                self.inside -= 1

    def until_in(self, people: int) -> None:
        for _ in range(people):
            assert self.came.acquire(timeout=5)

    def end(self) -> None:
        self.let_go.set()
        for visit in self.visits:
            visit.result(10)


def test_no_more_are_at_it_than_there_are_places_and_everybody_has_a_turn() -> None:
    crowd = Crowd(Turns(at_once=2), people=6)
    crowd.until_in(2)
    assert not crowd.came.acquire(timeout=0.1)
    crowd.end()
    assert crowd.most == 2


def test_who_has_waited_long_goes_on_out_of_turn() -> None:
    began = time.monotonic()
    crowd = Crowd(Turns(at_once=1, patience=0.2), people=2)
    crowd.until_in(2)
    assert time.monotonic() - began >= 0.2
    crowd.end()


def test_at_the_end_of_the_app_nobody_waits() -> None:
    turns = Turns(at_once=1, patience=60)
    crowd = Crowd(turns, people=3)
    crowd.until_in(1)
    turns.close()
    crowd.until_in(2)
    crowd.end()


def test_a_turn_that_ends_badly_leaves_its_place() -> None:
    turns = Turns(at_once=1, patience=60)
    try:
        with turns.taking_one():
            raise ValueError
    except ValueError:
        crowd = Crowd(turns, people=1)
        crowd.until_in(1)
        crowd.end()
