"""What happens when the database is damaged, full, locked, slow, gone, or closed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest

from perisai.errors import StorageError
from perisai.storage import configuration
from tests.common import databases
from tests.storage.facts import ENTRY, KEY, NOW, OPINION, SCREENED, A, B, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from perisai.storage.ports import Store


def change(address: str, *statements: str) -> None:
    """Do to the database what no store would."""
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(urlsplit(address).path[1:])) as connection:
            connection.execute("PRAGMA ignore_check_constraints=ON")
            for statement in statements:
                connection.execute(statement)
            connection.commit()
    else:
        with psycopg.connect(address) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Store]:
    made = opened(tmp_path, database)
    yield made
    made.close()


# ---- damaged


@pytest.mark.parametrize(
    "change_to",
    [
        "findings = '{}'",
        "findings = '[1]'",
        "findings = 'null'",
        "findings = '\"\"'",
        "covered = 'no such label'",
        "covered = 'explicit;'",
    ],
)
def test_damaged_evidence_counts_as_none_and_is_replaced(
    store: Store, database: str, change_to: str
) -> None:
    other = replace(SCREENED, sha256=B)
    store.keep([SCREENED, other])
    change(database, f"UPDATE storage_screened SET {change_to} WHERE sha256 = '{A}'")
    assert store.screened([A, B], "basis") == {B: other}
    store.keep([SCREENED])
    assert store.screened([A, B], "basis") == {A: SCREENED, B: other}


def test_older_evidence_does_not_stand_in_for_damaged(store: Store, database: str) -> None:
    store.keep([replace(SCREENED, findings=())])
    store.keep([SCREENED])
    change(database, "UPDATE storage_screened SET findings = '[1]' WHERE number = 2")
    assert store.screened([A], "basis") == {}


def test_a_damaged_word_of_a_person_is_an_error_and_not_forgotten(
    store: Store, database: str
) -> None:
    store.add_opinion(OPINION)
    store.add_key(KEY)
    store.add_entries([ENTRY])
    change(
        database,
        "UPDATE storage_opinion SET label = 'nothing'",
        "UPDATE storage_apikey SET band = 'nobody'",
        "UPDATE storage_catalogueentry SET tags = '7'",
        "DELETE FROM storage_counter",
    )
    asked = (lambda: store.opinions([A]), store.keys, store.entries, store.generation)
    for ask in (*asked, lambda: store.add_opinion(OPINION)):
        with pytest.raises(StorageError, match=r"storage_\w+ is damaged: .*backup"):
            ask()


def test_a_key_whose_end_is_damaged_is_not_in_force_again(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/facts.sqlite3"
    store = opened(tmp_path, address)
    store.add_key(KEY)
    store.revoke_key(KEY.name, NOW)
    change(address, "UPDATE storage_revocation SET at = ''")
    with pytest.raises(StorageError, match="damaged"):
        store.keys()
    store.close()


def test_a_time_that_is_none_is_an_error(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/facts.sqlite3"  # PostgreSQL takes no such thing
    store = opened(tmp_path, address)
    store.add_opinion(OPINION)
    for time in ("'tomorrow'", "'2026-99-99 00:00:00'", "x'ff'"):
        change(address, f"UPDATE storage_opinion SET at = {time}")
        with pytest.raises(StorageError, match="damaged"):
            store.opinions([A])
    store.close()


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "facts.sqlite3").write_bytes(b"something else, long enough to be read" * 99)
    with pytest.raises(StorageError, match="not a database"):
        opened(tmp_path, f"sqlite:///{tmp_path}/facts.sqlite3")


# ---- full

FULL = """
import resource, signal, sys
from dataclasses import replace
from pathlib import Path
from tests.storage.facts import SCREENED, A, B, opened
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = opened(Path(sys.argv[1]), sys.argv[2])
store.keep([replace(SCREENED, sha256="c" * 64)])
big = [replace(SCREENED, sha256=f"{n:064x}", type="x" * 9000) for n in range(1000)]
no_limit = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, no_limit[1]))
calls = [lambda: store.keep([SCREENED]), lambda: store.keep(big)]
calls.append(lambda: store.keep([replace(SCREENED, sha256=B)]))
try:
    done = [error is None for _, error in store.together(calls)]
except Exception as error:
    print(type(error).__name__, error, file=sys.stderr)
    done = [False] * 3
try:
    store.keep(big)
except Exception as error:
    print(type(error).__name__, error, file=sys.stderr)
resource.setrlimit(resource.RLIMIT_FSIZE, no_limit)
kept = store.screened([A, B], "basis")
print(done == [A in kept, True, B in kept] or done == [A in kept, False, B in kept])
store.keep([replace(SCREENED, sha256="d" * 64)])
print(len(store.screened(["c" * 64, "d" * 64], "basis")))
store.close()
"""


def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/facts.sqlite3"
    command = [sys.executable, "-c", FULL, str(tmp_path), address]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True", "2"], done.stderr
    complaints = done.stderr.splitlines()
    assert complaints
    assert all(each.startswith("StorageError the database cannot be used") for each in complaints)


# ---- locked and slow


@pytest.mark.parametrize("kind", databases.KINDS)
def test_who_waits_too_long_for_others_is_told(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configuration, "PATIENCE_SECONDS", 1)
    if kind == "sqlite":
        address = f"sqlite:///{tmp_path}/facts.sqlite3"
        store = opened(tmp_path, address)
        other = sqlite3.connect(tmp_path / "facts.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        address = request.getfixturevalue("postgresql")
        store = opened(tmp_path, address)
        other = psycopg.connect(address)
        other.execute("LOCK TABLE storage_counter IN EXCLUSIVE MODE")
    assert store.generation() == 0  # readers do not wait
    with pytest.raises(StorageError, match="cannot be used now"):
        store.add_opinion(OPINION)
    other.rollback()
    other.close()
    assert store.add_opinion(OPINION) == 1
    store.close()


# ---- gone


def lose_connections(address: str) -> None:
    name = urlsplit(address).path[1:]
    databases.ask(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )


def test_what_is_lost_with_the_connection_is_not_acknowledged(
    postgresql: str, tmp_path: Path
) -> None:
    store = opened(tmp_path, postgresql)

    def broken_off() -> None:
        lose_connections(postgresql)
        store.add_key(KEY)

    calls = [lambda: store.keep([SCREENED]), broken_off, lambda: store.add_opinion(OPINION)]
    with pytest.raises(StorageError, match="terminating connection"):
        store.together(calls)
    assert store.screened([A], "basis") == {}
    assert store.generation() == 0
    assert [error for _, error in store.together([calls[0], calls[2]])] == [None, None]
    assert A in store.screened([A], "basis")
    store.close()


def test_a_database_that_was_started_anew_is_found_again(postgresql: str, tmp_path: Path) -> None:
    store = opened(tmp_path, postgresql)
    store.keep([SCREENED])
    for _ in range(2):
        lose_connections(postgresql)
        assert A in store.screened([A], "basis")
        lose_connections(postgresql)
        store.keep([replace(SCREENED, sha256=B)])
    store.close()


def test_one_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"cannot be opened.*storage\.database") as raised:
        opened(tmp_path, "postgresql://someone:secret@127.0.0.1:9/none")
    assert "secret" not in str(raised.value)


# ---- closed


def test_a_closed_store_answers_no_thread(store: Store) -> None:
    store.keep([SCREENED])
    said: list[object] = []
    may_go_on, asked_once = threading.Event(), threading.Event()

    def ask_twice() -> None:
        said.append(store.screened([A], "basis"))
        asked_once.set()
        may_go_on.wait(20)
        try:
            store.generation()
        except StorageError as error:
            said.append(error)

    thread = threading.Thread(target=ask_twice)
    thread.start()
    asked_once.wait(20)
    store.close()
    may_go_on.set()
    thread.join()
    assert said[0] == {A: SCREENED}
    assert "closed" in str(said[1])
    with pytest.raises(StorageError, match="closed"):
        store.together([lambda: store.add_counts([])])
    store.close()


def test_closing_one_leaves_another_of_the_same_database_open(
    database: str, tmp_path: Path
) -> None:
    one, two = opened(tmp_path, database), opened(tmp_path, database)
    one.keep([SCREENED])
    one.close()
    assert two.screened([A], "basis") == {A: SCREENED}
    assert two.remove_entries(["1"], NOW) == 0
    two.close()
