"""The list of jobs in an archive, read one at a time: as a whole it could take a hundred times its size in memory."""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import orjson

from .archive import FORMAT
from .records import VERSION, BadRecord, read_job
from .rows import JobRow

# Of spaces only a few: nothing else runs while they are counted.
_HEAD = re.compile(
    rb'\s{0,99}\{\s{0,99}"format"\s{0,99}:\s{0,99}"([^"]{0,99})"\s{0,99},\s{0,99}"version"\s{0,99}:\s{0,99}(\d{1,9})'
    rb'\s{0,99},\s{0,99}"jobs"\s{0,99}:\s{0,99}\[\s{0,99}'
)
_NEXT = re.compile(rb"\s{0,99},\s{0,99}")
_END = re.compile(rb"\s{0,99}\]\s{0,99}\}\s{0,99}")

MOST_JOB_BYTES = 1 << 20
"""Of one job. A prompt, the words and the thoughts of four pictures in a script of three bytes a letter are 500 KB."""
_WINDOWS = (1 << 14, 1 << 17, MOST_JOB_BYTES)
_DECODER = json.JSONDecoder()


class BadList(ValueError):
    """Not a list of jobs that was written here. The message quotes nothing."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What of a job tells whether there is room for it: `bytes` is how long it is, `pictures` are hashes."""

    id: str
    token: str
    created: float
    bytes: int
    pictures: tuple[str, ...]


class Enclosed:
    """The jobs in the bytes of a list, which may lie on the disk, as if they were this owner's, the latest first.

    `latest` is the time after which none can have begun, `most` how many there may be. Raises `BadList`; what is wrong
    with a single job comes out in `check`, which is to be called first.
    """

    def __init__(self, data: bytes | mmap.mmap, owner: str, *, latest: float, most: int) -> None:
        self._data = data
        self._owner = owner
        self._latest = latest
        self._most = most
        self._places: list[slice] = []

    def check(self) -> list[Weight]:
        """Look at every job. Raises `BadList`."""
        weights = []
        for place in self._find():
            if len(self._places) == self._most:
                raise BadList(f"There are more than {self._most:,} edits.")
            self._places.append(place)
            job = self._read(place)
            weights.append(Weight(job.id, job.token, job.created, place.stop - place.start, tuple(job.pictures())))
        return weights

    def __reversed__(self) -> Iterator[JobRow]:
        return (self._read(place) for place in reversed(self._places))

    def _find(self) -> Iterator[slice]:
        head = _HEAD.match(self._data)
        if not head or head[1] != FORMAT.encode():
            raise BadList("They do not begin as they should.")
        if int(head[2]) != VERSION:
            raise BadList("Another version wrote them.")
        start, after = head.end(), _END.match(self._data, head.end())
        while not after:
            place = slice(start, self._end_of(start))
            yield place
            after = _END.match(self._data, place.stop)
            if not after:
                between = _NEXT.match(self._data, place.stop)
                if not between:
                    raise BadList("They are damaged.")
                start = between.end()
        if after.end() != len(self._data):
            raise BadList("There is something after their end.")

    def _end_of(self, start: int) -> int:
        """Where the job ends that begins here."""
        for size in _WINDOWS:
            # In Latin-1 each byte is a letter, so places stay as they are; all that counts for JSON is ASCII.
            window = self._data[start : start + size].decode("latin-1")
            try:
                return start + int(_DECODER.raw_decode(window)[1])
            except (ValueError, RecursionError):
                continue
        raise BadList("They are damaged, or one edit is too large.")

    def _read(self, place: slice) -> JobRow:
        try:
            value = orjson.loads(self._data[place])
            if not isinstance(value, dict):
                raise BadRecord("Something that should be an object is none.")
            job = read_job(value | {"owner": self._owner, "token": "", "fingerprint": ""}, self._latest)
        except (orjson.JSONDecodeError, BadRecord) as error:
            raise BadList(
                "They cannot be read." if isinstance(error, orjson.JSONDecodeError) else str(error)
            ) from error
        if not job.over:
            raise BadList("A job is still running.")
        return replace(job, token=token_of(job.id), imported=True)


def token_of(job_id: str) -> str:
    """What an imported job has for the token of a click: whoever has one with it has the job of this id already."""
    return f"import:{job_id}"
