"""``perisai public`` over a house in which something has happened, and a real browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from perisai import settings as settings_package
from tests.common import chromium
from tests.desk.conftest import Clock
from tests.desk.public.stories import TEXTS, TOKEN, Story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

TEXT = {
    "id": "GIF yang dilaporkan memang muncul dalam pencarian biasa. Perusahaan menutup sumbernya "
    "pada 8 November. Setelah itu pencarian diukur lagi: untuk umur 6 sampai 9 tahun tidak ada "
    "lagi yang tidak pantas.",
    "en": "The GIFs that were reported did appear in an ordinary search. The company closed their "
    "source on 8 November. The search was measured again afterwards: nothing unfit is left for the "
    "ages 6 to 9.",
}
OPEN = "c8-another-link-that-nobody-guesses"


@dataclass(frozen=True)
class Place:
    """A running public page: its address without a slash at the end, and receipts of complaints."""

    base: str
    home: Path
    published: str
    talking: str


def fill(home: Path) -> dict[str, str]:
    """Lay a published case and an open one; return receipts of a complaint in each."""
    from perisai.desk.site import configure_site, make_tables
    from perisai.storage.configuration import alias_of, database

    settings = settings_package.load(env={}, home=home)
    configure_site(settings, "desk")
    alias = alias_of(database(settings))
    make_tables(alias)
    from django.db import connections

    from perisai.desk.complaints import domain
    from perisai.desk.complaints.receipts import Receipt
    from perisai.desk.house import House
    from perisai.desk.opening import people_key
    from perisai.storage.facts.log import FactLog
    from perisai.storage.facts.people import People
    from tests.desk.conftest import INTAKE

    clock = Clock()
    house = House(FactLog(alias), People(people_key(settings), alias), clock, alias)
    receipts = [Receipt.new() for _ in range(2)]
    told = {"app": "WhatsApp", "words": "kucing", "what": "GIF yang tidak pantas"}
    made = [house.receive(told, receipt=each) for each in receipts]
    Story(house, clock).opened(made[0].id).decided().invited().answered().published(TEXT)
    clock.on(days=1)
    story = Story(house, clock)
    story.opened(made[1].id, days=20).decided().invited(token=OPEN)
    seal = house.people.seal
    texts = (
        "Terima kasih. Apakah gambarnya masih muncul hari ini?",
        "Masih, tadi pagi saya lihat.",
    )
    house.change_complaint(
        made[1].id, INTAKE, lambda c: domain.answer(c, INTAKE, seal(c.person, texts[0]))
    )
    house.change_complaint(made[1].id, INTAKE, lambda c: domain.follow(c, seal(c.person, texts[1])))
    connections[alias].close()
    return {"published": str(receipts[0]), "talking": str(receipts[1])}


@contextmanager
def running(home: Path, **environment: str) -> Iterator[Place]:
    """Start ``perisai public`` on a free port, and stop it as Ctrl-C does."""
    with ThreadPoolExecutor(1) as thread:  # Playwright's loop runs in this one
        receipts = thread.submit(fill, home).result()
    with started(home, **environment) as base:
        yield Place(base, home, **receipts)


@contextmanager
def started(home: Path, log: list[str] | None = None, **environment: str) -> Iterator[str]:
    """The server alone; yields its address. What it said is added to ``log`` when it has ended."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PERISAI_")}
    with subprocess.Popen(
        [sys.executable, "-m", "perisai", "public", "--port", "0"],
        env=clean | {"PERISAI_HOME": str(home)} | environment,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have told their children to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as server:
        said = ""
        try:
            for line in server.stderr:
                said += line
                if found := re.search(r"on (http://\S+)", line):
                    break
            else:
                raise AssertionError(f"it did not start:\n{said}")
            yield found[1]
        finally:
            server.send_signal(signal.SIGINT)
            said += server.communicate(timeout=60)[1]
    assert server.returncode == 0, said
    assert "Traceback" not in said
    lines = [line for line in said.splitlines() if line.startswith("{")]
    assert "127.0.0.1" not in "".join(lines), "no address is logged"
    if log is not None:
        log += lines


@contextmanager
def browsing() -> Iterator[Browser]:
    """A real Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.binary(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()


__all__ = ["OPEN", "TEXTS", "TOKEN", "Place", "browsing", "running", "started"]
