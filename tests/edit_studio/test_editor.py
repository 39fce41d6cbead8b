"""The owner's settings on the way to the service: what may be sent again, and under which name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from edit_core.edits import Wire
from edit_core.errors import BadInput, EditError
from edit_core.offline.app import app as engine
from edit_core.preparation import prepare
from edit_studio.darkroom import Darkroom
from edit_studio.editor import Editor, Wanted
from edit_studio.settings import Settings
from tests.fault_relay import FaultRelay, Heard, Line

SWITCHES = {
    "a lost answer is not asked for again": ({}, [""]),
    "the owner allows one more try": ({"EDIT_RETRY_UNKNOWN": "yes"}, ["", ""]),
    "a relay that keeps names gets the same one twice": ({"EDIT_RELAY_IDEMPOTENCY": "yes"}, ["job-0", "job-0"]),
}


@pytest.mark.parametrize(
    "model",
    [
        pytest.param("m" * 201, id="one with an endless name"),
        pytest.param("../up", id="one with a path upwards"),
        pytest.param("a model", id="one with a space"),
        pytest.param("", id="none"),
    ],
)
async def test_a_model_that_cannot_be_asked_is_refused_before_anything_is_written(
    photo: Callable[[str], bytes], model: str
) -> None:
    wanted = Wanted("sepia", (prepare(photo("cat.jpg")).picture,), "offline", "m" * 200, "native")
    editor = Editor(Settings.read({}), engine, Darkroom())
    await editor.prepare(wanted)
    with pytest.raises(BadInput, match="is no model name") as caught:
        await editor.prepare(replace(wanted, model=model))
    assert caught.value.charged == "no"


async def hang_up(line: Line, _heard: Heard) -> None:
    """End the connection without an answer."""
    line.reset()


@pytest.mark.parametrize("wire", ["native", "chat"])
@pytest.mark.parametrize(("switch", "keys"), SWITCHES.values(), ids=SWITCHES)
async def test_a_call_whose_answer_was_lost(
    photo: Callable[[str], bytes], wire: Wire, switch: dict[str, str], keys: list[str]
) -> None:
    cat = prepare(photo("cat.jpg")).picture
    async with FaultRelay(hang_up) as relay:
        settings = Settings.read({"EDIT_BASE_URL": relay.url, "EDIT_API_KEY": "a-key", **switch})
        editor = Editor(settings, engine, Darkroom())
        ready = await editor.prepare(Wanted("sepia", (cat,), "custom", "m", wire))
        with pytest.raises(EditError) as caught:
            await editor.send(ready, "job-0", lambda _: None)
        assert caught.value.charged == "maybe"
        assert [heard.header("idempotency-key") for heard in relay.heard] == keys
