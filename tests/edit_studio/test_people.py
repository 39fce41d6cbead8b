"""Who is asking, and that nobody gets at another's pictures."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator

import httpx
import pytest
from starlette.types import Scope

from edit_studio.door.people import COOKIE, Cookies, People, cookie_value
from edit_studio.door.picture_answers import NOTE
from edit_studio.door.picture_route import address
from edit_studio.door.sessions import Sessions

from .examples import picture
from .shielded import House, cookie_of, event, house

KINDS = ("original", "preview", "thumb")
MINE, YOURS, RESULT = picture(101, 40), picture(102, 40), picture(103, 40)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("people")) as running:
        yield running


@pytest.fixture
def ann(home: House) -> Iterator[httpx.Client]:
    with home.person() as client:
        yield client


@pytest.fixture
def bob(home: House) -> Iterator[httpx.Client]:
    with home.person() as client:
        yield client


def request_with(*cookies: str, scheme: str = "http", **headers: str) -> Scope:
    """The head of a request for the page."""
    lines = [(b"cookie", each.encode()) for each in cookies]
    lines += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": "GET", "path": "/", "scheme": scheme, "headers": lines}


async def set_cookie_for(people: People, scope: Scope, kind: bytes = b"text/html", status: int = 200) -> list[str]:
    """The Set-Cookie lines in the answer to a request."""
    lines: list[str] = []

    async def app(_scope: Scope, _receive, send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})

    async def send(message) -> None:
        lines.extend(value.decode() for name, value in message["headers"] if name == b"set-cookie")

    await Cookies(app, people)(scope, None, send)  # type: ignore[arg-type]
    return lines


def test_the_page_brings_a_cookie_that_scripts_cannot_read(home: House) -> None:
    header = httpx.get(home.address).headers["set-cookie"]
    assert re.fullmatch(
        rf"{COOKIE}=[\w-]{{43}}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax", header, flags=re.ASCII
    )


def test_the_first_event_has_the_owner_of_the_page_and_so_has_every_later_one(home: House, ann: httpx.Client) -> None:
    first = home.owner(ann)
    assert ann.get("/").status_code == 200
    assert home.owner(ann) == first


def test_the_owner_is_a_hash_of_the_cookie_and_never_the_cookie(home: House, ann: httpx.Client) -> None:
    assert home.owner(ann) == f"cookie:{hashlib.sha256(cookie_of(ann).encode()).hexdigest()}"


def test_two_people_are_two_owners(home: House, ann: httpx.Client, bob: httpx.Client) -> None:
    assert home.owner(ann) != home.owner(bob)


def test_whoever_sends_no_cookie_is_nobody_twice(home: House) -> None:
    with httpx.Client(base_url=home.address) as stranger:
        assert home.owner(stranger) != home.owner(stranger)
        assert not stranger.cookies


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("a" * 42, id="too short"),
        pytest.param("a" * 44, id="too long"),
        pytest.param("a" * 42 + "!", id="an odd sign"),
        pytest.param('"' + "a" * 43 + '"x', id="quoted and more"),
        pytest.param("é" * 43, id="letters that are not ASCII"),
        pytest.param("a" * 5000, id="huge"),
        pytest.param("../../../etc/passwd", id="a path"),
    ],
)
async def test_a_malformed_cookie_is_replaced(value: str) -> None:
    (line,) = await set_cookie_for(People(), request_with(f"{COOKIE}={value}"))
    fresh = line.partition("=")[2].partition(";")[0]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", fresh)
    assert fresh not in value


async def test_a_good_cookie_is_kept_and_its_time_begins_anew() -> None:
    value = secrets.token_urlsafe(32)
    (line,) = await set_cookie_for(People(), request_with("other=1", f"{COOKIE}={value}; more=2"))
    assert line.startswith(f"{COOKIE}={value}; Path=/; Max-Age=34560000")


@pytest.mark.parametrize(
    ("embedded", "scheme", "headers", "ending"),
    [
        pytest.param(False, "http", {}, "HttpOnly; SameSite=Lax", id="one's own machine"),
        pytest.param(False, "https", {}, "HttpOnly; Secure; SameSite=Lax", id="https"),
        pytest.param(
            False, "http", {"x_forwarded_proto": "https"}, "HttpOnly; Secure; SameSite=Lax", id="behind a proxy"
        ),
        pytest.param(True, "https", {}, "HttpOnly; Secure; SameSite=None; Partitioned", id="in a Space's frame"),
        pytest.param(True, "http", {}, "HttpOnly; SameSite=Lax", id="a Space's code on one's own machine"),
    ],
)
async def test_the_cookie_suits_the_place(embedded: bool, scheme: str, headers: dict[str, str], ending: str) -> None:
    (line,) = await set_cookie_for(People(embedded=embedded), request_with(scheme=scheme, **headers))
    assert line.endswith(f"Max-Age=34560000; {ending}")


@pytest.mark.parametrize(
    ("kind", "status"),
    [(b"application/json", 200), (b"text/event-stream", 200), (b"image/webp", 200), (b"text/html", 404)],
)
async def test_only_the_page_brings_a_cookie(kind: bytes, status: int) -> None:
    assert await set_cookie_for(People(), request_with(), kind, status) == []


def test_one_cookie_of_ours_among_broken_lines_is_found() -> None:
    value = secrets.token_urlsafe(32)
    assert cookie_value(request_with("=;;;", "a=b=c; d", f"{COOKIE}={value}")) == value


@pytest.mark.parametrize("name", ["ann", "cookie:" + "0" * 64, "a" * 1000, "安"])
def test_a_login_name_goes_before_the_cookie_and_is_never_taken_for_one(name: str) -> None:
    owner = People(login=lambda _scope: name).owner(request_with())
    assert owner.startswith("login:")
    assert len(owner) <= 128
    assert owner != People(login=lambda _scope: name + "x").owner(request_with())


def test_a_person_gets_every_picture_of_theirs(home: House, ann: httpx.Client) -> None:
    home.keep(ann, "all-kinds", MINE, RESULT)
    for one in (MINE, RESULT):
        answers = {kind: ann.get(address(one.sha256, kind)) for kind in KINDS}
        assert {kind: answer.status_code for kind, answer in answers.items()} == dict.fromkeys(KINDS, 200)
        assert answers["original"].content == one.data
        assert [answers[kind].headers["content-type"] for kind in KINDS] == ["image/png", "image/webp", "image/webp"]
        assert NOTE not in answers["preview"].headers


def test_every_address_of_anothers_picture_answers_as_if_it_were_nothing(
    home: House, ann: httpx.Client, bob: httpx.Client
) -> None:
    home.keep(bob, "bobs", YOURS, picture(104, 40))
    nothing = ann.get(address("0" * 64)).content
    forged = ["", "a" * 43, cookie_of(bob)[:-1], cookie_of(bob).swapcase(), home.owner(bob), "null"]
    for one in (YOURS, picture(104, 40)):
        for kind in KINDS:
            url = home.address.rstrip("/") + address(one.sha256, kind)
            assert bob.get(url).status_code == 200
            strangers = [httpx.get(url), *(httpx.get(url, headers={"cookie": f"{COOKIE}={each}"}) for each in forged)]
            for answer in (ann.get(url), ann.get(url, params={"download": "x"}), ann.head(url), *strangers):
                assert answer.status_code == 404
                assert answer.content in (nothing, b"")
                assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/pictures/{sha}/svg",
        "/pictures/{sha}",
        "/pictures/{SHA}/original",
        "/pictures/{sha}%00/original",
        "/pictures/..%2f..%2f{sha}/original",
        "/pictures/%2e%2e/original",
        "/pictures/*/original",
        "/pictures/{sha}/..%2foriginal",
        "/pictures/" + "a" * 4096 + "/thumb",
    ],
)
def test_an_odd_address_leads_nowhere(home: House, ann: httpx.Client, path: str) -> None:
    home.keep(ann, "odd", MINE, RESULT)
    answer = ann.get(path.format(sha=MINE.sha256, SHA=MINE.sha256.upper()))
    assert answer.status_code == 404


def test_a_picture_that_two_people_have_is_each_ones_own(home: House, ann: httpx.Client, bob: httpx.Client) -> None:
    shared = picture(105, 40)
    job = home.keep(ann, "shared", shared, picture(106, 40))
    home.keep(bob, "shared", shared, picture(107, 40))
    home.history.delete(home.owner(ann), job.id)
    assert [person.get(address(shared.sha256, "thumb")).status_code for person in (ann, bob)] == [404, 200]


def test_a_deleted_edit_leaves_neither_file_nor_preview(home: House, ann: httpx.Client) -> None:
    job = home.keep(ann, "deleted", picture(108, 40), picture(109, 40))
    names = [picture(seed, 40).sha256 for seed in (108, 109)]
    assert all(ann.get(address(each, "preview")).status_code == 200 for each in names)
    assert len([file for each in names for file in home.vault.root.rglob(f"{each}*")]) == 6
    home.history.delete(home.owner(ann), job.id)
    assert [file for each in names for file in home.vault.root.rglob(f"{each}*")] == []
    assert ann.get(address(names[0], "preview")).status_code == 404


def test_what_is_sent_can_only_be_a_picture(home: House, ann: httpx.Client) -> None:
    home.keep(ann, "headers", MINE, RESULT)
    for kind in KINDS:
        headers = ann.get(address(RESULT.sha256, kind)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].endswith("sandbox")
        assert headers["cache-control"] == "private, max-age=31536000, immutable"
        assert headers["vary"] == "Cookie"
        assert headers["content-disposition"].startswith("inline; ")
        assert "set-cookie" not in headers


def test_a_download_is_saved_under_the_name_that_was_wished_for(home: House, ann: httpx.Client) -> None:
    home.keep(ann, "download", MINE, RESULT)
    url = address(RESULT.sha256)
    wished = {"cat.jpg": "cat.png", "": f"picture-{RESULT.sha256[:8]}.png", "page.html": "page.png"}
    for wish, name in wished.items():
        answer = ann.get(url, params={"download": wish})
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["content-type"] == "image/png"


def test_a_lost_file_is_nothing_to_its_owner_either(home: House, ann: httpx.Client) -> None:
    home.keep(ann, "lost", picture(110, 40), picture(111, 40))
    home.vault.path(picture(111, 40).sha256, "image/png").unlink()
    assert [ann.get(address(picture(111, 40).sha256, kind)).status_code for kind in KINDS] == [404] * 3


def test_a_damaged_file_gives_a_placeholder_with_a_note(home: House, ann: httpx.Client) -> None:
    broken = picture(112, 40)
    home.keep(ann, "damaged", broken, picture(113, 40))
    file = home.vault.path(broken.sha256, "image/png")
    file.write_bytes(broken.data[:60] + b"\0" * 200 + broken.data[260:])
    answer = ann.get(address(broken.sha256, "thumb"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers[NOTE] == "This PNG file is damaged: its pixels cannot be decoded."
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content[8:12] == b"WEBP"
    assert ann.get(address(broken.sha256)).content == file.read_bytes()


def test_a_picture_that_found_the_disk_full_is_shown_from_memory_until_there_is_a_preview(
    home: House, ann: httpx.Client
) -> None:
    waiting = picture(114, 40)
    home.keep(ann, "unsaved", MINE, waiting)
    assert home.vault.hold_unsaved(waiting)
    answers = {kind: ann.get(address(waiting.sha256, kind)) for kind in (*KINDS, "svg")}
    home.vault.put(waiting)
    assert {kind: answer.status_code for kind, answer in answers.items()} == dict.fromkeys(KINDS, 200) | {"svg": 404}
    assert {answers[kind].content for kind in KINDS} == {waiting.data}
    kept = {kind for kind, answer in answers.items() if answer.headers["cache-control"] != "no-store"}
    assert kept == {"original"}
    assert ann.get(address(waiting.sha256, "thumb")).headers["content-type"] == "image/webp"


def test_an_event_started_with_anothers_cookie_is_the_others(home: House, ann: httpx.Client, bob: httpx.Client) -> None:
    event(ann, "who", [], cookie=f"{COOKIE}={cookie_of(bob)}")
    assert home.calls[-1][0] == home.owner(bob)


def test_nobody_reads_or_ends_another_persons_session(home: House, ann: httpx.Client, bob: httpx.Client) -> None:
    session = secrets.token_hex(6)
    joined = bob.post("/gradio_api/queue/join", json={"data": [], "fn_index": 0, "session_hash": session})
    mine = {"session_hash": session, "event_id": joined.json()["event_id"], "fn_index": 0}
    with httpx.Client(base_url=home.address) as stranger:
        for other in (ann, stranger):
            assert other.get("/gradio_api/queue/data", params={"session_hash": session}).status_code == 404
            assert other.get(f"/gradio_api/heartbeat/{session}").status_code == 404
            assert other.post("/gradio_api/cancel", json=mine).status_code == 404
            assert other.post("/gradio_api/reset", json={"event_id": mine["event_id"]}).status_code == 404
            assert other.post("/gradio_api/queue/join", json={"data": [], **mine}).status_code == 404
            assert other.post("/gradio_api/run/who", json={"data": [], **mine}).status_code == 404
    with bob.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        assert "process_completed" in "".join(stream.iter_lines())


def test_nobody_reads_another_persons_event(home: House, ann: httpx.Client, bob: httpx.Client) -> None:
    number = bob.post("/gradio_api/call/who", json={"data": []}).json()["event_id"]
    with httpx.Client(base_url=home.address) as stranger:
        assert [each.get(f"/gradio_api/call/who/{number}").status_code for each in (ann, stranger)] == [404, 404]
    assert "complete" in bob.get(f"/gradio_api/call/who/{number}").text


def test_only_so_many_sessions_are_remembered_the_latest_used() -> None:
    sessions = Sessions(most_sessions=2)
    assert all(sessions.may_use([each], "ann") for each in ("one", "two", "one", "three"))
    assert [sessions.may_use([each], "bob") for each in ("one", "three", "two")] == [False, False, True]


def test_only_so_many_events_are_remembered_and_they_displace_no_session() -> None:
    sessions = Sessions(most_sessions=1, most_events=2)
    assert sessions.may_use(["session"], "ann")
    sessions.begin(["one", "two", "three"], "ann")
    assert [sessions.may_use([each], "bob") for each in ("session", "two", "three")] == [False, False, False]
    assert sessions.may_use(["one"], "bob")
