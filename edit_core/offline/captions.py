"""Caption text on a picture, in a font of this machine that can draw it."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from .colours import Rgb

Font = ImageFont.FreeTypeFont

# File name as Pillow looks it up in the system's font folders, and the face inside the file (Noto's third is
# Simplified Chinese). The first that can draw every character is used; `None` is the font that comes with Pillow.
_FONTS: tuple[tuple[str | None, int], ...] = (
    ("DejaVuSans-Bold.ttf", 0),
    ("Arial Bold.ttf", 0),
    ("arialbd.ttf", 0),
    (None, 0),
    ("NotoSansCJK-Bold.ttc", 2),
    ("NotoSansCJK-Regular.ttc", 2),
    ("NotoSansSC-Regular.otf", 0),
    ("wqy-zenhei.ttc", 0),
    ("wqy-microhei.ttc", 0),
    ("PingFang.ttc", 0),
    ("STHeiti Medium.ttc", 0),
    ("Hiragino Sans GB.ttc", 0),
    ("msyhbd.ttc", 0),
    ("msyh.ttc", 0),
    ("simhei.ttf", 0),
    ("Arial Unicode.ttf", 0),
)
_NO_CHARACTER = "\U0010ffff"
"""Never assigned, so every font draws its “missing” box for it."""


def font_for(text: str, size: float) -> Font | None:
    """The first font that draws every character of the text, or None when there is none here."""
    for name, face in _FONTS:
        font = _open(name, face, size)
        if font and _draws(font, text):
            return font
    return None


def _open(name: str | None, face: int, size: float) -> Font | None:
    try:
        font = ImageFont.truetype(name, size, index=face) if name else ImageFont.load_default(size)
    except OSError:
        return None
    return font if isinstance(font, Font) else None


def _draws(font: Font, text: str) -> bool:
    missing = bytes(font.getmask(_NO_CHARACTER))
    return all(c.isspace() or bytes(font.getmask(c)) != missing for c in set(text))


def caption(image: Image.Image, text: str, colour: Rgb, *, top: bool) -> Image.Image:
    """Write the text near the bottom (or top) edge, outlined so that it reads on anything.

    Raises ValueError when no font here can draw it: ask `font_for` first.
    """
    font = font_for(text, max(min(image.width * 0.075, image.height * 0.11), 9))
    if font is None:
        raise ValueError("no font here can draw this caption")
    lines = _wrapped(text, font, image.width * 0.92)
    while len(lines) > 3 and font.size > 9:
        font = font.font_variant(size=font.size * 0.85)
        lines = _wrapped(text, font, image.width * 0.92)
    words = "\n".join(lines)
    outline = max(round(font.size / 14), 1)
    dark = sum(colour) < 200
    written = image.copy()
    draw = ImageDraw.Draw(written)
    left, upper, right, lower = draw.multiline_textbbox((0, 0), words, font, align="center", stroke_width=outline)
    margin = image.height * 0.05
    y = margin - upper if top else image.height - margin - lower
    draw.multiline_text(
        ((image.width - (right - left)) / 2 - left, y),
        words,
        fill=colour,
        font=font,
        align="center",
        stroke_width=outline,
        stroke_fill=(245, 245, 245) if dark else (20, 20, 20),
    )
    return written


def _wrapped(text: str, font: Font, width: float) -> list[str]:
    """Lines no wider than asked: broken at spaces, inside a word only where it must be (Chinese has no spaces)."""
    lines = [""]
    for word in text.split():
        candidate = f"{lines[-1]} {word}".strip()
        if font.getlength(candidate) <= width:
            lines[-1] = candidate
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if lines[-1] and font.getlength(lines[-1] + character) > width:
                lines.append("")
            lines[-1] += character
    return lines
