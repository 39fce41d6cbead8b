"""The pictures of the page in `assets/screenshots`, taken by `python -m tests.screenshots`.

A real edit of real photos on the offline engine, at the width of a laptop and of a phone, light and dark. One of the
examples is in Chinese, so the machine should have a font for that (Debian's fonts-wqy-microhei, say).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.chromium import FLAGS, find_chromium
from tests.edit_studio.serving import served

PHOTOS = Path(__file__).parent / "photos"
FOLDER = Path(__file__).parents[1] / "assets" / "screenshots"
PROMPT = "Cartoon, warmer, with a white border"


@dataclass(frozen=True)
class Shot:
    """One picture: its file, how wide and high the window is, and which colours the visitor's system has."""

    file: str
    width: int
    height: int
    colours: str = "light"
    photos: tuple[str, ...] = ("coffee.jpg",)
    prompt: str = PROMPT


SHOTS = (
    Shot("page-1280.png", 1280, 1190),
    Shot("page-1280-dark.png", 1280, 1190, "dark", ("cat.jpg", "coffee.jpg"), "Side by side, vintage"),
    Shot("page-390.png", 390, 1400),
)


def edit(page: Page, shot: Shot) -> None:
    """Upload the photos, write the prompt, and wait for the picture."""
    page.locator("#pictures input[type=file]").first.set_input_files([PHOTOS / name for name in shot.photos])
    expect(page.locator("#notes")).to_contain_text("ready")
    page.get_by_label("What should change?").fill(shot.prompt)
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.locator("#status")).to_contain_text("Done in", timeout=30_000)
    page.get_by_role("heading", name="Edit Studio").click()
    page.evaluate("async () => { for (const image of document.images) await image.decode() }")
    page.evaluate("window.scrollTo({ top: 0, behavior: 'instant' })")


def take(browser: Browser, address: str, shot: Shot) -> None:
    """One picture, with twice the pixels on the phone, as phones have them."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.colours == "dark" else "light",
        reduced_motion="reduce",
        device_scale_factor=1 if shot.width > 1000 else 2,
    )
    page = context.new_page()
    page.goto(address)
    edit(page, shot)
    page.screenshot(path=FOLDER / shot.file, animations="disabled")
    context.close()
    print(FOLDER / shot.file)


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as files, served(Path(files)) as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        for shot in SHOTS:
            take(browser, running.address, shot)
        browser.close()


if __name__ == "__main__":
    main()
