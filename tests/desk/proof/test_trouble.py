"""A full disk, and a database that is gone: a clear page, nothing half done, and on it goes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import pytest
from django.db import Error, connections

from perisai.errors import StorageError
from tests.common import databases
from tests.common.servers import clean_environment, perisai, serving
from tests.desk.conftest import ADDRESS, INTAKE
from tests.desk.proof.proxy import Wire
from tests.desk.public.visiting import Visitor
from tests.desk.sites import on_site
from tests.desk.web.running import environment as of_desk

if TYPE_CHECKING:
    from pathlib import Path

TOLD = {"what": "Terlihat saat mencari GIF.", "words": "kucing"}
NEVER = ("Traceback", "OperationalError", "sqlite", "psycopg", "disk is full")
LATER = ("lagi", "again")
"""What the page says in each language."""


@pytest.fixture
def visitor(house, tmp_path):
    from perisai import settings as settings_package
    from perisai.desk.public.here import Site

    chosen = settings_package.load(env={}, home=tmp_path)
    with on_site(chosen, "public", PERISAI_PUBLIC=Site(chosen, house)):
        yield Visitor()


def limit(house, pages: int) -> None:
    """Let the file of the database grow to so many pages."""
    if connections[house.alias].vendor != "sqlite":
        pytest.skip("a disk is filled by SQLite's own limit")
    with connections[house.alias].cursor() as cursor:
        cursor.execute(f"PRAGMA max_page_count = {pages}")


def used(house) -> int:
    """Pages that the file has now; a limit below that has no effect."""
    limit(house, 10**6)
    with connections[house.alias].cursor() as cursor:
        return cursor.execute("PRAGMA page_count").fetchone()[0]


@pytest.mark.parametrize(("language", "later"), [("", LATER[0]), ("/en", LATER[1])])
def test_a_full_disk_is_told_and_nothing_is_half_done(house, visitor, language, later):
    assert len(visitor.report(language, **TOLD).code) == 16
    limit(house, used(house))
    before = house.log.end()
    visitor.get(f"{language}/aduan")
    for names in (("words",), ("what",), ()):
        visitor.send(**{name: TOLD[name] for name in names})
    page = visitor.page
    for _ in range(60):  # what is left of the last pages is used up first
        page = visitor.send(go="send") if visitor.page.forms else visitor.report(language, **TOLD)
        if page.status != 200:
            break
        before = house.log.end()
        visitor.get(f"{language}/aduan")
        for names in (("words",), ("what",), ()):
            visitor.send(**{name: TOLD[name] for name in names})
    assert page.status == 503
    assert later in page.text
    assert not [word for word in NEVER if word in page.html]
    assert house.log.end() == before
    assert house.log.verify() is None
    assert house.rebuild(write=False) == []
    limit(house, 10**6)
    assert len(visitor.report(language, **TOLD).code) == 16
    assert house.log.end() != before
    assert house.rebuild(write=False) == []


def test_the_desk_tells_of_a_full_disk_too(house):
    house.receive(TOLD)
    limit(house, used(house))
    raised: Exception | None = None
    for _ in range(200):
        try:
            house.receive({"what": "x" * 3000}, source="phone", actor=INTAKE)
        except (StorageError, Error) as error:  # both have a page
            raised = error
            break
    assert "full" in str(raised)
    limit(house, 10**6)
    assert house.log.verify() is None
    assert house.rebuild(write=False) == []


@pytest.mark.parametrize("site", ["public", "desk"])
def test_a_dead_database_is_told_and_comes_back_without_a_restart(
    site: str, tmp_path: Path, in_postgresql
) -> None:
    address, tables = in_postgresql
    parts = urlsplit(address)
    wire = Wire(parts.port or 5432)
    through = parts._replace(netloc=f"{parts.username}@127.0.0.1:{wire.port}").geturl()
    env = (of_desk(tmp_path / "home") if site == "desk" else clean_environment()) | {
        "PERISAI_HOME": str(tmp_path / "home"),
        ADDRESS: through,
    }
    asked = "/sign-in" if site == "desk" else "/hasil"
    try:
        with (
            serving(perisai(site, "--port", "0"), env) as (base, _),
            httpx2.Client(base_url=base, timeout=60) as client,
        ):
            # A session that is no session makes the desk ask its database.
            client.cookies.set("perisai-desk", "x" * 32)
            assert client.get(asked).status_code == 200
            wire.cut()
            for language in ("", "/en") if site == "public" else ("",):
                page = client.get(language + asked)
                assert page.status_code == 503, page.text
                assert not [word for word in NEVER if word in page.text]
            wire.mend()
            until = time.monotonic() + 30
            while client.get(asked).status_code != 200:
                assert time.monotonic() < until, "it does not come back"
                time.sleep(0.2)
    finally:
        wire.cut()
        databases.empty(address, tables)
