"""The command line, run as people run it: a process, files, an exit status."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edit_core", *arguments]
    environ = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


@pytest.fixture
def folder(tmp_path: Path, photo: Callable[[str], bytes]) -> Path:
    for name in ("cat.jpg", "coffee.jpg", "phone_sideways_gps.heic", "damaged/text_named.png"):
        (tmp_path / Path(name).name).write_bytes(photo(name))
    return tmp_path


@pytest.mark.parametrize("wire", ["native", "chat"])
def test_a_photo_becomes_black_and_white_in_either_format(folder: Path, wire: str) -> None:
    done = run(folder, "cat.jpg", "black and white", "-o", "out.jpg", "--wire", wire)
    assert done.returncode == 0, done.stderr
    with Image.open(folder / "out.jpg") as image:
        red, green, _ = image.convert("RGB").resize((32, 32)).split()
    assert max(abs(a - b) for a, b in zip(red.tobytes(), green.tobytes(), strict=True)) < 8
    assert "out.jpg" in done.stdout


def test_two_photos_are_composed(folder: Path) -> None:
    done = run(folder, "cat.jpg", "coffee.jpg", "side by side", "-o", "both.png")
    assert done.returncode == 0, done.stderr
    with Image.open(folder / "both.png") as both, Image.open(folder / "cat.jpg") as cat:
        assert both.format == "PNG"
        assert both.width / both.height > cat.width / cat.height


def test_ratio_and_size_are_obeyed(folder: Path) -> None:
    done = run(folder, "cat.jpg", "sepia", "-o", "out.jpg", "--ratio", "16:9", "--size", "1K")
    assert done.returncode == 0, done.stderr
    assert Image.open(io.BytesIO((folder / "out.jpg").read_bytes())).size == (1376, 768)


def test_what_was_done_to_an_input_is_said(folder: Path) -> None:
    done = run(folder, "phone_sideways_gps.heic", "brighter", "-o", "out.jpg")
    assert done.returncode == 0, done.stderr
    assert "HEIC" in done.stderr


def test_a_request_is_shown_without_being_sent_and_without_its_megabytes(folder: Path) -> None:
    done = run(folder, "cat.jpg", "a hat", "--provider", "apiyi", "--ratio", "16:9", "--show-request")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("POST https://api.apiyi.com/v1beta/models/")
    assert '"aspectRatio": "16:9"' in done.stdout
    assert "characters of base64" in done.stdout
    assert len(done.stdout) < 2000


FAILURES = {
    "a file that is not there": (("missing.jpg", "sepia"), "missing.jpg"),
    "a file that is no picture": (("text_named.png", "sepia"), "text_named.png"),
    "a provider nobody knows": (("cat.jpg", "sepia", "--provider", "nobody"), "no provider “nobody”"),
    "a key that is not set": (("cat.jpg", "sepia", "--provider", "openrouter"), "OPENROUTER_API_KEY"),
    "an address that is not safe": (("cat.jpg", "x", "--base-url", "http://a.example"), "https"),
    "words the engine does not know": (("cat.jpg", "solve my taxes"), "offline engine"),
    "a refusal": (("cat.jpg", "refuse"), "safety"),
}


@pytest.mark.parametrize(("arguments", "words"), FAILURES.values(), ids=FAILURES)
def test_a_failure_is_one_sentence_on_stderr_and_a_status(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    done = run(folder, *arguments)
    assert done.returncode == 1
    assert words.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (folder / "edited.png").exists()
