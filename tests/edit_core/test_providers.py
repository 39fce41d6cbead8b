"""Providers as rows: their addresses, their models, and rows from a file of one's own."""

from __future__ import annotations

import pytest

from edit_core import PROVIDERS, EditError
from edit_core.providers import checked_base_url, parse_providers

ADDRESSES = {
    "a root stays": ("https://api.example.com", "https://api.example.com"),
    "a slash goes": ("https://api.example.com/", "https://api.example.com"),
    "/v1 goes": ("https://api.example.com/v1", "https://api.example.com"),
    "/v1beta goes": ("https://api.example.com/v1beta/", "https://api.example.com"),
    "a pasted endpoint goes": ("https://api.example.com/v1/chat/completions", "https://api.example.com"),
    "a prefix stays": ("https://example.com/relay/v1", "https://example.com/relay"),
    "a port stays": ("https://example.com:8443", "https://example.com:8443"),
    "blanks around go": ("  https://example.com ", "https://example.com"),
    "plain http on this machine": ("http://127.0.0.1:4000", "http://127.0.0.1:4000"),
    "plain http on localhost": ("http://localhost:4000/v1", "http://localhost:4000"),
}


@pytest.mark.parametrize(("pasted", "root"), ADDRESSES.values(), ids=ADDRESSES)
def test_a_pasted_address_becomes_the_root_that_paths_follow(pasted: str, root: str) -> None:
    assert checked_base_url(pasted) == root


BAD_ADDRESSES = {
    "plain http elsewhere": "http://api.example.com",
    "no scheme": "api.example.com",
    "another scheme": "ftp://example.com",
    "no host": "https://",
    "a user name before the host": "https://relay@evil.example",
    "a fragment": "https://example.com#@evil",
    "a query": "https://example.com?x=1",
    "a backslash": "https://example.com\\@evil",
    "a port that is none": "https://example.com:99999",
    "letters of another alphabet": "https://ex\u0430mple.com",
    "a line break": "https://example.com\nHost: evil",
    "loopback in a name": "http://127.0.0.1.evil.example",
}


@pytest.mark.parametrize("address", BAD_ADDRESSES.values(), ids=BAD_ADDRESSES)
def test_an_address_a_key_must_not_be_sent_to_is_refused(address: str) -> None:
    with pytest.raises(EditError) as refused:
        checked_base_url(address)
    assert refused.value.kind == "bad_input"


def test_every_row_is_usable_as_it_stands() -> None:
    for id, row in PROVIDERS.items():
        assert row.id == id
        assert row.wires
        assert row.base_url == "" or checked_base_url(row.base_url) == row.base_url
        assert row.key_names or not row.needs_key
        assert row.models


FILE = """
[[provider]]
id = "acme"
like = "openrouter"
name = "Acme relay"
base_url = "https://api.acme.example/v1"
key_names = ["ACME_API_KEY"]
size_words = { "512" = "small" }

[[provider.models]]
id = "acme-edit"
label = "Acme Edit"
ratios = ["1:1", "16:9"]
most_references = 2
"""


def test_a_relay_is_added_by_a_file() -> None:
    acme = parse_providers(FILE)["acme"]
    assert (acme.name, acme.base_url, acme.key_names) == ("Acme relay", "https://api.acme.example", ("ACME_API_KEY",))
    assert acme.shape_dialects == PROVIDERS["openrouter"].shape_dialects
    assert acme.size_word("512") == "small"
    assert acme.model("acme-edit").ratios == ("1:1", "16:9")
    assert acme.model("another").known is False


BAD_FILES = {
    "no TOML": ("[[provider", "no valid TOML"),
    "single brackets": ('[provider]\nid = "x"', "double brackets"),
    "no id": ('[[provider]]\nname = "x"', "needs an id"),
    "a field that is none": ('[[provider]]\nid = "x"\nurl = "https://a.example"', "no field “url”"),
    "a value of the wrong type": ('[[provider]]\nid = "x"\nneeds_key = "yes"', "wrong type"),
    "a word that is no choice": ('[[provider]]\nid = "x"\nauth = "basic"', "wrong type"),
    "a list of the wrong things": ('[[provider]]\nid = "x"\nkey_names = [1]', "wrong type"),
    "a model's field that is none": ('[[provider]]\nid = "x"\n[[provider.models]]\nid = "m"\nrank = 1', "no field"),
    "an example that is none": ('[[provider]]\nid = "x"\nlike = "nobody"', "no known provider"),
    "an unsafe address": ('[[provider]]\nid = "x"\nbase_url = "http://a.example"', "https"),
}


@pytest.mark.parametrize(("text", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_cannot_be_meant_is_refused_with_a_sentence(text: str, words: str) -> None:
    with pytest.raises(EditError, match=words):
        parse_providers(text)


def test_a_row_of_ones_own_never_gets_the_key_of_the_row_it_resembles() -> None:
    text = '[[provider]]\nid = "my-relay"\nlike = "openrouter"\nbase_url = "https://my.example"'
    assert parse_providers(text)["my-relay"].key_names == ("MY_RELAY_API_KEY",)
