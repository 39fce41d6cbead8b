"""Preparing: upright, 8 bits, still, private; touched as little as can be, and every change said."""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Callable

import pillow_heif
import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from edit_core.containers import inspect
from edit_core.errors import UnreadablePicture
from edit_core.preparation import Change, prepare

Photo = Callable[[str], bytes]

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

PHOTOS: dict[str, tuple[str, tuple[int, int], dict[str, str]]] = {
    "animated.gif": (
        "image/png",
        (150, 100),
        {"converted": "GIF to PNG", "first_frame": "only its first frame is used"},
    ),
    "animated.webp": (
        "image/png",
        (150, 100),
        {"converted": "WebP to PNG", "first_frame": "only its first frame is used"},
    ),
    "astronaut.png": ("image/png", (512, 512), {}),
    "cat.jpg": ("image/jpeg", (451, 300), {}),
    "coffee.jpg": ("image/jpeg", (600, 400), {}),
    "palette_transparent.png": ("image/png", (225, 150), {}),
    "panorama_8_to_1.jpg": ("image/jpeg", (1200, 150), {}),
    "phone_sideways_gps.heic": (
        "image/jpeg",
        (600, 400),
        {"turned": "by 90 degrees clockwise", "converted": "HEIC to JPEG", "stripped": "EXIF and GPS removed"},
    ),
    "phone_sideways_gps.jpg": (
        "image/jpeg",
        (600, 400),
        {"turned": "by 90 degrees clockwise", "stripped": "EXIF and GPS removed"},
    ),
    "print_cmyk.jpg": ("image/jpeg", (451, 300), {"colours": "CMYK to sRGB"}),
    "progressive.jpg": ("image/jpeg", (600, 400), {}),
    "rocket.webp": ("image/webp", (640, 427), {}),
    "scan_16bit_gray.png": ("image/png", (300, 200), {"depth": "16 bits to 8"}),
    "sticker_alpha.png": ("image/png", (256, 256), {}),
    "sticker_alpha.webp": ("image/webp", (256, 256), {}),
    "tiny.png": ("image/png", (60, 40), {}),
}


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures, 0 to 255, as they look."""
    pair = (one.convert("RGB"), other.convert("RGB"))
    return max(ImageStat.Stat(ImageChops.difference(*pair)).mean)


@pytest.mark.parametrize(("name", "row"), PHOTOS.items(), ids=PHOTOS.keys())
def test_each_photo_comes_out_as_promised(
    photo: Photo, name: str, row: tuple[str, tuple[int, int], dict[str, str]]
) -> None:
    prepared = prepare(photo(name))
    picture = prepared.picture
    changes = {change.kind: change.detail for change in prepared.changes}
    assert (picture.mime, (picture.width, picture.height), changes) == row
    assert (picture.data == photo(name)) == (not changes)
    image = opened(picture.data)
    assert image.size == row[1]
    assert image.mode in ("L", "RGB", "RGBA", "P")


@pytest.mark.parametrize("name", PHOTOS)
def test_preparing_twice_changes_nothing(photo: Photo, name: str) -> None:
    once = prepare(photo(name)).picture
    twice = prepare(once.data)
    assert twice.changes == ()
    assert twice.picture == once


@pytest.mark.parametrize("name", ["phone_sideways_gps.heic", "phone_sideways_gps.jpg"])
def test_a_phones_photo_stands_upright_and_says_no_place(photo: Photo, name: str) -> None:
    data = prepare(photo(name)).picture.data
    assert [trace for trace in (b"Exif", b"Acme", b"Phone 12", b"GPS") if trace in data] == []
    assert difference(opened(data), opened(photo("coffee.jpg"))) < 5


def test_turning_costs_hardly_any_quality(photo: Photo) -> None:
    turned = opened(photo("phone_sideways_gps.jpg")).transpose(Image.Transpose.ROTATE_270)
    assert difference(opened(prepare(photo("phone_sideways_gps.jpg")).picture.data), turned) < 1


def test_print_colours_become_screen_colours(photo: Photo) -> None:
    image = opened(prepare(photo("print_cmyk.jpg")).picture.data)
    assert image.mode == "RGB"
    assert difference(image, opened(photo("cat.jpg"))) < 12


def black_is_white() -> bytes:
    """A small CMYK profile that looks like no ink on Earth: full black ink shows as white, none as black.

    ICC.1:2010 sections 7.2 (header), 7.3 (tags) and 10.9 (lut8Type).
    """
    same = bytes(range(256))
    corners = b"".join(bytes((255 * (corner & 1), 128, 128)) for corner in range(16))
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + same * 4 + corners + same * 3
    start = 128 + 4 + 12
    version = struct.pack(">I4sI4s4s4s", start + len(table), b"lcms", 0x02100000, b"prtr", b"CMYK", b"Lab ")
    header = (version + bytes(12) + b"acsp").ljust(68, b"\0") + struct.pack(">3I", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I4sII", 1, b"A2B0", start, len(table)) + table


def test_print_colours_go_through_the_profile_in_the_file() -> None:
    data = saved(Image.new("CMYK", (16, 16), (0, 0, 0, 0)), "JPEG", quality=95, icc_profile=black_is_white())
    image = opened(prepare(data).picture.data)
    assert difference(image, Image.new("RGB", (16, 16), "black")) < 3
    assert "icc_profile" not in image.info


def test_a_broken_profile_does_no_harm(photo: Photo) -> None:
    data = saved(opened(photo("print_cmyk.jpg")), "JPEG", quality=95, icc_profile=b"no profile")
    image = opened(prepare(data).picture.data)
    assert difference(image, opened(photo("cat.jpg"))) < 12
    assert "icc_profile" not in image.info


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    ramp = b"".join((257 * grey).to_bytes(2, "little") for grey in range(256))
    data = saved(Image.frombytes("I;16", (256, 1), ramp), "PNG")
    image = opened(prepare(data).picture.data)
    assert image.mode == "L"
    assert image.tobytes() == bytes(range(256))


def test_a_transparent_grey_of_sixteen_bits_stays_transparent() -> None:
    greys = b"".join(grey.to_bytes(2, "little") for grey in (0x0101, 0x0102, 0xFFFF))
    data = saved(Image.frombytes("I;16", (3, 1), greys), "PNG", transparency=0x0102)
    image = opened(prepare(data).picture.data)
    assert image.mode == "LA"
    assert image.tobytes() == bytes((1, 255, 1, 0, 255, 255))


def test_stickers_keep_their_alpha(photo: Photo) -> None:
    before = opened(photo("sticker_alpha.png"))
    heic = io.BytesIO()
    pillow_heif.from_pillow(before).save(heic, quality=-1, chroma=444)
    for data in (saved(before, "AVIF", quality=100), heic.getvalue()):
        prepared = prepare(data)
        assert prepared.picture.mime == "image/png"
        after = opened(prepared.picture.data)
        assert after.mode == "RGBA"
        assert difference(after.getchannel("A"), before.getchannel("A")) < 2


def turned_jpeg(image: Image.Image, exif: Image.Exif) -> bytes:
    return saved(image, "JPEG", exif=exif, quality=95)


def turned_png(image: Image.Image, exif: Image.Exif) -> bytes:
    return saved(image, "PNG", exif=exif)


def turned_webp(image: Image.Image, exif: Image.Exif) -> bytes:
    return saved(image, "WEBP", exif=exif, quality=95)


def turned_avif(image: Image.Image, exif: Image.Exif) -> bytes:
    return saved(image, "AVIF", exif=exif, quality=95)


def turned_heic(image: Image.Image, exif: Image.Exif) -> bytes:
    heif = pillow_heif.from_pillow(image)
    heif.info["exif"] = exif.tobytes()
    out = io.BytesIO()
    heif.save(out, quality=95)
    return out.getvalue()


UNDO = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("make", [turned_jpeg, turned_png, turned_webp, turned_avif, turned_heic])
def test_all_eight_orientations_come_out_upright(
    photo: Photo, make: Callable[[Image.Image, Image.Exif], bytes], orientation: int
) -> None:
    stored = opened(photo("tiny.png"))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = make(stored, exif)
    prepared = prepare(data)
    undo = UNDO[orientation]
    assert difference(opened(prepared.picture.data), stored.transpose(undo) if undo is not None else stored) < 6
    assert inspect(data).orientation == orientation
    assert ("turned" in [change.kind for change in prepared.changes]) == (orientation != 1)


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_an_orientation_that_does_not_exist_means_upright(photo: Photo, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    prepared = prepare(turned_jpeg(opened(photo("tiny.png")), exif))
    assert [change.kind for change in prepared.changes] == ["stripped"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_colour_profile_survives_turning_and_converting(photo: Photo, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(opened(photo("tiny.png")).convert("RGB"), kind, exif=exif, icc_profile=PROFILE)
    assert opened(prepare(data).picture.data).info["icc_profile"] == PROFILE


def test_a_photo_of_tiles_has_its_full_size(photo: Photo) -> None:
    out = io.BytesIO()
    pillow_heif.from_pillow(opened(photo("astronaut.png"))).save(out, tile_size=128)
    picture = prepare(out.getvalue()).picture
    assert (picture.width, picture.height) == (512, 512)
    assert difference(opened(picture.data), opened(photo("astronaut.png"))) < 6


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_ten_thousand_frames_are_not_walked(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), (n % 256, n // 256, 9)) for n in range(10_000)]
    options = {"method": 0, "minimize_size": False} if kind == "WEBP" else {"optimize": False}
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=20, **options)
    started = time.process_time()
    prepared = prepare(data)
    assert time.process_time() - started < 0.3
    assert "first_frame" in [change.kind for change in prepared.changes]
    assert difference(opened(prepared.picture.data), frames[0]) < 6


def test_damage_among_the_pixels_has_its_sentence(photo: Photo) -> None:
    data = photo("scan_16bit_gray.png")
    middle = len(data) // 2
    with pytest.raises(UnreadablePicture, match=r"This PNG file is damaged: its pixels cannot be decoded\."):
        prepare(data[:middle] + bytes(40) + data[middle + 40 :])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (Change("turned", "by 180 degrees"), "Turned upright: by 180 degrees."),
        (Change("stripped", "EXIF, GPS and XMP removed"), "For privacy: EXIF, GPS and XMP removed."),
        (Change("converted", "HEIC to JPEG"), "Converted: HEIC to JPEG."),
        (Change("depth", "16 bits to 8"), "Colour depth: 16 bits to 8."),
        (Change("shrunk", "4000 x 3000 to 2900 x 2175"), "Shrunk to fit: 4000 x 3000 to 2900 x 2175."),
    ],
)
def test_a_change_reads_as_a_sentence(change: Change, sentence: str) -> None:
    assert str(change) == sentence
