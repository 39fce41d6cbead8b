"""What has arrived of one answer: kept piece by piece, inflated and capped, and still there when the rest never comes.

A picture that was paid for is read from what arrived, however the connection ended.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

from ..errors import TooLarge
from .inflation import Inflater

MOST_ANSWER_BYTES = 64 * 1024 * 1024
"""Bytes of an answer, on the wire and inflated."""


class Arrival:
    """One answer as far as it has come.

    `sent` says whether a byte of the request may have left; `status` is 0 until the answer begins. `received` is told
    of every plain piece, with the size so far.
    """

    def __init__(
        self,
        received: Callable[[int, bytes], None] | None = None,
        *,
        sent: bool = False,
        most_bytes: int = MOST_ANSWER_BYTES,
    ) -> None:
        self.sent = sent
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self._received = received
        self._most_bytes = most_bytes
        self._inflater = Inflater("")
        # BytesIO hands out its own buffer, so that a large body is never there twice.
        self._body = io.BytesIO()
        self._on_wire = 0

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Note how the answer begins. Raises `Malformed` for a compression that is not undone."""
        self.sent, self.status, self.headers = True, status, headers
        self._inflater = Inflater(headers.get("content-encoding", ""))

    def take(self, piece: bytes) -> None:
        """Keep the next bytes. Raises `TooLarge`, and `Malformed` for damaged compression."""
        self._on_wire += len(piece)
        for plain in self._inflater.feed(piece):
            self._keep(plain)

    def finish(self) -> None:
        """Note that the body is whole. Raises `Malformed` when what was compressed is not."""
        for plain in self._inflater.finish():
            self._keep(plain)

    @property
    def size(self) -> int:
        """Plain bytes so far."""
        return self._body.tell()

    @property
    def body(self) -> bytes:
        """The plain bytes so far."""
        return self._body.getvalue()

    def _keep(self, plain: bytes) -> None:
        if max(self._on_wire, self.size + len(plain)) > self._most_bytes:
            raise TooLarge(
                f"The answer is larger than {self._most_bytes >> 20} MiB and was not read further.", charged="maybe"
            )
        self._body.write(plain)
        if self._received is not None:
            self._received(self.size, plain)
