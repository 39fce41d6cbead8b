"""An app with logins: nothing without one, everything of one's own with it, and no guessing."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client as PageClient  # type: ignore[import-untyped]
from gradio_client.exceptions import AuthenticationError  # type: ignore[import-untyped]

from edit_studio.door.gate import COOKIE, PAUSED, WRONG
from edit_studio.door.people import NotLoggedIn, People, signed_in
from edit_studio.door.picture_route import address
from edit_studio.door.tries import AT_ADDRESS, FOR_NAME
from edit_studio.logins import Logins

from .examples import picture
from .shielded import LOGINS, PASSWORDS, House, house, log_in

EVIL = "https://evil.example"
BROWSER = {"accept": "text/html,application/xhtml+xml"}
TAKEN, RESULT = picture(301, 40), picture(302, 40)
OPEN = {"/", "/login", "/logout", "/gradio_api/startup-events"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("gate"), logins=LOGINS) as running:
        yield running


@pytest.fixture
def guessed(tmp_path: Path) -> Iterator[House]:
    """A house of one's own, where tries are counted from the first; it stands behind one proxy."""
    with house(tmp_path, logins=Logins(LOGINS.digests, proxies=1)) as running:
        yield running


@pytest.fixture
def ann(home: House) -> Iterator[httpx.Client]:
    with home.named("ann") as client:
        yield client


@pytest.fixture
def bob(home: House) -> Iterator[httpx.Client]:
    with home.named("bob") as client:
        yield client


# Strangers


@pytest.mark.parametrize(
    "cookies",
    [
        pytest.param({}, id="none"),
        pytest.param({COOKIE: ""}, id="an empty one"),
        pytest.param({COOKIE: secrets.token_urlsafe(32)}, id="one made up"),
        pytest.param({COOKIE: "ann"}, id="a name"),
        pytest.param({"edit_person": secrets.token_urlsafe(32)}, id="one of an app without logins"),
    ],
)
def test_without_a_login_every_door_is_shut(home: House, cookies: dict[str, str]) -> None:
    before = len(home.calls)
    with httpx.Client(base_url=home.address, cookies=cookies) as stranger:
        answers = {
            (method, path): stranger.request(method, re.sub(r"{[^}]*}", "x", path))
            for method, path in home.doors
            if path not in OPEN
        }
    assert len(answers) > 80
    # What nobody may ask for says so to everybody.
    assert {each.status_code for each in answers.values()} == {401, 404}
    assert {each.text for each in answers.values()} <= {"Log in first.", "There is nothing here.", ""}
    assert answers["GET", "/pictures/{sha256}/{kind}"].status_code == 401
    assert answers["POST", "/gradio_api/queue/join"].status_code == 401
    assert len(home.calls) == before


@pytest.mark.parametrize("path", ["/", "/?view=api", "/?deep_link=x", ""])
def test_a_stranger_sees_the_login_and_nothing_of_the_page(home: House, path: str) -> None:
    answer = httpx.get(home.address.rstrip("/") + path)
    assert answer.status_code == 200
    assert '<form method="post" action="login">' in answer.text
    assert "gradio" not in answer.text
    assert "script" not in answer.text
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


def test_a_stranger_cannot_tell_what_pictures_there_are(home: House, ann: httpx.Client) -> None:
    home.keep(ann, "hidden", TAKEN, RESULT)
    here = httpx.get(home.address.rstrip("/") + address(RESULT.sha256))
    nowhere = httpx.get(home.address.rstrip("/") + address("0" * 64))
    assert (here.status_code, here.content) == (nowhere.status_code, nowhere.content) == (401, b"Log in first.")


def test_an_owner_is_never_taken_from_a_cookie_where_a_login_is_required() -> None:
    people = People(lambda _scope: None, required=True)
    with pytest.raises(NotLoggedIn):
        people.owner({"type": "http", "headers": [(b"cookie", b"edit_person=" + b"a" * 43)]})


# People with a name


def test_the_owner_is_the_name_on_every_device(home: House, ann: httpx.Client) -> None:
    job = home.keep(ann, "two devices", TAKEN, RESULT)
    with home.named("ann") as telephone:
        assert home.owner(telephone) == home.owner(ann) == "login:ann"
        assert telephone.get(address(RESULT.sha256)).content == RESULT.data
        assert home.history.job(home.owner(telephone), job.id).id == job.id


def test_nobody_sees_what_another_name_has(home: House, ann: httpx.Client, bob: httpx.Client) -> None:
    home.keep(ann, "private", TAKEN, RESULT)
    assert bob.get(address(RESULT.sha256)).status_code == 404
    assert home.owner(bob) == "login:bob"


def test_gradio_knows_the_name(ann: httpx.Client) -> None:
    assert ann.get("/config").json()["username"] == "ann"
    assert ann.get("/gradio_api/user").json() == "ann"


def test_a_program_logs_in_as_gradios_client_does(home: House) -> None:
    client = PageClient(home.address, auth=("ann", PASSWORDS["ann"]), verbose=False)
    assert client.predict(api_name="/who") == "seen"
    assert home.calls[-1][0] == "login:ann"
    with pytest.raises(AuthenticationError):
        PageClient(home.address, auth=("ann", "wrong password"), verbose=False)


@pytest.mark.parametrize("spelling", ["ann", "Ann", " ann "])
def test_a_browser_logs_in_by_the_form_however_the_name_is_spelt(home: House, spelling: str) -> None:
    with home.person() as client:
        answer = client.post("/login", data={"username": spelling, "password": PASSWORDS["ann"]}, headers=BROWSER)
        assert (answer.status_code, answer.headers["location"]) == (303, "./")
        assert home.owner(client) == "login:ann"


def test_the_cookie_of_a_login_is_hidden_from_scripts_and_goes_with_the_browser(home: House) -> None:
    with home.person() as client:
        line = log_in(client, "ann").headers["set-cookie"]
        assert re.fullmatch(rf"{COOKIE}=[\w-]{{43}}; Path=/; HttpOnly; SameSite=Lax", line, flags=re.ASCII)
        over_https = log_in(client, "ann", **{"x-forwarded-proto": "https"}).headers["set-cookie"]
        assert over_https.endswith("; HttpOnly; Secure; SameSite=Lax")


def test_in_a_spaces_frame_the_cookie_comes_along(tmp_path: Path) -> None:
    with house(tmp_path, embedded=True, logins=LOGINS) as space, space.person() as client:
        line = log_in(client, "ann", **{"x-forwarded-proto": "https"}).headers["set-cookie"]
        assert line.endswith("; HttpOnly; Secure; SameSite=None; Partitioned")


def test_a_login_has_a_new_number_and_ends_the_one_before(home: House) -> None:
    with home.person() as client:
        planted = secrets.token_urlsafe(32)
        log_in(client, "ann", cookie=f"{COOKIE}={planted}")
        first = client.cookies[COOKIE]
        log_in(client, "ann")
        second = client.cookies[COOKIE]
    assert len({planted, first, second}) == 3
    statuses = {
        each: httpx.get(f"{home.address}config", cookies={COOKIE: each}).status_code for each in (first, second)
    }
    assert statuses == {first: 401, second: 200}
    assert httpx.get(f"{home.address}config", cookies={COOKIE: planted}).status_code == 401


def test_another_site_logs_nobody_in_or_out(home: House, ann: httpx.Client) -> None:
    with home.person() as client:
        assert log_in(client, "ann", origin=EVIL).status_code == 403
        assert COOKIE not in client.cookies
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": EVIL}):
        assert ann.get("/logout", headers=headers).status_code == 403
        assert ann.post("/logout", headers=headers).status_code == 403
    assert ann.get("/config").status_code == 200


# Leaving


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_after_logout_the_old_cookie_opens_nothing_and_other_devices_stay_in(home: House, method: str) -> None:
    with home.named("ann") as here, home.named("ann") as there:
        number = here.cookies[COOKIE]
        answer = here.request(method, "/logout", headers=BROWSER)
        assert (answer.status_code, answer.headers["location"]) == (303, "./")
        assert COOKIE not in here.cookies
        assert 'action="login"' in here.get("/").text
        for path in ("config", address(RESULT.sha256)[1:]):
            assert httpx.get(home.address + path, cookies={COOKIE: number}).status_code == 401
        assert there.get("/config").status_code == 200


def test_after_a_change_of_login_on_one_browser_the_sessions_of_the_first_are_closed(home: House) -> None:
    session = secrets.token_hex(6)
    with home.named("ann") as browser:
        joined = browser.post("/gradio_api/queue/join", json={"data": [], "fn_index": 0, "session_hash": session})
        begun = browser.post("/gradio_api/call/who", json={"data": []}).json()["event_id"]
        mine = {"session_hash": session, "event_id": joined.json()["event_id"], "fn_index": 0}
        log_in(browser, "bob")
        assert home.owner(browser) == "login:bob"
        assert browser.get("/gradio_api/queue/data", params={"session_hash": session}).status_code == 404
        assert browser.post("/gradio_api/cancel", json=mine).status_code == 404
        assert browser.get(f"/gradio_api/call/who/{begun}").status_code == 404
        log_in(browser, "ann")
        with browser.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
            assert "process_completed" in "".join(stream.iter_lines())


# Guessing


def form(name: str, password: str) -> dict[str, Any]:
    return {"data": {"username": name, "password": password}}


def test_of_three_hundred_guesses_five_are_looked_at_and_the_rest_are_told_to_wait(guessed: House) -> None:
    with guessed.person() as thief, guessed.person() as owner:
        from_one = {"x-forwarded-for": "203.0.113.5"}
        answers = [log_in(thief, "ann", f"guess {number}", **from_one) for number in range(300)]
        right = log_in(thief, "ann", **from_one)
        elsewhere = log_in(owner, "ann", **{"x-forwarded-for": "198.51.100.7"})
    assert [each.status_code for each in answers[: AT_ADDRESS.free]] == [401] * AT_ADDRESS.free
    assert {each.status_code for each in answers[AT_ADDRESS.free + 2 :]} <= {429, 401}
    assert sum(each.status_code == 401 for each in answers) <= 10
    assert int(answers[AT_ADDRESS.free].headers["retry-after"]) in (1, 2)
    assert right.status_code == 429
    assert "Too many tries. Please try again in" in right.json()["detail"]
    assert elsewhere.status_code == 200


@pytest.mark.parametrize("proxies", [0, 1])
def test_an_address_that_is_made_up_gives_no_new_tries(tmp_path: Path, proxies: int) -> None:
    with house(tmp_path, logins=Logins(LOGINS.digests, proxies)) as running, running.person() as thief:
        looked_at = 0
        for number in range(100):
            # The last is what the proxy adds; without a proxy all of it is made up.
            ending = ", 203.0.113.5" if proxies else ""
            made_up = {"x-forwarded-for": f"10.0.0.{number}{ending}"}
            looked_at += log_in(thief, "ann", f"guess {number}", **made_up).status_code == 401
    assert looked_at == (AT_ADDRESS.free if proxies else FOR_NAME.free)


def test_a_wrong_name_and_a_wrong_password_are_told_apart_by_nothing(guessed: House) -> None:
    def told(name: str, number: int) -> list[tuple[int, str]]:
        place = {"x-forwarded-for": f"203.0.113.{number}", **BROWSER}
        with guessed.person() as thief:
            answers = [thief.post("/login", **form(name, "wrong password"), headers=place) for _ in range(7)]
        return [(each.status_code, each.text) for each in answers]

    known, unknown = told("ann", 1), told("nobody", 2)
    assert known == unknown
    assert [status for status, _ in known] == [401] * 5 + [429] * 2
    assert WRONG in known[0][1]
    assert PAUSED.format(seconds=2) in known[5][1]
    assert "nobody" not in unknown[0][1]


def test_a_name_that_is_known_takes_no_longer(guessed: House) -> None:
    def quickest(name: str) -> float:
        times = []
        for _ in range(300):
            begun = time.perf_counter()
            assert not guessed.gate.logins.belong(name, "wrong password")
            times.append(time.perf_counter() - begun)
        return sorted(times)[150]

    assert abs(quickest("ann") - quickest("nobody")) < 0.002


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"data": {"username": "ann"}}, id="no password"),
        pytest.param({"files": {"username": b"ann", "password": b"x"}}, id="files"),
        pytest.param({"json": {"username": "ann", "password": PASSWORDS["ann"]}}, id="no form"),
        pytest.param({"params": {"username": "ann", "password": PASSWORDS["ann"]}}, id="in the address"),
        pytest.param({"content": b"\xff\0", "headers": {"content-type": "multipart/form-data"}}, id="a broken form"),
    ],
)
def test_what_is_no_form_lets_nobody_in(guessed: House, sent: dict[str, Any]) -> None:
    with guessed.person() as client:
        answer = client.post("/login", **sent)
        assert answer.status_code in (400, 401)
        assert COOKIE not in client.cookies


# Hugging Face


@pytest.mark.parametrize(
    ("session", "owner"),
    [
        pytest.param({"oauth_info": {"userinfo": {"preferred_username": "ann"}, "expires_at": 9e9}}, "login:hf ann"),
        pytest.param({"oauth_info": {"userinfo": {"preferred_username": "ann"}, "expires_at": 9}}, "", id="run out"),
        pytest.param({"oauth_info": {"userinfo": {"preferred_username": "ann"}}}, "", id="without an end"),
        pytest.param({"oauth_info": {"userinfo": {}, "expires_at": 9e9}}, "", id="without a name"),
        pytest.param({"oauth_info": None}, "", id="signed out"),
        pytest.param({}, "", id="never signed in"),
    ],
)
def test_whoever_signed_in_with_hugging_face_is_known_by_that_name(session: dict[str, Any], owner: str) -> None:
    scope = {"type": "http", "headers": [], "session": session, "edit_studio.person": "cookie"}
    assert People(signed_in).owner(scope).startswith(owner or "cookie:")
