"""A port to listen on: the one that was asked for, or the next that is free."""

from __future__ import annotations

import socket

TRIES = 100


class NoFreePort(OSError):
    """Every port that was tried is taken."""


def free_port(host: str, first: int) -> int:
    """The first free port from `first` on. Raises `NoFreePort`."""
    for port in range(first, min(first + TRIES, 65536)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            if _binds(probe, host, port):
                return port
    raise NoFreePort(f"No free port from {first} to {first + TRIES - 1}: end another program, or set EDIT_PORT.")


def _binds(probe: socket.socket, host: str, port: int) -> bool:
    # Elsewhere a port that was closed a moment ago counts as taken; on Windows the option would allow stealing one.
    if hasattr(socket, "SO_REUSEPORT"):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((host, port))
    except OSError:
        return False
    return True
