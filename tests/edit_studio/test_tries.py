"""How often a wrong password may be tried."""

from __future__ import annotations

import pytest

from edit_studio.door.gate import address_of
from edit_studio.door.tries import ANYBODY, MOST_IN_A_MINUTE, Tries, place_of

HERE, THERE = "203.0.113.5", "198.51.100.7"


class Clock:
    """Goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tries(clock: Clock) -> Tries:
    return Tries(clock)


def heard(tries: Tries, name: str, address: str) -> bool:
    """Try a wrong password; whether it was looked at."""
    if tries.wait(name, address):
        return False
    tries.wrong(name, address)
    return True


def test_after_five_tries_from_an_address_each_pause_is_twice_as_long_and_15_minutes_at_most(
    tries: Tries, clock: Clock
) -> None:
    pauses = []
    for number in range(16):
        # A name of its own each, as one who tries one password on many people does.
        assert heard(tries, f"name {number}", HERE)
        pauses.append(tries.wait("anyone", HERE))
        clock.now += pauses[-1]
    assert pauses == [0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_of_three_hundred_tries_at_once_five_are_looked_at(tries: Tries) -> None:
    assert sum(heard(tries, "ann", HERE) for _ in range(300)) == 5


def test_a_try_that_was_not_looked_at_makes_the_pause_no_longer(tries: Tries, clock: Clock) -> None:
    for _ in range(100):
        heard(tries, "ann", HERE)
    clock.now += 2
    assert tries.wait("ann", HERE) == 0


def test_while_one_address_waits_another_does_not(tries: Tries) -> None:
    for _ in range(300):
        heard(tries, "ann", HERE)
    assert tries.wait("ann", HERE) > 0
    assert tries.wait("ann", THERE) == 0


def test_many_addresses_together_have_ten_tries_for_a_name(tries: Tries) -> None:
    assert sum(heard(tries, "ann", f"203.0.113.{number}") for number in range(100)) == 10


def test_whoever_logged_in_from_an_address_before_is_heard_there(tries: Tries) -> None:
    tries.right("ann", THERE)
    for number in range(100):
        heard(tries, "ann", f"203.0.113.{number}")
        heard(tries, f"name {number}", f"203.0.113.{number + 100}")
    assert tries.wait("ann", "192.0.2.1") > 0
    assert tries.wait("ann", THERE) == 0
    assert sum(heard(tries, "ann", THERE) for _ in range(100)) == 5


def test_a_login_gives_its_address_no_new_tries(tries: Tries) -> None:
    heard_at_all = 0
    for _ in range(20):
        heard_at_all += heard(tries, "ann", HERE)
        tries.right("thief", HERE)
    assert heard_at_all == 5


def test_all_together_have_sixty_tries_in_a_minute(tries: Tries, clock: Clock) -> None:
    asked = range(200)
    assert sum(heard(tries, f"name {each}", f"203.0.{each}.1") for each in asked) == MOST_IN_A_MINUTE
    assert tries.wait("ann", HERE) == 60
    clock.now += 60
    assert tries.wait("ann", HERE) == 0


def test_behind_an_unknown_proxy_nobody_waits_longer_than_a_minute(tries: Tries, clock: Clock) -> None:
    count = 0
    for number in range(40):
        count += heard(tries, f"name {number}", ANYBODY)
    assert count == 20
    for number in range(20):
        clock.now += tries.wait("ann", ANYBODY)
        assert heard(tries, f"other {number}", ANYBODY)
    assert tries.wait("ann", ANYBODY) == 60


def test_what_is_long_ago_is_forgotten(tries: Tries, clock: Clock) -> None:
    for _ in range(5):
        heard(tries, "ann", HERE)
    clock.now += 3600
    assert sum(heard(tries, "ann", HERE) for _ in range(100)) == 5


def test_only_so_much_is_remembered(clock: Clock) -> None:
    tries = Tries(clock, most=3)
    for number in range(50):
        clock.now += 60
        tries.right(f"name {number}", f"203.0.113.{number}")
        tries.wrong(f"name {number}", f"203.0.113.{number}")
    assert [len(tries._places), len(tries._names), len(tries._at_home)] == [3, 3, 3]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ANYBODY),
        ("unknown", ANYBODY),
        ("203.0.113.5, 198.51.100.7", ANYBODY),
    ],
)
def test_a_place_is_what_one_visitor_has(address: str, place: str) -> None:
    assert place_of(address) == place


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        pytest.param(0, [], "127.0.0.1", id="straight"),
        pytest.param(0, ["203.0.113.5"], ANYBODY, id="a proxy nobody told us of, or a lie"),
        pytest.param(1, ["203.0.113.5"], "203.0.113.5", id="one proxy"),
        pytest.param(1, ["198.51.100.7, 203.0.113.5"], "203.0.113.5", id="a lie before the proxy's word"),
        pytest.param(1, ["198.51.100.7", "203.0.113.5"], "203.0.113.5", id="the same in two lines"),
        pytest.param(2, ["1.1.1.1, 203.0.113.5, 10.0.0.1"], "203.0.113.5", id="two proxies"),
        pytest.param(2, ["203.0.113.5"], ANYBODY, id="past one of the proxies"),
        pytest.param(1, [], ANYBODY, id="past the proxy"),
    ],
)
def test_an_address_is_believed_only_from_proxies_we_know(proxies: int, forwarded: list[str], expected: str) -> None:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    scope = {"type": "http", "headers": headers, "client": ("127.0.0.1", 1)}
    assert address_of(scope, proxies) == expected
