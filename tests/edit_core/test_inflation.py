"""Compression nobody asked for: undone in small pieces where it can be, refused where it cannot."""

from __future__ import annotations

import gzip
import zlib

import pytest

from edit_core.errors import Malformed
from edit_core.sending.inflation import Inflater

TEXT = b'{"candidates": []}' * 50
RAW = zlib.compress(TEXT)[2:-4]


def inflate(encoding: str, *pieces: bytes) -> bytes:
    inflater = Inflater(encoding)
    plain = [each for piece in pieces for each in inflater.feed(piece)]
    return b"".join([*plain, *inflater.finish()])


@pytest.mark.parametrize(
    ("name", "encoding", "data", "plain"),
    [
        ("plain", "", TEXT, TEXT),
        ("identity", "identity", TEXT, TEXT),
        ("nothing", "", b"", b""),
        ("one byte", "", b"{", b"{"),
        ("one byte that begins like gzip", "", b"\x1f", b"\x1f"),
        ("gzip", "gzip", gzip.compress(TEXT, mtime=0), TEXT),
        ("gzip by its old name", "X-GZIP", gzip.compress(TEXT, mtime=0), TEXT),
        ("gzip and identity", "gzip, identity", gzip.compress(TEXT, mtime=0), TEXT),
        ("gzip without a word about it", "", gzip.compress(TEXT, mtime=0), TEXT),
        ("gzip after gzip", "gzip", gzip.compress(TEXT, mtime=0) + gzip.compress(b"more"), TEXT + b"more"),
        ("gzip with padding after it", "gzip", gzip.compress(TEXT, mtime=0) + b"\0\0\0", TEXT),
        ("plain text called gzip", "gzip", TEXT, TEXT),
        ("deflate", "deflate", zlib.compress(TEXT), TEXT),
        ("deflate without a header", "deflate", RAW, TEXT),
        ("plain text called deflate", "deflate", TEXT, TEXT),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_what_can_be_undone_is(name: str, encoding: str, data: bytes, plain: bytes, size: int) -> None:
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    assert inflate(encoding, *pieces) == plain, name


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "br, gzip", "deflate, gzip", "x" * 500])
def test_what_was_not_asked_for_and_cannot_be_undone_is_refused(encoding: str) -> None:
    with pytest.raises(Malformed, match="not asked for") as refused:
        Inflater(encoding)
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)[:-9]),
        ("gzip", gzip.compress(TEXT, mtime=0)[:12]),
        ("", b"\x1f\x8b\x08\0garbage"),
        ("gzip", gzip.compress(TEXT, mtime=0)[:-8] + b"\0" * 8),
        ("deflate", zlib.compress(TEXT)[:20]),
        ("deflate", RAW[:10] + b"\xff" * 20),
    ],
)
def test_damage_is_said(encoding: str, data: bytes) -> None:
    with pytest.raises(Malformed):
        inflate(encoding, data)


def test_a_bomb_comes_in_small_pieces_and_only_as_they_are_taken() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    pieces = Inflater("gzip").feed(bomb)
    assert [len(next(pieces)) for _ in range(3)] == [256 << 10] * 3
