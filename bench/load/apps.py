"""The two apps as processes: the real one and the naive one, each with folders of its own that can be counted."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from dotenv import dotenv_values

from .relay import Relay

ROOT = Path(__file__).parents[2]
_MOST_SECONDS_TO_START = 90.0
_MOST_SECONDS_TO_END = 60.0


@dataclass(frozen=True)
class App:
    """An app that runs. `data` is where it keeps edits, `uploads` Gradio's folder, `temp` what TMPDIR names."""

    name: str
    address: str
    pid: int
    folder: Path

    @property
    def data(self) -> Path:
        """Where Edit Studio keeps edits; the naive app keeps none."""
        return self.folder / "data"

    @property
    def uploads(self) -> Path:
        """Gradio's own folder: uploads, and what it copies for the page."""
        return self.folder / "uploads"

    @property
    def temp(self) -> Path:
        """The system's folder for temporary files, as this app sees it."""
        return self.folder / "temp"


@contextmanager
def studio(relay: Relay, folder: Path) -> Iterator[App]:
    """The real app, as its owner starts it, with the stub for a relay of theirs."""
    # What stands in the developer's own .env has no part in this: a name that is set but empty counts as not set.
    own = dict.fromkeys(dotenv_values(ROOT / ".env"), "") if (ROOT / ".env").exists() else {}
    settings = {
        "EDIT_DATA": str(folder / "data"),
        "EDIT_PROVIDER": "custom",
        "EDIT_BASE_URL": relay.url,
        "EDIT_API_KEY": "sk-of-the-stub",
        "EDIT_WIRE": "native",
        "EDIT_PORT": str(_free_port()),
    }
    with _running("Edit Studio", [str(ROOT / "app.py")], folder, settings["EDIT_PORT"], own | settings) as app:
        yield app


@contextmanager
def naive(relay: Relay, folder: Path) -> Iterator[App]:
    """The app as it is usually written."""
    port = str(_free_port())
    with _running("naive", ["-m", "bench.load.naive"], folder, port, {"RELAY": relay.url, "PORT": port}) as app:
        yield app


@contextmanager
def _running(name: str, command: list[str], folder: Path, port: str, settings: Mapping[str, str]) -> Iterator[App]:
    app_folders = {"GRADIO_TEMP_DIR": folder / "uploads", "TMPDIR": folder / "temp"}
    for each in app_folders.values():
        each.mkdir(parents=True)
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("EDIT_", "GRADIO_"))}
    environment = {**ours, **settings, **{key: str(value) for key, value in app_folders.items()}}
    environment |= {"GRADIO_ANALYTICS_ENABLED": "False", "NO_PROXY": "127.0.0.1"}
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}/"
    try:
        _wait_for(address, process, log)
        yield App(name, address, process.pid, folder)
    finally:
        process.terminate()
        try:
            process.wait(_MOST_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _MOST_SECONDS_TO_START
    while process.poll() is None and time.monotonic() < end:
        try:
            httpx.get(address, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"The app did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
