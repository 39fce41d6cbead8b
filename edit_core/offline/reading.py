"""A prompt made ready for rules: quoted texts taken out, one width and case.

Quoted text is for captions, and no word inside it means anything: here it becomes one private character, so that no
rule can see into it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_READ = 4000
"""Characters; what a prompt says beyond them is not looked at."""

_QUOTED = re.compile(
    r"“([^”]*)”|\"([^\"]*)\"|「([^」]*)」|『([^』]*)』|«([^»]*)»"
    r"|‘([^‘]*?)’(?!\w)|(?<!\w)'((?:[^']|'(?=\w))*)'(?!\w)"
)
_LABELLED = re.compile(
    r"(?P<label>(?:caption|text|title|文字|字幕|标题)\s*[:：]\s*)"
    r"(?P<words>[^\s\ue000-\uf8ff][^\n\ue000-\uf8ff]*)",
    re.IGNORECASE,
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2019: 0x27, 0x2018: 0x27}
_PRIVATE = dict.fromkeys(range(0xE000, 0xF900))
_MOST_QUOTES = 0xF900 - 0xE000


@dataclass(frozen=True)
class Reading:
    """A prompt made ready: `text` in lower case and `shown` as typed, one character each per quoted text."""

    text: str
    shown: str
    quotes: tuple[str, ...]

    def with_quotes(self, text: str) -> str:
        """Text of this prompt with the quoted texts back in their places."""
        return "".join(f"“{self.quotes[ord(c) - 0xE000]}”" if "\ue000" <= c < "\uf900" else c for c in text)

    def cite(self, start: int = 0, end: int | None = None) -> str:
        """A stretch of the prompt as it was typed, on one line, shortened."""
        cited = " ".join(self.with_quotes(self.shown[start:end]).split())
        return cited if len(cited) <= 80 else cited[:79] + "…"


def read_prompt(prompt: str) -> Reading:
    """Take quoted texts out of the first `LONGEST_READ` characters and bring the rest to one width and case."""
    quotes: list[str] = []

    def keep(words: str) -> str:
        quotes.append(" ".join(words.split()))
        return chr(0xE000 + len(quotes) - 1)

    def quoted(match: re.Match[str]) -> str:
        words = next(group for group in match.groups() if group is not None)
        return keep(words) if words.strip() and len(quotes) < _MOST_QUOTES else " "

    shown = _QUOTED.sub(quoted, prompt[:LONGEST_READ].translate(_PRIVATE))
    shown = _LABELLED.sub(lambda m: m["label"] + keep(m["words"]) if len(quotes) < _MOST_QUOTES else m[0], shown)
    shown = shown.translate(_FULL_WIDTH)
    lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in shown)
    return Reading(lowered, shown, tuple(quotes))
