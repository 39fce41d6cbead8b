"""The day that money is spent on, whatever the machine's clock does.

Days are those of UTC and go forward only: a clock that is set back a little must not free a day's money again, so the
latest day there are entries of goes on. A clock that stood in another year, were it for one edit, must not stop the
budget until that year either. So what lies further ahead than tomorrow is put on today, where it counts once, and goes
back to its own day, which is that of `created`, as soon as the clock is there: it may have been the one that was right.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, func, select

from ..storage.schema import entries

_ONE = timedelta(days=1)


def day_of(moment: float) -> str:
    """The UTC day of seconds since 1970, as 2026-11-21."""
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def current_day(connection: Connection, now: float) -> str:
    """The day that counts now: today, or tomorrow when there are entries of it already."""
    latest = select(func.max(entries.c.day)).where(entries.c.day <= _tomorrow(now))
    return max(day_of(now), connection.execute(latest).scalar() or "")


def mend_days(connection: Connection, now: float) -> None:
    """Put entries that lie too far ahead on today, and those whose day has come back on their own."""
    today, tomorrow = day_of(now), _tomorrow(now)
    connection.execute(entries.update().where(entries.c.day > tomorrow).values(day=today))
    latest = connection.execute(select(func.max(entries.c.day))).scalar()
    # All whose own day is up to the latest are there already, so this looks on the first reservation of a day only.
    if not latest or latest >= today:
        return
    own_day_came = (entries.c.created >= start_of(latest, 1)) & (entries.c.created < start_of(tomorrow, 1))
    for number, created in connection.execute(select(entries.c.number, entries.c.created).where(own_day_came)).all():
        connection.execute(entries.update().where(entries.c.number == number).values(day=day_of(created)))


def start_of(day: str, days_later: int = 0) -> float:
    """Seconds since 1970 at the start of a UTC day, or of one after it."""
    then = date.fromisoformat(day) + days_later * _ONE
    return datetime(then.year, then.month, then.day, tzinfo=UTC).timestamp()


def _tomorrow(now: float) -> str:
    return (datetime.fromtimestamp(now, UTC).date() + _ONE).isoformat()
