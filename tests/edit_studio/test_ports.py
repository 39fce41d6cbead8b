"""A busy port gives the next free one."""

from __future__ import annotations

import socket

import pytest

from edit_studio import ports
from edit_studio.ports import NoFreePort, free_port


def test_a_free_port_is_taken_as_it_is(free_port: int) -> None:
    assert ports.free_port("127.0.0.1", free_port) == free_port


def test_a_busy_port_gives_a_later_one() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        assert taken < free_port("127.0.0.1", taken) < taken + ports.TRIES


def test_no_free_port_says_what_to_do() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        with pytest.raises(NoFreePort, match="EDIT_PORT"):
            free_port("256.256.256.256", 65535)
