"""The colours the engine knows by name, in English and Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Colour:
    """A named colour; `tints` is False for those without a hue."""

    name: str
    rgb: Rgb
    english: str
    chinese: str
    tints: bool = True


# Where two rows begin at the same character the upper one wins, so 深蓝 stands above 蓝.
ROWS = (
    Colour("navy", (24, 40, 120), "navy(?: blue)?|dark blue|midnight blue", "藏青|深蓝|海军蓝"),
    Colour("turquoise", (40, 190, 180), "turquoise|aquamarine", "青绿|绿松石|蒂芙尼蓝"),
    Colour("gold", (225, 170, 30), "gold(?:en)?|amber", "金黄|金|琥珀"),
    Colour("pink", (240, 110, 165), "pink|rose", "粉红|粉|玫瑰"),
    Colour("magenta", (215, 40, 165), "magenta|fuchsia", "品红|洋红"),
    Colour("lavender", (165, 140, 225), "lavender|lilac", "薰衣草|淡紫"),
    Colour("red", (215, 35, 35), "red|reddish|crimson|scarlet", "红|赤"),
    Colour("orange", (240, 130, 25), "orange", "橙|橘"),
    Colour("yellow", (235, 205, 40), "yellow(?:ish)?", "黄"),
    Colour("green", (45, 160, 65), "green(?:ish)?|emerald", "绿"),
    Colour("teal", (20, 130, 135), "teal", "蓝绿|水鸭"),
    Colour("cyan", (30, 185, 215), "cyan|aqua", "青"),
    Colour("blue", (40, 90, 210), "blue|bluish|azure", "蓝"),
    Colour("purple", (130, 55, 185), "purple|violet", "紫"),
    Colour("brown", (130, 80, 40), "brown(?:ish)?|chocolate", "棕|褐|咖啡色"),
    Colour("black", (12, 12, 12), "black", "黑", tints=False),
    Colour("white", (255, 255, 255), "white", "白", tints=False),
    Colour("grey", (128, 128, 128), "gr[ae]y|silver", "灰|银", tints=False),
)
COLOURS: dict[str, Rgb] = {row.name: row.rgb for row in ROWS}


def either_language(english: str, chinese: str) -> str:
    """A pattern for both: English only as whole words, also where Chinese stands right beside them."""
    parts = [rf"(?<![a-z])(?:{english})(?![a-z])"] if english else []
    return "|".join([*parts, *([f"(?:{chinese})"] if chinese else [])])


_PATTERNS = tuple((row, re.compile(either_language(row.english, row.chinese))) for row in ROWS)
TINT_ENGLISH = "|".join(row.english for row in ROWS if row.tints)
TINT_CHINESE = "|".join(row.chinese for row in ROWS if row.tints)


def named_in(text: str) -> list[tuple[int, int, str]]:
    """Every colour named in lower-case text: start, end, name, from left to right without overlaps."""
    found = [(m.start(), m.end(), row.name) for row, pattern in _PATTERNS for m in pattern.finditer(text)]
    found.sort(key=lambda each: each[0])
    kept: list[tuple[int, int, str]] = []
    for each in found:
        if not kept or each[0] >= kept[-1][1]:
            kept.append(each)
    return kept
