"""From a prompt to a plan, by rules alone.

Every row of the vocabulary takes the words that are its own; what was taken, in the order it stood, is the plan.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from .colours import either_language, named_in
from .plan import Plan, Ratio, Step
from .reading import LONGEST_READ, Reading, read_prompt
from .vocabulary import AMOUNTS, HINTS, ROWS, SHAPES, Row

MOST_STEPS = 12
"""So that one prompt cannot keep a machine busy."""

_BREAK = re.compile(
    "[,;!?\n。、]|[.:](?!\\s*\\d)|"
    + either_language(
        "and then|then|and|but|also|plus|while|after that|afterwards",
        "然后|接着|并且|同时|而且|再|并(?!排)|(?<![饱柔])和(?!谐)|以及|但",
    )
)
_REFUSED_BEFORE = re.compile(
    r"(?:(?<![a-z])(?:don't|do not|dont|never|without|no|not|avoid)(?: [a-z]+){0,3} ?"
    r"|(?:不要|不用|别|勿|无需|没有)[^,。]{0,3})$"
)
_REMOVED_BEFORE = re.compile(
    r"(?:(?<![a-z])(?:remove|delete|erase|get rid of|take (?:away|off)|undo)(?: [a-z]+){0,3} ?"
    r"|(?:去掉|去除|删除|删掉|移除|取消)[^,。]{0,4})$"
)
_REMOVED_AFTER = re.compile(r"^[^,。]{0,3}(?:去掉|去除|删|移除|取消)")
_ACTION = re.compile(
    r"\s*(?:please |can you |could you |i want(?: you)? to |i'd like(?: you)? to |let's |now |请|帮我|麻烦)*"
    r"(?:(?:add|remove|change|replace|put|make|turn|give|draw|swap|convert|erase|delete|insert|place|move|generate|create"
    r"|transform|extend|restore|colou?ri[sz]e|crop|write|undo|take|get rid)(?![a-z])|[加添去删移换改替变把将给画擦修])"
)
_PERCENT = re.compile(r"(\d{1,3})\s*(?:%|percent|per cent)")
_RATIO = re.compile(r"(\d{1,2})\s*(?::|x|×|比|by|to|/)\s*(\d{1,2})(?!\d)")
_DEGREES = re.compile(r"(-?\d{1,3}(?:\.\d+)?)\s*(?:°|deg|度)?")
_LEFTWARDS = re.compile(either_language("left|counter-?clockwise|anti-?clockwise|ccw", "逆|左"))
_HALF_TURN = re.compile(either_language("upside[- ]down", "倒"))
_VERTICAL = re.compile(either_language("vertical(?:ly)?|upside[- ]down|top to bottom|up and down", "上下|垂直"))
_AT_TOP = re.compile(either_language("top|above|upper", "上方|顶部|上面|顶上"))
_PART = re.compile(r"(?<![a-z])(?:the|his|her|my|your|their|its)((?: [a-z'-]+){1,3})")
_PART_ZH = re.compile(r"[把将]([^,。]{1,6}?)(?:变|调|改|弄|换|做|模糊|虚化)")
_WHOLE = re.compile(
    r"(?<![a-z])(?:pictures?|photos?|images?|photographs?|whole|entire|colou?rs?|tones?|style|theme|mood|contrast|"
    r"brightness|saturation|light(?:ing)?|edges?|corners?|result|scene|shot|frame|border|text|caption|title|left|right|"
    r"top|bottom|cent(?:re|er)|middle|look|exposure|sharpness|size|ratio|sides?|rest|same|other|others|both|all|two|"
    r"three|four|first|second|third|canvas|words?|degrees|palette|background|clock)(?![a-z])|图|照片|画面|它|主题|风格|色|亮度|对比|饱和|背景|整|全"
)
_REPEATABLE = frozenset({"rotate", "flip", "caption", "border"})


@dataclass(frozen=True)
class _Take:
    """Words taken by a row, with the clause they stand in."""

    row: Row
    start: int
    end: int
    clause_start: int
    clause_end: int


def read_plan(prompt: str) -> Plan:
    """The steps a prompt names, in the order it names them."""
    reading = read_prompt(prompt)
    takes = _takes(reading.text)
    obeyed = [take for take in takes if not _removed(reading.text, take)]
    wanted = [take for take in obeyed if not _refused(reading.text, take)]
    notes = []
    if len(prompt) > LONGEST_READ:
        notes.append(f"I read the first {LONGEST_READ:,} characters only.")
    if len(wanted) > MOST_STEPS:
        notes.append(f"I went by the first {MOST_STEPS} things you named.")
        wanted = wanted[:MOST_STEPS]
    steps: list[Step] = []
    seen: set[tuple[str, int]] = set()
    for take in wanted:
        if (take.row.effect, take.clause_start) not in seen or take.row.effect == "caption":
            seen.add((take.row.effect, take.clause_start))
            step = _step(reading, take, takes)
            if step not in steps or step.effect in _REPEATABLE:
                steps.append(step)
    notes += [*_part_notes(reading, wanted), *_hints(reading.text, takes)]
    return Plan(tuple(steps), _left_out(reading, obeyed), tuple(notes))


def _takes(text: str) -> list[_Take]:
    free = bytearray(b"\1" * len(text))
    taken: list[tuple[int, int, Row]] = []
    for row in ROWS:
        for match in row.pattern.finditer(text):
            start, end = match.span()
            if all(free[start:end]):
                free[start:end] = bytes(end - start)
                taken.append((start, end, row))
    breaks = [(m.start(), m.end()) for m in _BREAK.finditer(text) if all(free[m.start() : m.end()])]
    starts, ends = [start for start, _ in breaks], [end for _, end in breaks]
    found = []
    for start, end, row in sorted(taken, key=lambda each: each[0]):
        before, after = bisect_right(ends, start), bisect_left(starts, end)
        clause = ends[before - 1] if before else 0, starts[after] if after < len(starts) else len(text)
        found.append(_Take(row, start, end, *clause))
    return found


def _refused(text: str, take: _Take) -> bool:
    return bool(_REFUSED_BEFORE.search(text[take.clause_start : take.start]))


def _removed(text: str, take: _Take) -> bool:
    before, after = text[take.clause_start : take.start], text[take.end : take.clause_end]
    return bool(_REMOVED_BEFORE.search(before) or _REMOVED_AFTER.search(after))


def _step(reading: Reading, take: _Take, takes: list[_Take]) -> Step:
    clause = reading.text[take.clause_start : take.clause_end]
    onward = reading.text[take.start : take.clause_end]
    strength, much = _amount(clause, take.row)
    taken_text = [
        reading.quotes[ord(c) - 0xE000] for c in reading.text[take.start : take.end] if "\ue000" <= c < "\uf900"
    ]
    top = take.row.effect == "caption" and bool(_AT_TOP.search(clause))
    flipped = take.row.effect == "flip" and bool(_VERTICAL.search(clause))
    return Step(
        effect=take.row.effect,
        strength=strength,
        much=much,
        colour=_nearest_colour(reading.text, take, takes),
        ratio=_ratio(onward) or _ratio(clause) if take.row.effect in ("crop", "pad") else None,
        degrees=_degrees(clause, onward) if take.row.effect == "rotate" else 0.0,
        vertical=top or flipped,
        text=taken_text[0] if taken_text else "",
    )


def _amount(clause: str, row: Row) -> tuple[float, str]:
    percent = _PERCENT.search(clause)
    if percent:
        return min(int(percent[1]), 200) / 100, ""
    for factor, much, pattern in AMOUNTS:
        if pattern.search(clause):
            return row.usual * factor, much
    return row.usual, ""


def _nearest_colour(text: str, take: _Take, takes: list[_Take]) -> str:
    """The colour named closest to the words, unless other words have taken it."""
    if take.row.effect not in ("tint", "border", "pad", "caption"):
        return ""
    best, name = len(text), ""
    for start, end, colour in named_in(text[take.clause_start : take.clause_end]):
        start, end = start + take.clause_start, end + take.clause_start
        distance = max(take.start - end, start - take.end, 0)
        if distance < best and not any(t is not take and t.start <= start and end <= t.end for t in takes):
            best, name = distance, colour
    return name


def _ratio(text: str) -> Ratio | None:
    written = _RATIO.search(text)
    if written and int(written[1]) and int(written[2]):
        return int(written[1]), int(written[2])
    return next((ratio for ratio, pattern in SHAPES if pattern.search(text)), None)


def _degrees(clause: str, onward: str) -> float:
    """Clockwise; a quarter turn when no number is named."""
    number = _DEGREES.search(onward)
    degrees = float(number[1]) if number else 180.0 if _HALF_TURN.search(clause) else 90.0
    return -degrees if _LEFTWARDS.search(clause) else degrees


def _part_notes(reading: Reading, takes: list[_Take]) -> list[str]:
    """Say so when words seem to be meant for a part of the picture only."""
    notes = []
    for take in takes:
        if take.row.effect in ("caption", "crop", "border"):
            continue
        clause = reading.text[take.clause_start : take.clause_end]
        for part in (*_PART.finditer(clause), *_PART_ZH.finditer(clause)):
            own = take.start - take.clause_start - part.start(1)
            named = part[1][:own] if own > 0 else part[1]
            if not _WHOLE.search(part[1]) and named.strip():
                words = " ".join(named.split()[:2])
                note = f"I cannot pick out a part of a picture (“{words}”), so that was done to all of it."
                notes.append(note)
    return list(dict.fromkeys(notes))[:1]


def _hints(text: str, takes: list[_Take]) -> list[str]:
    """What detail is missing where an effect's word was used without it."""
    free = list(text)
    for take in takes:
        free[take.start : take.end] = " " * (take.end - take.start)
    rest = "".join(free)
    return [sentence for pattern, sentence in HINTS if pattern.search(rest)]


def _left_out(reading: Reading, takes: list[_Take]) -> tuple[str, ...]:
    """Clauses that plainly ask for something and in which no row took a word."""
    left: list[str] = []
    start = 0
    for stop, after in [*((m.start(), m.end()) for m in _BREAK.finditer(reading.text)), (len(reading.text),) * 2]:
        touched = any(take.start < stop and start < take.end for take in takes)
        if not touched and _ACTION.match(reading.text[start:stop]):
            left.append(reading.cite(start, stop))
        start = after
    return tuple(left)
