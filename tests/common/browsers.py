"""A real Chromium without a window."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.common import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
"""Of axe. What passes is not written out: that takes most of the time."""


@contextmanager
def browsing() -> Iterator[Browser]:
    """One browser; each visitor opens a context of their own in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.binary(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()


def follow(page: Page, selector: str) -> None:
    """Click what leads to another page, and wait for that one: a click alone returns before."""
    with page.expect_navigation():
        page.click(selector)


def press(page: Page, key: str) -> None:
    """The same for a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def inaccessible(page: Page) -> list[tuple[str, str]]:
    """What axe finds wrong with a page: the rule, and the first element that breaks it."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in found]
