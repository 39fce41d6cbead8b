"""The command line: `python -m bench.load [--quick] [--soak-minutes N] [--json FILE]`.

Ends with status 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, TypeVar

from ..machine import machine
from . import apps, report
from .apps import App
from .crowd import crowd
from .findings import Table
from .plan import QUICK, Plan, minutes
from .relay import Relay, serving
from .rounds import two_rounds
from .saving import disk_of, save_and_list
from .soak import soak
from .watch import cpu_seconds

T = TypeVar("T")
Start = Callable[[Relay, Path], AbstractContextManager[App]]


class Bench:
    """Runs each part on an app that was just started, and keeps what it measured."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.raw: dict[str, Any] = {}

    def rounds(self) -> Table:
        """Forty at once, twice, in both apps."""
        ours = self._on(apps.studio, "rounds", lambda app, relay: two_rounds(app, relay, self.plan))
        naive = self._on(apps.naive, "rounds", lambda app, relay: two_rounds(app, relay, self.plan))
        return report.of_rounds(ours, naive, self.plan)

    def crowd(self) -> Table:
        """More than there is room for."""
        ours = self._on(apps.studio, "crowd", lambda app, relay: crowd(app, relay, self.plan))
        return report.of_crowd(ours, self.plan)

    def soak(self) -> Table:
        """A long time; the naive app has a shorter one."""
        plan = self.plan
        ours, naive = (plan.warm_up, plan.soak_seconds), (plan.naive_warm_up, plan.naive_soak_seconds)
        of_ours = self._on(apps.studio, "soak", lambda app, relay: soak(app, relay, plan, *ours))
        of_naive = self._on(apps.naive, "soak", lambda app, relay: soak(app, relay, plan, *naive))
        return report.of_soak(of_ours, of_naive, plan)

    def saving(self) -> Table:
        """The disk, without an app around it."""
        _tell("saving")
        with TemporaryDirectory() as folder:
            saving = save_and_list(Path(folder), self.plan)
        self.raw["saving"] = asdict(saving)
        return report.of_saving(saving)

    def _on(self, start: Start, what: str, run: Callable[[App, Relay], Coroutine[Any, Any, T]]) -> T:
        with TemporaryDirectory() as folder, serving() as relay, start(relay, Path(folder) / "app") as app:
            _tell(f"{what}, {app.name}")
            began, of_bench = time.monotonic(), time.process_time()
            measured = asyncio.run(run(app, relay))
            spent = {"app": cpu_seconds(app.pid), "relay": cpu_seconds(relay.pid)}
            spent |= {"people": time.process_time() - of_bench, "clock": time.monotonic() - began}
            _tell("seconds of processor: " + ", ".join(f"{who} {seconds:.0f}" for who, seconds in spent.items()))
            self.raw[f"{what}, {app.name}"] = {**asdict(measured), "seconds": spent}  # type: ignore[call-overload]
        return measured


def main() -> int:
    """Measure everything, print the tables."""
    options = _options()
    plan = QUICK if options.quick else Plan()
    if options.soak_minutes:
        plan = replace(plan, soak_seconds=options.soak_minutes * 60)
    if options.rate:
        plan = replace(plan, rate=options.rate)
    free = shutil.disk_usage(gettempdir()).free
    if "soak" in options.only and free < plan.soak_bytes:
        sys.exit(
            f"The soak fills {plan.soak_bytes / 1e9:.0f} GB of {gettempdir()}, where {free / 1e9:.0f} GB are free. "
            "TMPDIR can name another folder; --quick fills little."
        )
    bench = Bench(plan)
    parts = {"rounds": bench.rounds, "crowd": bench.crowd, "soak": bench.soak, "saving": bench.saving}
    tables = [part() for name, part in parts.items() if name in options.only]
    print(f"{machine()}, gradio {version('gradio')}; {disk_of(Path(gettempdir()))}.\n")
    for table in tables:
        print("\n".join(table.markdown()), end="\n\n")
    print(_footnote(plan))
    if options.json:
        data = {"machine": machine(), "plan": asdict(plan), "tables": [table.as_data() for table in tables]}
        options.json.write_text(json.dumps({**data, "raw": bench.raw}, indent=1), encoding="utf-8")
    return 0 if all(table.is_met for table in tables) else 1


def _footnote(plan: Plan) -> str:
    """How to read the tables."""
    naive = f"{minutes(plan.naive_soak_seconds)} minutes after {minutes(plan.naive_warm_up)}"
    return (
        "People, relay and app share these cores. A photo has 4 MB and a picture of the relay's 11; every other photo "
        "says where it was taken and one in ten lies on its side, as those of phones do; only ours puts that right. "
        "The naive app ran with `concurrency_limit=None`; by default Gradio runs one edit at a time. The long load "
        f"comes after {minutes(plan.warm_up)} minutes of the same, in which memory may find its level, and took the "
        f"naive app {naive}. What was gained is a line through what there was in pauses of {plan.pause:g} s, one after "
        f"each {plan.stretch:g}, when nothing was under way. Ratio: naive over ours. MB are millions of bytes, PSS of "
        "the whole process tree, taken five times a second; ± is a standard error."
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    names = ("rounds", "crowd", "soak", "saving")
    parser.add_argument("--quick", action="store_true", help="a few minutes, to see that it works")
    parser.add_argument("--soak-minutes", type=float, metavar="N", help="minutes of our soak (10)")
    parser.add_argument("--rate", type=float, metavar="N", help="people a second (2): what this machine can do")
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="some parts only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single figure to a file")
    return parser.parse_args()


def _tell(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
