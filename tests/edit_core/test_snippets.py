"""Snippets do what the app does: they are run, in their own languages, and what arrives is compared."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pytest
from PIL import Image, ImageStat

from edit_core import PROVIDERS, EditRequest, Picture, Provider, Reference, build_call
from edit_core.edits import Turn, TurnPart, Wire
from edit_core.providers import parse_providers
from edit_core.snippets import Snippets, shown_body, snippets
from tests.conftest import PHOTOS
from tests.edit_core.snippet_runs import EVERY_RUNNER, RUNNERS, Listener, Sent, engine, lay_out, listening, run

WIRES: tuple[Wire, ...] = ("native", "chat")
CAT = Picture.read((PHOTOS / "cat.jpg").read_bytes())
TINY = Picture.read((PHOTOS / "tiny.png").read_bytes())
TINY_BASE64 = base64.b64encode(TINY.data).decode()

NASTY = {
    "single quotes": "it's '; touch pwned; '",
    "double quotes": 'say "; touch pwned; "',
    "command substitution": "$(touch pwned) `touch pwned` ${HOME} $HOME %s %n",
    "line breaks": "one\ntwo\r\nthree\ttab\n\nEOF\nJSON\n",
    "backslashes": "\\ \\\\ \\n \\' \\\" \\u0041 \\x41 \\0 end\\",
    "history": "wow!! !$ !touch pwned! !",
    "comments and markers": "# // /* */ <!-- --> </script> ''' \"\"\" ${x} {x} {{x}} %(x)s @file <(ls) | tee pwned &",
    "Chinese": "把背景换成夏天的海滩，加文字“你好”。",
    "emoji": "a 🙂 👩‍👩‍👧 🏳️‍🌈 and é ñ ﷽",
    "invisible marks": "left\u202eright\u2028line\u2029par\ufeffbom\u200b\x7f\x1b[31m\x00nul\U000e0041",
    "what looks like a picture": "data:image/png;base64,AAAA) ![x](data:image/png;base64,%%%)",
    "a picture in words": f"![x](data:image/png;base64,{TINY_BASE64})",
    "a picture in words, broken into lines": f"![x](data:image/png;base64,{TINY_BASE64[:76]}\n{TINY_BASE64[76:]})",
    "a word without end": "x" * 5000,
    "as long as it gets": "'" * 32_000,
}


def asked(prompt: str) -> EditRequest:
    """A request with every kind of text in it, and with pictures now and earlier, one of them twice."""
    turns = (
        Turn("user", (TurnPart("before"), TurnPart(picture=TINY))),
        Turn("model", (TurnPart(prompt), TurnPart(picture=TINY, signature="c2ln" * 100))),
    )
    return EditRequest(prompt, (Reference(CAT), Reference(TINY, "style")), system=prompt, temperature=0.5, turns=turns)


def keyless(address: str) -> Provider:
    return replace(PROVIDERS["offline"], base_url=address)


def written(request: EditRequest, provider: Provider, wire: Wire, *, stream: bool = False) -> Snippets:
    return snippets(build_call(request, provider, "m", wire, stream=stream), provider, wire)


def answer(path: str) -> tuple[int, object]:
    if "refuse" in path:
        return 401, {"error": {"message": "no"}}
    draft = {"thought": True, "inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    result = {"inlineData": {"mimeType": "image/../x", "data": TINY_BASE64}}
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{TINY_BASE64}"}}
    silent = "silent" in path
    if path.partition("?")[0].endswith(":generateContent"):
        return 200, {"candidates": [{"content": {"parts": [{"text": "done"}, *([] if silent else [draft, result])]}}]}
    return 200, {"choices": [{"message": {"content": "done", "images": [] if silent else [image]}}]}


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with listening(answer) as service:
        yield service


def results(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted(folder.glob("result*"))]


@dataclass(frozen=True)
class Ran:
    """What one snippet left behind: the request that arrived, and its folder."""

    sent: Sent
    folder: Path


def run_all(runner: str, made: list[Snippets], root: Path, listener: Listener, **environ: str) -> list[Ran]:
    """Run snippets that all must succeed, in one process."""
    folders = [lay_out(each, runner, root / str(number)) for number, each in enumerate(made)]
    before = len(listener.requests)
    ended = run(runner, *folders, environ=environ)
    assert ended.returncode == 0, ended.stderr
    return [Ran(sent, folder) for sent, folder in zip(listener.requests[before:], folders, strict=True)]


@pytest.fixture(scope="module", params=EVERY_RUNNER)
def nasty_runs(request, listener, tmp_path_factory) -> dict[tuple[Wire, str], Ran]:
    """Every nasty prompt in both formats, sent by one language."""
    cases = [(wire, name) for wire in WIRES for name in NASTY]
    made = [written(asked(NASTY[name]), keyless(listener.address), wire) for wire, name in cases]
    return dict(zip(cases, run_all(request.param, made, tmp_path_factory.mktemp("nasty"), listener), strict=True))


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("wire", WIRES)
def test_a_snippet_sends_what_the_call_holds_and_does_nothing_else(wire, name, nasty_runs) -> None:
    ran = nasty_runs[wire, name]
    expected = build_call(asked(NASTY[name]), keyless("http://localhost"), "m", wire).body
    assert orjson.loads(ran.sent.body) == orjson.loads(expected)
    assert results(ran.folder) == [TINY.data]
    left = {"image-1.png", "image-2.jpg", "answer.json", "result.png", "result-1.png", "snippet", "snippet.mjs"}
    assert {file.name for file in ran.folder.iterdir()} <= left


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("runner", RUNNERS)
def test_a_snippet_edits_megabytes_on_the_offline_engine(runner, wire: Wire, served_engine, tmp_path) -> None:
    folder = lay_out(
        written(EditRequest("black and white", (large(),)), keyless(served_engine), wire), runner, tmp_path / "a"
    )
    ended = run(runner, folder)
    assert ended.returncode == 0, ended.stderr
    (result,) = results(folder)
    with Image.open(io.BytesIO(result)) as image:
        assert image.size == (1500, 1500)
        assert max(ImageStat.Stat(image.convert("HSV")).mean[1:2]) == 0


@pytest.fixture(scope="module")
def served_engine() -> Iterator[str]:
    with engine() as address:
        yield address


def large() -> Reference:
    """A picture of more than 2 MB, beyond what a command's arguments may be."""
    buffer = io.BytesIO()
    Image.frombytes("RGB", (1500, 1500), os.urandom(1500 * 1500 * 3)).save(buffer, "JPEG", quality=95)
    assert buffer.tell() > 2_000_000
    return Reference(Picture.read(buffer.getvalue()))


# Provider, format, and where the key must arrive ("" for nowhere).
KEYS: dict[str, tuple[str, Wire, str]] = {
    "bearer": ("apiyi", "native", "authorization"),
    "a header of Google's": ("google", "native", "x-goog-api-key"),
    "chat is always bearer": ("google-by-chat", "chat", "authorization"),
    "in the query": ("by-query", "native", "?key="),
    "a relay of one's own with a key": ("litellm", "chat", "authorization"),
    "a relay of one's own without": ("litellm-without", "chat", ""),
    "in the query, if there is one": ("perhaps-by-query", "native", "?key="),
    "in the query, and there is none": ("by-query-without", "native", ""),
    "none at all": ("offline", "native", ""),
}
PLAIN, CANARY = "sk-plain", "sk-canary/with+marks=&$(touch key)`touch key`"
VALUES = {
    "APIYI_API_KEY": CANARY,
    "GOOGLE_API_KEY": CANARY,
    "LITELLM_API_KEY": CANARY,
    "EDIT_API_KEY": PLAIN,
    "API_KEY": CANARY,
}
"""What is set. A key for a query is plain: curl sends it as it is."""

ROWS = {
    **PROVIDERS,
    **parse_providers(
        """
        provider = [
            { id = "google-by-chat", like = "google", wires = ["chat"], key_names = ["GOOGLE_API_KEY"] },
            { id = "litellm-without", like = "litellm", key_names = ["UNSET_API_KEY"] },
            { id = "by-query", auth = "query", key_names = ["EDIT_API_KEY"] },
            { id = "perhaps-by-query", auth = "query", needs_key = false, key_names = ["EDIT_API_KEY"] },
            { id = "by-query-without", auth = "query", needs_key = false, key_names = ["UNSET_API_KEY"] },
            { id = "wicked", key_names = ["X}; touch pwned; ${X", "Ä", ""] },
        ]
        """
    ),
}


@pytest.fixture(scope="module", params=EVERY_RUNNER)
def key_runs(request, listener, tmp_path_factory) -> dict[str, Ran]:
    """Every way a key may travel, sent by one language."""
    made = [
        written(EditRequest("sepia"), replace(ROWS[row], base_url=listener.address), wire)
        for row, wire, _ in KEYS.values()
    ]
    return dict(
        zip(KEYS, run_all(request.param, made, tmp_path_factory.mktemp("keys"), listener, **VALUES), strict=True)
    )


@pytest.mark.parametrize("case", KEYS)
def test_the_key_comes_from_the_environment_and_goes_where_the_row_says(case, key_runs) -> None:
    _, _, place = KEYS[case]
    sent = key_runs[case].sent
    seen = {name: sent.headers[name] for name in ("authorization", "x-goog-api-key") if name in sent.headers}
    seen |= {"?key=": sent.path.partition("?key=")[2]} if "?" in sent.path else {}
    expected = {"authorization": f"Bearer {CANARY}", "x-goog-api-key": CANARY, "?key=": PLAIN}
    assert seen == ({place: expected[place]} if place else {})


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize(
    ("row", "missing"), [("apiyi", "the key"), ("by-query", "the key"), ("offline", "a picture")], ids=str
)
def test_nothing_is_sent_without_all_that_is_needed(runner, row, missing, listener, tmp_path) -> None:
    provider = replace(ROWS[row], base_url=listener.address)
    folder = lay_out(written(EditRequest("sepia", (Reference(TINY),)), provider, "native"), runner, tmp_path / "a")
    if missing == "a picture":
        (folder / "image-1.png").unlink()
    before = len(listener.requests)
    assert run(runner, folder).returncode != 0
    assert len(listener.requests) == before


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("how", ["refuse", "silent"])
def test_a_run_without_a_picture_fails(runner, wire, how, listener, tmp_path) -> None:
    provider = keyless(f"{listener.address}/{how}")
    folder = lay_out(written(EditRequest("sepia"), provider, wire), runner, tmp_path / "a")
    ended = run(runner, folder)
    assert ended.returncode != 0
    assert ("401" in ended.stderr) is (how == "refuse")
    assert listener.requests[-1].path.startswith(f"/{how}/")
    assert [data for data in results(folder) if data] == []


@pytest.mark.parametrize("wire", WIRES)
def test_what_does_not_show_is_shown_as_its_escape(wire) -> None:
    made = written(asked(NASTY["invisible marks"]), PROVIDERS["offline"], wire)
    for source in (made.curl, made.python, made.javascript):
        assert source.replace("\n", "").isprintable()


@pytest.mark.parametrize("wire", WIRES)
def test_no_exclamation_mark_reaches_a_shell_where_it_would_recall_a_command(wire) -> None:
    assert "!" not in written(asked(NASTY["history"]), PROVIDERS["offline"], wire).curl


def test_a_name_that_is_none_for_a_variable_never_gets_into_a_program() -> None:
    made = written(EditRequest("sepia"), replace(ROWS["wicked"], base_url="https://relay.example"), "chat")
    for source in (made.curl, made.python, made.javascript):
        assert "API_KEY" in source
        assert "pwned" not in source


@pytest.mark.parametrize("wire", WIRES)
def test_a_streamed_call_gives_the_snippets_of_the_plain_one(wire) -> None:
    plain, streamed = (written(asked("sepia"), PROVIDERS["offline"], wire, stream=each) for each in (False, True))
    assert streamed == plain


def test_the_files_are_the_pictures_sent_each_once() -> None:
    made = written(asked("sepia"), PROVIDERS["offline"], "native")
    assert [(file.name, file.data) for file in made.files] == [("image-1.png", TINY.data), ("image-2.jpg", CAT.data)]


@pytest.mark.parametrize("wire", WIRES)
def test_a_shown_body_cuts_pictures_and_signatures_and_nothing_else(wire) -> None:
    prompt = NASTY["a word without end"]
    shown = orjson.dumps(shown_body(build_call(asked(prompt), PROVIDERS["offline"], "m", wire).body)).decode()
    assert shown.count(prompt) == 3
    assert len(shown) < 3 * len(prompt) + 2000
    assert f"{TINY_BASE64[:24]}… ({len(TINY_BASE64):,} characters of base64)" in shown
    assert "c2ln" * 10 not in shown
