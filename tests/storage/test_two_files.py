"""A home with the one file of an older Perisai: it becomes two, and nothing is lost."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from perisai import settings as settings_package
from perisai.errors import StorageError
from perisai.storage import two_files
from perisai.storage.configuration import alias_of, database, gateway_database
from perisai.storage.open import open_store
from tests.storage.facts import OPINION, SCREENED, A, opened

if TYPE_CHECKING:
    from pathlib import Path

    from perisai.settings import Settings


PRAGMAS = ("journal_mode", "foreign_keys", "synchronous")


class Killed(BaseException):
    """Ends the program in the middle."""


@pytest.fixture
def home(tmp_path: Path, old_file: Path) -> Path:
    """As an older Perisai left it: everything in one file."""
    shutil.copy(old_file, tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def old_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from django.db import connections

    from perisai.desk.house import House
    from perisai.desk.site import make_tables
    from perisai.storage.facts.log import FactLog
    from perisai.storage.facts.people import People
    from tests.desk.conftest import Clock

    folder = tmp_path_factory.mktemp("old")
    address = f"sqlite:///{folder}/perisai.sqlite3"
    store = opened(folder, address)
    store.keep([SCREENED])
    store.add_opinion(OPINION)
    store.close()
    alias = alias_of(database(settings_of(folder)) | {"NAME": f"{folder}/perisai.sqlite3"})
    make_tables(alias)
    house = House(FactLog(alias), People(b"k" * 32, alias), Clock(), alias)
    house.receive({"what": "terlihat", "words": "kucing"}, reporter="ani@example.org")
    connections[alias].close()
    return folder / "perisai.sqlite3"


def settings_of(home: Path) -> Settings:
    return settings_package.load(env={}, home=home)


def whole(home: Path) -> None:
    """Everything that was in the old file is in one of the new ones, and only there."""
    from django.db import connections

    from perisai.desk.complaints.models import ComplaintRow
    from perisai.desk.house import House
    from perisai.desk.site import make_tables
    from perisai.storage.facts.log import FactLog
    from perisai.storage.facts.people import People
    from tests.desk.conftest import Clock

    settings = settings_of(home)
    store = open_store(settings)
    assert A in store.screened([A], "basis")
    assert store.opinions([A]) == {A: (OPINION,)}
    assert store.generation() == 1
    store.close()
    alias = alias_of(database(settings))
    make_tables(alias)
    house = House(FactLog(alias), People(b"k" * 32, alias), Clock(), alias)
    row = ComplaintRow.objects.using(alias).get()
    known = house.complaint(row.id)
    assert house.people.open(known.reporter) == "ani@example.org"
    assert house.log.verify() is None
    assert house.rebuild(write=False) == []
    connections[alias].close()
    assert tables(home / "facts.sqlite3", "storage_%") == []
    assert tables(home / "gateway.sqlite3", "facts_%") == []
    assert b"ani@" not in (home / "gateway.sqlite3").read_bytes()
    left = {path.name for path in home.iterdir() if not path.name.endswith((".lock", "-wal"))}
    assert left <= {"facts.sqlite3", "gateway.sqlite3", "facts.sqlite3-shm", "gateway.sqlite3-shm"}


def tables(file: Path, like: str) -> list[str]:
    with closing(sqlite3.connect(file)) as opened_file:
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE ?"
        return [name for (name,) in opened_file.execute(asked, [like])]


def test_the_one_file_becomes_two(home: Path) -> None:
    whole(home)
    whole(home)  # and the next start finds nothing to do


@pytest.mark.parametrize("after", range(1, 12))
def test_killed_on_the_way_it_goes_on_at_the_next_start(
    after: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0

    def counted(name: str) -> None:
        real = getattr(two_files, name)

        def step(*given: object, **more: object) -> None:
            nonlocal steps
            for does in (lambda: None, lambda: real(*given, **more)):  # before it, or after
                does()
                steps += 1
                if steps == after:
                    raise Killed

        monkeypatch.setattr(two_files, name, step)

    for name in ("_alone", "_keep", "_rename"):
        counted(name)
    with pytest.raises(Killed):
        two_files.make_two(home, "facts.sqlite3", "gateway.sqlite3")
    monkeypatch.undo()
    whole(home)


def test_a_program_that_still_uses_the_old_file_is_told_of(home: Path) -> None:
    with closing(sqlite3.connect(home / "perisai.sqlite3")) as other:
        other.execute("SELECT count(*) FROM storage_opinion").fetchall()
        with pytest.raises(StorageError, match="stop every program that uses it"):
            open_store(settings_of(home))
    whole(home)


def test_an_old_file_beside_new_ones_is_refused(home: Path) -> None:
    (home / "facts.sqlite3").touch()
    with pytest.raises(StorageError, match=r"move perisai\.sqlite3 away"):
        open_store(settings_of(home))
    assert tables(home / "perisai.sqlite3", "storage_opinion") == ["storage_opinion"]


def test_each_file_is_as_durable_as_it_must_be(tmp_path: Path) -> None:
    from django.db import connections

    found = []
    for wanted in (database(settings_of(tmp_path)), gateway_database(settings_of(tmp_path))):
        connection = connections[alias_of(wanted)]
        with connection.cursor() as cursor:
            found += [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS]
        connection.close()
    full, normal = 2, 1
    assert found == ["wal", 1, full, "wal", 1, normal]
