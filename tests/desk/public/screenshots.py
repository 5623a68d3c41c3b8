"""Take the pictures of docs/public.md: ``python -m tests.desk.public.screenshots [FOLDER]``."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.common.browsers import browsing
from tests.desk.public.running import OPEN, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).parents[3] / "docs" / "images"
LARGEST = 120_000
PHONE = {"width": 360, "height": 780}
DESKTOP = {"width": 820, "height": 1000}
BETWEEN = 16


def taken(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def keep(pictures: list[Image.Image], file: Path) -> None:
    """Write pictures side by side, with few colours."""
    width = sum(each.width + BETWEEN for each in pictures) - BETWEEN
    sheet = Image.new("RGB", (width, max(each.height for each in pictures)), "#c9d3d6")
    left = 0
    for each in pictures:
        sheet.paste(each, (left, 0))
        left += each.width + BETWEEN
    sheet.quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)
    size = file.stat().st_size
    print(f"{size:9,}  {file}")  # noqa: T201 - a command
    if size > LARGEST:
        raise SystemExit(f"{file} is over {LARGEST:,} bytes.")


def phone(browser: Browser, base: str, language: str, scheme: str) -> list[Image.Image]:
    """The start, the second step and the receipt on a phone."""
    context = browser.new_context(viewport=PHONE, color_scheme=scheme, base_url=base)
    page = context.new_page()
    page.goto(f"{language}/")
    pictures = [taken(page)]
    page.goto(f"{language}/aduan")
    page.fill("#f-app", "WhatsApp")
    page.fill("#f-words", "kucing")
    page.click("button[value=next]")
    page.check("[value=drawn]")
    page.check("[name=child][value=no]")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 130)")
    pictures.append(taken(page))
    page.click("button[value=next]")
    page.click("button[value=next]")
    page.click("button[value=send]")
    pictures.append(taken(page))
    context.close()
    return pictures


def desktop(browser: Browser, base: str, path: str, **more: int) -> Image.Image:
    """One page on a larger screen."""
    context = browser.new_context(viewport=DESKTOP | more, base_url=base)
    page = context.new_page()
    page.goto(path)
    picture = taken(page)
    context.close()
    return picture


def main(folder: Path) -> None:
    """Take them all."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        running(Path(home) / "home") as place,
        browsing() as browser,
    ):
        keep(phone(browser, place.base, "", "light"), folder / "public-report.png")
        keep(phone(browser, place.base, "/en", "dark"), folder / "public-report-dark.png")
        keep(
            [desktop(browser, place.base, "/en/hasil/K-2026-0001", height=1150)],
            folder / "public-result.png",
        )
        keep([desktop(browser, place.base, f"/jawab/{OPEN}")], folder / "public-door.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
