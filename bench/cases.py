"""What is measured: one row a case, each with its rivals and the goal against each."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pybase64

from . import ours, sample, sdk_google, sdk_openai, simd
from .inputs import MIB, Answers, picture
from .relay import LARGE, SMALL
from .timing import Measure, timed


@dataclass(frozen=True)
class Rival:
    """Somebody we are held against. The ratio, theirs over ours, has to reach `goal`.

    Below 1 the goal says how much more than the rival we may take: 0.5 is at most twice as much.
    """

    name: str
    measure: Measure
    goal: float


@dataclass(frozen=True)
class Case:
    """One piece of work on one input. Figures are in `unit`; `rounds` of None leaves their number to the command."""

    what: str
    ours: Measure
    rivals: tuple[Rival, ...]
    unit: str = "ms"
    rounds: int | None = None
    warm_up: bool = True


FASTER_BUILD, FASTER_READ, NO_MORE = 6, 3, 1
TWICE, HALF_MORE = 1 / 2, 1 / 1.5
"""The goals. The last two are for what cannot be beaten: twice the cost of it, half as much again."""


def all_cases(url: str, folder: Path) -> list[Case]:
    """Every case; `url` is the stub relay's, `folder` a place for a file that is sent."""
    answers = Answers.holding(picture(LARGE))
    return [*_building(), *_reading(answers), *_streaming(url, answers), *_memory(url, folder / "sent.png")]


def _building() -> list[Case]:
    pictures = [picture(4 * MIB, seed) for seed in (1, 2, 3)]
    small = Answers.holding(picture(SMALL))
    check = partial(_check_body, pictures)
    floor = Rival(simd.NAME, timed(partial(simd.build, pictures), check), TWICE)

    def rival(name: str, build: Callable[..., bytes], *inputs: object) -> Rival:
        return Rival(name, timed(partial(build, pictures, *inputs), check), FASTER_BUILD)

    native = (
        rival(sdk_google.NAME, sdk_google.build, small.native),
        rival(sample.NAME, sample.build_native),
        floor,
    )
    chat = (rival(sdk_openai.NAME, sdk_openai.build, small.chat), rival(sample.NAME, sample.build_chat), floor)
    what = "Build a body with three 4 MiB pictures"
    return [
        Case(f"{what}, native", timed(partial(ours.build, "native", pictures), check), native),
        Case(f"{what}, chat", timed(partial(ours.build, "chat", pictures), check), chat),
    ]


def _reading(answers: Answers) -> list[Case]:
    def reads(read: Callable[..., list[bytes]], *inputs: object) -> Measure:
        return timed(partial(read, *inputs), _check_large)

    native = (
        Rival(sdk_google.NAME, reads(sdk_google.read, answers.native), FASTER_READ),
        Rival(sample.NAME, reads(sample.read_native, answers.native), FASTER_READ),
    )
    chat = (
        Rival(sdk_openai.NAME, reads(sdk_openai.read, answers.chat), FASTER_READ),
        Rival(sample.NAME, reads(sample.read_chat, answers.chat), FASTER_READ),
    )
    what = "Read an answer with a 12 MiB picture"
    return [
        Case(f"{what}, native", reads(ours.read, "native", answers.native), native),
        Case(f"{what}, chat", reads(ours.read, "chat", answers.chat), chat),
    ]


def _streaming(url: str, answers: Answers) -> list[Case]:
    starts = range(0, len(answers.events), ours.PIECE)
    pieces = [answers.events[start : start + ours.PIECE] for start in starts]
    whole = timed(partial(ours.read, "native", answers.native), _check_large)

    def received(*, stream: bool) -> Measure:
        return timed(partial(ours.receive, f"{url}/large", stream=stream), _check_large)

    return [
        Case(
            "Read the same as a stream, bytes in hand",
            timed(partial(ours.read_streamed, pieces, answers.events), _check_large),
            (Rival("the same unstreamed", whole, HALF_MORE),),
        ),
        Case(
            "Receive the same as a stream, over a port",
            received(stream=True),
            (Rival("the same unstreamed", received(stream=False), HALF_MORE),),
        ),
    ]


def _memory(url: str, sent: Path) -> list[Case]:
    sent.write_bytes(picture(4 * MIB))
    what = "Peak memory of an edit, 4 MiB in, 12 MiB out"
    return [
        _memory_case(f"{what}, {wire}", f"ours-{wire}", rival, url, sent)
        for wire, rival in (("native", sdk_google.NAME), ("chat", sdk_openai.NAME))
    ]


def _memory_case(what: str, name: str, rival: str, url: str, sent: Path) -> Case:
    """Processes are fresh, so nothing warms up and three are enough."""

    def memory_of(name: str) -> Measure:
        return partial(_mebibytes_of, name, url, sent)

    rivals = (Rival(rival, memory_of(rival), NO_MORE),)
    return Case(what, memory_of(name), rivals, unit="MiB", rounds=3, warm_up=False)


def _mebibytes_of(name: str, url: str, sent: Path) -> float:
    """MiB that one edit takes at its highest point, in a fresh process."""
    command = [sys.executable, "-m", "bench.one_edit", name, url, str(sent)]
    # The SDKs heed a proxy of the environment, even on the way to this machine.
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return int(done.stdout) / MIB


def _check_body(pictures: list[bytes], body: bytes) -> None:
    """That every picture is in the body, in either alphabet of base64: google-genai writes the one for URLs."""
    for data in pictures:
        assert pybase64.b64encode(data) in body or pybase64.urlsafe_b64encode(data) in body, "a picture is missing"


def _check_large(found: list[bytes]) -> None:
    assert found == [picture(LARGE)], "the picture did not come back"
