"""What all answers with a picture have in common: headers, and the picture in place of one that cannot be shown."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageDraw
from starlette.responses import Response

from .previews import MIME, SIDES

LOCKED = {
    # A name that is its content's hash never changes; the answer is for whoever has this cookie.
    "cache-control": "private, max-age=31536000, immutable",
    "vary": "Cookie",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    # Should a browser ever take it for a page, that page can do nothing.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}
ANEW = {"cache-control": "no-store"}
"""For what another picture, or another answer, will soon take the place of."""
NOTE = "x-picture-note"
"""The header that says, in plain ASCII, why a placeholder came."""


def placeholder(note: str) -> Response:
    """A picture that says that there is none to see; `note` says why."""
    headers = LOCKED | ANEW | {NOTE: note.encode("ascii", "replace").decode()}
    return Response(_nothing_to_see(), media_type=MIME, headers=headers)


@cache
def _nothing_to_see() -> bytes:
    """A grey square with a line across."""
    side = SIDES["thumb"]
    image = Image.new("RGB", (side, side), "#d5dbe1")
    draw = ImageDraw.Draw(image)
    draw.rectangle((64, 80, 192, 176), outline="#6b7886", width=6)
    draw.line((64, 176, 192, 80), fill="#6b7886", width=6)
    out = io.BytesIO()
    image.save(out, "WEBP", lossless=True)
    return out.getvalue()
