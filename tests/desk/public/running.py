"""``perisai public`` over a house in which something has happened."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai import settings as settings_package
from tests.common.servers import clean_environment, perisai, serving
from tests.desk.conftest import Clock
from tests.desk.public.stories import TEXTS, TOKEN, Story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
    env = clean_environment() | {"PERISAI_HOME": str(home)} | environment
    with serving(perisai("public", "--port", "0"), env) as (base, said):
        yield base
    lines = [line.rstrip() for line in said if line.startswith("{")]
    assert "127.0.0.1" not in "".join(lines), "no address is logged"
    if log is not None:
        log += lines


__all__ = ["OPEN", "TEXTS", "TOKEN", "Place", "running", "started"]
