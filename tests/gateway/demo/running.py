"""What ``make run`` starts, in a folder of its own, and who looks at it in a browser."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.common.servers import clean_environment, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

SCRIPT = Path(__file__).parents[3] / "examples" / "run_gateway.py"


@dataclass(frozen=True)
class Place:
    """A running gateway: its address without a slash at the end, and its folder."""

    base: str
    home: Path


def command(home: Path, *more: str) -> list[str]:
    return [sys.executable, str(SCRIPT), "--home", str(home), *more]


@contextmanager
def running(home: Path) -> Iterator[Place]:
    """Start what ``make run`` starts, on a free port, and stop it as Ctrl-C does."""
    words = command(home, "--port", "0")
    found = serving(words, clean_environment(), stream="stdout", listens=r"Open  (http://\S+)/demo")
    with found as (base, _):
        yield Place(base, home)


@dataclass
class Visit:
    """A page that is looked at, and everything that must not happen on it."""

    page: Page
    base: str
    wrong: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda m: m.type != "log" and self.wrong.append(m.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", self._asked)
        self.page.on(
            "response", lambda r: r.status >= 400 and self.wrong.append(f"{r.status} {r.url}")
        )

    def _asked(self, request: object) -> None:
        if not request.url.startswith(f"{self.base}/"):
            self.wrong.append(f"left the origin: {request.url}")

    def search(self, text: str) -> None:
        """Type a search, and wait until picker and panel have answered it."""
        self.page.fill("#q", text)
        self.settled(text)

    def choose(self, text: str) -> None:
        """Press one of the suggested searches."""
        self.page.click(f".chips >> text='{text}'")
        self.settled(text)

    def age(self, band: str) -> None:
        """Switch the age of who holds the phone."""
        self.page.check(f"[name=age][value='{band}']", force=True)
        self.settled()

    def settled(self, text: str | None = None) -> None:
        """Wait until the last search, which is for ``text`` if given, is answered on both sides."""
        self.page.wait_for_function(
            """text => !document.querySelector('#grid[aria-busy=true], #told[aria-busy=true]')
               && [null, document.querySelector('#told q')?.textContent].includes(text)""",
            arg=text,
        )

    def titles(self) -> list[str]:
        """What the picker shows."""
        return self.page.eval_on_selector_all(".tile", "all => all.map(each => each.title)")

    def withheld(self) -> dict[str, str]:
        """What the panel says is withheld from the age that is chosen, with the rule."""
        pairs = self.page.eval_on_selector_all(
            ".kept-row",
            "all => all.map(r => ['p', '.rule'].map(s => r.querySelector(s).textContent))",
        )
        return dict(pairs)

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)


@contextmanager
def visiting(
    browser: Browser, base: str, path: str = "/demo", *, width: int = 1280, height: int = 940,
    locale: str = "id-ID", **more: object,
) -> Iterator[Visit]:  # fmt: skip
    """Open the demo in a fresh context; what goes wrong on it is collected."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=locale, **more
    )
    try:
        visit = Visit(context.new_page(), base)
        visit.watch()
        visit.page.goto(base + path)
        visit.settled()
        yield visit
    finally:
        context.close()
