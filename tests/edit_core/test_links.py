"""Which links are followed and which addresses are public: tables of what attackers and relays write."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edit_core import PROVIDERS, Provider
from edit_core.errors import UnsafeLink
from edit_core.sending.links import Target, check_address, check_link
from tests.edit_core.strange_links import REFUSED

PUBLIC = replace(PROVIDERS["custom"], base_url="https://relay.example", picture_hosts=("CDN.example",))
LOCAL = replace(PROVIDERS["custom"], base_url="http://127.0.0.1:8901")


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("https://relay.example/a.png", Target("https", "relay.example", 443, "/a.png")),
        ("https://RELAY.example./a.png", Target("https", "relay.example", 443, "/a.png")),
        ("HTTPS://relay.example:8443", Target("https", "relay.example", 8443, "/")),
        ("https://cdn.example/a%2Fb?x=a%2Fb&y=c+d#part", Target("https", "cdn.example", 443, "/a%2Fb?x=a%2Fb&y=c+d")),
        ("https://cdn.example:/a", Target("https", "cdn.example", 443, "/a")),
    ],
)
def test_a_link_to_the_provider_or_its_list_is_followed_exactly_as_written(link: str, target: Target) -> None:
    assert check_link(link, PUBLIC) == target


def test_a_local_provider_may_link_to_itself_alone() -> None:
    assert check_link("http://127.0.0.1:8901/a.png", LOCAL) == Target("http", "127.0.0.1", 8901, "/a.png", True)
    for link in ("http://127.0.0.1:8902/a.png", "http://localhost:8901/a.png", "https://127.0.0.1:8901/a.png"):
        with pytest.raises(UnsafeLink, match="own machine"):
            check_link(link, LOCAL)


@pytest.mark.parametrize(("link", "says"), REFUSED.items(), ids=map(repr, REFUSED))
def test_a_link_elsewhere_is_refused_with_its_reason(link: str, says: str) -> None:
    with pytest.raises(UnsafeLink, match=says) as refused:
        check_link(link, PUBLIC)
    assert refused.value.charged == "yes"
    assert len(refused.value.said) <= 200


PIECES = [
    "https://",
    "relay.example",
    "cdn.example",
    "evil.example",
    "@",
    "\\",
    "/",
    "//",
    "#",
    "?",
    ":",
    ":443",
    ":80",
]
PIECES += [
    ".",
    "..",
    "%2e",
    "%00",
    "[",
    "]",
    "::1",
    "\t",
    "\n",
    " ",
    ";",
    "a",
    "A",
    "é",
    "%",
    "&",
    "=",
    "127.0.0.1",
    "xn--a",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_s_09_no_other_reader_sees_another_host_in_what_is_accepted(tail: str) -> None:
    link = f"https://relay.example{tail}"
    try:
        target = check_link(link, PUBLIC)
    except UnsafeLink:
        return
    seen = httpx.URL(link)
    assert (seen.scheme, seen.host.removesuffix("."), seen.port or 443) == (target.scheme, target.host, target.port)


@pytest.mark.parametrize("provider", [PUBLIC, LOCAL], ids=["a public relay", "a local relay"])
def test_a_very_long_link_is_quoted_in_part(provider: Provider) -> None:
    with pytest.raises(UnsafeLink) as refused:
        check_link("https://evil.example/" + "a" * 100_000, provider)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00::1"])
def test_a_public_address_passes(address: str) -> None:
    refused: list[str] = []
    try:
        check_address(address)
    except UnsafeLink as error:
        refused.append(str(error))
    assert refused == []


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "relay.example",
        "",
        "127.1",
        "0x7f000001",
    ],
)
def test_a_private_special_or_strange_address_is_refused(address: str) -> None:
    with pytest.raises(UnsafeLink):
        check_address(address)
