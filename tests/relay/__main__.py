"""`make test-relay`: our client, then a relay nobody here wrote (LiteLLM), then the offline engine.

Every format of the client over every kind of backend of the relay, in one piece and streamed. What the engine says
when it is asked directly is what must come through: the same picture byte for byte, for one call of the engine.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from edit_core import PROVIDERS, Client, EditError, EditRequest, EditResult, Picture, Reference
from edit_core.edits import Wire
from edit_core.sending.outcome import RetryBudget
from tests.conftest import PHOTOS
from tests.relay.serving import KEY, Engine, NotReady, Relay, serving_engine, serving_relay

CAT, TINY = (Reference(Picture.read((PHOTOS / name).read_bytes())) for name in ("cat.jpg", "tiny.png"))
EDIT = EditRequest("black and white", (CAT,), aspect_ratio="1:1", image_size="2K")
TOGETHER = EditRequest("side by side", (CAT, TINY), aspect_ratio="16:9")
BACKENDS: dict[str, Wire] = {"engine-as-google": "native", "engine-as-openai": "chat"}


@dataclass(frozen=True)
class Way:
    """From the client to the engine: the client's format, the relay's model, and whether it streams."""

    wire: Wire
    model: str
    stream: bool

    def __str__(self) -> str:
        streamed = "streamed" if self.stream else "in one piece"
        return f"{self.wire} -> LiteLLM -> {BACKENDS[self.model]}, {streamed}"

    @property
    def carries_pictures(self) -> bool:
        """Not from native to an OpenAI-compatible backend.

        There LiteLLM (1.100, google_genai/adapters/transformation.py) reads pictures in snake_case only, drops the
        ratio and the size, and has no place for pictures on the way back.
        """
        return (self.wire, BACKENDS[self.model]) != ("native", "chat")


FORMATS: tuple[Wire, ...] = ("native", "chat")
WAYS = [Way(wire, model, stream) for wire, model, stream in product(FORMATS, BACKENDS, (False, True))]


@dataclass(frozen=True)
class Expected:
    """How an edit must fail: whether it was charged, and one of these kinds."""

    charged: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Bench:
    """The servers, and what the engine answers when nobody is between."""

    engine: Engine
    relay: Relay

    async def edit(self, way: Way, request: EditRequest, key: str = KEY) -> EditResult:
        """One edit through the relay, never repeated. Raises `Wrong` when it was not exactly one call of the engine."""
        provider = PROVIDERS["litellm"].at(self.relay.address)
        never = RetryBudget(share=0, at_least=0)
        expected = self.engine.posts + (key == KEY)
        async with Client(provider, key, wire=way.wire, stream=way.stream, budget=never) as client:
            try:
                return await client.edit(request, way.model)
            except EditError as error:
                must_be(self.engine.posts == expected, f"the engine was called another number of times; {error}")
                raise

    async def directly(self, request: EditRequest) -> EditResult:
        """The same edit without the relay."""
        async with Client(PROVIDERS["offline"].at(self.engine.address), stream=False) as client:
            return await client.edit(request, "offline-engine")


class Wrong(Exception):
    """Something else came through than was sent."""


def must_be(true: bool, otherwise: str) -> None:
    """Raises `Wrong` when it is not."""
    if not true:
        raise Wrong(otherwise)


async def pictures(bench: Bench, way: Way, request: EditRequest) -> str:
    """The engine's own picture, words and token counts come through."""
    before = bench.engine.posts
    got = await bench.edit(way, request)
    must_be(bench.engine.posts == before + 1, "the engine was called more than once")
    sent = await bench.directly(request)
    must_be([p.sha256 for p in got.pictures] == [p.sha256 for p in sent.pictures], f"other pictures: {got.pictures}")
    must_be(got.text == sent.text, f"other words: {got.text}")
    must_be(got.usage.output_tokens == sent.usage.output_tokens, f"other counts: {got.usage}")
    picture = got.pictures[0]
    return f"the engine's picture, byte for byte: {picture.width} x {picture.height}, {len(picture.data):,} bytes"


async def one_edit(bench: Bench, way: Way) -> str:
    """One picture, with ratio and size."""
    return await pictures(bench, way, EDIT)


async def composition(bench: Bench, way: Way) -> str:
    """Two pictures, in their order."""
    return await pictures(bench, way, TOGETHER)


async def dropped(bench: Bench, way: Way) -> str:
    """LiteLLM loses the picture: we must say that none came, and that the call was made."""
    return await failure(bench, way, EDIT, Expected("yes", ("no_image",)))


async def refusal(bench: Bench, way: Way) -> str:
    """A safety rule stops the picture."""
    return await failure(bench, way, EditRequest("refuse", (CAT,)), Expected("yes", ("blocked",)))


async def busy(bench: Bench, way: Way) -> str:
    """The engine is busy, and says when to come back."""
    return await failure(bench, way, EditRequest("fail 429", (CAT,)), Expected("no", ("rate_limit",)))


async def wrong_key(bench: Bench, way: Way) -> str:
    """The relay does not know the key. Without a database it says 400 and “No connected db.” instead of 401."""
    return await failure(bench, way, EDIT, Expected("no", ("auth", "bad_request")), key="sk-wrong-0123456789")


async def failure(bench: Bench, way: Way, request: EditRequest, expected: Expected, key: str = KEY) -> str:
    """An error as expected, that does not tell the key."""
    try:
        result = await bench.edit(way, request, key)
    except EditError as error:
        said = f"{error.kind}, charged: {error.charged}"
        must_be(error.kind in expected.kinds and error.charged == expected.charged, f"{said}: {error}")
        must_be(key not in f"{error!r} {error.said}", "the key is in the error")
        return said
    raise Wrong(f"a result: {result}")


Check = Callable[[Bench, Way], Awaitable[str]]


def checks(way: Way) -> list[Check]:
    """What is tried on a way."""
    carried: list[Check] = [one_edit, composition] if way.carries_pictures else [dropped]
    return [*carried, refusal, busy, wrong_key]


def say(words: str) -> None:
    """A program speaks to whoever started it."""
    print(words, flush=True)  # noqa: T201


async def tried(bench: Bench, way: Way, check: Check) -> bool:
    """Try one thing and say how it went."""
    try:
        said, passed = await check(bench, way), True
    except (Wrong, EditError) as error:
        said, passed = f"{type(error).__name__}: {error}", False
    mark = "FAILED" if not passed else "limit " if check is dropped else "passed"
    say(f"  {mark}  {check.__name__.replace('_', ' '):12} {said}")
    return passed


async def main(command: Path) -> int:
    """Try everything. Returns the exit status: 0 when all is as it must be."""
    began = time.monotonic()
    async with serving_engine() as engine, serving_relay(command, engine) as relay:
        say(f"LiteLLM is ready after {time.monotonic() - began:.0f} s.")
        bench = Bench(engine, relay)
        outcomes = []
        for way in WAYS:
            say(str(way))
            outcomes += [await tried(bench, way, check) for check in checks(way)]
        if not all(outcomes):
            say(f"LiteLLM's last words:\n{relay.last_words()}")
    say("“limit” is LiteLLM's own: it carries no picture from the native format to an OpenAI-compatible backend.")
    say(f"{sum(outcomes)} passed, {len(outcomes) - sum(outcomes)} failed")
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main(Path(sys.argv[1]).absolute())))
    except NotReady as error:
        sys.exit(str(error))
