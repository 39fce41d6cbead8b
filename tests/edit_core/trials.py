"""One edit against a fault relay: how it ended, how long it took, and whether the key was seen anywhere on the way."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from edit_core import PROVIDERS, Client, EditError, EditRequest, EditResult, Picture, Provider, Reference
from edit_core.client import Clocks, Progress
from edit_core.sending.outcome import Outcome, RetryBudget, outcome_of
from tests.edit_core.spellings import KEY, leaks
from tests.faults import PICTURE, Form

MODEL = "gemini-2.5-flash-image"
REQUEST = EditRequest("make it red", (Reference(Picture.read(PICTURE)),))
PATIENT = Clocks(connect=5, first_byte=10, idle=10, total=20, backoff=0.01)
"""For faults that no clock decides: nothing here is ever reached, however busy the machine is."""


@dataclass
class Ended:
    """How an edit ended, and all that could be seen of it. `result` and `error` fail a test that has the other."""

    given: EditResult | None
    raised: EditError | None
    seconds: float
    progress: list[Progress] = field(default_factory=list)
    seen: str = ""

    @property
    def outcome(self) -> Outcome:
        return outcome_of(self.raised)

    @property
    def result(self) -> EditResult:
        assert self.given is not None, self.raised
        return self.given

    @property
    def error(self) -> EditError:
        assert self.raised is not None, self.given
        return self.raised


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """All that any logger says meanwhile, at every level, as text."""
    lines: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler, root = Collect(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def relay_row(url: str, **changes: Any) -> Provider:
    """A provider's row for a relay at an address."""
    return replace(PROVIDERS["custom"], base_url=url, **{"shape_dialects": (), **changes})


async def attempt(
    url: str,
    form: Form,
    *,
    request: EditRequest = REQUEST,
    provider: Provider | None = None,
    model: str = MODEL,
    key: str = KEY,
    **options: Any,
) -> Ended:
    """One edit at an address. Fails the test when the key was seen in a result, an error, a log or the progress."""
    options = {"clocks": PATIENT, "budget": RetryBudget(at_least=1000), **options}
    progress: list[Progress] = []
    result, error = None, None
    with everything_logged() as lines:
        client = Client(provider or relay_row(url), key, wire=form.wire, stream=form.stream, **options)
        began = time.monotonic()
        async with client:
            try:
                result = await client.edit(request, model, on_progress=progress.append)
            except EditError as caught:
                error = caught
        seconds = time.monotonic() - began
        # What the closing of connections logs.
        await asyncio.sleep(0)
    seen = "\n".join([*lines, repr(client), repr(progress), repr(result), *(_all_of(error) if error else ())])
    assert leaks(seen, key) == []
    return Ended(result, error, seconds, progress, seen)


def _all_of(error: BaseException | None) -> Iterator[str]:
    """An error and all that hangs on it, chained ones too, suppressed or not."""
    if error is None:
        return
    yield from (str(error), repr(error), repr(vars(error)), "".join(traceback.format_exception(error)))
    if isinstance(error, EditError):
        yield error.explain()
    yield from _all_of(error.__cause__)
    yield from _all_of(error.__context__)
