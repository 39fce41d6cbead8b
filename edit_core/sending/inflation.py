"""Undoing a compression nobody asked for, without letting a small answer become a huge one.

We ask for `identity`; some relays compress anyway, and some say so of answers that are plain. gzip is known by its
first bytes and undone piece by piece, so that whoever reads can stop at a cap; deflate likewise. Anything else, and
compression inside compression, is refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from ..errors import Malformed

_PIECE = 256 * 1024
_GZIP_MARK = b"\x1f\x8b"
# How zlib is told the container: by its own header, or none at all (what many servers send as "deflate").
_GZIP, _ZLIB, _RAW = 31, 15, -15
_KNOWN = ("gzip", "x-gzip", "deflate")


class Inflater:
    """Turns the pieces of one body into plain pieces of at most 256 KiB. Raises `Malformed` for what it cannot undo."""

    def __init__(self, content_encoding: str) -> None:
        encodings = [e for e in content_encoding.lower().replace(" ", "").split(",") if e not in ("", "identity")]
        if len(encodings) > 1 or any(e not in _KNOWN for e in encodings):
            raise Malformed(f"The answer is compressed in a way that was not asked for ({content_encoding[:40]}).")
        self._deflate = encodings == ["deflate"]
        self._head = b""
        self._begun = False
        self._zlib: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The plain pieces of the next bytes, made one by one as they are taken."""
        if not self._begun:
            data, self._head = self._head + data, b""
            if len(data) < len(_GZIP_MARK):
                self._head = data
                return
            self._begin(data)
        if self._zlib is None:
            yield data
        else:
            yield from self._inflated(data)

    def finish(self) -> Iterator[bytes]:
        """What is left at the end of the body. Raises `Malformed` when the compressed bytes have no end."""
        if not self._begun and self._head:
            yield self._head
        if self._zlib is not None and not self._zlib.eof:
            raise Malformed("The compressed answer breaks off before its end.")

    def _begin(self, head: bytes) -> None:
        self._begun = True
        if head.startswith(_GZIP_MARK):
            self._zlib = zlib.decompressobj(_GZIP)
        elif self._deflate and head[:1] not in b'{["':
            has_header = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
            self._zlib = zlib.decompressobj(_ZLIB if has_header else _RAW)

    def _inflated(self, data: bytes) -> Iterator[bytes]:
        data, self._head = self._head + data, b""
        while data and self._zlib is not None:
            if self._zlib.eof:
                # A gzip file may be followed by another one; what follows else is padding.
                if not data.startswith(_GZIP_MARK):
                    self._head = data if data == _GZIP_MARK[:1] else b""
                    return
                self._zlib = zlib.decompressobj(_GZIP)
            try:
                plain = self._zlib.decompress(data, _PIECE)
            except zlib.error as error:
                raise Malformed("The compressed answer is damaged.") from error
            data = self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail
            if plain:
                yield plain
