"""Reading an archive of somebody's history, which may come from anywhere.

The whole list of its contents is judged, and one odd entry refuses the archive before anything is written.
"""

from __future__ import annotations

import io
import mmap
import re
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from edit_core.errors import BadInput
from edit_core.pictures import FORMATS

from ..storage.disk import NoRoom
from .archive import PICTURES, RECEIPTS
from .enclosed import BadList, Enclosed, Weight
from .history import History
from .importer import Imported, Importer
from .lookup import imported_text_of, known_names
from .refusals import QuotaReached

_SUFFIXES = "|".join(re.escape(row.suffix) for row in FORMATS.values())
_NAME = re.compile(rf"{re.escape(PICTURES)}([0-9a-f]{{64}})(?:{_SUFFIXES})")
_END, _LOCATOR, _RECORD = 22, 20, 56
_PIECE = 1 << 20
_ENTRY = b"PK\1\2"
"""How an entry of the directory at an archive's end begins."""
_ENTRY_BYTES = 256
"""What one entry may take; ours take 150."""
_PICTURES_OF_A_JOB = 4
"""On average, far more than most: an input and a result are two."""

DAY = 24 * 3600.0
"""By which the clock of the app that wrote an archive may be ahead."""


class BadArchive(BadInput):
    """A file that is no archive of ours, or a hostile one."""

    next_step = "Choose a ZIP file that was exported here."


class NoRoomForArchive(NoRoom):
    """The edits of an archive do not fit. Some may be there, each as a whole."""

    next_step = "Delete edits you no longer need, then import the file again."


@dataclass(frozen=True)
class ArchiveLimits:
    """How much an archive may hold: jobs, and bytes of all of it unpacked, of one picture, of the receipts.

    The receipts may have 13 KB for each job: those of four pictures with 1,500 letters of thoughts each.
    """

    most_jobs: int = 20_000
    most_bytes: int = 2 * 2**30
    most_picture_bytes: int = 64 * 2**20
    most_receipt_bytes: int = 256 * 2**20

    @property
    def most_entries(self) -> int:
        """The pictures of the jobs, and their receipts."""
        return self.most_jobs * _PICTURES_OF_A_JOB + 1

    @property
    def most_packed_receipt_bytes(self) -> int:
        """Bytes of the receipts in the file: words pack to less than a half."""
        return self.most_receipt_bytes // 2


def import_archive(
    history: History,
    owner: str,
    file: BinaryIO,
    limits: ArchiveLimits | None = None,
    *,
    older_than: float | None = None,
) -> Imported:
    """Add the jobs of an archive to this owner's history. Doing it twice adds nothing.

    Jobs that began before `older_than` (seconds since 1970) are left out. Raises `BadArchive` before anything is
    written, `NoRoomForArchive` when it would not fit, or when the disk is full: then the jobs before are there, whole.
    """
    limits = limits or ArchiveLimits()
    _check_directory(file, limits)
    try:
        with ExitStack() as opened:
            archive = opened.enter_context(zipfile.ZipFile(file))
            pictures = _judge(archive.infolist(), limits)
            receipts = opened.enter_context(_unpack_receipts(history, archive))
            jobs = Enclosed(receipts, owner, latest=time.time() + DAY, most=limits.most_jobs)
            weights = [each for each in jobs.check() if older_than is None or each.created >= older_than]
            _check_room(history, owner, weights, {name: entry.file_size for name, entry in pictures.items()})
            try:
                return Importer(history, archive, pictures, older_than).take_in(jobs)
            except NoRoom as error:
                raise NoRoomForArchive(
                    f"{error} What was added before stays; importing again adds the rest."
                ) from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, struct.error, EOFError) as error:
        raise BadArchive("The ZIP file is damaged.") from error
    except BadList as error:
        raise BadArchive(f"The receipts in the ZIP file are not of this app: {error}") from error


def _check_directory(file: BinaryIO, limits: ArchiveLimits) -> None:
    """Raises `BadArchive` when the list of contents is longer than allowed: reading it is what takes the memory."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END - _LOCATOR - _RECORD))
    tail = file.read()
    end, locator = tail[-_END:], tail[-_END - _LOCATOR : -_END]
    if len(end) < _END or end[:4] != b"PK\5\6" or end[-2:] != b"\0\0":
        raise BadArchive("This is not a ZIP file, or there is something after its end.")
    (length,) = struct.unpack_from("<I", end, 12)
    start = size - _END - length
    if locator[:4] == b"PK\6\7":
        (place,) = struct.unpack_from("<Q", locator, 8)
        if tail[:4] != b"PK\6\6" or place != size - len(tail):
            raise BadArchive("The ZIP file is damaged.")
        (length,) = struct.unpack_from("<Q", tail, 40)
        start = place - length
    if length > limits.most_entries * _ENTRY_BYTES:
        raise BadArchive(f"The ZIP file holds more than {limits.most_entries:,} files.")
    if start < 0:
        raise BadArchive("The ZIP file is damaged.")
    file.seek(start)
    if file.read(length).count(_ENTRY) > limits.most_entries:
        raise BadArchive(f"The ZIP file holds more than {limits.most_entries:,} files.")


def _judge(entries: Iterable[zipfile.ZipInfo], limits: ArchiveLimits) -> dict[str, zipfile.ZipInfo]:
    """The pictures among the entries, by hash. Raises `BadArchive` for anything that we would not have put there."""
    entries = list(entries)
    if sum(entry.file_size for entry in entries) > limits.most_bytes:
        raise BadArchive(f"Unpacked, the ZIP file would have more than {limits.most_bytes / 2**20:,.0f} MB.")
    pictures: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        match = _NAME.fullmatch(entry.filename)
        if not match and entry.filename != RECEIPTS:
            raise BadArchive("The ZIP file holds something that is neither a picture nor a receipt.")
        if not _is_plain(entry) or (match and match[1] in pictures):
            raise BadArchive("The ZIP file holds links, locked files, or a file twice.")
        most = limits.most_picture_bytes if match else limits.most_receipt_bytes
        if entry.file_size > most:
            raise BadArchive(f"The ZIP file holds a file of more than {most / 2**20:,.0f} MB.")
        if match:
            pictures[match[1]] = entry
    if len(entries) - len(pictures) != 1:
        raise BadArchive("The ZIP file has no receipts, or two lists of them.")
    return pictures


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    plain = kind in (0, stat.S_IFREG) and not entry.is_dir()
    return plain and not entry.flag_bits & 1 and entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@contextmanager
def _unpack_receipts(history: History, archive: zipfile.ZipFile) -> Iterator[bytes | mmap.mmap]:
    """The receipts, on the disk: in memory they would keep others from editing. Raises `NoRoomForArchive`."""
    entry = archive.getinfo(RECEIPTS)
    with ExitStack() as opened:
        try:
            history.vault.check_room(entry.file_size)
            receipts = opened.enter_context(history.vault.spread_out(_pieces(archive, entry)))
        except NoRoom as error:
            size = entry.file_size / 2**20
            raise NoRoomForArchive(
                f"There is no room on the disk for the {size:,.1f} MB of receipts in the ZIP file. No edit was added."
            ) from error
        yield receipts


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """What the entry holds, and of one that holds more than it says only so much."""
    left = entry.file_size
    with archive.open(entry) as data:
        while piece := data.read(min(left, _PIECE)):
            yield piece
            left -= len(piece)


def _check_room(history: History, owner: str, jobs: Sequence[Weight], sizes: Mapping[str, int]) -> None:
    """Raises `NoRoomForArchive`. What is known of imported edits counts as well.

    Edits and pictures that the owner has already need no room. `sizes` are the bytes of each picture, by its hash.
    """
    with history.database.reading() as connection:
        text = imported_text_of(connection, owner)
        known = known_names(connection, owner, (name for job in jobs for name in (job.id, job.token)))
    fresh = [job for job in jobs if not known & {job.id, job.token}]
    names = {name for job in fresh for name in job.pictures if name in sizes}
    pictures = history.bytes_beyond(owner, {name: sizes[name] for name in names})
    words = sum(job.bytes for job in fresh)
    if not fresh:
        return
    try:
        history.check_room(owner, pictures, words, text)
    except NoRoom as error:
        where = "in what there is for each person" if isinstance(error, QuotaReached) else "on the disk"
        raise NoRoomForArchive(
            f"There is no room {where} for the {(pictures + words) / 2**20:,.1f} MB of these edits. None was added."
        ) from error
