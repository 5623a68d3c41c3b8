"""Drives the GIF clients of others against a gateway: in Node, in Python, in Chromium.

``python -m tests.gateway.dialects.driving`` writes down what they asked, in recorded.jsonl.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from playwright.sync_api import sync_playwright
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tests.common import chromium
from tests.common.gateway import BLOCKED, Drawer, Gateway, MemorySearcher, served
from tests.gateway.dialects import npm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page
    from starlette.requests import Request

HERE = Path(__file__).parent
RECORDED = HERE / "recorded.jsonl"
KEY = "adult-key"
_PAGE = """<!doctype html><meta charset="utf-8"><title>picker</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/picker/picker.css"><div id="root"></div>
<script src="/picker/picker.js"></script>"""


def in_node(base: str) -> dict:
    """GIPHY's JavaScript client and the picker's two providers; gives what they made of it."""
    npm.clients()
    return json.loads(npm.run("clients.mjs", base, KEY))


def in_python(base: str) -> dict:
    """GIPHY's Python client. It has a process of its own, since it leaves threads behind."""
    command = [sys.executable, "-W", "ignore", str(HERE / "python_client.py"), base, KEY]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def picker(base: str, provider: str) -> Iterator[tuple[Page, list[str]]]:
    """Open the picker in Chromium, in a page of another origin.

    Gives the page, and a list of what went wrong in it.
    """
    binary = chromium.binary()
    if binary is None:
        pytest.skip("Chromium is not installed: the picker cannot be tried in a browser.")
    folder = npm.clients() / "out"
    npm.bundle("picker.jsx", folder / "picker.js")

    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(_PAGE)

    site = Starlette(
        routes=[Route("/", page), Mount("/picker", StaticFiles(directory=folder))],
    )
    wrong: list[str] = []
    with served(site) as origin, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("console", lambda note: wrong.append(note.text) if note.type == "error" else None)
        tab.on(
            "response", lambda r: wrong.append(f"{r.status}: {r.url}") if r.status >= 400 else None
        )
        tab.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))

        def leaves(url: str) -> bool:
            return not url.startswith((origin, base, "data:"))

        tab.on("request", lambda r: wrong.append(f"left: {r.url}") if leaves(r.url) else None)
        wish = urlencode({"provider": provider, "base": base, "key": KEY})
        tab.goto(f"{origin}/?{wish}")
        yield tab, wrong
        browser.close()


def use_picker(tab: Page) -> dict:
    """Look at the groups, search, choose, search for what is blocked; gives what was seen."""
    tab.locator(".gpr-category").first.wait_for()
    groups = tab.locator(".gpr-category-name").all_inner_texts()
    _shown(tab, ".gpr-category img")
    search = tab.get_by_test_id("gpr-search-input")
    search.fill("cats")
    tab.locator(".gpr-result-image").first.wait_for()
    found = tab.locator(".gpr-result-image").count()
    _shown(tab, ".gpr-result-image img")
    tab.locator(".gpr-result-image").first.click()
    tab.wait_for_function("window.chosen.length === 1")
    chosen = tab.evaluate("(({raw, ...gif}) => gif)(window.chosen[0])")
    search.fill(BLOCKED)
    tab.get_by_text("No GIFs found!").wait_for()
    return {"groups": groups, "found": found, "chosen": chosen}


def _shown(tab: Page, images: str) -> None:
    """Wait until the first of these images is decoded and displayed."""
    tab.wait_for_function(
        "q => { const i = document.querySelector(q); return i?.complete && i.naturalWidth > 1 }",
        arg=images,
    )


def stocked() -> tuple[Gateway, MemorySearcher]:
    """The gateway that the recording was made with: always the same items."""
    drawer = Drawer()
    items = [drawer.item(f"ball {number}") for number in range(12)]
    items += [drawer.item(f"star {number}", kind="sticker") for number in range(3)]
    searcher = MemorySearcher(items)
    return Gateway(searcher, drawer), searcher


def recorded(searcher: MemorySearcher) -> list[dict]:
    """Read the recording, with this searcher's numbers in their places."""
    text = RECORDED.read_text()
    for index, item in enumerate(searcher.items_):
        text = text.replace(f"NUMBER{index}.", item.number)
    return [json.loads(line) for line in text.splitlines()]


def _record() -> None:
    lines: list[str] = []

    def note(client: str, drive: Callable[[str], object]) -> None:
        gateway, searcher = stocked()
        with served(gateway) as base:
            drive(base)
        for method, path, query, status in gateway.requests:
            if path.startswith("/media/"):
                continue
            asked = {"client": client, "method": method, "path": path, "query": query}
            line = json.dumps(asked | {"status": status})
            for index, item in enumerate(searcher.items_):
                line = line.replace(item.number, f"NUMBER{index}.")
            lines.append(line)

    def in_chromium(base: str) -> None:
        for provider in ("tenor", "giphy"):
            with picker(base, provider) as (tab, _):
                use_picker(tab)

    note("@giphy/js-fetch-api 5.8.0 and gif-picker-react 2.0.0-rc.2 in Node", in_node)
    note("giphy_client 1.0.0", in_python)
    note("gif-picker-react 2.0.0-rc.2 in Chromium", in_chromium)
    RECORDED.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    _record()
