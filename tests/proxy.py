"""A TCP proxy that can cut every connection at once, as a train does in a tunnel, and hold words back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_PIECE = 65536
_RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"
"""SO_LINGER with no time: closing then resets the connection instead of ending it politely."""


@dataclass
class Proxy:
    """Listens on `port` and hands on to `target` on 127.0.0.1. What begins with `late` comes so many seconds later."""

    target: int
    port: int = 0
    late: bytes = b""
    seconds: float = 0.0
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cut(self) -> int:
        """Reset every connection there is; returns how many ends that were. New ones are taken again at once."""
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        return len(ends)

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(_PIECE):
                if self.late and (at := piece.find(self.late)) >= 0:
                    other.sendall(piece[:at])
                    time.sleep(self.seconds)
                    piece = piece[at:]
                other.sendall(piece)
        with self._lock:
            known = {one, other} & self._open
            self._open -= known
        for end in known:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def proxy(target: int, late: bytes = b"", seconds: float = 0.0) -> Iterator[Proxy]:
    """A proxy before this port, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = Proxy(target, listener.getsockname()[1], late, seconds)
        thread = threading.Thread(target=running.serve, args=(listener,), daemon=True)
        thread.start()
        yield running
        listener.shutdown(socket.SHUT_RDWR)
        running.cut()
        thread.join(5)
