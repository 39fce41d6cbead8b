"""A small Gradio app behind the real shield, with a real history, for tests of who may ask for what.

It counts what reaches its handlers, so that “turned away” can be told from “answered with an error”.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio.utils import get_upload_folder

from edit_core.pictures import Picture
from edit_studio.door.gate import Gate
from edit_studio.door.origins import Origins
from edit_studio.door.people import COOKIE, People
from edit_studio.door.picture_route import PictureRoute
from edit_studio.door.previews import Previews
from edit_studio.door.shield import MOST_JSON_BYTES, Rules, lifespan
from edit_studio.history.history import History
from edit_studio.history.rows import JobRow
from edit_studio.logins import Logins, read_logins
from edit_studio.storage.database import open_database
from edit_studio.storage.vault import Vault

from .examples import click, with_inputs

MOST_UPLOAD = 300_000
PASSWORDS = {"ann": "correct horse", "bob": "battery staple"}
LOGINS = read_logins({"EDIT_LOGINS": ", ".join(f"{name}:{word}" for name, word in PASSWORDS.items())})


@dataclass
class House:
    """A running app: where it is, what it keeps, and what its handlers were given."""

    address: str
    uploads: Path
    gate: Gate
    people: People
    history: History
    vault: Vault
    previews: Previews
    calls: list[tuple[str, Any]] = field(default_factory=list)
    doors: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of everything that the app answers, Gradio's own routes included."""

    @contextmanager
    def person(self) -> Iterator[httpx.Client]:
        """Somebody with a browser of their own, who has loaded the page."""
        with httpx.Client(base_url=self.address, timeout=10) as client:
            assert client.get("/").status_code == 200
            yield client

    @contextmanager
    def named(self, name: str) -> Iterator[httpx.Client]:
        """Somebody who has logged in, as a program does."""
        with self.person() as client:
            assert log_in(client, name).status_code == 200
            yield client

    def owner(self, client: httpx.Client) -> str:
        """The owner's id of this person, as a handler sees it."""
        assert event(client, "who", []).status_code == 200
        return self.calls[-1][0]

    def keep(self, client: httpx.Client, token: str, taken: Picture, result: Picture) -> JobRow:
        """A finished edit of this person's."""
        job, _ = self.history.begin(click(token, owner=self.owner(client), **with_inputs(taken)))
        self.history.save_take(job.id, 0, result)
        self.history.finish(job.id, "done")
        return job


def log_in(client: httpx.Client, name: str, password: str | None = None, **headers: str) -> httpx.Response:
    """Try a password, the right one unless another is given."""
    form = {"username": name, "password": PASSWORDS[name] if password is None else password}
    return client.post("/login", data=form, headers=headers)


def event(client: httpx.Client, name: str, data: list[Any], **headers: str) -> httpx.Response:
    """Start an event and read its stream to the end, as a program would; the answer to the start."""
    started = client.post(f"/gradio_api/call/{name}", json={"data": data}, headers=headers)
    if started.status_code == 200:
        client.get(f"/gradio_api/call/{name}/{started.json()['event_id']}", headers=headers).raise_for_status()
    return started


def cookie_of(client: httpx.Client) -> str:
    """The value of a person's cookie."""
    return client.cookies[COOKIE]


@contextmanager
def house(
    folder: Path,
    *,
    embedded: bool = False,
    names: tuple[str, ...] = (),
    logins: Logins | None = None,
    has_room: Callable[[int], bool] = lambda _size: True,
) -> Iterator[House]:
    """Serve the app until the block ends, with its files below `folder`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
        vault = Vault(folder / "data")
        database = open_database(f"sqlite:///{folder / 'history.db'}")
        previews = Previews(vault, workers=1)
        history = History(database, vault, on_removed=previews.remove)
        gate = Gate(logins or Logins(), embedded)
        people = gate.people()
        uploads = Path(get_upload_folder())
        running = House("", uploads, gate, people, history, vault, previews)
        rules = Rules(uploads, Origins(names), people, MOST_JSON_BYTES, MOST_UPLOAD, has_room)
        page = _page(running)
        _, running.address, _ = page.launch(
            server_name="127.0.0.1",
            server_port=_free_port(),
            prevent_thread_lock=True,
            quiet=True,
            ssr_mode=False,
            enable_monitoring=True,
            app_kwargs={
                "lifespan": lifespan(rules),
                "routes": [*gate.routes(), PictureRoute(people, history, vault, previews).route()],
            },
            auth_dependency=gate.name_for_gradio if logins else None,
        )
        running.doors = list(_doors(page.app.routes))
        yield running
        page.close()
        previews.close()
        history.close()


def _page(running: House) -> gr.Blocks:
    def owner(request: gr.Request) -> str:
        assert request.request is not None
        return running.people.owner(request.request.scope)

    def who(request: gr.Request) -> str:
        running.calls.append((owner(request), None))
        return "seen"

    def look(value: Any, request: gr.Request) -> str:
        running.calls.append((owner(request), value))
        return json.dumps([str(path) for path, _ in value or []])

    def count(request: gr.Request) -> Iterator[str]:
        running.calls.append((owner(request), None))
        yield from ("one", "two", "three")

    with gr.Blocks(analytics_enabled=False) as page:
        gallery, said = gr.Gallery(type="filepath"), gr.Textbox()
        gr.Button().click(who, None, said, api_name="who")
        gr.Button().click(look, gallery, said, api_name="look")
        gr.Button().click(count, None, said, api_name="count")
    # As on the real page: Gradio's figures of its events call what pandas no longer wants called.
    page._queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize
    return page


def _doors(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for route in routes:
        # FastAPI keeps the routes of a router that was included inside one of its own.
        if router := getattr(route, "original_router", None):
            yield from _doors(router.routes)
        for method in sorted(getattr(route, "methods", None) or ()):
            yield method, route.path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
