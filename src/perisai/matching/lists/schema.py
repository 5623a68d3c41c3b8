"""The SQLite file behind the lists: its tables, how they grow, and how it is opened safely.

Nothing is ever overwritten: an entry or list that goes gets a ``removed_seq``, and every change has
a row in ``events``. Each event carries a hash over itself and the one before, so that a copy which
was restored from an older day, or edited, is told from the original.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from perisai.errors import ListError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APPLICATION_ID = 0x50455253  # "PERS", so that another program's file is not taken for ours
VERSION = 1
BUSY_SECONDS = 5.0

_V1 = """
CREATE TABLE store (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    identity TEXT NOT NULL          -- random; tells this file from another one in the same place
) STRICT;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,               -- ISO 8601, UTC
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    list_id INTEGER NOT NULL REFERENCES lists (id) DEFERRABLE INITIALLY DEFERRED,
    detail TEXT NOT NULL,           -- JSON
    last_entry INTEGER NOT NULL,    -- the newest entry as of this event
    chain BLOB NOT NULL             -- SHA-256 over the chain before and this row
) STRICT;
CREATE TABLE lists (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    label TEXT NOT NULL CHECK (label IN ('listed', 'abuse')),
    licence TEXT NOT NULL,
    sharing TEXT NOT NULL CHECK (sharing IN ('none', 'partners', 'public')),
    expires TEXT,
    created_at TEXT NOT NULL,
    next_picture INTEGER NOT NULL DEFAULT 0,
    pdq INTEGER NOT NULL DEFAULT 0,     -- entries of each kind: counting millions takes seconds
    sha256 INTEGER NOT NULL DEFAULT 0,
    md5 INTEGER NOT NULL DEFAULT 0,
    clip INTEGER NOT NULL DEFAULT 0,
    removed_seq INTEGER REFERENCES events (seq)
) STRICT;
CREATE UNIQUE INDEX lists_by_name ON lists (name) WHERE removed_seq IS NULL;
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32)
) STRICT;
CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used twice, and so safe as the index's item
    list_id INTEGER NOT NULL REFERENCES lists (id),
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
    value BLOB NOT NULL,
    quality INTEGER,
    variant TEXT NOT NULL,
    picture INTEGER,
    file INTEGER REFERENCES files (id),
    removed_seq INTEGER REFERENCES events (seq)
) STRICT;
-- The file belongs to the key: a frame that two files share must outlive the removal of one.
CREATE UNIQUE INDEX entries_by_value ON entries (kind, value, list_id, ifnull(file, 0))
    WHERE removed_seq IS NULL;
CREATE INDEX entries_by_list ON entries (list_id, kind);
CREATE INDEX entries_by_file ON entries (file) WHERE file IS NOT NULL;
CREATE INDEX entries_removed ON entries (removed_seq) WHERE removed_seq IS NOT NULL;
CREATE TRIGGER events_stay BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the log of changes is never shortened'); END;
CREATE TRIGGER events_hold BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the log of changes is never rewritten'); END;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'entries are marked as removed, never deleted'); END;
CREATE TRIGGER entries_hold
    BEFORE UPDATE OF id, list_id, kind, value, quality, variant, picture, file ON entries
    BEGIN SELECT RAISE(ABORT, 'entries are never rewritten'); END;
"""
_MIGRATIONS = (_V1,)
"""What turns version n into version n + 1. Append only."""


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, usable from any thread under the caller's own lock.

    Raises :class:`ListError` if the file is damaged, foreign, or from a newer Perisai.
    """
    db = _connect(path)
    try:
        _check(db, path)
        db.execute("PRAGMA query_only=ON")
    except BaseException:
        db.close()
        raise
    return db


def open_writer(path: Path) -> sqlite3.Connection:
    """A connection that may write; creates the file and brings its tables up to date."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Lists can be confidential: nobody else on this machine needs to read them.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    db = _connect(path)
    try:
        _check(db, path)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")  # a write is on the disk before it is acknowledged
        db.execute("PRAGMA cache_size=-131072")  # KiB: hashes land all over the index by value
        if sys.platform == "darwin":  # fsync alone leaves data in the drive's cache there
            db.execute("PRAGMA fullfsync=ON")
            db.execute("PRAGMA checkpoint_fullfsync=ON")
        _migrate(db)
    except BaseException:
        db.close()
        raise
    return db


def version(db: sqlite3.Connection) -> int:
    """The tables' version; 0 for a file that has none yet."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and only one writer in the whole system.

    Raises :class:`ListError` if another process holds the lists for longer than a moment.
    """
    try:
        db.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        raise ListError(
            "another process is changing the hash lists; nothing was changed here. "
            "Try again when it has finished"
        ) from error
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file into a :class:`ListError` that says what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ListError(
            f"{path}: {error}; see that the disk has room and may be written"
        ) from error
    except sqlite3.DatabaseError as error:
        raise ListError(
            f"{path} is damaged ({error}); restore it from a backup. Nothing is matched until then"
        ) from error


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    # The file may come from elsewhere (a backup, a USB stick): give its schema no powers.
    db.execute("PRAGMA trusted_schema=OFF")
    db.execute("PRAGMA cell_size_check=ON")
    db.execute("PRAGMA foreign_keys=ON")
    return db


def _check(db: sqlite3.Connection, path: Path) -> None:
    try:
        application = db.execute("PRAGMA application_id").fetchone()[0]
        found = version(db)
    except sqlite3.DatabaseError as error:
        raise ListError(f"{path} cannot be read as hash lists ({error}); restore it") from error
    if found and application != APPLICATION_ID:
        raise ListError(f"{path} belongs to another program; move it away or choose another home")
    if found > VERSION:
        raise ListError(f"{path} was written by a newer Perisai; upgrade this one")


def _migrate(db: sqlite3.Connection) -> None:
    if version(db) == VERSION:
        return
    with transaction(db):
        for step in range(version(db), VERSION):  # looked up again: another process may have won
            for statement in _statements(_MIGRATIONS[step]):
                db.execute(statement)
            if step == 0:
                db.execute("INSERT INTO store VALUES (1, ?)", (os.urandom(16).hex(),))
                db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={VERSION}")


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit before it begins; a half-made schema must never be seen.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
