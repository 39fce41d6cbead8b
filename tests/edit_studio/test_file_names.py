"""Names that people and attackers give, on the way into a header, a file system and an archive."""

from __future__ import annotations

import unicodedata
from email.message import Message
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import unquote

import pytest

from edit_studio.door.file_names import disposition, safe_name

NAMES = [
    *(
        "../x",
        "../../../../etc/passwd",
        "..\\..\\windows\\win.ini",
        "/etc/passwd",
        "C:\\boot.ini",
        "C:x",
        "\\\\host\\share",
    ),
    *("..", ".", "", " ", "...", ". .", "/", "\\", "./", "%2e%2e/%2e%2e", "%2e%2e%2fx", "%00", "a%0d%0ab"),
    *("a\0b", "a\nb", "a\r\nSet-Cookie: x=1", "a\tb", "a\x7fb", "a\x85b", "\u2028", "\u2029x", "a\x1b[31mred"),
    *("CON", "con.png", "PRN.txt", "AUX", "nul.tar.gz", "COM1", "com9.jpg", "LPT1.png", "COM¹", "CONIN$", "CLOCK$"),
    *(
        "-rf",
        "--help.png",
        "-",
        "~root",
        "~",
        ".htaccess",
        ".ssh/id_rsa",
        "$(reboot)",
        "`id`",
        "a;b|c&d",
        "*?",
        "<b>.png",
    ),
    *('a"b', 'a"; filename="b.exe', "a';x", "a:b", "a::$DATA", "photo.png:evil", "x.", "x ", "x. . .", "a" * 4096),
    *(
        "é" * 300,
        "照片.jpg",
        "фото",
        "👍🏽" * 60,
        "\u202egnp.exe",
        "a\u200bb",
        "\ufeffx",
        "\udcff\udc80",
        "e\u0301",
        "x.png.exe",
    ),
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_becomes_one_that_stays_where_it_is_put(name: str) -> None:
    safe = safe_name(name, ".png")
    assert safe.endswith(".png")
    assert PurePosixPath(safe).name == PureWindowsPath(safe).name == safe
    assert not PureWindowsPath(safe).is_reserved()
    assert len(safe.encode()) <= 124
    assert safe[0] not in "-.~ "
    assert not [sign for sign in safe if unicodedata.category(sign)[0] == "C" or sign in '<>:"/\\|?*%']
    assert safe_name(safe, ".png") == safe


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("attached", [True, False])
def test_any_name_makes_one_line_that_says_that_name(name: str, attached: bool) -> None:
    safe = safe_name(name, ".png")
    header = disposition(safe, attached=attached)
    assert header.isascii()
    assert header.isprintable()
    message = Message()
    message["content-disposition"] = header
    assert message.get_content_disposition() == ("attachment" if attached else "inline")
    full = header.partition("filename*=UTF-8''")[2]
    assert unquote(full) == safe if full else f'filename="{safe}"' in header


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Holiday in Rome.JPG", "Holiday in Rome.png"),
        ("照片.jpg", "照片.png"),
        ("version 1.2", "version 1.png"),
        ("x.png.exe", "x.png.png"),
        ("con.jpg", "_con.png"),
        ("", "picture.png"),
        ("../../", "picture.png"),
        ("a\r\nb", "a b.png"),
    ],
)
def test_a_sensible_part_of_a_name_is_kept(name: str, wanted: str) -> None:
    assert safe_name(name, ".png") == wanted
