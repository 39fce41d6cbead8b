"""Names and passwords: how they are read, compared, and how long a login holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from edit_studio.door.entries import IDLE_SECONDS, Entries
from edit_studio.logins import BadLogins, Logins, read_logins
from edit_studio.settings import BadSettings, Settings

SECRET = "canary-password"


@pytest.mark.parametrize(
    ("text", "name", "password"),
    [
        pytest.param("ann:long password", "ann", "long password", id="one"),
        pytest.param(" ann : long password , bob:another one", "bob", "another one", id="two, with spaces between"),
        pytest.param("ann:with:colons:in it", "ann", "with:colons:in it", id="colons in a password"),
        pytest.param("Ann:long password", "aNN", "long password", id="capitals are the same name"),
        pytest.param("安:很长的密码很长的", "安", "很长的密码很长的", id="any writing"),
        pytest.param("jose\u0301:long password", "jos\u00e9", "long password", id="two ways to write a letter"),
        pytest.param("ann@example.org:long password", "ann@example.org", "long password", id="a mail address"),
    ],
)
def test_a_name_comes_in_with_its_password(text: str, name: str, password: str) -> None:
    logins = read_logins({"EDIT_LOGINS": text})
    assert logins
    assert logins.belong(name, password)
    assert not logins.belong(name, password + "x")
    assert not logins.belong(name, password[:-1])
    assert not logins.belong(name + "x", password)


@pytest.mark.parametrize("name", ["nobody", "", "ann:long password", "\ud800", "a" * 100_000, "\0"])
@pytest.mark.parametrize("password", ["", "long password", "\0" * 32, "\ud800", "b" * 100_000])
def test_nobody_else_comes_in(name: str, password: str) -> None:
    assert not read_logins({"EDIT_LOGINS": "ann:long password"}).belong(name, password)
    assert not Logins().belong(name, password)


def test_ones_password_is_not_anothers() -> None:
    logins = read_logins({"EDIT_LOGINS": "ann:password of ann, bob:password of bob"})
    assert not logins.belong("ann", "password of bob")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(SECRET, "login 1 has no colon", id="no colon"),
        pytest.param(f"ann:{SECRET},rest of it", "login 2 has no colon", id="a comma in a password"),
        pytest.param(f"ann:{SECRET},", "login 2 has no colon", id="a comma at the end"),
        pytest.param(f":{SECRET}", "name of login 1 is empty", id="no name"),
        pytest.param(f"{SECRET} x:y", "name of login 1 is empty, longer than 64 letters, or has a space", id="a space"),
        pytest.param(f"{SECRET * 5}:{SECRET}", "name of login 1", id="a very long name"),
        pytest.param("ann:", "password of login 1 is shorter than 8", id="no password"),
        pytest.param("ann:canary-", "password of login 1 is shorter than 8", id="a short password"),
        pytest.param(f"ann:{SECRET}, Ann:{SECRET}", "name of login 2 stands there twice", id="a name twice"),
    ],
)
def test_what_cannot_be_meant_is_told_without_showing_any_of_it(text: str, sentence: str) -> None:
    with pytest.raises(BadSettings, match=sentence) as raised:
        Settings.read({"EDIT_LOGINS": text})
    assert str(raised.value).startswith("EDIT_LOGINS: ")
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("text", ["-1", "one", "10", "1.5"])
def test_a_number_of_proxies_that_cannot_be_meant_is_told(text: str) -> None:
    with pytest.raises(BadLogins, match="EDIT_PROXIES is"):
        read_logins({"EDIT_PROXIES": text})


def test_settings_hold_the_logins_and_never_show_a_password() -> None:
    settings = Settings.read({"EDIT_LOGINS": f"ann:{SECRET}", "EDIT_PROXIES": "1"})
    assert settings.logins.belong("ann", SECRET)
    assert settings.logins.proxies == 1
    assert SECRET not in repr(settings)
    assert not Settings.read({}).logins


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        pytest.param({}, True, id="a Space with hf_oauth"),
        pytest.param({"OAUTH_CLIENT_ID": ""}, False, id="a Space without"),
        pytest.param({"SPACE_ID": ""}, False, id="no Space"),
        pytest.param({"EDIT_LOGINS": f"ann:{SECRET}"}, False, id="one login is enough"),
    ],
)
def test_hugging_face_is_offered_where_it_works(
    changes: dict[str, str], offered: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "authlib.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    environ = {"SPACE_ID": "me/app", "OAUTH_CLIENT_ID": "id"} | changes
    assert Settings.read(environ).hugging_face is offered


def test_a_login_holds_for_as_long_as_it_is_used() -> None:
    now = [0.0]
    entries = Entries(lambda: now[0])
    number = entries.begin("ann")
    for _ in range(3):
        now[0] += IDLE_SECONDS
        assert entries.name(number) == "ann"
    now[0] += IDLE_SECONDS + 1
    assert entries.name(number) is None
    now[0] -= IDLE_SECONDS
    assert entries.name(number) is None


def test_a_login_ends_when_it_is_ended_and_no_other_does() -> None:
    entries = Entries()
    here, there = entries.begin("ann"), entries.begin("ann")
    entries.end(here)
    entries.end("nobody's")
    assert [entries.name(here), entries.name(there), entries.name("")] == [None, "ann", None]
    assert len({here, there, entries.begin("ann")}) == 3


def test_only_so_many_logins_hold_the_latest_used() -> None:
    entries = Entries(most=2)
    one, two = entries.begin("one"), entries.begin("two")
    assert entries.name(one) == "one"
    three = entries.begin("three")
    assert [entries.name(each) for each in (one, two, three)] == ["one", None, "three"]
