"""Stripping: every kind of metadata goes, no pixel and no colour changes."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from edit_core.containers import inspect, strip
from edit_core.preparation import prepare

Photo = Callable[[str], bytes]

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SECRET = b"Villa Secreta, Calle Oculta 7"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
TRACES = (SECRET, b"Exif", b"http://ns.adobe.com", b"8BIM", b"GPS", b"Acme", b"JFXX", b"MPF\0", b"xmpmeta", b"c2pa")


def exif(orientation: int = 1) -> bytes:
    """An EXIF block with a camera, an owner's words and a position."""
    block = Image.Exif()
    block[0x010F], block[0x010E], block[0x0112] = "Acme", SECRET.decode(), orientation
    block.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.6), 29: "2026:05:01", 27: "GPS"})
    return block.tobytes()


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def laden_jpeg(image: Image.Image, **options: object) -> bytes:
    """A JPEG with everything a camera, an editor and a phone put in, at the end too."""
    out = io.BytesIO()
    image.save(out, "JPEG", icc_profile=PROFILE, exif=exif(), comment=SECRET, **options)
    plain = out.getvalue()
    assert plain[2:4] == b"\xff\xe0"
    thumbnail = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\2\1" + SECRET[:6])
    more = (
        segment(0xE0, b"JFXX\0\x10" + SECRET),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(40) + XMP),
        segment(0xE2, b"MPF\0II*\0\x08\0\0\0" + bytes(60)),
        segment(0xEB, b"JP\0\1\0\0\0\1" + b"jumbc2pa" + SECRET),
        segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + SECRET),
        segment(0xEE, b"Adobe\0\x64\0\0\0\0\1" + SECRET) if image.mode == "RGB" else b"",
        segment(0xE7, b"maker" + SECRET),
    )
    return b"\xff\xd8" + thumbnail + b"".join(more) + plain[20:] + plain + SECRET


def laden_png(image: Image.Image, **options: object) -> bytes:
    """A PNG with texts of every kind, a time, an unknown chunk and a tail."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET.decode())
    info.add_text("Author", SECRET.decode(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    info.add_text("Raw profile type iptc", "\niptc\n4\n3842494d")
    info.add(b"tIME", bytes(7))
    info.add(b"caBX", b"jumbc2pa" + SECRET)
    info.add(b"prVt", SECRET)
    out = io.BytesIO()
    image.save(out, "PNG", icc_profile=PROFILE, exif=exif(), pnginfo=info, dpi=(300, 300), **options)
    return out.getvalue() + SECRET


def laden_webp(image: Image.Image, **options: object) -> bytes:
    """A WebP with EXIF, XMP, an unknown chunk of odd length and a tail."""
    out = io.BytesIO()
    image.save(out, "WEBP", icc_profile=PROFILE, exif=exif(), xmp=XMP, **options)
    content = out.getvalue()[8:] + b"prVt" + (len(SECRET)).to_bytes(4, "little") + SECRET + b"\0" * (len(SECRET) & 1)
    return b"RIFF" + len(content).to_bytes(4, "little") + content + SECRET


LADEN: dict[str, Callable[[Image.Image], bytes]] = {
    "baseline JPEG": lambda image: laden_jpeg(image.convert("RGB"), quality=90),
    "progressive JPEG": lambda image: laden_jpeg(image.convert("RGB"), quality=90, progressive=True),
    "JPEG with restarts": lambda image: laden_jpeg(image.convert("RGB"), restart_marker_rows=1),
    "grey JPEG": lambda image: laden_jpeg(image.convert("L"), quality=90),
    "PNG with alpha": lambda image: laden_png(image.convert("RGBA")),
    "palette PNG": lambda image: laden_png(image.convert("RGB").quantize(64), transparency=3),
    "two-colour PNG": lambda image: laden_png(image.convert("1")),
    "lossy WebP": lambda image: laden_webp(image.convert("RGB"), quality=80),
    "lossless WebP": lambda image: laden_webp(image.convert("RGBA"), lossless=True),
    "WebP with alpha": lambda image: laden_webp(image.convert("RGBA"), quality=80),
}


@pytest.fixture
def sticker(photo: Photo) -> Image.Image:
    return Image.open(io.BytesIO(photo("sticker_alpha.png"))).resize((64, 48))


def decoded(data: bytes) -> tuple[str, tuple[int, int], bytes, object]:
    """Mode, size, pixels as they look, and the transparent colour."""
    with Image.open(io.BytesIO(data)) as image:
        looks = image.convert("RGBA" if image.has_transparency_data else "RGB").tobytes()
        return image.mode, image.size, looks, image.info.get("transparency")


def profile(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return image.info.get("icc_profile", b"")


@pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO file")
@pytest.mark.parametrize("make", LADEN.values(), ids=LADEN.keys())
def test_no_trace_is_left_and_no_pixel_changes(sticker: Image.Image, make: Callable[[Image.Image], bytes]) -> None:
    laden = make(sticker)
    bare, _ = strip(laden)
    assert SECRET in laden
    assert [trace for trace in TRACES if trace in bare] == []
    assert decoded(bare) == decoded(laden)
    assert profile(bare) == PROFILE


@pytest.mark.parametrize("make", LADEN.values(), ids=LADEN.keys())
def test_a_second_stripping_finds_nothing(sticker: Image.Image, make: Callable[[Image.Image], bytes]) -> None:
    bare, _ = strip(make(sticker))
    again, removed = strip(bare)
    assert removed == ()
    assert again is bare


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            "baseline JPEG",
            (
                "thumbnail, XMP, second picture, content credentials, IPTC, unknown data, EXIF, GPS, comment, "
                "data after the picture"
            ),
        ),
        (
            "PNG with alpha",
            "text, XMP, IPTC, time, content credentials, unknown data, EXIF, GPS, data after the picture",
        ),
        ("lossy WebP", "EXIF, GPS, XMP, unknown data, data after the picture"),
    ],
)
def test_what_was_removed_is_named(sticker: Image.Image, kind: str, names: str) -> None:
    assert set(strip(LADEN[kind](sticker))[1]) == set(names.split(", "))


@pytest.mark.parametrize("name", ["cat.jpg", "progressive.jpg", "astronaut.png", "rocket.webp", "sticker_alpha.webp"])
def test_a_clean_file_comes_back_as_it_is(photo: Photo, name: str) -> None:
    data = photo(name)
    bare, removed = strip(data)
    assert bare is data
    assert removed == ()


def test_adobes_colour_transform_stays_or_the_colours_would_turn(photo: Photo) -> None:
    data = photo("print_cmyk.jpg")
    laden = data[:2] + segment(0xFE, SECRET) + data[2:]
    bare, removed = strip(laden)
    assert removed == ("comment",)
    assert b"Adobe" in bare
    assert decoded(bare) == decoded(laden)


def test_a_phones_second_picture_goes_and_the_first_stays(photo: Photo) -> None:
    with Image.open(io.BytesIO(photo("cat.jpg"))) as first, Image.open(io.BytesIO(photo("coffee.jpg"))) as second:
        out = io.BytesIO()
        first.save(out, "MPO", save_all=True, append_images=[second])
    data = out.getvalue()
    bare, removed = strip(data)
    assert set(removed) == {"second picture", "data after the picture"}
    assert len(bare) < len(data) * 2 / 3
    assert decoded(bare)[:3] == decoded(data)[:3]


def test_webp_flags_and_length_are_mended(sticker: Image.Image) -> None:
    bare, _ = strip(laden_webp(sticker.convert("RGBA")))
    assert int.from_bytes(bare[4:8], "little") == len(bare) - 8
    flags = bare[20]
    assert bare[12:16] == b"VP8X"
    assert flags & 0x0C == 0
    assert flags & 0x30 == 0x30  # the profile and the alpha are still announced


def test_an_animated_png_keeps_its_default_picture() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:], duration=100)
    assert inspect(out.getvalue()).animated
    prepared = prepare(out.getvalue())
    with Image.open(io.BytesIO(prepared.picture.data)) as image:
        assert getattr(image, "n_frames", 1) == 1
        assert image.convert("RGB").getpixel((3, 3)) == (255, 0, 0)
    assert [change.kind for change in prepared.changes] == ["first_frame"]
    assert [chunk for chunk in (b"acTL", b"fcTL", b"fdAT") if chunk in prepared.picture.data] == []


@pytest.mark.parametrize("kind", [b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"bKGD", b"sBIT", b"cICP"])
def test_png_chunks_about_colour_stay(photo: Photo, kind: bytes) -> None:
    data = photo("scan_16bit_gray.png")
    body = kind + bytes(4)
    chunk = struct.pack(">I", 4) + body + struct.pack(">I", zlib.crc32(body))
    text = struct.pack(">I", 4) + b"tEXta\0bc" + bytes(4)
    bare, removed = strip(data[:33] + chunk + text + data[33:])
    assert removed == ("text",)
    assert bare == data[:33] + chunk + data[33:]
