"""The body of a call with its pictures taken out: shown as their beginning, or kept as files beside a snippet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from ..encoding import decode_base64, encode_base64
from ..errors import UnreadablePicture
from ..pictures import OUTPUT_LIMITS, Picture

_LONG = 200
_SHOWN = 24
_WORDS = ("text", "content")
"""Fields that hold people's words, which are never cut, however long a word in them is."""


@dataclass(frozen=True)
class PictureFile:
    """A picture of a call as a file: `image-1.jpg`, with exactly the bytes that were sent."""

    name: str
    data: bytes = field(repr=False)

    @property
    def base64(self) -> str:
        """Standard base64 with padding."""
        return encode_base64(self.data).decode("ascii")


Text = tuple[str | PictureFile, ...]
"""A JSON string in pieces: words, and pictures that stand in it as base64."""


def take_pictures(tree: Any) -> tuple[Any, tuple[PictureFile, ...]]:
    """A JSON tree in which strings with pictures are `Text`, and the files; a picture sent twice is one file."""
    taker = _Taker()
    return taker.take(tree), tuple(taker.files.values())


def shown_body(body: bytes) -> Any:
    """The JSON tree of a body in which base64 is cut to its beginning."""
    return _shortened(take_pictures(orjson.loads(body))[0])


class _Taker:
    def __init__(self) -> None:
        self.files: dict[bytes, PictureFile] = {}

    def take(self, value: Any, name: str = "") -> Any:
        """A value of the tree without its pictures; `name` is the field it is in."""
        if isinstance(value, dict):
            return {each: self.take(item, each) for each, item in value.items()}
        if isinstance(value, list):
            return [self.take(item, name) for item in value]
        return self._text(value, name) if isinstance(value, str) else value

    def _text(self, text: str, name: str) -> str | Text:
        pieces: list[str | PictureFile] = []
        done = 0
        for start, end in _payloads(text, name):
            try:
                file = self._file(text[start:end])
            except (ValueError, UnreadablePicture):
                continue
            pieces += [text[done:start], file]
            done = end
        return (*(piece for piece in (*pieces, text[done:]) if piece),) if pieces else text

    def _file(self, payload: str) -> PictureFile:
        """The file for a payload. Raises when it is no picture, or when the file would not give the same payload."""
        data = decode_base64(payload)
        picture = Picture.read(data, OUTPUT_LIMITS)
        file = PictureFile(f"image-{len(self.files) + 1}{picture.suffix}", data)
        if file.base64 != payload:
            raise ValueError("not written as standard base64")
        return self.files.setdefault(data, file)


def _payloads(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Where base64 may begin and end in the string of a field: all of it, or behind `data:image/…;base64,`."""
    if name == "data":
        yield 0, len(text)
    elif name in ("url", "content"):
        end = 0
        while (head := text.find("data:image/", end)) >= 0:
            start = text.find(";base64,", head) + len(";base64,")
            if start < head:
                return
            # In markdown it ends with the bracket.
            end = start + len(text[start:].partition(")")[0])
            yield start, end


def _shortened(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {each: _shortened(item, each) for each, item in value.items()}
    if isinstance(value, list):
        return [_shortened(item, name) for item in value]
    if isinstance(value, tuple):
        return "".join(piece if isinstance(piece, str) else _beginning(piece.base64) for piece in value)
    return _beginning(value) if isinstance(value, str) and _is_base64(value, name) else value


def _beginning(payload: str) -> str:
    return f"{payload[:_SHOWN]}… ({len(payload):,} characters of base64)"


def _is_base64(text: str, name: str) -> bool:
    """Whether a string outside of people's words looks like base64: a signature, or data that is no picture."""
    return name not in _WORDS and len(text) > _LONG and text[:_LONG].isascii() and " " not in text[:_LONG]
