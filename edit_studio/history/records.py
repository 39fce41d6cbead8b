"""A job as JSON, and JSON as a job: the form of the notes beside the pictures and of an exported archive.

Reading trusts nothing. A note may be damaged, and an archive comes from anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import orjson

from edit_core.pictures import FORMATS
from edit_core.providers import LONGEST_MODEL_ID

from .rows import InputRow, JobRow, Json, PictureRow, TakeRow, is_state, storable, take_id
from .shapes import of_failure, of_receipt

VERSION = 1
MOST_INPUTS = 64
MOST_TAKES = 64
MOST_JSON_BYTES = 256 * 2**10
"""Of one receipt, request or failure."""

EARLIEST, LATEST = 1_577_836_800.0, 4_102_444_800.0
"""2020 and 2100, in seconds since 1970. A clock that was not set yet gives times before."""


class BadRecord(ValueError):
    """Not a job of ours. The message names what is wrong, and quotes nothing."""


def write_note(job: JobRow, take: TakeRow) -> bytes:
    """All that is known of a take and of its job, in one file."""
    return orjson.dumps({"version": VERSION, "job": as_json(job) | {"takes": [_take(take)]}})


def read_note(data: bytes) -> JobRow:
    """The job of a note, with the one take the note is about. Raises `BadRecord`."""
    note = _parsed(data)
    if not isinstance(note, dict) or note.get("version") != VERSION:
        raise BadRecord("The note has no version this app knows.")
    job = read_job(note.get("job"))
    if len(job.takes) != 1:
        raise BadRecord("The note is not about one take.")
    return job


def as_json(job: JobRow) -> Json:
    """Everything of a job but its place in history."""
    record = asdict(job)
    del record["number"]
    return record | {"takes": [_take(take) for take in job.takes]}


def read_job(value: Any, latest: float = LATEST) -> JobRow:
    """The job in a piece of JSON. Raises `BadRecord` for whatever could not have been written here.

    Receipts and failures lose what is not in their shape, and no time of it is after `latest` (seconds since 1970).
    """
    record = _Record(value)
    job_id = record.text("id", 64)
    if not is_job_id(job_id):
        raise BadRecord("The id is none of ours.")
    state = record.text("state", 16)
    if not is_state(state):
        raise BadRecord("The state is none of ours.")
    created = _within(record.number("created"), latest)
    takes = tuple(_read_take(each, job_id, latest) for each in record.items("takes", MOST_TAKES))
    if len({take.position for take in takes}) < len(takes):
        raise BadRecord("Two takes have the same place.")
    return JobRow(
        id=job_id,
        owner=record.text("owner", 128),
        token=record.text("token", 128),
        fingerprint=record.text("fingerprint", 64),
        state=state,  # type: ignore[arg-type]  # is_state has looked
        created=created,
        provider=record.text("provider", 64),
        wire=record.text("wire", 8),
        model=record.text("model", LONGEST_MODEL_ID),
        prompt=record.text("prompt", 100_000),
        takes_asked=record.whole("takes_asked", 1, 1000),
        request=record.json("request"),
        failure=None if record.lacks("failure") else of_failure(record.json("failure")),
        finished=None if record.lacks("finished") else _ended(record.number("finished"), created, latest),
        favourite=record.yes("favourite"),
        imported=record.yes("imported"),
        inputs=tuple(_read_input(each) for each in record.items("inputs", MOST_INPUTS)),
        takes=tuple(sorted(takes, key=lambda take: take.position)),
    )


def _within(time: float, latest: float) -> float:
    return min(max(time, EARLIEST), latest)


def _ended(finished: float, created: float, latest: float) -> float:
    """When a job ended; when it began, where the time that is told cannot be."""
    return finished if created <= finished <= latest else created


def is_job_id(text: str) -> bool:
    """Whether this looks like an id made here."""
    return _is_hex(text, 32)


def _is_hex(text: str, length: int) -> bool:
    return len(text) == length and all(letter in "0123456789abcdef" for letter in text)


def _take(take: TakeRow) -> Json:
    record = asdict(take)
    del record["job_id"]
    return record


def _read_take(value: Any, job_id: str, latest: float) -> TakeRow:
    record = _Record(value)
    position = record.whole("position", 0, 999)
    if record.text("id", 64) != take_id(job_id, position):
        raise BadRecord("A take is not of this job.")
    return TakeRow(
        take_id(job_id, position),
        job_id,
        position,
        _read_picture(record.json("picture")),
        _within(record.number("created"), latest),
        record.text("text", 1_000_000),
        of_receipt(record.json("receipt")),
    )


def _read_input(value: Any) -> InputRow:
    record = _Record(value)
    return InputRow(
        _read_picture(record.json("picture")),
        record.text("name", 200),
        record.text("role", 80),
        tuple(_Record({"change": each}).text("change", 500) for each in record.items("changes", 50)),
        None if record.lacks("from_take") else record.text("from_take", 64),
    )


def _read_picture(value: Any) -> PictureRow:
    record = _Record(value)
    sha256, mime = record.text("sha256", 64), record.text("mime", 40)
    if not _is_hex(sha256, 64) or mime not in FORMATS:
        raise BadRecord("A picture has no hash or no type we know.")
    sizes = (record.whole("width", 1, 10**6), record.whole("height", 1, 10**6), record.whole("bytes", 1, 2**40))
    return PictureRow(sha256, mime, *sizes)


def _is_small(value: Json) -> bool:
    try:
        return len(orjson.dumps(value)) <= MOST_JSON_BYTES
    except orjson.JSONEncodeError:  # deeper than it writes, so it was not written here
        return False


def _parsed(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadRecord("It is not JSON.") from error


class _Record:
    """A JSON object whose every field is looked at before it is believed."""

    def __init__(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise BadRecord("Something that should be an object is none.")
        self._value = value

    def lacks(self, key: str) -> bool:
        return self._value.get(key) is None

    def text(self, key: str, most: int) -> str:
        text = self._checked(key, str, lambda text: len(text) <= most)
        return str(storable(text))

    def whole(self, key: str, least: int, most: int) -> int:
        return self._checked(key, int, lambda number: not isinstance(number, bool) and least <= number <= most)

    def number(self, key: str) -> float:
        return float(self._checked(key, (int, float), lambda number: math.isfinite(number) and abs(number) < 1e12))

    def yes(self, key: str) -> bool:
        return self._checked(key, bool, lambda _: True)

    def items(self, key: str, most: int) -> list[Any]:
        return self._checked(key, list, lambda items: len(items) <= most)

    def json(self, key: str) -> Json:
        found: Json = self._checked(key, dict, _is_small)
        return dict(storable(found))

    def _checked(self, key: str, kind: Any, fits: Callable[[Any], bool]) -> Any:
        value = self._value.get(key)
        if not isinstance(value, kind) or not fits(value):
            raise BadRecord(f"“{key}” is missing, or not what it should be.")
        return value
