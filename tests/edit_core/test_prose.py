"""Pictures that a service writes into its words."""

from __future__ import annotations

import pytest

from edit_core.wire.prose import MOST_IMAGES, Prose, read_prose

LINK = "https://cdn.example/a.png"
PAYLOAD = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAA"
DATA = f"data:image/png;base64,{PAYLOAD}"
BASE64 = "iVBORw0KGgo" + "A" * 80

TEXTS: dict[str, tuple[str, str, list[str]]] = {
    "nothing": ("", "", []),
    "words": (" Which hat? ", "Which hat?", []),
    "an image": (f"Here:\n![x]({LINK})\nBye", "Here:\n\nBye", [LINK]),
    "an image with blanks in its brackets": (f"![ x ]( {LINK} )", "", [LINK]),
    "an image with a title": (f'![x]({LINK} "t (1)")', "", [LINK]),
    "an image in angle brackets": (f'![x](<{LINK}> "t")', "", [LINK]),
    "a link with brackets in it": ("![x](https://a.example/b_(1).png)", "", ["https://a.example/b_(1).png"]),
    "an image that links": (f"[![x]({LINK})](https://page.example)", "[](https://page.example)", [LINK]),
    "an image of a data URL": (f"A ![x]({DATA}) B", "A  B", [PAYLOAD]),
    "an image of a data URL with a title": (f'![x]({DATA} "t")', "", [PAYLOAD]),
    "an image without its end": (f"A ![x]({DATA}", "A", [PAYLOAD]),
    "a link to a data URL": (f"[x]({DATA})", "", [PAYLOAD]),
    "a data URL without a type": (f"[media](data:;base64,{BASE64})", "", [BASE64]),
    "a film": ("A [media](data:video/mp4;base64,AAAA) B", "A  B", []),
    "a link": (f"[x]({LINK})", f"[x]({LINK})", []),
    "a link before an image": (f"[x]({LINK}) ![y]({LINK}2)", f"[x]({LINK})", [f"{LINK}2"]),
    "an image of words": ("![x](image upload err)", "![x](image upload err)", []),
    "an image of a path": ("![x](/tmp/a.png)", "![x](/tmp/a.png)", []),
    "a bare data URL": (DATA, "", [PAYLOAD]),
    "a bare data URL among words": (f"A {DATA} B", "A  B", [PAYLOAD]),
    "a data URL in quotes": (f'{{"url": "{DATA}"}}', '{"url": ""}', [PAYLOAD]),
    "two data URLs": (f"{DATA}\n{DATA}2", "", [PAYLOAD, f"{PAYLOAD}2"]),
    "an image in HTML": (f'A <img alt="x" src="{LINK}"> B', "A  B", [LINK]),
    "an image in HTML without quotes": (f"<IMG SRC={LINK}>", f"<IMG SRC={LINK}>", []),
    "an image in HTML without a source": ("A <img alt='x'> B", "A <img alt='x'> B", []),
    "a lone link": (f"\n<{LINK}>\n", "", [LINK]),
    "two lone links": (f"{LINK}\n{LINK}2", "", [LINK, f"{LINK}2"]),
    "a link among words": (f"See {LINK}", f"See {LINK}", []),
    "lone base64": (f"`{BASE64}`", "", [BASE64]),
    "short letters that begin like base64": ("iVBORw0KGgo", "iVBORw0KGgo", []),
    "zero characters": ("a\x00b", "ab", []),
}


@pytest.mark.parametrize(("text", "words", "found"), TEXTS.values(), ids=TEXTS)
def test_words_and_pictures_are_told_apart_in(text: str, words: str, found: list[str]) -> None:
    prose = read_prose(text)
    assert (prose.words, [sighting.payload for sighting in prose.sightings]) == (words, found)


def test_pictures_among_thoughts_are_drafts() -> None:
    prose = read_prose(f"![x]({LINK})", draft=True)
    assert [sighting.draft for sighting in prose.sightings] == [True]


def test_of_very_many_pictures_the_first_are_looked_at() -> None:
    prose = read_prose("".join(f"![x]({LINK}?{number})" for number in range(1000)))
    assert len(prose.sightings) == MOST_IMAGES


def test_a_text_without_pictures_comes_back_whole() -> None:
    text = "Brackets ](x) and [y](z), parentheses ((, <img, ![, data: and\n\nlines."
    assert read_prose(text) == Prose(text)
