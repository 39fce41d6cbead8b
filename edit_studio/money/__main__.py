"""For the owner: which edits may have been charged, and a word on each once the service's bill is there.

    python -m edit_studio.money                          lists them
    python -m edit_studio.money --charged JOB-TAKE       it is on the bill, so it goes on counting as spent
    python -m edit_studio.money --not-charged JOB-TAKE   it is not, so its money is free again

Reads the settings the app reads, and may be used while the app runs.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url, select
from sqlalchemy.exc import DBAPIError

from ..history.opening import DATABASE_FILE
from ..history.rows import take_id
from ..settings import BadSettings, Settings
from ..storage.database import Database, DatabaseDamaged, DatabaseTooNew, open_database
from ..storage.schema import jobs
from .amounts import said
from .entries import Entry
from .ledger import Ledger, LedgerUnwritable, NoReservation

DOTENV = Path(__file__).parents[2] / ".env"
MOST_SHOWN = 100
LONGEST_PROMPT = 60


class CannotSay(RuntimeError):
    """What was asked cannot be done. The message is one line for the owner."""


def main(arguments: Sequence[str]) -> None:
    """List the held entries, or mark one. Ends the process with a sentence and status 1 when that cannot be done."""
    wanted = _read(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Prompts are in every script there is; a terminal may know fewer.
        sys.stdout.reconfigure(errors="replace")
    try:
        with _database(Settings.read(dotenv_path=DOTENV)) as database:
            charged = wanted.charged is not None
            take = wanted.charged if charged else wanted.not_charged
            lines = _held(database) if take is None else _mark(database, take, charged=charged)
            for line in lines:
                sys.stdout.write(line + "\n")
    except (BadSettings, CannotSay) as error:
        sys.exit(str(error))
    except LedgerUnwritable as error:
        sys.exit(f"{error} {error.next_step}")
    except DBAPIError:
        sys.exit("The database cannot be reached or read; see EDIT_DATA and EDIT_DATABASE_URL.")


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m edit_studio.money",
        description="Lists edits of which nobody knows whether they were charged; they count as spent until you say.",
    )
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--charged", metavar="JOB-TAKE", help="it is on the service's bill")
    one.add_argument("--not-charged", metavar="JOB-TAKE", help="it is not on the bill: its money is free again")
    return parser.parse_args(arguments)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    """The app's database, which is never made or mended here. Raises `CannotSay`."""
    keeping = settings.keeping
    url = keeping.database_url or f"sqlite:///{(keeping.folder / DATABASE_FILE).absolute()}"
    name = make_url(url).database or ""
    if url.startswith("sqlite") and not Path(name).is_file():
        raise CannotSay(f"There is no history in {name} yet; see EDIT_DATA and EDIT_DATABASE_URL.")
    try:
        if url.startswith("sqlite") and not Path(name).stat().st_size:
            raise DatabaseDamaged("the file is empty")
        database = open_database(url)
    except DatabaseDamaged as error:
        raise CannotSay(
            "The database is damaged; start the app, which sets it aside and reads its receipts."
        ) from error
    except DatabaseTooNew as error:
        raise CannotSay(str(error)) from error
    try:
        yield database
    finally:
        database.close()


def _held(database: Database) -> Iterator[str]:
    """The held entries, two lines each, the latest first."""
    ledger = Ledger(database)
    held, found = ledger.balance().held, ledger.held(MOST_SHOWN)
    if not found:
        yield "No edit waits for your word: of each it is known whether it was charged."
        return
    yield f"Edits that may have been charged, and count as spent until you say: {held.entries} ({said(held.micros)})."
    known = _jobs_of(database, found)
    for entry in found:
        when = datetime.fromtimestamp(entry.created, UTC)
        about = known.get(entry.job_id, "of an edit that was deleted")
        yield f"\n{take_id(entry.job_id, entry.take)}"
        yield f"    {when:%Y-%m-%d %H:%M} UTC  {said(entry.micros)}  {about}"
    if held.entries > len(found):
        yield f"\nThere are {held.entries - len(found)} older ones."
    yield "\nSay of each: python -m edit_studio.money --charged JOB-TAKE, or --not-charged JOB-TAKE."


def _jobs_of(database: Database, found: Sequence[Entry]) -> dict[str, str]:
    """What is known of the entries' jobs, by their ids: provider and model, state, and how the prompt begins."""
    columns = jobs.c.id, jobs.c.provider, jobs.c.model, jobs.c.state, jobs.c.prompt
    wanted = {entry.job_id for entry in found}
    with database.reading() as connection:
        rows = connection.execute(select(*columns).where(jobs.c.id.in_(wanted))).all()
    return {row.id: _shown(f"{row.provider}/{row.model}  {row.state}  “{_beginning(row.prompt)}”") for row in rows}


def _beginning(prompt: str) -> str:
    words = " ".join(prompt.split())
    return words if len(words) <= LONGEST_PROMPT else words[: LONGEST_PROMPT - 1].rstrip() + "…"


def _shown(text: str) -> str:
    """The text without what would steer the terminal it is shown on."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _mark(database: Database, take: str, *, charged: bool) -> Iterator[str]:
    """Say of a held entry what the bill says. Raises `CannotSay` for what does not wait for that."""
    job_id, _, index = take.rpartition("-")
    ledger = Ledger(database)
    entry = next((each for each in ledger.entries_of(job_id) if str(each.take) == index), None)
    if entry is None:
        raise CannotSay(f"There is no entry {_shown(take)}; python -m edit_studio.money lists those that wait.")
    try:
        ledger.mark(job_id, entry.take, charged=charged)
    except NoReservation as error:
        raise CannotSay(f"{take} does not wait for your word: it is {entry.state}.") from error
    yield f"{take}: {said(entry.micros)} {'is spent.' if charged else 'is not spent, and free again.'}"


if __name__ == "__main__":
    main(sys.argv[1:])
