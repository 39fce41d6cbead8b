"""What every test starts from: a clean environment, photos, a free port, one Chromium."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.chromium import FLAGS, find_chromium

# Before any test file imports Gradio, which reads it then and would otherwise phone home.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

PHOTOS = Path(__file__).parent / "photos"

SCRUBBED_STARTS = ("EDIT_", "GRADIO_", "SPACE_")
SCRUBBED_ENDS = ("_API_KEY", "_BASE_URL", "_PROXY")
SCRUBBED = ("SYSTEM", "PORT")
KEPT = ("GRADIO_ANALYTICS_ENABLED", "EDIT_CHROMIUM")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests go last: Playwright's sync API leaves its event loop running, and no async test can start in it."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))


def is_scrubbed(name: str) -> bool:
    """Whether a variable of the developer's could change what a test sees."""
    name = name.upper()
    if name in KEPT:
        return False
    return name in SCRUBBED or name.startswith(SCRUBBED_STARTS) or name.endswith(SCRUBBED_ENDS)


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    """No keys, settings or proxies of the developer's; for the session, so that session fixtures start clean too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(is_scrubbed, list(os.environ)):
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def photo() -> Callable[[str], bytes]:
    """The bytes of a file under `tests/photos`, by its name there: `photo("damaged/cut.jpg")`."""
    return lambda name: (PHOTOS / name).read_bytes()


@pytest.fixture
def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium for the whole session; take a `browser.new_context()` each, so that tests share nothing.

    Without Chromium's sandbox, as is Playwright's default: root and many containers cannot have it, and the only
    pages opened are our own.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        yield chromium
        chromium.close()
