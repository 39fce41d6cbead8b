"""Pictures found in an answer, before and after their bytes are read.

The format modules say where a picture may be (`Sighting`); here the sightings become pictures. A sighting whose bytes
are no picture is counted, so that a damaged answer is not taken for an empty one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ..edits import Usage
from ..encoding import decode_base64
from ..errors import UnreadablePicture
from ..pictures import OUTPUT_LIMITS, Picture

MOST_PICTURES = 8
"""Pictures of one answer that are kept: the last ones, since earlier ones may be sketches."""

MOST_SIGHTINGS = 4096
LONGEST_LINK = 8192

_INLINE = ("b64_json", "base64", "data", "image_base64", "bytesBase64Encoded", "imageBytes")
_EITHER = ("url", "image_url", "imageUrl", "fileUri", "file_uri", "image", "uri")
_HOLDERS = ("inlineData", "inline_data", "fileData", "file_data", "source", "media")
_TYPES = ("type", "mimeType", "mime_type", "contentType", "content_type")
_OTHER_MEDIA = ("video", "audio", "text/", "input_audio")


@dataclass(frozen=True)
class Sighting:
    """Where a picture seems to be: a link, or base64 with or without `data:` in front."""

    payload: str
    draft: bool = False
    signature: str = ""

    @property
    def is_link(self) -> bool:
        """Whether this has to be fetched."""
        return self.payload[:8].lower().startswith(("http://", "https://"))


@dataclass(frozen=True)
class Reading:
    """What a format module found in the documents of one answer, in that format's order.

    `structured` are pictures in places meant for them, `prose` those written into the words, `thought` those written
    into the thoughts. `reasons` are the words that say why it ended, the most telling first. `refusal` is the model's
    own refusal, `failed_role` says that the words are those of a relay that failed.
    """

    structured: tuple[Sighting, ...] = ()
    prose: tuple[Sighting, ...] = ()
    thought: tuple[Sighting, ...] = ()
    words: str = ""
    thoughts: str = ""
    reasons: tuple[str, ...] = ()
    explanation: str = ""
    refusal: str = ""
    blocked_prompt: bool = False
    failed_role: bool = False
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    id: str = ""

    @property
    def says_something(self) -> bool:
        """Whether there was an answer in this format at all."""
        told = (self.structured, self.prose, self.thought, self.words, self.thoughts, self.reasons, self.refusal)
        return any(told)


@dataclass(frozen=True)
class Damage:
    """A sighting that held no readable picture: why, and the bytes if there are any."""

    why: str
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Gathered:
    """Pictures, links and drafts without repetition; `damaged` tells of sightings that held no readable picture."""

    pictures: tuple[Picture, ...] = ()
    signatures: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    drafts: tuple[Picture, ...] = ()
    damaged: tuple[Damage, ...] = ()
    left_out: int = 0


def sightings_in(value: Any, *, draft: bool = False, signature: str = "") -> Iterator[Sighting]:
    """Every picture in an item of a place meant for pictures: a string, an object in any known spelling, a list."""
    return islice((Sighting(payload, draft, signature) for payload in _payloads(value, 6)), MOST_SIGHTINGS)


def _payloads(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if value and not value.isspace():
            yield value
    elif isinstance(value, list) and depth:
        for item in value:
            yield from _payloads(item, depth - 1)
    elif isinstance(value, dict) and depth and not _is_other_media(value):
        for key in (*_INLINE, *_EITHER, *_HOLDERS):
            if key in value and (found := list(islice(_payloads(value[key], depth - 1), MOST_SIGHTINGS))):
                yield from found
                return


def _is_other_media(item: Mapping[str, Any]) -> bool:
    """Whether an item says that it is a film, a sound or a text. Anything else may be a picture, whatever it says."""
    types = (item.get(key) for key in _TYPES)
    return any(isinstance(each, str) and each.lower().startswith(_OTHER_MEDIA) for each in types)


def gather(reading: Reading, *, blocked: bool) -> Gathered:
    """The results of a reading, in the order they came: the first place that gives bytes, else the first with links.

    Where a relay lost the flags of drafts, several pictures come back and the last is the one to prefer. Relays also
    give one picture twice, as bytes and as a link; the bytes are kept. Drafts, and pictures among the thoughts, become
    the result only when nothing else came and nothing was blocked.
    """
    damaged: list[Damage] = []
    places = [[s for s in place if not s.draft] for place in (reading.structured, reading.prose)]
    read = [_read(place, damaged) for place in places]
    best = next((place for place in read if place), [])
    links = _links(places, read)
    drafts = _unique(_read([s for s in reading.structured if s.draft], damaged))
    thoughts = _read(reading.thought, damaged)
    if not best and not links and not blocked:
        best = thoughts or drafts[-1:]
        links = [] if best else _links([list(reading.thought)], [[]])
    kept = _unique(best)
    links = list(dict.fromkeys(links))
    shown = _unique([*kept, *drafts, *thoughts])[len(kept) :]
    return Gathered(
        pictures=tuple(picture for picture, _ in kept[-MOST_PICTURES:]),
        signatures=tuple(signature for _, signature in kept[-MOST_PICTURES:]),
        links=tuple(links[-MOST_PICTURES:]),
        drafts=tuple(picture for picture, _ in shown[-MOST_PICTURES:]),
        damaged=tuple(damaged),
        left_out=max(0, len(kept) - MOST_PICTURES) + max(0, len(links) - MOST_PICTURES),
    )


def _links(places: Sequence[Sequence[Sighting]], read: Sequence[Sequence[tuple[Picture, str]]]) -> list[str]:
    """The links beside the bytes of the place that gave bytes; where none did, those of the first place with any."""
    found = [[link for s in place if s.is_link and _is_usable(link := s.payload.strip())] for place in places]
    beside_bytes = (links for links, pictures in zip(found, read, strict=True) if pictures)
    return next(beside_bytes, None) or ([] if any(read) else next(filter(None, found), []))


def _is_usable(link: str) -> bool:
    return len(link) <= LONGEST_LINK and link.isprintable()


def _read(place: Iterable[Sighting], damaged: list[Damage]) -> list[tuple[Picture, str]]:
    """The readable pictures of a place; only the last few of very many are looked at."""
    inline = [sighting for sighting in place if not sighting.is_link][-4 * MOST_PICTURES :]
    pictures = []
    for sighting in inline:
        try:
            data = decode_base64(sighting.payload)
        except ValueError:
            damaged.append(Damage("The base64 of a picture cannot be decoded."))
            continue
        try:
            pictures.append((Picture.read(data, OUTPUT_LIMITS), sighting.signature))
        except UnreadablePicture as error:
            damaged.append(Damage(str(error), data))
    return pictures


def _unique(pictures: Sequence[tuple[Picture, str]]) -> list[tuple[Picture, str]]:
    """The pictures without repetition. Bytes are compared: hashing megabytes takes longer, and there are few."""
    kept: list[tuple[Picture, str]] = []
    for picture, signature in pictures:
        if all(picture.data != other.data for other, _ in kept):
            kept.append((picture, signature))
    return kept
