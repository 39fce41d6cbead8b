"""The pictures of a run: photos that go in, results that come out, each of them another one.

All have 4K pixels with a grain that no compression makes smaller, as real photos have. What makes each one different
costs nothing, so that making them takes no time from what is measured. Results differ in a comment, not in a pixel;
Gradio, which names a picture by its pixels, so keeps one file of them all, to the naive app's advantage.

Every other photo says in EXIF where it was taken, as a phone's does, and one in ten that its pixels lie on their side.
The app sends no place, and turns such a photo, which takes decoding it and makes 7 MB of its 4; the naive one sends
all as they are.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from functools import cache

from PIL import ExifTags, Image, ImageChops

WIDTH, HEIGHT = 3840, 2160
_PHOTO_GRAIN, _PHOTO_QUALITY = 72, 90
_RESULT_GRAIN = 4
_TABLE = b"\xff\xdb\x00\x43\x00"
"""The head of a JPEG's first quantisation table: the marker, its length, 8 bits, number 0."""
_AFTER_START = 2
"""Where a JPEG's first segment lies, which EXIF is in a phone's."""
_UPRIGHT, _SIDEWAYS = 1, 6
"""EXIF's words for a picture as it is, and for one to be turned by 90 degrees clockwise."""
_END_CHUNK = 12


def photo(number: int) -> bytes:
    """A JPEG of about 4 MB. The finest two steps of its brightness are of its own, which nobody sees."""
    jpeg = bytearray(_photo())
    last = jpeg.index(_TABLE) + len(_TABLE) + 64
    jpeg[last - 2 : last] = (1 + number // 250 % 250, 1 + number % 250)
    if number % 2:
        jpeg[_AFTER_START:_AFTER_START] = _of_a_phone(_SIDEWAYS if number % 10 == 5 else _UPRIGHT)
    return bytes(jpeg)


@cache
def result() -> bytes:
    """A PNG of about 11 MB, as relays send for 4K."""
    out = io.BytesIO()
    _view(_RESULT_GRAIN).save(out, "PNG", compress_level=1)
    return out.getvalue()


def result_but_its_end() -> bytes:
    """What all results have in common; `end_of_result` makes it whole."""
    return result()[:-_END_CHUNK]


def end_of_result(number: int) -> bytes:
    """The end of a result: a comment that no other has."""
    comment = b"tEXtComment\x00" + str(number).encode()
    chunk = struct.pack(">I", len(comment) - 4) + comment + struct.pack(">I", zlib.crc32(comment))
    return chunk + result()[-_END_CHUNK:]


@cache
def _photo() -> bytes:
    out = io.BytesIO()
    _view(_PHOTO_GRAIN).save(out, "JPEG", quality=_PHOTO_QUALITY)
    return out.getvalue()


@cache
def _of_a_phone(orientation: int) -> bytes:
    """The segment of a JPEG that says which way is up, and the place."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: (51.0, 28.0, 40.1),
        ExifTags.GPS.GPSLongitudeRef: "W",
        ExifTags.GPS.GPSLongitude: (0.0, 0.0, 5.3),
    }
    block = exif.tobytes()
    return b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block


def _view(grain: int) -> Image.Image:
    """Soft colours under a grain of so many levels."""
    round_, down = (make("L").resize((WIDTH, HEIGHT)) for make in (Image.radial_gradient, Image.linear_gradient))
    soft = Image.merge("RGB", (round_, down, ImageChops.invert(round_))).point(
        [value * 7 // 10 for value in range(256)] * 3
    )
    levels = bytes(byte % grain for byte in range(256))
    noise = random.Random(grain).randbytes(WIDTH * HEIGHT * 3).translate(levels)
    return ImageChops.add(soft, Image.frombytes("RGB", (WIDTH, HEIGHT), noise))
