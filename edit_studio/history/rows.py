"""What history holds, as values: jobs, their inputs and their takes. Knows no database and no disk."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from edit_core.errors import Charged
from edit_core.pictures import FORMATS, Picture

State = Literal["queued", "sending", "waiting", "receiving", "saving", "done", "failed", "stopped", "unknown"]
RUNNING: tuple[State, ...] = ("queued", "sending", "waiting", "receiving", "saving")
OVER: tuple[State, ...] = ("done", "failed", "stopped", "unknown")
APP_ENDED = "interrupted"
"""The kind of a failure that was the app's own end."""

AFTER_APP_ENDED: dict[Charged, str] = {
    "no": "Try again.",
    "maybe": "Look at the service's bill before you try again; nothing is sent again by itself.",
}
"""The next step after it, by whether it may have been charged."""

LONGEST_NAME = 200
LONGEST_ROLE = 80
LONGEST_WORDS = 20_000
"""Letters of what a model said beside a picture. An archive takes no edit back that is longer than a megabyte."""

Json = dict[str, Any]


@dataclass(frozen=True)
class PictureRow:
    """A picture by its hash; `bytes` is how many it has."""

    sha256: str
    mime: str
    width: int
    height: int
    bytes: int

    @classmethod
    def of(cls, picture: Picture) -> PictureRow:
        """What is written down of a picture."""
        return cls(picture.sha256, picture.mime, picture.width, picture.height, len(picture.data))

    @property
    def suffix(self) -> str:
        """The ending of a file of its type, with the dot."""
        return FORMATS[self.mime].suffix


@dataclass(frozen=True)
class InputRow:
    """An input of a job: `changes` is what was done to it on the way in, `from_take` the take it was, or None."""

    picture: PictureRow
    name: str = ""
    role: str = ""
    changes: tuple[str, ...] = ()
    from_take: str | None = None


@dataclass(frozen=True)
class TakeRow:
    """One saved result. Its `position` counts from 0 within its job."""

    id: str
    job_id: str
    position: int
    picture: PictureRow
    created: float
    text: str = ""
    receipt: Json = field(default_factory=dict)


@dataclass(frozen=True)
class JobRow:
    """One click, with what went in and what came out so far.

    `number` is its place in history (0 where it has none yet), `failure` says why there is no picture, or None.
    """

    id: str
    owner: str
    token: str
    fingerprint: str
    state: State
    created: float
    provider: str
    wire: str
    model: str
    prompt: str
    takes_asked: int = 1
    request: Json = field(default_factory=dict)
    failure: Json | None = None
    finished: float | None = None
    favourite: bool = False
    imported: bool = False
    number: int = 0
    inputs: tuple[InputRow, ...] = ()
    takes: tuple[TakeRow, ...] = ()

    @property
    def over(self) -> bool:
        """Whether nothing moves any more."""
        return self.state in OVER

    @property
    def was_stopped_by_owner(self) -> bool:
        """Whether somebody pressed Stop; the app's own end stops what was not sent yet as well."""
        return self.state == "stopped" and (self.failure or {}).get("kind") != APP_ENDED

    def with_take(self, take: TakeRow) -> JobRow:
        """The same job with this take in its place."""
        others = (each for each in self.takes if each.position != take.position)
        return replace(self, takes=tuple(sorted((*others, take), key=lambda each: each.position)))

    def pictures(self) -> dict[str, PictureRow]:
        """Every picture of it, inputs and takes, by hash."""
        pictures = (*(each.picture for each in self.inputs), *(each.picture for each in self.takes))
        return {picture.sha256: picture for picture in pictures}


@dataclass(frozen=True)
class NewInput:
    """An input of a job that is about to begin."""

    picture: Picture
    name: str = ""
    role: str = ""
    changes: tuple[str, ...] = ()
    from_take: str | None = None

    def row(self) -> InputRow:
        """What is written down of it, cut to what a row can hold."""
        name, role = str(storable(self.name))[:LONGEST_NAME], str(storable(self.role))[:LONGEST_ROLE]
        return InputRow(PictureRow.of(self.picture), name, role, tuple(storable(self.changes)), self.from_take)


@dataclass(frozen=True)
class NewJob:
    """What was clicked. `token` is made by the page, one for each click; `fingerprint` tells two requests apart."""

    owner: str
    token: str
    fingerprint: str
    provider: str
    wire: str
    model: str
    prompt: str
    takes_asked: int = 1
    request: Json = field(default_factory=dict)
    inputs: tuple[NewInput, ...] = ()

    def begun(self, now: float) -> JobRow:
        """The job of this click, at its start."""
        return JobRow(
            id=new_job_id(),
            owner=self.owner,
            token=self.token,
            fingerprint=self.fingerprint,
            state="queued",
            created=now,
            provider=self.provider,
            wire=self.wire,
            model=self.model,
            prompt=str(storable(self.prompt)),
            takes_asked=self.takes_asked,
            request=dict(storable(self.request)),
            inputs=tuple(each.row() for each in self.inputs),
        )


def new_job_id() -> str:
    """An id nobody can guess, and a good part of a file name on every system."""
    return secrets.token_hex(16)


def take_id(job_id: str, position: int) -> str:
    """The id of a take: a second save of the same one is no second take."""
    return f"{job_id}-{position}"


def within_words(text: str) -> str:
    """A model's words as they are kept; where that is not all of them, they say so at their end."""
    if len(text) <= LONGEST_WORDS:
        return text
    told = f"… [Cut here: there were {len(text):,} letters.]"
    return text[: LONGEST_WORDS - len(told)] + told


def words_of(text: str) -> str:
    """Text as it is searched: compatible forms made one (full-width letters are letters), and without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def storable(value: Any) -> Any:
    """The same without what a database refuses in text: NUL, and halves of a surrogate pair."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable(each) for each in value]
    return value


def is_state(text: object) -> bool:
    """Whether this is the name of a state."""
    return text in get_args(State)
