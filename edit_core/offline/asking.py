"""What a request asks and what is replied, in neither format's terms; and reading loosely typed JSON strictly."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .plan import Ratio
from .sizes import SIZES

MOST_PICTURES = 14

_RATIO = re.compile(r"([1-9]\d?):([1-9]\d?)")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DATA_URL = re.compile(r"data:[^,]{0,200}?;base64,", re.IGNORECASE)


class Refused(Exception):
    """The request cannot be served; the sentence is for a person."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


@dataclass(frozen=True)
class Asked:
    """One request. `pictures` are encoded picture files, `size` is a key of `SIZES`."""

    model: str
    prompt: str
    pictures: tuple[bytes, ...] = ()
    ratio: Ratio | None = None
    size: str | None = None
    thoughts: bool = False
    usage_in_stream: bool = False
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    at: int = field(default_factory=lambda: int(time.time()))

    @property
    def tokens(self) -> int:
        """About what it would count for: four bytes of text a token, 258 tokens a picture (Google's rule)."""
        return tokens_of(self.prompt) + self.picture_tokens

    @property
    def picture_tokens(self) -> int:
        """The pictures' part of `tokens`."""
        return 258 * len(self.pictures)


@dataclass(frozen=True)
class Edited:
    """An encoded picture and its MIME type."""

    data: bytes
    mime: str

    @property
    def base64(self) -> str:
        """Standard base64 with padding."""
        return base64.b64encode(self.data).decode("ascii")


@dataclass(frozen=True)
class Reply:
    """One answer: words, and a picture once it is made. `blocked` says what a rehearsed safety rule stopped."""

    text: str = ""
    thoughts: str = ""
    picture: Edited | None = None
    blocked: Literal["", "picture", "prompt"] = ""

    @property
    def tokens(self) -> int:
        """Tokens of the answer without its thoughts: 1290 a picture, as Google counts one of 1024 by 1024."""
        return tokens_of(self.text) + (1290 if self.picture else 0)


def tokens_of(text: str) -> int:
    """About the tokens of a text."""
    return (len(text.encode()) + 3) // 4


def either(mapping: Mapping[str, Any], name: str) -> Any:
    """The value under a camelCase name or its snake_case spelling: Google takes both."""
    return mapping[name] if name in mapping else mapping.get(_HUMP.sub("_", name).lower())


def mapping_at(mapping: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object under a name in either spelling; empty when there is none."""
    value = either(mapping, name)
    if value is not None and not isinstance(value, dict):
        raise Refused(f"“{name}” must be an object.")
    return value or {}


def list_at(mapping: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The list of objects under a name in either spelling; empty when there is none."""
    value = either(mapping, name)
    if value is not None and not (isinstance(value, list) and all(isinstance(each, dict) for each in value)):
        raise Refused(f"“{name}” must be a list of objects.")
    return value or []


def decoded(text: object, where: str) -> bytes:
    """Base64, standard or URL-safe, to bytes."""
    if not isinstance(text, str) or not text:
        raise Refused(f"{where} has no base64 data.")
    try:
        return base64.b64decode("".join(text.split()).replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error as error:
        raise Refused(f"{where} is not valid base64.") from error


def decoded_url(url: object, where: str) -> bytes:
    """The bytes of a data URL; any other URL is refused, because this engine has no network."""
    if not isinstance(url, str) or not (head := _DATA_URL.match(url)):
        raise Refused(f"{where} must be a data URL with base64: the offline engine fetches nothing.")
    return decoded(url[head.end() :], where)


def ratio_of(value: object) -> Ratio | None:
    """An aspect ratio such as "16:9"."""
    if value in (None, ""):
        return None
    match = _RATIO.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise Refused(f"“{value}” is no aspect ratio; it looks like 16:9.")
    return int(match[1]), int(match[2])


def size_of(value: object) -> str | None:
    """A size word, upper case K as the services demand."""
    if value in (None, ""):
        return None
    if not isinstance(value, str) or value not in SIZES:
        raise Refused(f"“{value}” is no picture size; it is one of {', '.join(SIZES)}.")
    return value
