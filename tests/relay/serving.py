"""The two servers behind the client: the offline engine, which counts its calls, and LiteLLM's proxy before it."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn
from starlette.types import Receive, Scope, Send

from edit_core.offline.app import app

CONFIG = Path(__file__).with_name("litellm.yaml")
KEY = "sk-relay-canary-0123456789"
READY_WITHIN = 90.0
"""Seconds. LiteLLM imports for some ten of them on a slow machine."""


class NotReady(Exception):
    """The relay did not start."""


@dataclass
class Engine:
    """The offline engine on a port of its own. `posts` counts the calls that arrived."""

    address: str
    posts: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.posts += scope["method"] == "POST"
        await app(scope, receive, send)


@dataclass(frozen=True)
class Relay:
    """LiteLLM's proxy as a process, its words in a file."""

    address: str
    process: asyncio.subprocess.Process
    log: Path = field(repr=False)

    def last_words(self, count: int = 30) -> str:
        """The end of what it said."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])


@asynccontextmanager
async def serving_engine() -> AsyncIterator[Engine]:
    """Serve the engine from this process, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        engine = Engine(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(engine, lifespan="off", log_level="error"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield engine
        finally:
            server.should_exit = True
            await serving


@asynccontextmanager
async def serving_relay(command: Path, engine: Engine) -> AsyncIterator[Relay]:
    """Start LiteLLM before the engine, and end it with the block. Raises `NotReady` with its last words."""
    with tempfile.TemporaryDirectory() as home:
        port = _free_port()
        log = Path(home) / "litellm.log"
        with log.open("wb") as words:
            process = await asyncio.create_subprocess_exec(
                *(str(command), "--config", str(CONFIG), "--host", "127.0.0.1", "--port", str(port)),
                stdout=words,
                stderr=words,
                cwd=home,
                env=_environ(engine, home),
            )
        relay = Relay(f"http://127.0.0.1:{port}", process, log)
        try:
            await _ready(relay)
            yield relay
        finally:
            await _end(process)


def _environ(engine: Engine, home: str) -> dict[str, str]:
    """All that LiteLLM sees: none of the developer's keys and proxies, and no wish for the internet."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "ENGINE_NATIVE": f"{engine.address}/v1beta",
        "ENGINE_CHAT": f"{engine.address}/v1",
        "RELAY_KEY": KEY,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_TELEMETRY": "False",
    }


async def _ready(relay: Relay) -> None:
    try:
        async with asyncio.timeout(READY_WITHIN), httpx.AsyncClient(trust_env=False) as http:
            while not await _answers(http, f"{relay.address}/health/liveliness"):
                if relay.process.returncode is not None:
                    raise NotReady(f"LiteLLM ended with status {relay.process.returncode}.\n{relay.last_words()}")
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise NotReady(f"LiteLLM was not ready within {READY_WITHIN:.0f} s.\n{relay.last_words()}") from None


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).is_success
    except httpx.TransportError:
        return False


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
