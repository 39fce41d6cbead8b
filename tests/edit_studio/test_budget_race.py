"""A hundred clicks at one moment, from two processes, on money for ten: ten POSTs, and never a cent more reserved."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from edit_studio.money.entries import Balance, Sum
from edit_studio.money.ledger import Ledger
from edit_studio.storage.database import open_database

ROOT = Path(__file__).parents[2]
PRICE = 67_000
AFFORDED = 10
PROCESSES, PEOPLE = 2, 50
# A little more than ten edits, and less than eleven.
BUDGET = PRICE * AFFORDED + PRICE - 1


class Relay(ThreadingHTTPServer):
    """A relay that answers every POST with the same picture, and counts them."""

    request_queue_size = 128

    def __init__(self, picture: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        part = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(picture).decode()}}
        self.answer = json.dumps({"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}]}).encode()
        self.posts: list[str] = []
        self.address = f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: Relay

    def do_POST(self) -> None:
        self.server.posts.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def relay(photo: Callable[[str], bytes]) -> Iterator[Relay]:
    """A relay that runs."""
    with Relay(photo("tiny.png")) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def _spender(url: str, relay: Relay, name: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.edit_studio.spenders", url, relay.address]
    command += [str(BUDGET), str(PRICE), str(PEOPLE), name]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def test_exactly_as_many_are_sent_as_the_budget_affords(database_url: str, relay: Relay) -> None:
    database = open_database(database_url)
    ledger = Ledger(database)
    with ExitStack() as stack:
        spenders = [stack.enter_context(_spender(database_url, relay, f"p{each}")) for each in range(PROCESSES)]
        assert [_line(each) for each in spenders] == ["ready"] * PROCESSES
        for each in spenders:
            print(file=each.stdin, flush=True)
        seen = _watched(ledger, spenders)
        said = [tuple(map(int, _line(each).split())) for each in spenders]

    sent, refused = (sum(numbers) for numbers in zip(*said, strict=True))
    assert (sent, refused) == (AFFORDED, PROCESSES * PEOPLE - AFFORDED)
    assert len(relay.posts) == AFFORDED
    assert ledger.balance() == Balance(settled=Sum(AFFORDED, AFFORDED * PRICE))
    assert max(seen) <= BUDGET
    database.close()


def _watched(ledger: Ledger, spenders: list[subprocess.Popen[str]]) -> list[int]:
    """What counted as spent, looked at over and over until everybody is done."""
    seen = []
    for each in spenders:
        while each.poll() is None:
            seen.append(ledger.spent().today)
            with suppress(subprocess.TimeoutExpired):
                each.wait(0.005)
    return seen


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()
