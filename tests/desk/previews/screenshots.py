"""Take the picture of docs/desk.md: ``python -m tests.desk.previews.screenshots [FOLDER]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.desk.permissions import Role
from tests.common import drawn, screening
from tests.common.browsers import browsing
from tests.desk.public.screenshots import FOLDER, keep, taken
from tests.desk.web.running import NAMES, PASSWORD, hire, signed_in, started

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZE = {"width": 1000, "height": 640}


def clip() -> bytes:
    """Stand-ins; the third has the mark that the tiny model looks for."""
    frames = [drawn.stand_in(number, 480, 360) for number in range(7)]
    return screening.clip([*frames[:2], screening.marked(frames[2]), *frames[3:]])


def main(folder: Path) -> None:
    """Screen a stand-in, and open its preview as far as in colour."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, browsing() as browser:
        home = Path(place) / "home"
        hire(home)
        with started(home, PERISAI_DESK__PREVIEW_DAYS="7") as base:
            page = at_a_preview(browser, base)
            page.keyboard.press("n")
            page.fill("[name=password]", PASSWORD.format(NAMES[Role.REVIEWER]))
            page.click("main button.main")
            made = [seen(page, 1)]
            for step in (2, 3, 4):
                page.keyboard.press("n")
                made.append(seen(page, step))
            keep([made[0], made[3]], folder / "desk-preview.png")


def at_a_preview(browser: Browser, base: str) -> Page:
    """The page of the preview of a stand-in that a reviewer has screened."""
    officer = signed_in(browser, base, Role.INTAKE)
    officer.goto("/cases/new")
    officer.fill("main [name=title]", "GIF dalam pencarian")
    officer.fill("main [name=platform]", "Contoh Pesan")
    officer.click("main form button.main")
    officer.wait_for_url("**/cases/K-*")
    page = signed_in(browser, base, Role.REVIEWER, viewport=SIZE)
    page.goto(officer.url)
    screen(page)
    page.click("text=Lihat pratinjau")
    page.wait_for_url("**/preview")
    return page


def screen(page: Page) -> None:
    """Give a file to be screened."""
    page.click("#samples details.panel summary:has-text('Pindai')")
    file = {"name": "clip.gif", "mimeType": "image/gif", "buffer": clip()}
    page.set_input_files("#samples [name=file]", file)
    page.fill("#samples [name=seen_at]", "hasil ke-3")
    page.check("#samples [name=no_child]")
    page.click("#samples form[enctype] button.main")
    page.wait_for_url("**done=screened*")


def seen(page: Page, step: int):
    """The page at one step, without its head."""
    page.wait_for_selector(f".step-{step}")
    picture = taken(page)
    head = round(page.locator("header.top").bounding_box()["height"])
    return picture.crop((0, head, *picture.size))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
