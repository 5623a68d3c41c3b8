"""Opening: who makes the tables, where, and what is refused."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from perisai import settings
from perisai.errors import StorageError
from perisai.storage.open import open_store
from tests.storage.facts import REPORT, SCREENED, A, opened
from tests.storage.test_processes import WRITES_ON, start
from tests.storage.test_trouble import change

if TYPE_CHECKING:
    from pathlib import Path

OPENS = """
import sys
from pathlib import Path
from tests.storage.facts import opened
sys.stdin.readline()
store = opened(Path(sys.argv[1]), sys.argv[2])
print(store.generation())
store.close()
"""


def test_many_that_start_together_make_the_tables_once(database: str, tmp_path: Path) -> None:
    # Each has a home of its own, as on several machines.
    commands = [[sys.executable, "-c", OPENS, str(tmp_path / str(n)), database] for n in range(4)]
    pipe = subprocess.PIPE
    openers = [subprocess.Popen(c, stdin=pipe, stdout=pipe, text=True) for c in commands]
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write("go\n")
        opener.stdin.flush()
    said = [opener.communicate(timeout=60)[0] for opener in openers]
    assert said == ["0\n"] * 4
    assert [opener.returncode for opener in openers] == [0] * 4


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    opened(tmp_path / "home", f"sqlite:///{tmp_path}/far/away/facts.sqlite3").close()
    assert (tmp_path / "far/away/facts.sqlite3").exists()


def test_what_a_newer_version_wrote_is_left_alone(database: str, tmp_path: Path) -> None:
    opened(tmp_path, database).close()
    change(
        database,
        "INSERT INTO django_migrations (app, name, applied) "
        "VALUES ('storage', '9999_later', CURRENT_TIMESTAMP)",
    )
    with pytest.raises(StorageError, match=r"newer Perisai \(9999_later\)"):
        opened(tmp_path, database)


def test_what_an_older_version_wrote_is_taken_over(database: str, tmp_path: Path) -> None:
    store = opened(tmp_path, database)
    from django.core.management import call_command

    call_command("migrate", "storage", "0003", database=store._alias, verbosity=0)
    change(
        database,
        "DELETE FROM storage_counter",
        "INSERT INTO storage_counter VALUES ('generation', 7), ('uploads', 2), ('reports', 2)",
        *[
            "INSERT INTO storage_itemreport "
            f"VALUES ({n}, 'n', 'up', '1', '', 'report', '', '6-9', '2026-11-23 12:00:00+00:00')"
            for n in (1, 2, 5)  # PostgreSQL's own numbers had gaps
        ],
    )
    store.close()
    again = opened(tmp_path, database)
    assert again.generation() == 7
    assert again.add_report(REPORT) == 6
    assert [number for number, _ in again.reports(2)] == [5, 6]
    again.close()


def test_the_tables_are_as_the_models_say(tmp_path: Path) -> None:
    open_store(settings.load(env={"PERISAI_HOME": str(tmp_path)})).close()
    from django.core.management import call_command

    call_command("makemigrations", "storage", check=True, dry_run=True, verbosity=0)


def test_without_an_address_the_file_lies_in_the_home_folder(tmp_path: Path) -> None:
    store = open_store(settings.load(env={"PERISAI_HOME": str(tmp_path)}))
    store.keep([SCREENED])
    store.close()
    again = open_store(
        settings.load(
            env={
                "PERISAI_HOME": str(tmp_path),
                "PERISAI_STORAGE__DATABASE": "sqlite:///gateway.sqlite3",
            }
        )
    )
    assert A in again.screened([A], "basis")
    again.close()


COPIES = ("VACUUM INTO '{}'", "backup")


@pytest.mark.parametrize("how", COPIES)
def test_a_backup_made_while_others_write_is_whole(how: str, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/facts.sqlite3"
    with start(WRITES_ON, tmp_path, address) as writer:
        assert writer.stdout is not None
        told = next(int(line) for line in writer.stdout if int(line) >= 20)
        with closing(sqlite3.connect(tmp_path / "facts.sqlite3")) as source:
            if how == "backup":
                with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as target:
                    source.backup(target)
            else:
                source.execute(how.format(tmp_path / "copy.sqlite3"))
        writer.kill()
    store = opened(tmp_path / "other", f"sqlite:///{tmp_path}/copy.sqlite3")
    shas = [f"{n:064x}" for n in range(5000)]
    opinions = store.opinions(shas)
    assert set(shas[: told + 1]) <= set(opinions)
    assert store.generation() == len(opinions) == len(store.reports(limit=9999))
    assert set(opinions) <= set(store.screened(shas, "basis"))
    store.close()
