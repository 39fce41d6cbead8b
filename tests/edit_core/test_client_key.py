"""Rows S-01 and S-02: the key is in one header of one request, and nowhere else, however a service gives it back.

`attempt` looks for it in all that can be seen of an edit: results, errors and what is chained to them, tracebacks,
progress, and every logger at every level. All tests of the client go through it.
"""

from __future__ import annotations

import json
import pickle
import traceback
from dataclasses import replace

import pytest

from edit_core import PROVIDERS, Client, EditError
from edit_core.client import in_process
from edit_core.errors import BadInput, KeyRefused
from tests.edit_core.spellings import KEY, SPELLINGS, leaks, plainly
from tests.edit_core.trials import MODEL, REQUEST, attempt, relay_row
from tests.fault_relay import FaultRelay
from tests.faults import FORMS, PICTURE, Form, chunked, http, resets, sends

NATIVE, CHAT = Form("native", stream=False), Form("chat", stream=False)


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_s_02_a_key_in_a_refusal_is_not_repeated(spelling: str, form: Form) -> None:
    text = f"Incorrect API key provided: {SPELLINGS[spelling](KEY)}."
    header = f'Bearer realm="{SPELLINGS[spelling](KEY)}"'
    body = json.dumps({"error": {"message": text, "code": text, "details": [text]}}).encode()
    async with FaultRelay(sends(http(401, body, f"WWW-Authenticate: {header}", f"X-Request-Id: {text}"))) as relay:
        ended = await attempt(relay.url, form)
        assert relay.heard[0].header("authorization") == f"Bearer {KEY}"
        assert relay.heard[0].header("accept-encoding") == "identity"
    assert ended.error.kind == "auth"
    assert plainly(ended.seen) == []
    assert "[key]" in ended.error.said


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_s_02_a_key_in_a_web_page_is_not_repeated(spelling: str) -> None:
    page = f"<title>No access for {SPELLINGS[spelling](KEY)}</title>".encode()
    async with FaultRelay(sends(http(403, page, kind="text/html"))) as relay:
        ended = await attempt(relay.url, NATIVE)
    assert plainly(ended.seen) == []


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_s_02_a_key_in_a_good_answer_is_not_repeated(spelling: str, form: Form) -> None:
    said = f"Your key is {SPELLINGS[spelling](KEY)}, right?"
    body = form._event(text=said) + form.picture if form.stream else form.document(text=said, picture=PICTURE)
    headers = [f"X-Request-Id: {SPELLINGS[spelling](KEY)}"]
    async with FaultRelay(sends(http(200, body, *headers))) as relay:
        ended = await attempt(relay.url, form)
    assert "[key]" in ended.result.text
    assert plainly(ended.seen) == []


@pytest.mark.parametrize("form", [Form("native", stream=True), Form("chat", stream=True)], ids=str)
async def test_s_02_a_key_that_comes_letter_by_letter_is_not_repeated(form: Form) -> None:
    letters = b"".join(form._event(text=letter) for letter in f"The key: {KEY}. ")
    answer = chunked(letters, form.picture)
    async with FaultRelay(sends(*(answer[i : i + 7] for i in range(0, len(answer), 7)))) as relay:
        ended = await attempt(relay.url, form)
    assert "[key]" in ended.result.text
    for progress in ended.progress:
        assert KEY[:6] not in progress.text


async def test_s_01_the_key_is_in_no_query_unless_its_row_says_so() -> None:
    async with FaultRelay(sends(NATIVE.ok)) as relay:
        await attempt(relay.url, NATIVE, provider=relay_row(relay.url, auth="x-goog-api-key"))
        await attempt(relay.url, NATIVE, provider=relay_row(relay.url, auth="query"))
        await attempt(relay.url, CHAT, provider=relay_row(relay.url, auth="query"))
        as_header, as_query, chat = relay.heard
    assert (as_header.header("x-goog-api-key"), as_header.header("authorization")) == (KEY, "")
    assert KEY not in as_header.target
    assert as_query.target.endswith(f"?key={KEY}")
    assert leaks(repr(as_query.headers)) == []
    assert (chat.header("authorization"), KEY in chat.target) == (f"Bearer {KEY}", False)


@pytest.mark.parametrize("form", [NATIVE, Form("native", stream=True)], ids=str)
async def test_s_01_a_key_in_the_query_is_in_no_error_and_no_log(form: Form) -> None:
    async with FaultRelay(resets()) as relay:
        ended = await attempt(relay.url, form, provider=relay_row(relay.url, auth="query"))
    assert ended.error.kind == "upstream"
    assert "POST" in ended.seen


async def test_s_01_what_is_shown_of_the_client_holds_no_key() -> None:
    client = Client(relay_row("https://relay.example"), KEY)
    async with client:
        shown = [repr(value) for value in (client, *vars(client).values())]
    assert leaks(" ".join(shown)) == []


async def test_s_01_an_error_carries_no_frames_and_no_other_errors() -> None:
    async with FaultRelay(resets()) as relay, Client(relay_row(relay.url), KEY) as client:
        with pytest.raises(EditError) as failed:
            await client.edit(REQUEST, MODEL)
    error = failed.value
    assert (error.__cause__, error.__context__) == (None, None)
    frames = traceback.extract_tb(error.__traceback__)
    assert {frame.name for frame in frames[1:]} <= {"edit"}
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "httpx.Request" not in shown
    assert leaks(str(pickle.dumps(error.args))) == []


async def test_s_01_an_app_in_this_process_that_fails_with_the_key_is_not_repeated() -> None:
    async def app(*_: object) -> None:
        raise RuntimeError(f"cannot use {KEY}")

    ended = await attempt("http://127.0.0.1:9", NATIVE, transport=in_process(app))
    assert ended.error.kind == "upstream"
    assert "cannot use [key]" in ended.seen


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("", KeyRefused),
        ("   ", KeyRefused),
        ("sk-two words", BadInput),
        ("sk-line\nbreak", BadInput),
        ("sk-\u043a\u043b\u044e\u0447", BadInput),
        ("sk-\x00", BadInput),
        ("k" * 5000, BadInput),
    ],
)
def test_what_can_be_no_key_is_refused_before_anything_is_sent(key: str, error: type[EditError]) -> None:
    with pytest.raises(error) as refused:
        Client(replace(PROVIDERS["google"]), key)
    assert key.strip() == "" or key not in str(refused.value)


async def test_blanks_around_a_pasted_key_are_dropped() -> None:
    async with FaultRelay(sends(NATIVE.ok)) as relay:
        await attempt(relay.url, NATIVE, key=f"  {KEY}\n")
        assert relay.heard[0].header("authorization") == f"Bearer {KEY}"
