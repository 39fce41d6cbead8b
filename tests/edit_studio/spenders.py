"""A process full of people who all click at once; see `main` for what it is told.

Prints "ready", waits for a line, then lets its threads reserve, edit and settle at the same moment. Prints how many
were sent and how many were refused.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from edit_core import PROVIDERS, Client, EditRequest
from edit_studio.money.budget import Budget
from edit_studio.money.ledger import BudgetReached, Ledger
from edit_studio.storage.database import open_database


async def edit(relay: str) -> None:
    """One edit, one POST."""
    async with Client(PROVIDERS["offline"].at(relay), wire="native", stream=False) as client:
        await client.edit(EditRequest("brighter"), "offline-engine")


def spend(ledger: Ledger, relay: str, price: int, job_id: str, barrier: threading.Barrier) -> str:
    """What one click comes to."""
    barrier.wait()
    try:
        ledger.reserve(job_id, 0, "somebody", price)
    except BudgetReached:
        return "refused"
    asyncio.run(edit(relay))
    ledger.settle(job_id, 0, price, estimated=False)
    return "sent"


def say(line: str) -> None:
    """Tell whoever started this."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(url: str, relay: str, budget: str, price: str, count: str, name: str) -> None:
    """Open the ledger at `url`, wait for the word, and let `count` threads spend; amounts in micro-dollars."""
    people = int(count)
    database = open_database(url, busy_seconds=60)
    ledger = Ledger(database, Budget(day_micros=int(budget)))
    barrier = threading.Barrier(people)
    with ThreadPoolExecutor(people) as pool:
        say("ready")
        sys.stdin.readline()
        jobs = [pool.submit(spend, ledger, relay, int(price), f"{name}-{each}", barrier) for each in range(people)]
        said = Counter(job.result() for job in jobs)
    database.close()
    say(f"{said['sent']} {said['refused']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
