"""Why a job has no picture, where the reason lies with the app or its user; and how any reason is kept."""

from __future__ import annotations

from edit_core.errors import EditError, RateLimited

from .history.rows import AFTER_APP_ENDED, APP_ENDED, Json

LONGEST_QUOTE = 40_000
"""Characters of a service's own words that are kept with a failure. A link to a picture that was paid for may have 8192
of them, there may be several, and each is worth nothing when it is cut."""


class Restarting(RateLimited):
    """The app is about to stop, and takes nothing new."""

    next_step = "Try again in a minute; everything that is here stays."


class OutOfMemory(RateLimited):
    """There is no memory just now for the pictures of one more edit. Nothing was sent."""

    next_step = "Try again in a minute, or with smaller pictures."


class Stopped(EditError):
    """Its owner pressed Stop."""

    kind = "stopped"
    next_step = "Change what you like and start again."


class Interrupted(Stopped):
    """The app stopped before it was sent, or where nobody is paid."""

    kind = APP_ENDED
    next_step = AFTER_APP_ENDED["no"]


class CutOff(Interrupted):
    """The app stopped while it was under way."""

    next_step = AFTER_APP_ENDED["maybe"]


def as_json(error: EditError) -> Json:
    """An error as it is kept beside its job, and shown again after a reload."""
    return {
        "kind": error.kind,
        "message": str(error),
        "money": error.money,
        "charged": error.charged,
        "next_step": error.next_step,
        "retryable": error.retryable,
        "retry_after": error.retry_after,
        "status": error.status,
        "said": error.said[:LONGEST_QUOTE],
    }
