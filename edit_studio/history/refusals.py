"""Why history takes an edit not at all; nothing was sent then."""

from __future__ import annotations

from edit_core.errors import BadInput, EditError

from ..storage.disk import NoRoom


class TokenReused(BadInput):
    """One click's token with another request."""

    next_step = "Reload the page, then click again."


class QuotaReached(NoRoom):
    """One person's pictures take all the room there is for one person: `most_bytes`."""

    next_step = "Delete edits you no longer need, then try again."

    def __init__(self, most_bytes: int) -> None:
        super().__init__(
            f"Your pictures would take more than the {most_bytes / 2**20:,.0f} MB there are for each person. "
            "Nothing was sent."
        )


class HistoryUnwritable(EditError):
    """The database takes nothing just now."""

    kind = "unwritable"
    next_step = "Wait a moment, then try again. If it stays so, tell whoever runs this app."

    def __init__(self) -> None:
        super().__init__("The history cannot be written just now, so nothing was sent.")
