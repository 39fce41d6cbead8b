"""One's own history as a ZIP file: the pictures as they came, and `receipts.json` with all that is known of them.

Writing is a stream: nothing of it lies in memory or on disk as a whole. No name in the archive comes from a person.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import orjson

from .history import History
from .lookup import Search
from .records import VERSION, as_json
from .rows import JobRow, Json, PictureRow

FORMAT = "edit-studio-history"
RECEIPTS = "receipts.json"
PICTURES = "pictures/"

_PRIVATE = ("owner", "token", "fingerprint")
"""What tells whose it was; whoever imports the archive is the owner then."""

_PIECE = 1 << 20
_JOBS_AT_ONCE = 100
# ZIP knows no earlier one, and no clock is asked: the same history gives the same bytes.
_BEGINNING = (1980, 1, 1, 0, 0, 0)


def write_archive(history: History, owner: str, search: Search | None = None) -> Iterator[bytes]:
    """The pieces of an archive of this owner's jobs, or of those that the search finds. Blocks between pieces."""
    sink = _Sink()
    pictures: dict[str, PictureRow] = {}
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        with archive.open(_entry(RECEIPTS, zipfile.ZIP_DEFLATED), "w", force_zip64=True) as out:
            out.write(b'{"format": %b, "version": %d, "jobs": [' % (orjson.dumps(FORMAT), VERSION))
            for number, job in enumerate(_all_jobs(history, owner, search)):
                pictures |= job.pictures()
                out.write((b",\n" if number else b"\n") + orjson.dumps(_public(job)))
                yield from sink.pieces()
            out.write(b"\n]}\n")
        for picture in pictures.values():
            yield from _write_picture(history, archive, sink, picture)
    yield from sink.pieces()


def picture_name(picture: PictureRow, suffix: str) -> str:
    """The name of a picture in an archive."""
    return f"{PICTURES}{picture.sha256}{suffix}"


def _all_jobs(history: History, owner: str, search: Search | None) -> Iterator[JobRow]:
    """The jobs that are over: how another ends is not known yet, and it would never be told of the one that came in."""
    page = history.page(owner, search, most=_JOBS_AT_ONCE)
    yield from filter(lambda job: job.over, page.rows)
    while page.next_cursor is not None:
        page = history.page(owner, search, page.next_cursor, most=_JOBS_AT_ONCE)
        yield from filter(lambda job: job.over, page.rows)


def _public(job: JobRow) -> Json:
    return {key: value for key, value in as_json(job).items() if key not in _PRIVATE}


def _write_picture(history: History, archive: zipfile.ZipFile, sink: _Sink, picture: PictureRow) -> Iterator[bytes]:
    path = history.vault.path(picture.sha256, picture.mime)
    # What is in memory only, as the disk was full, goes first: it may be put on disk while we look.
    unsaved = history.vault.unsaved(picture.sha256)
    try:
        data = io.BytesIO(unsaved.data) if unsaved else path.open("rb")
    except FileNotFoundError:
        # Deleted meanwhile, or lost: its receipt tells of it.
        return
    with data, archive.open(_entry(picture_name(picture, path.suffix)), "w", force_zip64=True) as out:
        while piece := data.read(_PIECE):
            out.write(piece)
            yield from sink.pieces()


def _entry(name: str, compression: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _BEGINNING)
    entry.compress_type = compression
    entry.external_attr = 0o600 << 16
    return entry


class _Sink:
    """What `zipfile` writes to: keeps bytes until they are asked for. It cannot seek, so nothing is written twice."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """There is nothing behind this."""

    def close(self) -> None:
        """There is nothing to close."""

    def pieces(self) -> Iterator[bytes]:
        if self._pieces:
            yield b"".join(self._pieces)
            self._pieces.clear()
