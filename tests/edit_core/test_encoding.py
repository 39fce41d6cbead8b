"""Base64 and data URLs: exact in what is written, lenient in what is read."""

from __future__ import annotations

import base64

import pytest

from edit_core.encoding import data_url, decode_base64, encode_base64, split_data_url

DATA = bytes(range(256)) + b"\xfb\xef\xbe\xff"
PLAIN = base64.b64encode(DATA).decode()
SAFE = base64.urlsafe_b64encode(DATA).decode()

SPELLINGS = {
    "as it should be": PLAIN,
    "without padding": PLAIN.rstrip("="),
    "with too much padding": PLAIN + "==",
    "url-safe": SAFE,
    "url-safe without padding": SAFE.rstrip("="),
    "both alphabets at once": PLAIN[:60] + SAFE[60:],
    "in lines": "\r\n".join(PLAIN[start : start + 76] for start in range(0, len(PLAIN), 76)),
    "in lines joined by blanks": " ".join(PLAIN[start : start + 76] for start in range(0, len(PLAIN), 76)),
    "with blanks around": f"\n  {PLAIN}\t",
    "with every plus turned into a blank": PLAIN.replace("+", " "),
    "with percent signs": PLAIN.replace("+", "%2B").replace("/", "%2f").replace("=", "%3D"),
    "with a data URL in front": f"data:image/png;base64,{PLAIN}",
    "with parameters in the data URL": f"data:image/jpg;charset=utf-8;base64,{PLAIN}",
    "with a data URL in capitals": f"DATA:image/PNG;BASE64,{PLAIN}",
    "with a blank before the data URL": f" data:image/png;base64, {PLAIN}",
    "with two data URLs in front": f"data:image/png;base64,data:image/jpeg;base64,{PLAIN}",
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
def test_base64_is_read_as_services_write_it(text: str) -> None:
    assert decode_base64(text) == DATA


@pytest.mark.parametrize("width", [64, 76])
def test_blanks_at_the_ends_of_lines_are_no_lost_pluses(width: int) -> None:
    plain = encode_base64(b"no plus in here " * 20).decode()
    assert decode_base64(" ".join(plain[start : start + width] for start in range(0, len(plain), width))) == (
        b"no plus in here " * 20
    )


@pytest.mark.parametrize(
    "text",
    [
        "upload err!",
        "AAAA!",
        "A",
        "五AAA",
        "data:image/svg+xml;utf8,<svg/>",
        "\ud83d",
        "AA==AA",
        "data:" * 5 + ",AAA!",
    ],
)
def test_what_is_no_base64_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_base64(text)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 100_001])
def test_what_is_written_is_read_again(size: int) -> None:
    data = (DATA * 400)[:size]
    assert encode_base64(data) == base64.b64encode(data)
    assert decode_base64(b"".join(data_url("image/png", data)).decode()) == data


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("data:image/png;base64,AAAA", ("image/png", "AAAA")),
        ("data:Image/PNG;charset=x;base64,AA,AA", ("image/png", "AA,AA")),
        ("data:;base64,AAAA", ("", "AAAA")),
        ("data:,", ("", "")),
        ("data:image/png", ("image/png", "")),
    ],
)
def test_a_data_url_is_a_type_and_a_payload(text: str, parts: tuple[str, str]) -> None:
    assert split_data_url(text) == parts
