"""Makes two files of the one that older homes have: the gateway's tables get a file of their own.

Whatever kills it, nothing is lost, and the next start goes on: the gateway's tables are copied
whole before the old file loses them, and each step is done once it can be seen in the folder.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from perisai.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

OLD_FILE = "perisai.sqlite3"
_PREFIX = "storage_"
"""How the names of the gateway's tables begin."""
_PATIENCE_SECONDS = 300
"""For another process that does the same; a large file takes its time."""


def make_two(home: Path, facts: str, gateway: str) -> None:
    """Give the tables of the gateway a file of their own, if this home is an older one.

    Raises StorageError if another program still uses the old file, if there is no room, or if
    there are new files already.
    """
    if not (home / OLD_FILE).exists() and not _copy(home).exists():
        return
    try:
        with FileLock(home / f"{OLD_FILE}.lock", timeout=_PATIENCE_SECONDS):
            _make_two(home, home / facts, home / gateway)
    except Timeout as error:
        raise StorageError(f"another process moves {home / OLD_FILE}; start again later") from error
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            f"{home / OLD_FILE} cannot be made into {facts} and {gateway} now: {error}. Nothing is "
            "lost; stop every program that uses it, see that there is as much room again, and start"
        ) from error


def _copy(home: Path) -> Path:
    """Where the tables of the gateway lie, whole, until the old file has been taken care of."""
    return home / "gateway.sqlite3.moving"


def _make_two(home: Path, facts: Path, gateway: Path) -> None:
    old, copy = home / OLD_FILE, _copy(home)
    there = [path.name for path in (facts, gateway) if path.exists()]
    if old.exists() and there:
        raise StorageError(
            f"{home} holds {OLD_FILE}, of an older Perisai, beside {there[0]}: one of them is not "
            f"of this home; move {OLD_FILE} away, or the new files if it is the one that counts"
        )
    if old.exists():
        _alone(old)
        if not copy.exists():
            begun = copy.with_suffix(".begun")
            begun.unlink(missing_ok=True)
            with closing(sqlite3.connect(old)) as source, closing(sqlite3.connect(begun)) as target:
                source.backup(target)
            _keep(begun, of_gateway=True)
            _rename(begun, copy)
        _keep(old, of_gateway=False)
        _rename(old, facts)
    if copy.exists():
        _rename(copy, gateway)


def _alone(file: Path) -> None:
    """Write back what lies beside the file. Raises sqlite3.Error while another program has it."""
    with closing(sqlite3.connect(file, timeout=1)) as database:
        database.execute("PRAGMA journal_mode=DELETE")


def _keep(file: Path, *, of_gateway: bool) -> None:
    """Drop the tables of the others, and give back their room."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        tables = [
            name
            # The tables in which an index of words keeps itself (shadow) go with it.
            for (name,) in database.execute(
                "SELECT name FROM pragma_table_list "
                "WHERE schema = 'main' AND type IN ('table', 'virtual')"
            )
            if name.startswith(_PREFIX) is not of_gateway
            and not name.startswith("sqlite_")
            and name != "django_migrations"
        ]
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("BEGIN IMMEDIATE")
        for name in tables:
            database.execute(f'DROP TABLE "{name}"')
        other = "app <> 'storage'" if of_gateway else "app = 'storage'"
        if database.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'django_migrations'"
        ).fetchone():
            database.execute(f"DELETE FROM django_migrations WHERE {other}")  # noqa: S608 - one of two
        database.execute("COMMIT")
        database.execute("VACUUM")  # also what was erased is gone from both


def _rename(before: Path, after: Path) -> None:
    """Rename, durably."""
    before.replace(after)
    if os.name == "posix":
        folder = os.open(after.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
