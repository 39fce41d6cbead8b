"""The sentences for files that are not what they should be; every reader of a container says them alike."""

from __future__ import annotations

from ..errors import UnreadablePicture


def cut_short(name: str) -> UnreadablePicture:
    """The file ends before the picture does. `name` is the container's, such as "JPEG"."""
    return UnreadablePicture(f"This {name} file is cut short: the end of the picture is missing.")


def damaged(name: str, what: str) -> UnreadablePicture:
    """The file contradicts its own format; `what` says how, as the end of a sentence without its full stop."""
    return UnreadablePicture(f"This {name} file is damaged: {what}.")
