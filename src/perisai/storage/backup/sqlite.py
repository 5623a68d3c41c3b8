"""A copy of a SQLite file while others write to it: one moment of it, whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from perisai.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path


def copy(source: Path, target: Path) -> None:
    """Copy by SQLite's online backup, in one step. Raises StorageError."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as one,
            closing(sqlite3.connect(target)) as other,
        ):
            one.backup(other)
            # In one file, whatever the journal of the source was.
            other.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StorageError(
            f"{source} cannot be copied: {error}; see that there is room for a second copy"
        ) from error


def end_of_log(file: Path) -> tuple[int, str]:
    """The last number and link of the log of facts in a copy."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
        try:
            row = database.execute("SELECT number, link FROM facts_head").fetchone()
        except sqlite3.Error:
            row = None  # a home in which nothing has happened yet
    return (int(row[0]), str(row[1])) if row else (0, "0" * 64)
