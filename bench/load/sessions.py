"""A page of Gradio's as a browser speaks to it: a cookie of its own, uploads, events, and their stream of messages."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import httpx

Message = dict[str, Any]


class Session:
    """One open page. `config` is what Gradio says of its widgets and events."""

    def __init__(self, http: httpx.AsyncClient, config: Mapping[str, Any]) -> None:
        self.http = http
        self._config = config
        self._hash = secrets.token_hex(8)
        self._heart: asyncio.Task[None] | None = None

    def stay(self) -> None:
        """Keep the page open, as a browser does by its heartbeat."""
        self._heart = asyncio.create_task(self._beat())

    def leave(self) -> None:
        """Close the page."""
        if self._heart:
            self._heart.cancel()

    async def _beat(self) -> None:
        async with self.http.stream("GET", f"gradio_api/heartbeat/{self._hash}") as beats:
            async for _ in beats.aiter_raw():
                continue

    def events(self, name: str, elem_id: str | None = None) -> list[Mapping[str, Any]]:
        """The events of this name that run on the server, of one widget or of all."""
        number = None if elem_id is None else self.widget(elem_id)
        return [
            each
            for each in self._config["dependencies"]
            if each["backend_fn"] and any(kind == name and number in (None, target) for target, kind in each["targets"])
        ]

    def listeners(self, state: int) -> list[Mapping[str, Any]]:
        """The events that follow when a state has changed."""
        return [each for each in self._config["dependencies"] if [state, "change"] in each["targets"]]

    def widget(self, elem_id: str) -> int:
        """The number of a widget, by the id it has on the page."""
        return next(each["id"] for each in self._config["components"] if each["props"].get("elem_id") == elem_id)

    async def upload(self, name: str, data: bytes) -> Message:
        """Upload a file; returns it as widgets name it."""
        answer = await self.http.post("gradio_api/upload", files={"files": (name, data)})
        path = answer.raise_for_status().json()[0]
        return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}

    async def trigger(self, event: Mapping[str, Any], values: Mapping[int, Any]) -> AsyncIterator[str]:
        """Trigger an event with values by widget, the others as the page starts with; gives its messages as JSON.

        Whoever stops listening closes the connection, as a closed tab does.
        """
        start = {each["id"]: each["props"].get("value") for each in self._config["components"]}
        data = [values.get(number, start.get(number)) for number in event["inputs"]]
        call = {"data": data, "fn_index": event["id"], "session_hash": self._hash}
        (await self.http.post("gradio_api/queue/join", json=call)).raise_for_status()
        listening = self.http.stream("GET", "gradio_api/queue/data", params={"session_hash": self._hash})
        async with listening as stream, aclosing(stream.aiter_lines()) as lines:  # type: ignore[type-var]
            async for line in lines:
                if line.startswith("data: "):
                    yield line.removeprefix("data: ")

    async def outcome(self, event: Mapping[str, Any], values: Mapping[int, Any]) -> list[Any]:
        """Trigger an event and wait for its end; returns the values it gave."""
        output: list[Any] = []
        async for text in self.trigger(event, values):
            message = json.loads(text)
            if message["msg"] == "process_completed":
                if not message["success"]:
                    raise RuntimeError(f"An event of the page failed: {text[:500]}")
                output = message["output"]["data"]
        return output
