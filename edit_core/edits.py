"""What is asked and what comes back: values, in no wire format's terms.

Nothing here knows a provider, a URL or JSON. A request is checked when it is made, so that whoever builds a call
from it never has to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from .errors import BadInput
from .pictures import Picture

Wire = Literal["native", "chat"]
"""The two formats: Gemini's `generateContent`, and the OpenAI-compatible `chat/completions`."""

LONGEST_PROMPT = 32_000
"""Characters. Far above any sensible instruction; stops a pasted book before it is paid for."""

_RATIO = re.compile(r"[1-9]\d{0,2}:[1-9]\d{0,2}")
_SIZE = re.compile(r"\d{1,4}[K]?|0\.5K")


@dataclass(frozen=True)
class Reference:
    """An input picture, with an optional role in a word or two ("style", "background", "product")."""

    picture: Picture
    role: str = ""


@dataclass(frozen=True)
class SafetySetting:
    """One of Gemini's filters, in its own words: `HARM_CATEGORY_…` and `BLOCK_…`."""

    category: str
    threshold: str


@dataclass(frozen=True)
class TurnPart:
    """A text or a picture of an earlier turn, with the signature the model put on it.

    Gemini 3 refuses a follow-up whose pictures come back without their `thoughtSignature`.
    """

    text: str = ""
    picture: Picture | None = None
    signature: str = ""


@dataclass(frozen=True)
class Turn:
    """One earlier message of the conversation."""

    role: Literal["user", "model"]
    parts: tuple[TurnPart, ...]


@dataclass(frozen=True)
class EditRequest:
    """One edit: what to do, to which pictures, and how.

    A bare `Picture` among `references` is taken as one without a role. `aspect_ratio` is like "16:9", `image_size`
    like "512", "1K", "2K", "4K"; None (or "auto") leaves the choice to the model. Raises `BadInput` when a value
    cannot be meant.
    """

    prompt: str
    references: tuple[Reference, ...] = ()
    aspect_ratio: str | None = None
    image_size: str | None = None
    system: str = ""
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_output_tokens: int | None = None
    thinking_level: str | None = None
    include_thoughts: bool = False
    safety: tuple[SafetySetting, ...] = ()
    turns: tuple[Turn, ...] = ()

    def __post_init__(self) -> None:
        wrapped = tuple(Reference(each) if isinstance(each, Picture) else each for each in self.references)
        object.__setattr__(self, "references", wrapped)
        object.__setattr__(self, "aspect_ratio", _chosen(self.aspect_ratio))
        object.__setattr__(self, "image_size", _chosen(self.image_size, upper=True))
        self._check()

    def _check(self) -> None:
        if not self.prompt.strip():
            raise BadInput("The prompt is empty: say what should change.")
        if len(self.prompt) > LONGEST_PROMPT:
            raise BadInput(f"The prompt has {len(self.prompt):,} characters; {LONGEST_PROMPT:,} are the most.")
        if self.aspect_ratio and not _RATIO.fullmatch(self.aspect_ratio):
            raise BadInput(f"“{self.aspect_ratio}” is no aspect ratio; it looks like 16:9.")
        if self.image_size and not _SIZE.fullmatch(self.image_size):
            raise BadInput(f"“{self.image_size}” is no picture size; it is one of 512, 1K, 2K, 4K.")
        for name, value, least, most in (
            ("temperature", self.temperature, 0, 2),
            ("top-p", self.top_p, 0, 1),
            ("top-k", self.top_k, 1, 1000),
            ("max output tokens", self.max_output_tokens, 1, 1_000_000),
        ):
            if value is not None and not least <= value <= most:
                raise BadInput(f"The {name} is {value}; it must lie between {least} and {most:,}.")

    def with_references(self, references: Sequence[Reference]) -> EditRequest:
        """The same request with other pictures."""
        return replace(self, references=tuple(references))


def _chosen(value: str | None, *, upper: bool = False) -> str | None:
    """A setting as a value, or None for every way of saying “leave it to the model”."""
    text = (value or "").strip()
    if text.lower() in ("", "auto"):
        return None
    return text.upper() if upper else text


@dataclass(frozen=True)
class Usage:
    """Tokens and cost as the service reported them; None where it said nothing. `cost` is in US dollars."""

    prompt_tokens: int | None = None
    output_tokens: int | None = None
    thought_tokens: int | None = None
    total_tokens: int | None = None
    cost: float | None = None


@dataclass(frozen=True)
class EditResult:
    """What an answer means.

    `pictures` are the results, in order, exactly as they came; `links` are results that still have to be fetched, or
    could not be; `drafts` are pictures the model marked as thoughts. `text` and `thoughts` are the model's words, to be
    shown as text only. `finish` is the service's own reason word, `model` the model that answered, `signatures` the
    thought signature of each picture ("" where there is none), `notes` what a reader should know about the answer.
    `lost` counts the requests before this one whose answer was lost: each may have been charged as well.
    """

    pictures: tuple[Picture, ...] = ()
    links: tuple[str, ...] = ()
    text: str = ""
    thoughts: str = ""
    drafts: tuple[Picture, ...] = ()
    finish: str = ""
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    request_id: str = ""
    signatures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    lost: int = 0

    def as_turn(self) -> Turn:
        """This answer as an earlier turn of the next request."""
        signatures = self.signatures or ("",) * len(self.pictures)
        pictures = [TurnPart(picture=p, signature=s) for p, s in zip(self.pictures, signatures, strict=True)]
        words = [TurnPart(text=self.text)] if self.text else []
        return Turn("model", (*words, *pictures))
