"""The public names of `edit_core`: others build on them, so a change here is a decision."""

from __future__ import annotations

import pytest

import edit_core

PUBLIC = [
    "Client",
    "EditError",
    "EditRequest",
    "EditResult",
    "Model",
    "PROVIDERS",
    "Picture",
    "Provider",
    "Reference",
    "Usage",
    "build_call",
    "read_answer",
]


def test_the_public_names_are_these_and_no_others() -> None:
    assert sorted(edit_core.__all__) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_can_be_imported(name: str) -> None:
    assert hasattr(edit_core, name)
