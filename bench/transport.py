"""A transport of the SDKs' HTTP library that sends nothing: it sees the finished request and hands over an answer.

So an SDK is measured on its own code, from its public call to the bytes it would send, and from the bytes that came
to what it returns. Both official SDKs stand on httpx2.
"""

from __future__ import annotations

import httpx2

from .timing import Watch


class Handover(httpx2.BaseTransport):
    """Stops the watch when a request's bytes are there, or starts it when the answer's are."""

    def __init__(self, answer: bytes, *, stops: Watch | None = None, starts: Watch | None = None) -> None:
        self._answer = answer
        self._stops, self._starts = stops, starts
        self.body = b""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, whatever was asked."""
        self.body = request.read()
        if self._stops:
            self._stops.stop()
        response = httpx2.Response(200, headers={"Content-Type": "application/json"}, content=self._answer)
        if self._starts:
            self._starts.start()
        return response
