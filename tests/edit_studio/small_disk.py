"""Fills a small disk with edits and says how that went: `python -m tests.edit_studio.small_disk FOLDER [--limit]`.

With `--limit` no file may grow beyond some size, which is what is left where no file system can be mounted.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from edit_studio.history.history import History
from edit_studio.history.opening import open_history
from edit_studio.storage.disk import NoRoom
from edit_studio.storage.vault import Vault
from tests.edit_studio.examples import ANN, click, picture

SIDE = 400
BALLAST = 2**20


def fill(history: History, job_id: str, from_position: int) -> tuple[int, str]:
    """Save until no more fits; returns how many are saved, and the error."""
    for position in range(from_position, 64):
        try:
            history.save_take(job_id, position, picture(position, SIDE + 40 * position))
        except NoRoom as error:
            return position, str(error)
    raise AssertionError("the disk was never full")


def main(folder: Path, limited: bool) -> None:
    """Fill, look, make room, save again."""
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(BALLAST))
    if limited:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 * 2**20, resource.RLIM_INFINITY))
    opened = open_history(Vault(folder / "data", floor_bytes=0, unsaved_bytes=0))
    job, _ = opened.history.begin(click(takes_asked=64))
    saved, error = fill(opened.history, job.id, 0)
    kept = len(opened.history.job(ANN, job.id).takes)
    if limited:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    ballast.unlink()
    take = opened.history.save_take(job.id, saved, picture(saved, 100))
    opened.history.finish(job.id, "done")
    opened.close()
    again = open_history(Vault(folder / "data", floor_bytes=0, unsaved_bytes=0))
    ids = [each.id for each in again.history.job(ANN, job.id).takes]
    told = {
        "saved": saved,
        "error": error,
        "kept": kept,
        "saved again": take.id in ids and len(ids) == saved + 1,
        "left over": [str(each) for each in (folder / "data" / "tmp").iterdir()],
    }
    again.close()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--limit" in sys.argv)
