"""Previews: light, true to the original, made once, and never at anybody else's cost."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageFont

from edit_core.pictures import OUTPUT_LIMITS, Picture
from edit_core.worker import Pipes, Worker
from edit_studio.door.previews import SIDES, Damaged, Kind, NoPreview, NotNow, Previews, make_previews
from edit_studio.storage.vault import NotKept, Vault
from tests.waiting import wait_until

from .examples import picture
from .victim import ROOT

KINDS: tuple[Kind, ...] = ("preview", "thumb")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


@pytest.fixture
def previews(vault: Vault) -> Iterator[Previews]:
    running = Previews(vault, workers=1)
    yield running
    running.close()


MEMORY_OF_ONE = """
import sys
from pathlib import Path
from edit_studio.door.preview_worker import make

def most():
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024

before = most()
make(Path(sys.argv[1]).read_bytes(), [1600, 256])
print(most() - before)
"""


def keep(vault: Vault, data: bytes) -> Picture:
    """A picture in the vault."""
    kept = Picture.read(data, OUTPUT_LIMITS)
    vault.put(kept)
    return kept


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(file: Path) -> Image.Image:
    """A preview, which must be WebP."""
    image = Image.open(io.BytesIO(file.read_bytes()), formats=["WEBP"])
    image.load()
    return image


def poster(photo: Callable[[str], bytes], width: int, height: int) -> bytes:
    """A photo scaled up, with the noise of a sensor, as PNG."""
    coffee = Image.open(io.BytesIO(photo("coffee.jpg"))).convert("RGB").resize((width, height))
    noise = Image.effect_noise((width, height), 12).convert("RGB")
    return encoded(ImageChops.add(coffee, noise, 1, -128), compress_level=1)


def drawn(what: str) -> bytes:
    """A drawing of 4K pixels, whose PNG is small."""
    image = Image.new("RGB", (3840, 2160), "white")
    draw = ImageDraw.Draw(image)
    if what == "checkers":
        for square in range(64 * 36):
            x, y = square % 64 * 60, square // 64 * 60
            draw.rectangle((x, y, x + 59, y + 59), fill="black" if (x + y) // 60 % 2 else "white")
    if what == "text":
        font, letters = ImageFont.load_default(40), random.Random(1)
        for y in range(20, 2160, 48):
            draw.text((40, y), "".join(letters.choices("abcdefghijklm ", k=180)), fill="black", font=font)
    return encoded(image)


def likeness(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures, 0 to 255, after both are made small."""
    small = [each.convert("RGB").resize((32, 32)) for each in (one, other)]
    pixels = ImageChops.difference(*small).tobytes()
    return sum(pixels) / len(pixels)


def test_a_preview_of_a_4k_png_has_a_fraction_of_its_bytes(
    vault: Vault, previews: Previews, photo: Callable[[str], bytes]
) -> None:
    big = keep(vault, poster(photo, 3840, 2160))
    sizes = {kind: previews.file(big.sha256, big.mime, kind).stat().st_size for kind in KINDS}
    assert sizes["preview"] < 0.05 * len(big.data)
    assert sizes["thumb"] < 20_000
    assert opened(previews.path(big.sha256, "preview")).size == (1600, 900)
    assert opened(previews.path(big.sha256, "thumb")).size == (256, 144)


@pytest.mark.parametrize(("drawing", "most"), [("one colour", 0.05), ("checkers", 0.05), ("text", 0.5)])
def test_a_preview_of_a_flat_drawing_is_light_and_sharp(
    vault: Vault, previews: Previews, drawing: str, most: float
) -> None:
    big = keep(vault, drawn(drawing))
    preview = previews.file(big.sha256, big.mime, "preview")
    assert preview.stat().st_size < most * len(big.data)
    exact = Image.open(io.BytesIO(big.data)).convert("RGB").reduce(2).resize((1600, 900), Image.Resampling.LANCZOS)
    assert opened(preview).convert("RGB").tobytes() == exact.tobytes()


@pytest.mark.parametrize(
    "name",
    [
        *("cat.jpg", "coffee.jpg", "astronaut.png", "rocket.webp", "animated.gif", "animated.webp", "tiny.png"),
        *("phone_sideways_gps.jpg", "phone_sideways_gps.heic", "print_cmyk.jpg", "progressive.jpg"),
        *("scan_16bit_gray.png", "sticker_alpha.png", "sticker_alpha.webp", "palette_transparent.png"),
        *("panorama_8_to_1.jpg",),
    ],
)
def test_every_kind_of_photo_has_small_upright_previews_without_metadata(
    vault: Vault, previews: Previews, photo: Callable[[str], bytes], name: str
) -> None:
    kept = keep(vault, photo(name))
    sideways = name.startswith("phone_sideways")
    width, height = (kept.height, kept.width) if sideways else (kept.width, kept.height)
    for kind in KINDS:
        image = opened(previews.file(kept.sha256, kept.mime, kind))
        assert max(image.size) == min(SIDES[kind], max(width, height))
        assert abs(image.width / image.height - width / height) < 0.05 * width / height
        assert not {"exif", "xmp"} & image.info.keys()
        assert getattr(image, "n_frames", 1) == 1


def test_a_photo_of_a_phone_stands_upright_whichever_way_its_file_says_so(
    vault: Vault, previews: Previews, photo: Callable[[str], bytes]
) -> None:
    kept = [keep(vault, photo(f"phone_sideways_gps.{kind}")) for kind in ("jpg", "heic")]
    jpeg, heic = (opened(previews.file(each.sha256, each.mime, "thumb")) for each in kept)
    assert likeness(jpeg, heic) < 3
    assert likeness(jpeg, heic.transpose(Image.Transpose.ROTATE_180)) > 10


def test_a_preview_looks_like_its_picture(vault: Vault, previews: Previews, photo: Callable[[str], bytes]) -> None:
    kept = keep(vault, photo("astronaut.png"))
    original = Image.open(io.BytesIO(kept.data))
    assert all(likeness(original, opened(previews.file(kept.sha256, kept.mime, kind))) < 3 for kind in KINDS)


def test_transparency_and_the_colour_profile_are_kept(vault: Vault, previews: Previews) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    image = Image.new("RGBA", (300, 200), (200, 30, 30, 255))
    image.paste((0, 0, 0, 0), (0, 0, 150, 200))
    kept = keep(vault, encoded(image, icc_profile=profile))
    for kind in KINDS:
        made = opened(previews.file(kept.sha256, kept.mime, kind))
        left, right = made.getpixel((5, 5)), made.getpixel((made.width - 5, 5))
        assert (left[3], right[3]) == (0, 255)  # type: ignore[index]
        assert made.info["icc_profile"] == profile


def fat_profile(model: bytes) -> bytes:
    """A profile of 800 KB: sRGB's, but red and green have changed places, and it has a long tag that nobody knows."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = int.from_bytes(plain[128:132], "big")
    table, tags = plain[132 : 132 + 12 * count], bytearray()
    for name, place, size in struct.iter_unpack(">4sII", table):
        swapped = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}.get(name, name)
        tags += struct.pack(">4sII", swapped, place + 12, size)
    tags += struct.pack(">4sII", b"long", len(plain) + 12, 800_000)
    head = plain[:16] + model + plain[20:128] + (count + 1).to_bytes(4, "big")
    whole = head + tags + plain[132 + 12 * count :] + random.Random(1).randbytes(800_000)
    return len(whole).to_bytes(4, "big") + whole[4:]


PATCHES = [(220, 40, 30), (30, 200, 60), (40, 60, 210), (230, 220, 60), (128, 128, 128), (255, 255, 255)]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_large_colour_profile_is_worked_into_the_colours_of_the_previews(
    vault: Vault, previews: Previews, mode: str
) -> None:
    profile = fat_profile(b"RGB ")
    image = Image.new(mode, (600, 100))
    for number, colour in enumerate(PATCHES):
        image.paste((*colour, 255)[: len(mode)], (number * 100, 0, number * 100 + 100, 100))
    if mode == "RGBA":
        image.paste((0, 0, 0, 0), (0, 50, 600, 100))
    kept = keep(vault, encoded(image, icc_profile=profile))
    for kind in KINDS:
        file = previews.file(kept.sha256, kept.mime, kind)
        made = opened(file)
        assert (file.stat().st_size < 10_000, made.mode, "icc_profile" in made.info) == (True, mode, False)
        for number, colour in enumerate(PATCHES):
            found = made.getpixel((int((number + 0.5) * made.width / 6), made.height // 4))
            assert found == pytest.approx((*_through(profile, colour), 255)[: len(mode)], abs=6)
        if mode == "RGBA":
            assert made.getpixel((made.width // 2, made.height - 3))[3] == 0  # type: ignore[index]
    assert kept.data == vault.path(kept.sha256, kept.mime).read_bytes()


def _through(profile: bytes, colour: tuple[int, int, int]) -> tuple[int, ...]:
    """A colour as a screen shows it that knows the profile."""
    one, source = Image.new("RGB", (1, 1), colour), ImageCms.ImageCmsProfile(io.BytesIO(profile))
    shown = ImageCms.profileToProfile(one, source, ImageCms.createProfile("sRGB"))
    assert shown is not None
    return tuple(shown.tobytes())


@pytest.mark.parametrize(
    ("mode", "profile"),
    [("RGB", b"no profile at all" * 2000), ("L", fat_profile(b"RGB ")), ("RGB", fat_profile(b"CMYK"))],
    ids=["unreadable", "of colour, in a grey picture", "of print, in a picture for screens"],
)
def test_a_large_profile_that_does_not_suit_the_picture_costs_no_preview(
    vault: Vault, previews: Previews, mode: str, profile: bytes
) -> None:
    kept = keep(vault, encoded(Image.new(mode, (300, 200), 90 if mode == "L" else (90, 90, 90)), icc_profile=profile))
    for kind in KINDS:
        made = opened(previews.file(kept.sha256, kept.mime, kind))
        assert "icc_profile" not in made.info
        assert made.convert("RGB").getpixel((5, 5)) == pytest.approx((90, 90, 90), abs=2)


def test_colours_of_a_palette_are_mixed_when_made_small(vault: Vault, previews: Previews) -> None:
    stripes = Image.new("P", (1024, 64))
    stripes.putpalette([0, 0, 0, 255, 255, 255])
    stripes.putdata([column % 2 for column in range(1024)] * 64)
    kept = keep(vault, encoded(stripes))
    thumb = opened(previews.file(kept.sha256, kept.mime, "thumb")).convert("L")
    assert all(100 < thumb.getpixel((x, 5)) < 156 for x in range(20, 236))  # type: ignore[operator]


def test_it_is_made_once_for_all_who_ask_at_once(
    vault: Vault, previews: Previews, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep(vault, picture(301, 400).data)
    asked: list[Worker] = []
    ask = Worker.ask

    def counted(worker: Worker, talk: Callable[[Pipes], list[bytes]]) -> list[bytes]:
        asked.append(worker)
        return ask(worker, talk)

    monkeypatch.setattr(Worker, "ask", counted)
    threads = [threading.Thread(target=previews.file, args=(kept.sha256, kept.mime, kind)) for kind in KINDS * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    previews.file(kept.sha256, kept.mime, "preview")
    assert len(asked) == 1
    made = sorted(each.name for each in (vault.root / "previews").rglob("*.*"))
    assert made == [f"{kept.sha256}.preview.webp", f"{kept.sha256}.thumb.webp"]


@pytest.mark.parametrize("damage", ["cut in half", "other bytes"])
def test_a_damaged_picture_says_so_at_once_the_second_time(
    vault: Vault, previews: Previews, photo: Callable[[str], bytes], damage: str
) -> None:
    kept = keep(vault, photo("astronaut.png"))
    file = vault.path(kept.sha256, kept.mime)
    file.write_bytes(kept.data[: len(kept.data) // 2] if damage == "cut in half" else b"not a picture at all")
    with pytest.raises(Damaged, match=r"\.$") as first:
        previews.file(kept.sha256, kept.mime, "thumb")
    previews.close()
    begun = time.perf_counter()
    with pytest.raises(Damaged) as second:
        Previews(vault).file(kept.sha256, kept.mime, "preview")
    assert str(second.value) == str(first.value)
    assert time.perf_counter() - begun < 0.2


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_worker_that_is_killed_is_replaced_and_two_of_them_fail_one_preview(
    vault: Vault, previews: Previews, deaths: int
) -> None:
    """As a system without memory does, in the middle of a picture; the picture itself stays, and so do the others."""
    stuck, fine = keep(vault, picture(302, 50).data), keep(vault, picture(303, 50).data)
    file = vault.path(stuck.sha256, stuck.mime)
    file.unlink()
    os.mkfifo(file)  # whoever reads it waits for more
    (worker,) = previews._all
    asked = threading.Thread(target=_gives_up if deaths == 2 else _is_made, args=(previews, stuck))
    asked.start()
    dead: set[int] = set()
    for _ in range(deaths):
        wait_until(lambda: (process := worker._process) is not None and process.pid not in dead)
        process = worker._process
        assert process is not None
        dead.add(process.pid)
        process.kill()
    if deaths == 1:
        file.write_bytes(stuck.data)
    asked.join()
    file.unlink()
    assert previews.file(fine.sha256, fine.mime, "thumb").is_file()


def _is_made(previews: Previews, kept: Picture) -> None:
    assert previews.file(kept.sha256, kept.mime, "thumb").is_file()


def _gives_up(previews: Previews, kept: Picture) -> None:
    with pytest.raises(NoPreview, match="too much time or memory"):
        previews.file(kept.sha256, kept.mime, "thumb")


def test_a_picture_that_takes_too_long_is_given_up_and_not_tried_again(vault: Vault) -> None:
    kept, fine = keep(vault, picture(304, 50).data), keep(vault, picture(305, 50).data)
    file = vault.path(kept.sha256, kept.mime)
    file.unlink()
    os.mkfifo(file)  # a file that never ends: whoever reads it waits
    previews = Previews(vault, workers=1, seconds=0.5)
    _gives_up(previews, kept)
    begun = time.perf_counter()
    _gives_up(previews, kept)
    assert time.perf_counter() - begun < 0.2
    previews.close()
    patient = Previews(vault, workers=1)
    assert patient.file(fine.sha256, fine.mime, "thumb").is_file()
    patient.close()


def test_the_end_waits_for_no_picture(vault: Vault) -> None:
    kept = keep(vault, picture(310, 50).data)
    file = vault.path(kept.sha256, kept.mime)
    file.unlink()
    os.mkfifo(file)  # a file that never ends: whoever reads it waits
    previews = Previews(vault, workers=1)
    asked = previews.threads.submit(previews.file, kept.sha256, kept.mime, "thumb")
    (worker,) = previews._all
    wait_until(lambda: worker._process is not None)
    begun = time.perf_counter()
    previews.close()
    assert time.perf_counter() - begun < 5
    assert isinstance(asked.exception(), NotNow)
    assert worker._process is None


def test_a_worker_has_no_more_memory_than_its_share_and_none_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDIT_API_KEY", "sk-CANARY")
    (tmp_path / "one.png").write_bytes(picture(306).data)
    worker = Worker("edit_studio.door.preview_worker", 10.0, Damaged)
    make_previews(worker, tmp_path / "one.png", [16])
    assert worker._process is not None
    proc = Path(f"/proc/{worker._process.pid}")
    limits = next(line for line in (proc / "limits").read_text().splitlines() if line.startswith("Max address space"))
    assert limits.split()[3:5] == [str(2 * 2**30)] * 2
    assert b"CANARY" not in (proc / "environ").read_bytes()
    worker.close()
    assert not proc.exists()


def test_previews_of_what_is_not_kept_are_not_made(previews: Previews) -> None:
    with pytest.raises(NotKept):
        previews.file("0" * 64, "image/png", "thumb")
    with pytest.raises(NotKept):
        previews.file("../x", "image/png", "thumb")


def test_previews_go_when_they_are_removed_and_when_their_pictures_have_gone(vault: Vault, previews: Previews) -> None:
    first, second, third = (keep(vault, picture(seed, 50).data) for seed in (307, 308, 309))
    for each in (first, second, third):
        previews.file(each.sha256, each.mime, "thumb")
    previews.remove(first.sha256)
    vault.remove(second.sha256, second.mime)
    assert previews.sweep() == 2
    left = {file.name.split(".")[0] for file in (vault.root / "previews").rglob("*.webp")}
    assert left == {third.sha256}


def test_n_02_the_preview_of_a_4k_picture_takes_no_more_than_64_mb(tmp_path: Path) -> None:
    """Its pixels are 33 MB, its file 10: there is room for neither of them twice."""
    noise = Image.frombytes("L", (3840, 2160), random.Random(1).randbytes(3840 * 2160))
    data = encoded(Image.merge("RGB", (noise, noise.point([0] * 256), noise.point([0] * 256))), compress_level=1)
    assert len(data) > 8e6
    (tmp_path / "poster.png").write_bytes(data)
    command = [sys.executable, "-c", MEMORY_OF_ONE, str(tmp_path / "poster.png")]
    took = int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    assert len(data) < took < 64e6
