"""Everything that can go wrong with an edit, as one tree.

    EditError
    ├── from an answer
    │   ├── KeyRefused          auth         check the key
    │   ├── PaymentNeeded       payment      top up the account
    │   ├── QuotaUsedUp         quota        wait for the allowance to renew, or use another model
    │   ├── RateLimited         rate_limit   wait a little, then try again
    │   ├── RequestRefused      bad_request  change what was asked
    │   ├── NotFound            not_found    check the model's name and the base URL
    │   ├── Blocked             blocked      reword, or use another picture
    │   ├── NoImage             no_image     ask for a picture more plainly
    │   ├── UpstreamFailed      upstream     try again later
    │   ├── TimedOut            timeout      ask for a smaller picture, then try again
    │   └── Malformed           malformed    try the other format
    └── from our side
        ├── Unreachable         unreachable  check the connection and the base URL
        ├── TooLarge            too_large    ask for less
        ├── UnsafeLink          unsafe_link  allow the host, or use another model
        └── BadInput            bad_input    mend the input
            └── UnreadablePicture            choose another file

Every leaf is a different next step for the person in front of the page; what two leaves would answer alike is
one leaf. The message of an error says what happened; `money` says whether it may have cost something, `next_step`
what to do, and `explain()` all three.
"""

from __future__ import annotations

from typing import ClassVar, Literal

Charged = Literal["no", "maybe", "yes"]
"""Whether the service may have taken money: `maybe` when nobody can know, `yes` when it did its work."""

MONEY: dict[Charged, str] = {
    "no": "It was not charged.",
    "maybe": "It may have been charged.",
    "yes": "The service did its work, so it was probably charged.",
}

CHARGED_TWICE = "The answer to a first request was lost; that one may have been charged as well."


class EditError(Exception):
    """An edit that ended without a picture.

    `said` holds the service's own words (never shown as HTML), or the link behind which no picture was, `status` its
    HTTP status where there was one, and `retry_after` the seconds it asked us to wait. `retryable` says that the same
    request may well succeed later; it is advice to a person: what is repeated without asking is decided by the client
    alone. `damaged` are the bytes of pictures that came and cannot be read: they were paid for, and somebody may mend
    them. `cost` is in dollars, where the service named one. `lost` counts the edit's requests whose answer was lost,
    the last one included: each may have been charged.
    """

    kind: ClassVar[str] = ""
    next_step: ClassVar[str] = ""
    retryable_by_nature: ClassVar[bool] = False
    charged_by_nature: ClassVar[Charged] = "no"

    def __init__(
        self,
        message: str,
        *,
        charged: Charged | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        status: int | None = None,
        said: str = "",
        damaged: tuple[bytes, ...] = (),
        cost: float | None = None,
        lost: int = 0,
    ) -> None:
        super().__init__(message)
        self.charged: Charged = charged or self.charged_by_nature
        self.retryable = self.retryable_by_nature if retryable is None else retryable
        self.retry_after = retry_after
        self.status = status
        self.said = said
        self.damaged = damaged
        self.cost = cost
        self.lost = lost

    @property
    def money(self) -> str:
        """Was it charged? One sentence, and another where an answer before it was lost."""
        return f"{MONEY[self.charged]} {CHARGED_TWICE}" if self.lost and self.charged == "yes" else MONEY[self.charged]

    def explain(self) -> str:
        """What happened, whether it may have cost money, and the next step."""
        return f"{self} {self.money} {self.next_step}"


class KeyRefused(EditError):
    """The service does not accept the key."""

    kind = "auth"
    next_step = "Check the key and that it belongs to this service."


class PaymentNeeded(EditError):
    """The account or the key has no money left."""

    kind = "payment"
    next_step = "Top up the account, or raise the limit of the key."


class QuotaUsedUp(EditError):
    """An allowance (often a day's) is used up; waiting a minute does not help."""

    kind = "quota"
    next_step = "Wait until the allowance renews, or choose another model or service."


class RateLimited(EditError):
    """Too many requests just now."""

    kind = "rate_limit"
    next_step = "Wait a little, then try again."
    retryable_by_nature = True


class RequestRefused(EditError):
    """The service understood us and will not do it like this."""

    kind = "bad_request"
    next_step = "Change the settings it names, then try again."


class NotFound(EditError):
    """No such model or path."""

    kind = "not_found"
    next_step = "Check the model's name and the base URL."


class Blocked(EditError):
    """A safety rule stopped the prompt, an input picture or the result."""

    kind = "blocked"
    next_step = "Reword the prompt or use another picture; the same request will be stopped again."
    charged_by_nature = "yes"


class NoImage(EditError):
    """The model answered without a picture."""

    kind = "no_image"
    next_step = "Say plainly that you want a picture, or try once more."
    charged_by_nature = "yes"


class UpstreamFailed(EditError):
    """The service broke down or is overloaded."""

    kind = "upstream"
    next_step = "Try again later."
    retryable_by_nature = True
    charged_by_nature = "maybe"


class TimedOut(EditError):
    """No full answer within the time there was."""

    kind = "timeout"
    next_step = "Ask for a smaller picture, or try again when the service is less busy."
    retryable_by_nature = True
    charged_by_nature = "maybe"


class Malformed(EditError):
    """An answer that cannot be read."""

    kind = "malformed"
    next_step = "Try the other format, and check the base URL."
    retryable_by_nature = True
    charged_by_nature = "maybe"


class Unreachable(EditError):
    """No connection: nothing was sent."""

    kind = "unreachable"
    next_step = "Check the connection and the base URL."
    retryable_by_nature = True


class TooLarge(EditError):
    """More than the app or the service takes."""

    kind = "too_large"
    next_step = "Use fewer or smaller pictures, or ask for a smaller result."


class UnsafeLink(EditError):
    """The picture came as a link that must not be followed."""

    kind = "unsafe_link"
    next_step = "Use a model or format that sends the picture itself, or have the host added to the provider's list."
    charged_by_nature = "yes"


class BadInput(EditError):
    """What was asked cannot be sent; nothing was."""

    kind = "bad_input"
    next_step = "Mend it, then try again."


class UnreadablePicture(BadInput):
    """Bytes that are not a picture we take."""

    next_step = "Choose another file, or save it again as JPEG or PNG."
