"""The policy of one POST beyond the faults: what owners may allow, what a provider's terms say, and how much in all."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from edit_core import PROVIDERS
from edit_core.client import Clocks
from edit_core.sending.outcome import Outcome, Policy, RetryBudget
from tests.edit_core.trials import PATIENT, attempt, relay_row
from tests.fault_relay import FaultRelay, Script
from tests.faults import FORMS, Form, failed, http, resets, sends

FORM = Form("native", stream=False)
GOOGLE = [Form("native", stream=False), Form("native", stream=True)]


@pytest.mark.parametrize("form", GOOGLE, ids=str)
async def test_u_12_a_free_500_of_google_is_tried_once_more(form: Form) -> None:
    async with FaultRelay(sends(failed(500)), sends(form.ok)) as relay:
        row = replace(PROVIDERS["google"], base_url=relay.url)
        ended = await attempt(relay.url, form, provider=row)
        assert (ended.outcome, relay.posts) == (Outcome.DONE, 2)


@pytest.mark.parametrize("form", GOOGLE, ids=str)
async def test_u_12_a_free_500_of_google_that_stays_is_refused_not_unknown(form: Form) -> None:
    async with FaultRelay(sends(failed(500))) as relay:
        row = replace(PROVIDERS["google"], base_url=relay.url)
        ended = await attempt(relay.url, form, provider=row)
        assert (ended.outcome, relay.posts, ended.error.charged) == (Outcome.REFUSED, 2, "no")


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("policy", [Policy(retry_unknown=True), Policy(relay_idempotency=True)], ids=str)
async def test_an_owner_may_allow_one_more_try_after_a_lost_answer(policy: Policy, form: Form) -> None:
    async with FaultRelay(resets(), sends(form.ok)) as relay:
        ended = await attempt(relay.url, form, policy=policy)
        assert (ended.outcome, relay.posts) == (Outcome.DONE, 2)
    assert "may have been charged as well" in ended.result.notes[-1]


async def test_the_one_more_try_is_one() -> None:
    async with FaultRelay(resets()) as relay:
        ended = await attempt(relay.url, FORM, policy=Policy(retry_unknown=True))
        assert (ended.outcome, relay.posts) == (Outcome.UNKNOWN, 2)


CHAT = Form("chat", stream=False)
WORDS = http(200, CHAT.document(text="I would rather not.", ended=True))
DEAD_LINK = http(200, CHAT.document(text="![it](https://elsewhere.example/a.png)", ended=True))

AFTER_A_LOST_ANSWER = {
    "a picture": (sends(CHAT.ok), Outcome.DONE, 1),
    "words alone": (sends(WORDS), Outcome.DONE_EMPTY, 1),
    "a link that is not followed": (sends(DEAD_LINK), Outcome.DONE_EMPTY, 1),
    "a refusal": (sends(failed(401)), Outcome.UNKNOWN, 1),
    "another that is lost": (resets(), Outcome.UNKNOWN, 2),
}


@pytest.mark.parametrize(("then", "outcome", "lost"), AFTER_A_LOST_ANSWER.values(), ids=AFTER_A_LOST_ANSWER)
async def test_lost_answers_are_counted_whatever_came_after_them(then: Script, outcome: Outcome, lost: int) -> None:
    async with FaultRelay(resets(), then) as relay:
        ended = await attempt(relay.url, CHAT, policy=Policy(retry_unknown=True))
        assert (ended.outcome, relay.posts) == (outcome, 2)
    assert (ended.given or ended.error).lost == lost
    if outcome is Outcome.DONE_EMPTY:
        assert "may have been charged as well" in ended.error.money


class Forgetful(httpx.AsyncHTTPTransport):
    """Has no memory for the second answer."""

    asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.asked == 2:
            raise MemoryError
        return await super().handle_async_request(request)


async def test_an_answer_that_there_was_no_memory_for_is_lost_as_well() -> None:
    async with FaultRelay(resets()) as relay:
        ended = await attempt(relay.url, CHAT, policy=Policy(retry_unknown=True), transport=Forgetful())
    assert (ended.outcome, ended.error.lost, relay.posts) == (Outcome.UNKNOWN, 2, 1)
    assert "out of memory" in str(ended.error)


async def test_a_refusal_is_no_lost_answer() -> None:
    async with FaultRelay(sends(failed(503)), sends(WORDS)) as relay:
        ended = await attempt(relay.url, CHAT)
    assert (ended.error.lost, ended.error.money) == (0, "The service did its work, so it was probably charged.")


async def test_what_follows_a_lost_answer_never_says_not_charged() -> None:
    async with FaultRelay(resets(), sends(failed(401))) as relay:
        ended = await attempt(relay.url, FORM, policy=Policy(retry_unknown=True))
    assert (ended.error.kind, ended.error.charged) == ("auth", "maybe")


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_the_key_of_an_edit_is_the_same_on_every_try(form: Form) -> None:
    async with FaultRelay(resets(), sends(form.ok)) as relay:
        await attempt(relay.url, form, policy=Policy(relay_idempotency=True))
        keys = [heard.header("idempotency-key") for heard in relay.heard]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert len(keys[0]) >= 32


async def test_without_the_switch_no_key_of_an_edit_is_sent() -> None:
    async with FaultRelay(sends(FORM.ok)) as relay:
        await attempt(relay.url, FORM)
        assert relay.heard[0].header("idempotency-key") == ""


async def test_an_edit_has_three_posts_at_most_whatever_its_policy() -> None:
    scripts = [sends(failed(503)), sends(failed(429)), resets(), sends(FORM.ok)]
    async with FaultRelay(*scripts) as relay:
        ended = await attempt(relay.url, FORM, policy=Policy(retry_unknown=True))
        assert (ended.outcome, relay.posts) == (Outcome.UNKNOWN, 3)


async def test_a_wait_that_would_outlast_the_edit_is_not_begun() -> None:
    async with FaultRelay(sends(failed(503, "No.", "Retry-After: 20"))) as relay:
        ended = await attempt(relay.url, FORM, clocks=Clocks(total=5))
        assert (ended.outcome, relay.posts) == (Outcome.REFUSED, 1)
    assert ended.seconds < 2
    assert ended.error.retry_after == 20


async def test_a_relay_that_is_down_gets_no_storm() -> None:
    budget = RetryBudget(at_least=4)
    async with FaultRelay(sends(failed(503))) as relay:
        edits = [attempt(relay.url, FORM, budget=budget, clocks=PATIENT) for _ in range(20)]
        ended = [await edit for edit in edits]
        assert relay.posts == 20 + 4
    assert {each.outcome for each in ended} == {Outcome.REFUSED}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_s_04_a_redirect_is_never_followed(form: Form, status: int) -> None:
    async with FaultRelay(sends(form.ok)) as landing:
        for place in (landing.url, landing.url.replace("127.0.0.1", "localhost"), f"//127.0.0.1:{landing.port}"):
            async with FaultRelay(sends(http(status, b"", f"Location: {place}/v1"))) as relay:
                ended = await attempt(relay.url, form)
                assert (ended.outcome, relay.posts, ended.error.charged) == (Outcome.REFUSED, 1, "no")
            assert "has moved to another address" in str(ended.error)
        assert landing.connections == 0


async def test_edits_at_once_do_not_wait_for_each_other() -> None:
    async with FaultRelay(sends(FORM.ok)) as relay:
        row = relay_row(relay.url)
        ended = await asyncio.gather(*(attempt(relay.url, FORM, provider=row) for _ in range(20)))
        assert relay.posts == 20
    assert {each.outcome for each in ended} == {Outcome.DONE}
