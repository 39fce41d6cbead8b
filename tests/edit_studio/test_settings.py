"""Settings: the environment, then .env; every setting said wrongly has its sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edit_core.providers import PROVIDERS
from edit_core.sending.outcome import Policy
from edit_studio.settings import BadSettings, Settings

KEY = "sk-canary-123"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, {"provider": "offline", "host": "127.0.0.1", "port": None, "shared": False}, id="nothing set"),
        pytest.param({"GOOGLE_API_KEY": KEY}, {"provider": "google"}, id="a key chooses its provider"),
        pytest.param({"GOOGLE_API_KEY": "  "}, {"provider": "offline"}, id="an empty key is none"),
        pytest.param(
            {"GOOGLE_API_KEY": KEY, "EDIT_PROVIDER": "offline"}, {"provider": "offline"}, id="the choice goes first"
        ),
        pytest.param({"EDIT_WIRE": "chat"}, {"wire": "chat"}, id="format"),
        pytest.param({"EDIT_MODEL": "any-model"}, {"model": "any-model"}, id="model"),
        pytest.param({"EDIT_PORT": "9000"}, {"port": 9000}, id="port"),
        pytest.param({"EDIT_HOST": "0.0.0.0"}, {"host": "0.0.0.0", "shared": True}, id="open to the network is shared"),
        pytest.param({"EDIT_SHARED": "Yes"}, {"shared": True, "host": "127.0.0.1"}, id="shared behind a proxy"),
        pytest.param(
            {"EDIT_HOSTS": "Studio.example.org, *.example.com"},
            {"names": ("studio.example.org", "*.example.com")},
            id="host names",
        ),
        pytest.param({"SPACE_ID": "me/app"}, {"names": ("*.hf.space",)}, id="a Space's own name"),
        pytest.param({}, {"policy": Policy(False, False), "names": ()}, id="nothing is sent again"),
        pytest.param({"EDIT_RETRY_UNKNOWN": "1"}, {"policy": Policy(retry_unknown=True)}, id="one more try"),
        pytest.param(
            {"EDIT_RELAY_IDEMPOTENCY": "1"}, {"policy": Policy(relay_idempotency=True)}, id="names of requests"
        ),
        pytest.param({"SPACE_ID": "me/app"}, {"host": "0.0.0.0", "shared": True}, id="a Space by its id"),
        pytest.param({"SYSTEM": "spaces"}, {"host": "0.0.0.0", "shared": True}, id="a Space by its system"),
    ],
)
def test_settings_say_what_the_environment_says(environ: dict[str, str], expected: dict[str, Any]) -> None:
    settings = Settings.read(environ)
    assert {name: getattr(settings, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("environ", "keys"),
    [
        pytest.param({"OPENROUTER_API_KEY": KEY}, {"openrouter": KEY}, id="its own name"),
        pytest.param({"GEMINI_API_KEY": KEY}, {"google": KEY}, id="its other name"),
        pytest.param({"EDIT_API_KEY": KEY, "EDIT_PROVIDER": "apiyi"}, {"apiyi": KEY}, id="the chosen provider's"),
        pytest.param({"EDIT_API_KEY": KEY}, {"custom": KEY}, id="a relay without a row"),
        pytest.param(
            {"EDIT_API_KEY": "general", "EDIT_PROVIDER": "apiyi", "APIYI_API_KEY": KEY},
            {"apiyi": KEY},
            id="its own name goes first",
        ),
        pytest.param(
            {"EDIT_API_KEY": KEY, "EDIT_PROVIDER": "apiyi", "GOOGLE_API_KEY": "other"},
            {"apiyi": KEY, "google": "other"},
            id="never another provider's",
        ),
    ],
)
def test_a_key_goes_to_its_own_provider_only(environ: dict[str, str], keys: dict[str, str]) -> None:
    assert dict(Settings.read(environ).keys) == keys


@pytest.mark.parametrize(
    ("environ", "provider", "base_url"),
    [
        ({"PINKY_BASE_URL": "https://pinky.example/v1/"}, "pinky", "https://pinky.example"),
        ({"EDIT_BASE_URL": "https://relay.example"}, "custom", "https://relay.example"),
        ({"EDIT_BASE_URL": "https://relay.example", "EDIT_PROVIDER": "apiyi"}, "apiyi", "https://relay.example"),
        ({"VLLM_OMNI_BASE_URL": "http://127.0.0.1:9"}, "vllm-omni", "http://127.0.0.1:9"),
        ({"EDIT_BASE_URL": "https://relay.example"}, "google", PROVIDERS["google"].base_url),
    ],
)
def test_a_base_url_goes_to_its_own_provider_only(environ: dict[str, str], provider: str, base_url: str) -> None:
    assert Settings.read(environ).providers[provider].base_url == base_url


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({"EDIT_PROVIDER": "nobody"}, "EDIT_PROVIDER is “nobody”"),
        ({"EDIT_WIRE": "soap"}, "EDIT_WIRE is “soap”"),
        ({"EDIT_PORT": "http"}, "EDIT_PORT is “http”"),
        ({"EDIT_HOSTS": "https://studio.example.org"}, "EDIT_HOSTS names “https://studio.example.org”"),
        ({"EDIT_PORT": "70000"}, "EDIT_PORT is “70000”"),
        ({"PINKY_BASE_URL": "http://pinky.example"}, "PINKY_BASE_URL cannot be used"),
        ({"EDIT_PROVIDERS_FILE": "/nowhere/at/all.toml"}, "EDIT_PROVIDERS_FILE"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(environ: dict[str, str], names: str) -> None:
    with pytest.raises(BadSettings, match=names):
        Settings.read(environ)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f'EDIT_PROVIDER=google\nGOOGLE_API_KEY="{KEY}"\nEDIT_MODEL=\n', encoding="utf-8")
    assert Settings.read({}, file).provider == "google"
    assert Settings.read({}, file).keys["google"] == KEY
    assert Settings.read({"EDIT_PROVIDER": "apiyi"}, file).provider == "apiyi"
    assert Settings.read({}, tmp_path / "none").provider == "offline"


def test_a_relay_from_the_providers_file_is_there(tmp_path: Path) -> None:
    file = tmp_path / "providers.toml"
    file.write_text(
        '[[provider]]\nid = "mine"\nname = "My relay"\nbase_url = "https://mine.example"\n', encoding="utf-8"
    )
    settings = Settings.read({"EDIT_PROVIDERS_FILE": str(file), "MINE_API_KEY": KEY, "EDIT_PROVIDER": "mine"})
    assert settings.providers["mine"].base_url == "https://mine.example"
    assert settings.keys["mine"] == KEY
    assert settings.missing("mine") == ()


@pytest.mark.parametrize(
    ("environ", "provider", "missing"),
    [
        ({}, "offline", ()),
        ({}, "google", ("GOOGLE_API_KEY",)),
        ({}, "pinky", ("PINKY_BASE_URL", "PINKY_API_KEY")),
        ({"PINKY_API_KEY": KEY}, "pinky", ("PINKY_BASE_URL",)),
        ({}, "custom", ("EDIT_BASE_URL", "EDIT_API_KEY")),
        ({}, "litellm", ()),
        ({"GOOGLE_API_KEY": KEY}, "google", ()),
    ],
)
def test_what_is_missing_is_named_as_it_is_set(
    environ: dict[str, str], provider: str, missing: tuple[str, ...]
) -> None:
    assert Settings.read(environ).missing(provider) == missing


def test_on_one_s_own_machine_every_provider_is_offered_and_the_ready_ones_come_first() -> None:
    settings = Settings.read({"OPENROUTER_API_KEY": KEY})
    offered = [row.id for row in settings.offered()]
    assert set(offered) == set(PROVIDERS)
    ready = [not settings.missing(id) for id in offered]
    assert ready == sorted(ready, reverse=True)


def test_in_shared_use_only_what_the_owner_set_up_is_offered() -> None:
    settings = Settings.read({"SPACE_ID": "me/app", "OPENROUTER_API_KEY": KEY, "PINKY_API_KEY": KEY})
    assert [row.id for row in settings.offered()] == ["offline", "openrouter"]


def test_no_key_is_in_the_repr() -> None:
    assert KEY not in repr(Settings.read({"GOOGLE_API_KEY": KEY, "EDIT_API_KEY": KEY}))
