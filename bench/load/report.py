"""The measurements as findings, each beside its goal."""

from __future__ import annotations

from collections.abc import Iterator

from .crowd import Crowd
from .findings import Finding
from .plan import Plan
from .rounds import Rounds
from .saving import Saving, median, percentile
from .soak import Soak

IDLE, WAITING, IN_ALL, STAYS = 200, 8, 600, 250
"""The goals of memory, in MB: of an idle app, an edit that waits, all of them, and what may stay on top of idle."""
AGAIN = 5
"""Per cent that a second round may take beyond the first."""
SLOPE, DRIFT, SPREAD, LOG = 1, 20, 2, 16
SAVE, COMMIT, LIST = 100, 10, 200


def of_rounds(ours: Rounds, naive: Rounds, plan: Plan) -> Iterator[Finding]:
    """Forty at once, twice."""
    first, other = ours.first, naive.first
    yield Finding("Edits with the relay at once", "", first.upstream, other.upstream, least=plan.places)
    yield Finding(f"Pictures seen, of {2 * plan.edits}", "", _seen(ours), _seen(naive), least=2 * plan.edits)
    yield Finding("Memory, idle", "MB", ours.idle, naive.idle, most=IDLE)
    yield Finding("Memory of each edit that waits", "MB", ours.waiting_each, naive.waiting_each, most=WAITING)
    yield Finding("Memory, peak of the first round", "MB", first.peak, other.peak, most=IN_ALL)
    yield Finding("Memory, peak of the second round", "MB", ours.second.peak, naive.second.peak, most=IN_ALL)
    quiet = f"Memory {plan.settle:.0f} s after the last edit, beyond idle"
    yield Finding(f"{quiet}, first round", "MB", first.after - ours.idle, other.after - naive.idle, most=STAYS)
    again, naive_again = ours.second.after - ours.idle, naive.second.after - naive.idle
    yield Finding(f"{quiet}, second round", "MB", again, naive_again, most=STAYS)
    yield Finding("Peak of the second round over the first", "%", _peak_growth(ours), _peak_growth(naive), most=AGAIN)
    yield Finding(
        "What stays after the second round over the first", "%", _stay_growth(ours), _stay_growth(naive), most=AGAIN
    )
    yield from _added(
        f"{plan.rate:g}/s, relay takes {plan.wait:g} s",
        (first.added, ours.second.added),
        (other.added, naive.second.added),
    )


def of_crowd(crowd: Crowd, plan: Plan) -> Iterator[Finding]:
    """A hundred and sixty at once; there is no naive figure, as it has no queue to speak of."""
    served = plan.places + plan.waiting
    everybody = served + plan.refused
    yield Finding(f"Of {everybody} at once: with the relay", "", crowd.report.peak, least=plan.places)
    yield Finding("… told their place in the queue", "", crowd.told_places, least=plan.waiting)
    yield Finding("… the furthest place told", "", crowd.longest_queue, least=plan.waiting, most=plan.waiting)
    yield Finding("… who saw their picture", "", crowd.pictures, least=served, most=served)
    yield Finding("… refused in words", "", len(crowd.refused), least=plan.refused, most=plan.refused)
    yield Finding("… posts of those refused", "", crowd.posts_of_refused, most=0)


def of_soak(ours: Soak, naive: Soak, plan: Plan) -> Iterator[Finding]:
    """What a long time does."""
    yield Finding("Soak: memory gained in 1,000 edits", "MB", ours.slope, naive.slope, most=SLOPE)
    yield Finding("… standard error", "MB", ours.slope_error, naive.slope_error)
    yield Finding("Soak: memory meanwhile, median", "MB", median(ours.levels), median(naive.levels))
    yield Finding("Soak: memory after it beyond before it, idle", "MB", ours.drift, naive.drift, most=DRIFT)
    yield Finding("Soak: open files more or fewer", "", abs(ours.files), abs(naive.files), most=SPREAD)
    yield Finding("Soak: threads more or fewer", "", abs(ours.threads), abs(naive.threads), most=SPREAD)
    yield Finding("Soak: temporary files left", "", ours.leftovers, naive.leftovers, most=0)
    yield Finding("Soak: largest write-ahead log", "MB", ours.log, most=LOG)
    for words, one, other in (
        ("pictures paid for that nobody has", ours.accounts.lost, naive.accounts.lost),
        ("edits that failed without a fault of the relay", ours.accounts.failed, naive.accounts.failed),
        ("edits posted again after one that may have cost", ours.accounts.repeated, naive.accounts.repeated),
    ):
        yield Finding(f"Soak: {words}", "", one, other, most=0)
    yield Finding("Soak: edits whose state is not what the relay did", "", ours.accounts.untrue, most=0)
    yield from _added(f"Soak: {plan.rate:g}/s, relay takes {plan.soak_wait:g} s", (ours.added,), (naive.added,))


def of_saving(saving: Saving) -> Iterator[Finding]:
    """The disk."""
    saves, takes, commits, lists = saving.saves, saving.takes, saving.commits, saving.lists
    yield Finding(f"Save 12 MB for good, p99 of {len(saves)}", "ms", percentile(saves, 0.99), most=SAVE)
    yield Finding(f"… with its note and its row, p99 of {len(takes)}", "ms", percentile(takes, 0.99))
    yield Finding(f"Commit for good, p99 of {len(commits)}", "ms", percentile(commits, 0.99), most=COMMIT)
    yield Finding("List the newest of 10,000 edits, slowest of 20", "ms", lists[-1], most=LIST)
    yield Finding("… median", "ms", median(lists))


def _added(what: str, ours: tuple[tuple[float, ...], ...], naive: tuple[tuple[float, ...], ...]) -> Iterator[Finding]:
    """Added latency; of fewer than a thousand edits the slowest is named, for a p99 of so few says nothing."""
    one, other = (tuple(sorted(figure for each in figures for figure in each)) for figures in (ours, naive))
    if one and other:
        yield Finding(f"{what}: seconds added, median", "s", median(one), median(other))
        yield Finding("… p95", "s", percentile(one, 0.95), percentile(other, 0.95))
        yield Finding(f"… slowest of {len(one)}", "s", one[-1], other[-1])


def _seen(rounds: Rounds) -> int:
    return rounds.first.pictures + rounds.second.pictures


def _peak_growth(rounds: Rounds) -> float:
    return 100 * (rounds.second.peak / rounds.first.peak - 1)


def _stay_growth(rounds: Rounds) -> float:
    return 100 * (rounds.second.after / rounds.first.after - 1)
