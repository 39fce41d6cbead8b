"""What is turned away before Gradio sees it, and that the page works behind it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.datastructures import Headers

from edit_studio.door import shield
from edit_studio.door.bodies import BadBody, read_body
from edit_studio.door.origins import Origins
from edit_studio.door.shield import MOST_JSON_BYTES

from .examples import picture
from .shielded import MOST_UPLOAD, House, event, house

EVIL = "https://evil.example"
SOON = 10.0
"""Seconds in which the app has cleared away what it let go of, on a busy machine."""
UPLOAD = "/gradio_api/upload"
MARKED = {"_type": "gradio.FileData"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("shield"), names=("studio.example.org", "*.hf.space")) as running:
        yield running


@pytest.fixture
def ann(home: House) -> Iterator[httpx.Client]:
    with home.person() as client:
        yield client


@pytest.fixture
def uploaded(ann: httpx.Client) -> str:
    """The path of a picture that was uploaded."""
    answer = ann.post(UPLOAD, files={"files": ("cat.png", picture(201, 40).data, "image/png")})
    return str(answer.json()[0])


def gallery(path: Any, **others: Any) -> list[Any]:
    """The data of an event with one picture in its gallery."""
    return [[{"image": {"path": path, **others}, "caption": None}]]


def place(home: House) -> tuple[str, int]:
    parts = urlsplit(home.address)
    return str(parts.hostname), int(parts.port or 80)


def raw(home: House, *lines: str, body: bytes = b"") -> bytes:
    """Lines sent as they are, and what comes back until the connection closes."""
    with socket.create_connection(place(home), timeout=10) as connection:
        connection.sendall("\r\n".join((*lines, "Connection: close", "", "")).encode() + body)
        answer = b""
        while more := connection.recv(65536):
            answer += more
    return answer


# Origins


@pytest.mark.parametrize("path", ["call/who", "call/look", "queue/join", "upload", "cancel", "reset", "run/who"])
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"origin": EVIL}, id="another site"),
        pytest.param({"origin": "null"}, id="a page without an origin"),
        pytest.param({"origin": "http://127.0.0.1:1"}, id="another port"),
        pytest.param({"origin": "http://sub.127.0.0.1"}, id="a name below"),
        pytest.param({"origin": "https://other.hf.space"}, id="another Space"),
        pytest.param({"origin": "http://studio.example.org.evil.example"}, id="a name that begins like ours"),
        pytest.param({"origin": "https://studio.example.org:8443"}, id="our name on another port"),
        pytest.param({"sec-fetch-site": "cross-site"}, id="no origin but cross-site"),
        pytest.param({"sec-fetch-site": "same-site"}, id="no origin but a neighbour"),
        pytest.param({"origin": EVIL, "sec-fetch-site": "same-origin"}, id="an origin that contradicts itself"),
        pytest.param({"origin": "", "x-forwarded-host": "evil.example"}, id="an empty origin"),
    ],
)
def test_another_site_cannot_make_a_browser_do_anything(
    home: House, ann: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    before = len(home.calls)
    answer = ann.post(f"/gradio_api/{path}", json={"data": []}, headers=headers)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert len(home.calls) == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("path", ["call/who", "upload"])
def test_what_a_page_may_send_without_asking_is_turned_away_too(ann: httpx.Client, path: str, kind: str) -> None:
    headers = {"origin": EVIL, "content-type": kind}
    assert ann.post(f"/gradio_api/{path}", content=b'{"data": []}', headers=headers).status_code == 403


def test_another_site_may_not_ask_for_leave_nor_read_an_answer(ann: httpx.Client) -> None:
    asks = {"origin": EVIL, "access-control-request-method": "POST", "host": "192.168.1.5:7860"}
    preflight = ann.options("/gradio_api/call/who", headers=asks)
    read = ann.get("/config", headers={"origin": EVIL, "host": "192.168.1.5:7860"})
    assert (preflight.status_code, read.status_code) == (403, 200)
    assert not [name for each in (preflight, read) for name in each.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="a program"),
        pytest.param({"origin": "{own}"}, id="our page"),
        pytest.param({"origin": "{own}", "sec-fetch-site": "same-origin"}, id="our page in a browser of today"),
        pytest.param({"origin": "https://studio.example.org"}, id="our name, by a proxy that changes the host"),
        pytest.param({"origin": "https://me.hf.space", "host": "me.hf.space"}, id="a Space itself"),
    ],
)
def test_our_own_page_and_programs_may(home: House, ann: httpx.Client, headers: dict[str, str]) -> None:
    own = home.address.rstrip("/")
    before = len(home.calls)
    filled = {name: value.format(own=own) for name, value in headers.items()}
    assert event(ann, "who", [], **filled).status_code == 200
    assert len(home.calls) == before + 1


# Hosts


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "hf.space", "evilhf.space"),
        *("studio.example.org.", "127.0.0.1:port", "[::1", "localhost/x", "evil@127.0.0.1", "127.0.0.1, evil.example"),
        *("", "2130706433"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/heartbeat/x", "/pictures/x/thumb", "/assets/x.js"])
def test_a_name_that_is_not_ours_is_not_answered(home: House, host: str, path: str) -> None:
    answer = raw(home, f"GET {path} HTTP/1.1", f"Host: {host}")
    assert answer.split(b" ")[1] == b"400"
    assert b"set-cookie" not in answer.lower()


def test_no_host_and_two_hosts_are_not_answered(home: House) -> None:
    assert raw(home, "GET / HTTP/1.0").split(b" ")[1] == b"400"
    assert raw(home, "GET / HTTP/1.1", "Host: localhost", "Host: evil.example").split(b" ")[1] == b"400"


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:7860", "127.0.0.1", "[::1]:7860", "192.168.1.5:7860", "studio.example.org", "a.hf.space"],
)
def test_names_that_are_ours_are_answered(host: str) -> None:
    assert Origins(("studio.example.org", "*.hf.space")).answers_to(Headers({"host": host}))


# Files in what is sent


@pytest.mark.parametrize(
    ("path", "others"),
    [
        pytest.param("/proc/self/environ", {}, id="a file of the machine, unmarked"),
        pytest.param("/etc/passwd", {"meta": MARKED}, id="a file of the machine, marked"),
        pytest.param("{uploads}/../data/x", {"meta": MARKED}, id="out of the folder and on"),
        pytest.param("{uploads}-other/x.png", {"meta": MARKED}, id="a folder whose name begins alike"),
        pytest.param("{uploaded}", {}, id="an upload, unmarked"),
        pytest.param("{uploaded}", {"meta": {"_type": "other"}}, id="an upload, marked as something else"),
        pytest.param("{uploaded}", {"meta": [MARKED]}, id="an upload, marked oddly"),
        pytest.param("http://127.0.0.1:1/x.png", {"meta": MARKED}, id="an address on this machine"),
        pytest.param("https://example.org/x.png", {"meta": MARKED}, id="an address elsewhere"),
        pytest.param("", {"meta": MARKED}, id="the folder we run in"),
        pytest.param("x\0.png", {"meta": MARKED}, id="a zero byte"),
        pytest.param("a" * 5000, {"meta": MARKED}, id="a very long name"),
        pytest.param(7, {"meta": MARKED}, id="no text"),
        pytest.param(["/etc/passwd"], {"meta": MARKED}, id="a list"),
    ],
)
@pytest.mark.parametrize("way", ["call/look", "run/look", "api/look", "queue/join"])
def test_no_file_but_an_uploaded_one_reaches_a_handler(
    home: House, ann: httpx.Client, uploaded: str, way: str, path: Any, others: dict[str, Any]
) -> None:
    before = len(home.calls)
    name = path.format(uploads=home.uploads, uploaded=uploaded) if isinstance(path, str) else path
    call = {"data": gallery(name, **others), "fn_index": 1, "session_hash": "x"}
    assert ann.post(f"/gradio_api/{way}", json=call).status_code == 400
    assert len(home.calls) == before


def test_a_link_out_of_the_uploads_is_followed_before_it_is_judged(home: House, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    link = home.uploads / "link.png"
    link.symlink_to(secret)
    with pytest.raises(BadBody, match="not uploaded here"):
        read_body(json.dumps(gallery(str(link), meta=MARKED)).encode(), home.uploads)


def test_an_uploaded_file_reaches_its_handler(home: House, ann: httpx.Client, uploaded: str) -> None:
    assert event(ann, "look", gallery(uploaded, meta=MARKED)).status_code == 200
    ((path, _caption),) = home.calls[-1][1]
    assert Path(path).read_bytes() == picture(201, 40).data


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{", 400, id="half of one"),
        pytest.param(b"[" * 200_000, 400, id="very deep"),
        pytest.param(b"\xff\xfe\x00", 400, id="no text"),
        pytest.param(b'{"data": ["' + b"x" * MOST_JSON_BYTES + b'"]}', 413, id="too much"),
    ],
)
def test_a_body_that_is_no_sensible_json_is_turned_away(ann: httpx.Client, body: bytes, status: int) -> None:
    begun = time.perf_counter()
    assert ann.post("/gradio_api/call/look", content=body).status_code == status
    assert time.perf_counter() - begun < 1


def test_a_body_of_unknown_length_is_cut_off(ann: httpx.Client) -> None:
    chunks = (b'["' + b"x" * 65536 for _ in range(40))
    assert ann.post("/gradio_api/call/look", content=chunks).status_code == 413


def test_a_form_is_taken_at_the_door_for_uploads_and_at_login_only(ann: httpx.Client) -> None:
    assert ann.post("/gradio_api/call/look", files={"a": b"x"}).status_code == 415
    assert ann.post("/gradio_api/call/look", data={"a": "x"}).status_code == 415
    assert ann.post("/login", data={"username": "a", "password": "b"}).status_code not in (400, 403, 415)


# Uploads


def stored(home: House) -> int:
    return sum(file.stat().st_size for file in home.uploads.rglob("*") if file.is_file())


def test_an_upload_that_says_it_is_too_large_is_not_read(home: House, ann: httpx.Client) -> None:
    before = stored(home)
    answer = ann.post(UPLOAD, files={"files": ("big.png", b"x" * (MOST_UPLOAD + 1), "image/png")})
    assert (answer.status_code, answer.text) == (413, "That is more than 0 MB.")
    assert stored(home) == before


def narrow(most: int) -> Callable[[int], bool]:
    """A disk with room for so many bytes, which other people fill a moment later."""
    asked: list[int] = []

    def has_room(wanted: int) -> bool:
        asked.append(wanted)
        return wanted <= most and len(asked) == 1

    return has_room


@pytest.mark.parametrize(
    ("announced", "most", "status"),
    [(True, 5_000, 507), (True, MOST_UPLOAD, 200), (False, 5_000, 507)],
    ids=["it says that it is too much", "it fits", "it does not say how much it is"],
)
def test_an_upload_that_the_disk_has_no_room_for_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, announced: bool, most: int, status: int
) -> None:
    monkeypatch.setattr(shield, "LOOK_EVERY", 100_000)
    kind = {"content-type": "multipart/form-data; boundary=b"}
    with house(tmp_path, has_room=narrow(most)) as home, home.person() as ann:
        picked = {"files": ("cat.png", b"x" * 6_000, "image/png")}
        answer = ann.post(UPLOAD, files=picked) if announced else ann.post(UPLOAD, content=endless(), headers=kind)
        assert answer.status_code == status
        assert status == 200 or answer.text.startswith("The disk is nearly full, so nothing was taken.")


def endless() -> Iterator[bytes]:
    """An upload larger than is taken, in pieces."""
    yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="big.png"\r\n\r\n'
    yield from [b"x" * 50_000] * 20


def test_an_upload_that_does_not_say_so_is_cut_off_and_cleared_away(home: House, ann: httpx.Client) -> None:
    before = stored(home)
    kind = {"content-type": "multipart/form-data; boundary=b"}
    answer = ann.post(UPLOAD, content=endless(), headers=kind)
    assert answer.status_code == 413
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert stored(home) - before <= MOST_UPLOAD
    end = time.monotonic() + SOON
    while stored(home) != before and time.monotonic() < end:
        # What was cut off is written out when the app lets go of it, and cleared away after the answer was given.
        for left in home.uploads.glob("tmp*"):
            with suppress(FileNotFoundError):
                os.utime(left, (0, 0))
        assert ann.post(UPLOAD, content=b"x", headers=kind).status_code != 200
    assert stored(home) == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("x.html", b"<script>alert(1)</script>"),
        ("x.png", b"<html><script>alert(1)</script></html>"),
        ("x.xml", b'<?xml version="1.0"?><x/>'),
        ("x", b"<svg onload=alert(1)>"),
    ],
)
def test_what_was_uploaded_is_never_sent_back_as_a_page(ann: httpx.Client, name: str, content: bytes) -> None:
    (path,) = ann.post(UPLOAD, files={"files": (name, content)}).json()
    answer = ann.get(f"/gradio_api/file={path}")
    assert answer.content == content
    assert answer.headers["x-content-type-options"] == "nosniff"
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in ("image/png", "application/octet-stream")
    assert kind == "image/png" or answer.headers["content-disposition"].startswith("attachment")


# Closed doors and headers

CLOSED = [
    *("/gradio_api/deep_link?session_hash=x", "/gradio_api/runs", "/gradio_api/run-history/buckets"),
    *("/gradio_api/proxy=http://127.0.0.1:1/x", "/gradio_api/file=http://127.0.0.1:1/x", "/gradio_api/file/x"),
    *("/gradio_api/file=HTTPS://example.org/x", "/gradio_api/%66ile=http://127.0.0.1:1/x", "/monitoring"),
    *("/monitoring/summary", "/gradio_api/profiling/traces", "/gradio_api/dev/reload", "/gradio_api/vibe-code"),
    *("/gradio_api/stream/x/1/2/playlist.m3u8", "/gradio_api/token"),
]


@pytest.mark.parametrize("path", CLOSED)
def test_a_door_the_page_does_not_need_is_closed(ann: httpx.Client, path: str) -> None:
    answer = ann.get(path)
    assert (answer.status_code, answer.text) == (404, "There is nothing here.")


@pytest.mark.parametrize("path", ["process_recording", "vibe-edit/", "undo-vibe-edit", "stream/x", "stream/x/close"])
def test_a_door_for_sending_is_closed(ann: httpx.Client, path: str) -> None:
    assert ann.post(f"/gradio_api/{path}", json={}).text == "There is nothing here."


@pytest.mark.parametrize("path", ["/", "/config", "/nothing", "/monitoring", "/theme.css", "/pictures/x/thumb"])
@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_every_answer_has_the_headers(ann: httpx.Client, path: str, host: str) -> None:
    headers = ann.get(path, headers={"host": host}).headers
    policy = headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert policy.endswith("frame-ancestors 'self'")
    assert "img-src 'self' data: blob:;" in policy


def test_a_frame_of_hugging_face_is_allowed_where_the_app_is_a_space(tmp_path: Path) -> None:
    with house(tmp_path, embedded=True) as space, space.person() as client:
        headers = client.get("/", headers={"x-forwarded-proto": "https"}).headers
        assert headers["content-security-policy"].endswith("frame-ancestors 'self' https://huggingface.co")
        assert "x-frame-options" not in headers
        assert headers["set-cookie"].endswith("Secure; SameSite=None; Partitioned")


def test_a_web_socket_is_not_opened(home: House) -> None:
    upgrade = ("Upgrade: websocket", "Sec-WebSocket-Key: eA==", "Sec-WebSocket-Version: 13")
    answer = raw(home, "GET /gradio_api/ws HTTP/1.1", "Host: 127.0.0.1", *upgrade)
    assert b" 101 " not in answer.split(b"\r\n")[0]


# Streams


def test_a_stream_comes_through_whole(ann: httpx.Client) -> None:
    started = ann.post("/gradio_api/call/count", json={"data": []}).json()["event_id"]
    said = ann.get(f"/gradio_api/call/count/{started}").text
    assert [json.loads(line[6:])[0] for line in said.splitlines() if line.startswith("data: [")] == [
        *("one", "two", "three", "three")
    ]


def test_a_stream_that_stays_open_begins_at_once_and_ends_with_its_reader(home: House) -> None:
    connection = http.client.HTTPConnection(*place(home), timeout=5)
    connection.request("GET", "/gradio_api/heartbeat/abc")
    answer = connection.getresponse()
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.read1(5)
    connection.close()
