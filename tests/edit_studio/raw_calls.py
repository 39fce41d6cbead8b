"""Calls to a running page as an attacker makes them: plain HTTP, no client library that tidies up."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import httpx


class RawPage:
    """A running page, spoken to by hand."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=30, trust_env=False)
        # The page brings the cookie by which a person is known.
        self._http.get("")
        self.config = self._http.get("config").json()

    def __enter__(self) -> RawPage:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def widget(self, elem_id: str) -> int:
        """The number of a widget, by the id it has on the page."""
        return next(each["id"] for each in self.config["components"] if each["props"].get("elem_id") == elem_id)

    def event(self, elem_id: str, name: str) -> dict[str, Any]:
        """The event that a widget triggers."""
        target = [self.widget(elem_id), name]
        return next(each for each in self.config["dependencies"] if target in each["targets"])

    def follower(self, elem_id: str) -> dict[str, Any]:
        """The event that a changed state triggers and that fills this widget in."""
        states = {each["id"] for each in self.config["components"] if each["type"] == "state"}
        widget = self.widget(elem_id)
        return next(
            each
            for each in self.config["dependencies"]
            if widget in each["outputs"] and any(target in states for target, _ in each["targets"])
        )

    def send(self, event: dict[str, Any], values: dict[str, Any], times: int = 1) -> list[dict[str, Any]]:
        """Trigger an event with values by elem_id, the others as the page starts with; returns all its messages.

        So does what follows from it: the page triggers the events of each state that it is told has changed.
        """
        session = self.start(event, values, times)
        messages = self._messages(f"gradio_api/queue/data?session_hash={session}")
        changed = {state for each in messages for state in each.get("output", {}).get("changed_state_ids") or []}
        for follower in self.config["dependencies"]:
            if any([state, "change"] in follower["targets"] for state in changed):
                self._join(follower, {}, session)
                messages += self._messages(f"gradio_api/queue/data?session_hash={session}")
        return messages

    def start(self, event: dict[str, Any], values: dict[str, Any], times: int = 1) -> str:
        """Trigger an event and do not listen; returns the session."""
        session = secrets.token_hex(8)
        for _ in range(times):
            self._join(event, values, session)
        return session

    def pick(self, event: dict[str, Any], job_id: str) -> list[dict[str, Any]]:
        """Trigger an event of the strip by a click on this edit; returns its messages."""
        session = secrets.token_hex(8)
        self._join(event, {}, session, {"id": job_id})
        return self._messages(f"gradio_api/queue/data?session_hash={session}")

    def _join(self, event: dict[str, Any], values: dict[str, Any], session: str, told: Any = None) -> None:
        by_number = {self.widget(elem_id): value for elem_id, value in values.items()}
        start = {each["id"]: each["props"].get("value") for each in self.config["components"]}
        data = [by_number.get(number, start.get(number)) for number in event["inputs"]]
        call = {"data": data, "fn_index": event["id"], "session_hash": session, "event_data": told}
        self._http.post("gradio_api/queue/join", json=call).raise_for_status()

    def upload(self, file: Path, upload_id: str = "") -> dict[str, Any]:
        """Upload a file; returns it as a gallery names it. A browser gives it an id, to ask how far it has come."""
        sent = {"files": (file.name, file.read_bytes())}
        answer = self._http.post("gradio_api/upload", params={"upload_id": upload_id} if upload_id else {}, files=sent)
        path = answer.raise_for_status().json()[0]
        return {"image": {"path": path, "meta": {"_type": "gradio.FileData"}}, "caption": None}

    def call(self, name: str, data: list[Any]) -> str:
        """Call a public endpoint; returns the raw text of its events."""
        answer = self._http.post(f"gradio_api/call/{name}", json={"data": data}).raise_for_status()
        return self._http.get(f"gradio_api/call/{name}/{answer.json()['event_id']}").text

    def get(self, path: str, accept: str = "*/*") -> httpx.Response:
        """Any address below the page's; `accept` is what kinds are wanted."""
        return self._http.get(path, headers={"accept": accept})

    def head(self, path: str) -> httpx.Response:
        """Only the head of what is at any address below the page's."""
        return self._http.head(path)

    @property
    def cookies(self) -> httpx.Cookies:
        """What the page has given this person to come back with."""
        return self._http.cookies

    def _messages(self, path: str) -> list[dict[str, Any]]:
        messages = []
        with self._http.stream("GET", path) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    messages.append(json.loads(line.removeprefix("data: ")))
                    if messages[-1]["msg"] == "close_stream":
                        break
        return messages
