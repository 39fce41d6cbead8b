"""`python -m edit_core.offline --port 8901`: serve the engine to any client."""

from __future__ import annotations

import argparse
import socket
import sys

import uvicorn

from .app import create_app


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. Port 0 takes any free one; the line printed names it."""
    parser = argparse.ArgumentParser(prog="python -m edit_core.offline", description="Serve the offline engine.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8901)
    chosen = parser.parse_args(arguments)
    try:
        listener = socket.create_server((chosen.host, chosen.port))
    except OSError as error:
        print(f"Cannot listen on {chosen.host}:{chosen.port}: {error.strerror}.", file=sys.stderr)
        return 1
    url = f"http://{chosen.host}:{listener.getsockname()[1]}"
    print(f"Offline engine on {url} (NOT an AI: it edits by rules on words). Base URL for chat: {url}/v1", flush=True)
    uvicorn.Server(uvicorn.Config(create_app(), log_level="warning")).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
