"""The measurements as tables of findings, each beside its goal."""

from __future__ import annotations

from collections.abc import Iterator

from .crowd import Crowd
from .findings import Finding, Table
from .plan import Plan, minutes
from .rounds import Rounds
from .saving import Saving, median, percentile
from .soak import Soak

IDLE, WAITING, IN_ALL, STAYS = 200, 8, 600, 250
"""The goals of memory, in MB: of an idle app, an edit that waits, all of them, and what may stay on top of idle."""
AGAIN = 5
"""Per cent that a second round may take beyond the first."""
SLOPE, DRIFT, SPREAD, LOG = 1, 20, 2, 16
SAVE, COMMIT, LIST = 100, 10, 200
ENOUGH = 1000
"""Figures of which a p99 says something."""


def of_rounds(ours: Rounds, naive: Rounds, plan: Plan) -> Table:
    """Forty at once, twice."""
    title = f"{plan.edits} people, {plan.rate:g} a second, the relay takes {plan.wait:g} s; then as many again"
    return Table(title, tuple(_rounds(ours, naive, plan)))


def of_crowd(crowd: Crowd, plan: Plan) -> Table:
    """More than there is room for; there is no naive figure, as it has no queue to speak of."""
    title = f"{plan.places + plan.waiting + plan.refused} people who click at once"
    return Table(title, tuple(_crowd(crowd, plan)))


def of_soak(ours: Soak, naive: Soak, plan: Plan) -> Table:
    """What a long time does."""
    title = (
        f"{minutes(plan.soak_seconds)} minutes of {plan.rate:g} people a second, the relay takes {plan.soak_wait:g} s; "
        f"1 answer in {1 / plan.faults:.0f} is broken, 1 person in {1 / plan.leaving:.0f} leaves"
    )
    return Table(title, (*_memory_over_time(ours, naive), *_left(ours, naive), *_accounts(ours, naive)))


def of_saving(saving: Saving) -> Table:
    """The disk."""
    saves, takes, commits, lists = saving.saves, saving.takes, saving.commits, saving.lists
    rows = (
        Finding(f"Save 12 MB, {_name_of_tail(saves)}", "ms", _tail(saves), most=SAVE),
        Finding(f"… with its note and its row in the history, {_name_of_tail(takes)}", "ms", _tail(takes)),
        Finding(f"Commit to the database, {_name_of_tail(commits)}", "ms", _tail(commits), most=COMMIT),
        Finding(f"List the newest of 10,000 edits, {_name_of_tail(lists)}", "ms", _tail(lists), most=LIST),
    )
    return Table("On the disk for good, nobody else at work", rows)


def _rounds(ours: Rounds, naive: Rounds, plan: Plan) -> Iterator[Finding]:
    first, other = ours.first, naive.first
    yield Finding("Edits with the relay at once", "", first.upstream, other.upstream, least=plan.places)
    yield Finding("Pictures seen", "", _seen(ours), _seen(naive), least=2 * plan.edits)
    yield from _added((*first.added, *ours.second.added), (*other.added, *naive.second.added))
    yield Finding("Memory, idle", "MB", ours.idle, naive.idle, most=IDLE)
    yield Finding("Memory of each edit that waits", "MB", ours.waiting_each, naive.waiting_each, most=WAITING)
    yield Finding("Memory, peak of the first time", "MB", first.peak, other.peak, most=IN_ALL)
    yield Finding("Memory, peak of the second time", "MB", ours.second.peak, naive.second.peak, most=IN_ALL)
    yield Finding("… over the first one", "%", _peak_growth(ours), _peak_growth(naive), most=AGAIN)
    quiet = f"Memory {plan.settle:.0f} s after the last edit, beyond idle"
    yield Finding(f"{quiet}, the first time", "MB", first.after - ours.idle, other.after - naive.idle, most=STAYS)
    again, naive_again = ours.second.after - ours.idle, naive.second.after - naive.idle
    yield Finding(f"{quiet}, the second time", "MB", again, naive_again, most=STAYS)
    yield Finding("… idle included, over the first one", "%", _stay_growth(ours), _stay_growth(naive), most=AGAIN)


def _crowd(crowd: Crowd, plan: Plan) -> Iterator[Finding]:
    served = plan.places + plan.waiting
    yield Finding("Edits with the relay at once", "", crowd.report.peak, least=plan.places)
    yield Finding("People told their place in the queue", "", crowd.told_places, least=plan.waiting)
    yield Finding("The furthest place told", "", crowd.longest_queue, least=plan.waiting, most=plan.waiting)
    yield Finding("People who saw their picture", "", crowd.pictures, least=served, most=served)
    yield Finding("People refused in words", "", len(crowd.refused), least=plan.refused, most=plan.refused)
    yield Finding("… whose edit was sent all the same", "", crowd.posts_of_refused, most=0)


def _memory_over_time(ours: Soak, naive: Soak) -> Iterator[Finding]:
    # Minutes after its start the naive app still rises to its level, which says nothing of what it gains later.
    if ours.rise:
        yield Finding("Memory gained in 1,000 edits", "MB", ours.rise.slope, most=SLOPE, error=ours.rise.error)
    yield Finding("Memory afterwards, beyond before", "MB", ours.drift, most=DRIFT)
    yield Finding("Memory meanwhile, median", "MB", ours.meanwhile, naive.meanwhile)


def _left(ours: Soak, naive: Soak) -> Iterator[Finding]:
    yield Finding("Open files, more or fewer than before", "", abs(ours.files), abs(naive.files), most=SPREAD)
    yield Finding("Threads, more or fewer than before", "", abs(ours.threads), abs(naive.threads), most=SPREAD)
    what = "Temporary files left, besides the uploads, which are kept for a day"
    yield Finding(what, "", ours.leftovers, naive.leftovers, most=0)
    yield Finding("… files a person added to the uploads", "", ours.uploads, naive.uploads)
    yield Finding("Largest write-ahead log of the database", "MB", ours.log, most=LOG)


def _accounts(ours: Soak, naive: Soak) -> Iterator[Finding]:
    """Of a thousand edits each, as the naive app has fewer."""
    one, other = ours.accounts, naive.accounts
    mine, theirs = (1000 / max(1, len(soak.visits)) for soak in (ours, naive))
    what = "Of 1,000 edits: pictures paid for that nobody has"
    yield Finding(what, "", one.lost * mine, other.lost * theirs, most=0)
    yield Finding("… failed without a fault of the relay", "", one.failed * mine, other.failed * theirs, most=0)
    what = "… sent again although the first time may have cost"
    yield Finding(what, "", one.repeated * mine, other.repeated * theirs, most=0)
    yield Finding("… said in the history to have ended otherwise", "", one.untrue * mine, most=0)
    yield from _added(ours.added, naive.added)


def _added(ours: tuple[float, ...], naive: tuple[float, ...]) -> Iterator[Finding]:
    """Added latency. Two ends that are not of a kind are not set side by side."""
    one, other = tuple(sorted(ours)), tuple(sorted(naive))
    if one and other:
        yield Finding("Seconds added to an edit, median", "s", median(one), median(other))
        alike = _has_p99(one) == _has_p99(other)
        yield Finding(f"… {_name_of_tail(one)}", "s", _tail(one), _tail(other) if alike else None)


def _has_p99(figures: tuple[float, ...]) -> bool:
    """Whether there are enough of them: a p99 of few says nothing."""
    return len(figures) >= ENOUGH


def _name_of_tail(figures: tuple[float, ...]) -> str:
    return f"p99 of {len(figures):,}" if _has_p99(figures) else f"slowest of {len(figures)}"


def _tail(figures: tuple[float, ...]) -> float:
    """The p99, or the slowest of few. Takes them sorted."""
    return percentile(figures, 0.99) if _has_p99(figures) else figures[-1]


def _seen(rounds: Rounds) -> int:
    return rounds.first.pictures + rounds.second.pictures


def _peak_growth(rounds: Rounds) -> float:
    return 100 * (rounds.second.peak / rounds.first.peak - 1)


def _stay_growth(rounds: Rounds) -> float:
    return 100 * (rounds.second.after / rounds.first.after - 1)
