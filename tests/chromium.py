"""The Chromium that the page's tests drive: finding it, and as `python -m tests.chromium` getting one.

The order is: the one on the machine, Playwright's own download, the system's package. Every find is started once to
see that it runs, since a download without its system libraries looks complete and is not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""For the launch: a Chromium that asks the network for nothing but our page."""


class NoChromium(Exception):
    """There is no Chromium that runs; the message says what to do."""


@dataclass(frozen=True)
class Step:
    """One way of getting a Chromium. A step for the administrator is left out where we are not one."""

    says: str
    command: tuple[str, ...]
    by_administrator: bool = False


PLAYWRIGHT = (sys.executable, "-m", "playwright")
STEPS = (
    Step("downloading Playwright's", (*PLAYWRIGHT, "install", "chromium")),
    Step("reading the system's list of packages", ("apt-get", "update", "-qq"), by_administrator=True),
    Step(
        "installing the system's package",
        ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"),
        by_administrator=True,
    ),
    # Ubuntu has no chromium package outside of snap; there the download only lacks its libraries.
    Step("installing what Playwright's needs", (*PLAYWRIGHT, "install-deps", "chromium"), by_administrator=True),
)
LONGEST_STEP = 600
"""Seconds: a download over a slow line."""


def find_chromium() -> Path:
    """The Chromium to use. `EDIT_CHROMIUM` names one; raises `NoChromium` when it, or every other, does not run."""
    if named := os.environ.get("EDIT_CHROMIUM"):
        if runs(Path(named)):
            return Path(named)
        raise NoChromium(f"EDIT_CHROMIUM names {named}, which does not start.")
    on_path = (Path(found) for name in NAMES if (found := shutil.which(name)))
    for candidate in (*on_path, MAC_CHROME):
        if runs(candidate):
            return candidate
    with sync_playwright() as playwright:
        downloaded = Path(playwright.chromium.executable_path)
    if runs(downloaded):
        return downloaded
    raise NoChromium("No Chromium here: install chromium or Google Chrome, or name one in EDIT_CHROMIUM.")


def runs(program: Path) -> bool:
    """Whether the program is there and can say its version, which needs all its libraries."""
    if not program.is_file():
        return False
    try:
        said = subprocess.run([program, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0


def get_chromium() -> Path:
    """Find a Chromium, or take the steps one by one until there is one. Asks nothing; raises `NoChromium`."""
    for step in STEPS:
        try:
            return find_chromium()
        except NoChromium:
            if "EDIT_CHROMIUM" in os.environ:
                raise
            take(step)
    return find_chromium()


def take(step: Step) -> None:
    """Run the step and say so; whether it helped is seen by looking for a Chromium again."""
    prefix = administrator() if step.by_administrator else ()
    if prefix is None or not shutil.which(step.command[0]):
        return
    print(f"No Chromium yet: {step.says} ...", flush=True)
    try:
        ended = subprocess.run(
            (*prefix, *step.command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LONGEST_STEP,
            check=False,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        )
    except subprocess.TimeoutExpired:
        print(f"  stopped after {LONGEST_STEP} seconds")
        return
    if ended.returncode:
        print("  that failed:", reason(ended.stdout + ended.stderr))


def reason(output: str) -> str:
    """The line of a failed program's output that most likely says why."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "it gave no reason")


def administrator() -> tuple[str, ...] | None:
    """What to put before a command to run it as administrator, or None where a password would be asked for."""
    if os.geteuid() == 0:
        return ()
    passwordless = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ("sudo", "-n") if passwordless and passwordless.returncode == 0 else None


if __name__ == "__main__":
    try:
        get_chromium()
    except NoChromium as missing:
        sys.exit(str(missing))
