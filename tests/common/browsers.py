"""A real Chromium without a window."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.common import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page


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
