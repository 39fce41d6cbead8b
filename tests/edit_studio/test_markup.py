"""What comes from people, files and models is shown as text, whatever it looks like."""

from __future__ import annotations

import html

import pytest

from edit_studio.page.markup import address, paragraphs, safe
from edit_studio.page.words import duration

NASTY = ["<img src=x onerror=alert(1)>", '" onmouseover="x', "${alert(1)}", "{{value}}", "`", "a & b", "it’s 猫"]


@pytest.mark.parametrize("text", NASTY)
def test_safe_text_reads_the_same_and_holds_no_sign_that_does_something(text: str) -> None:
    assert html.unescape(safe(text)) == text
    assert not set("<>\"'`${}") & set(safe(text))


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("/tmp/up/cat.jpg", "gradio_api/file=/tmp/up/cat.jpg"),  # noqa: S108
        ("/up/a cat & dog.jpg", "gradio_api/file=/up/a%20cat%20%26%20dog.jpg"),
        ("/up/it's.jpg", "gradio_api/file=/up/it%27s.jpg"),
    ],
)
def test_an_address_holds_no_sign_that_does_something(file: str, expected: str) -> None:
    assert address(file) == expected


def test_an_empty_text_makes_no_paragraph() -> None:
    assert paragraphs(" \n", "said") == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"),
        (3.21, "3.2 s"),
        (59.9, "59.9 s"),
        (59.97, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.6, "1 h 00 min"),
        (50_358, "13 h 59 min"),
    ],
)
def test_a_duration_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said
