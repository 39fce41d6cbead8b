"""The whole app as a process of its own, as people run it: started, told to end, and looked at afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from edit_studio.history.history import History
from edit_studio.history.opening import DATABASE_FILE
from edit_studio.history.rows import JobRow
from edit_studio.money.ledger import Ledger
from edit_studio.storage.database import open_database
from edit_studio.storage.vault import Vault

from .raw_calls import RawPage

ROOT = Path(__file__).parents[2]
PHOTO = ROOT / "tests" / "photos" / "cat.jpg"

CONFINED = """
import _thread, json, os, resource, runpy, sys, threading

def start(*args):
    if threading.active_count() >= threads:
        raise RuntimeError("can't start new thread")
    return begin(*args)

limits = json.loads(sys.argv[1])
threads, begin = limits.pop("THREADS", None), _thread.start_new_thread
for name, most in limits.items():
    resource.setrlimit(getattr(resource, name), (most, most))
if threads:
    threading._start_new_thread = start
sys.argv = ["app.py"]
sys.path.insert(0, os.getcwd())
runpy.run_path("app.py", run_name="__main__")
"""
"""Limits itself, then becomes the app. The system's own limit of threads does not hold for root, so where there are
`THREADS` of them Python says what it says then."""


@dataclass(frozen=True)
class Kept:
    """What is found when everything is over: the jobs, and what the ledger says of each."""

    jobs: tuple[JobRow, ...]
    entries: Mapping[str, tuple[str, ...]]

    def ends(self) -> dict[str, list[tuple[str, int, tuple[str, ...]]]]:
        """State, number of pictures and ledger entries of every job, by prompt."""
        found: dict[str, list[tuple[str, int, tuple[str, ...]]]] = {}
        for job in self.jobs:
            entries = tuple(sorted(self.entries[job.id]))
            found.setdefault(job.prompt, []).append((job.state, len(job.takes), entries))
        return found


@dataclass(frozen=True)
class AppProcess:
    """A running app. `data` is its folder, `log` the file of all that it says besides its address."""

    process: subprocess.Popen[str]
    address: str
    data: Path
    log: Path

    def says(self, words: str) -> None:
        """Wait until it says this."""
        assert self.process.stdout
        assert words in self.process.stdout.readline()

    def open_files(self) -> int:
        """How many files and sockets it holds."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))  # noqa: PTH208 - a folder that changes meanwhile

    def memory(self) -> int:
        """The most bytes of memory it ever held, from Linux' own count."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024


@contextmanager
def app_process(
    folder: Path, port: int, limits: Mapping[str, int] | None = None, **settings: str
) -> Iterator[AppProcess]:
    """The app with its files below `folder`; `limits` are the system's by their names in `resource`."""
    environ = {"PATH": os.environ["PATH"], "EDIT_DATA": str(folder / "data"), "EDIT_PORT": str(port)}
    environ |= {"GRADIO_TEMP_DIR": str(folder / "uploads"), "GRADIO_ANALYTICS_ENABLED": "False", **settings}
    command = [sys.executable, "-c", CONFINED, json.dumps(limits or {}), "app.py"]
    log = folder / "log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        running = AppProcess(process, f"http://127.0.0.1:{port}/", folder / "data", log)
        try:
            running.says("Edit Studio is at")
            yield running
        finally:
            process.kill()


def begin(raw: RawPage, prompt: str, photo: Path = PHOTO, **values: object) -> None:
    """Press Edit as the page does, and do not wait for what comes of it."""
    raw.start(raw.event("edit", "click"), {"pictures": [raw.upload(photo)], "prompt": prompt, **values})


def kept(data: Path) -> Kept:
    """What lies in the folder of an app, whether it runs or not."""
    with closing(History(open_database(f"sqlite:///{data / DATABASE_FILE}"), Vault(data))) as history:
        with history.database.reading() as connection:
            owners = set(connection.exec_driver_sql("SELECT DISTINCT owner FROM jobs").scalars())
        jobs = tuple(job for owner in sorted(owners) for job in history.page(owner, most=100).rows)
        ledger = Ledger(history.database)
        return Kept(jobs, {job.id: tuple(entry.state for entry in ledger.entries_of(job.id)) for job in jobs})
