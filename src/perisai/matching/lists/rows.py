"""What is written into and read from the tables, row by row; :mod:`store` says when."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from perisai.matching.lists.model import Entry, HashList, Kind, Sharing
from perisai.terms import Label

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

BATCH = 10_000
FACTS = ("name", "source", "label", "licence", "sharing", "expires", "created_at")
_LISTS = (
    "SELECT id, name, source, label, licence, sharing, expires, created_at, pdq, sha256, md5, clip"
    " FROM lists WHERE removed_seq IS NULL"
)


@dataclass(frozen=True, slots=True)
class Added:
    """How many entries were new, how many the list had already, and whether it was made now."""

    added: int
    known: int
    created: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One change or export of a list, as logged: never rewritten, never removed."""

    seq: int
    at: str
    who: str
    action: str
    list_name: str
    detail: dict[str, object]


def all_lists(db: sqlite3.Connection) -> dict[int, HashList]:
    """Every list that was not removed, by number, in the order of their names."""
    return {row[0]: _hash_list(row[1:]) for row in db.execute(f"{_LISTS} ORDER BY name")}


def find_list(db: sqlite3.Connection, name: str) -> tuple[int, HashList] | None:
    """One list and its number."""
    row = db.execute(f"{_LISTS} AND name = ?", (name,)).fetchone()
    return None if row is None else (row[0], _hash_list(row[1:]))


def entries_of(db: sqlite3.Connection, list_id: int) -> Iterator[tuple[int, Entry]]:
    """Every entry with its number, by kind and then in the order of adding."""
    rows = db.execute(
        "SELECT e.id, e.kind, e.value, e.quality, e.variant, e.picture, f.sha256"
        " FROM entries e INDEXED BY entries_by_list LEFT JOIN files f ON f.id = e.file"
        " WHERE e.list_id = ? AND e.removed_seq IS NULL ORDER BY e.kind, e.id",
        (list_id,),
    )
    for entry_id, kind, value, quality, variant, picture, file in rows:
        yield entry_id, Entry(Kind(kind), value, quality, variant, picture, file or b"")


def make_list(db: sqlite3.Connection, facts: Mapping[str, str | None]) -> int:
    """Insert a list; returns its number."""
    cursor = db.execute(
        f"INSERT INTO lists ({', '.join(FACTS)}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  our own words
        [facts[key] for key in FACTS],
    )
    return int(cursor.lastrowid or 0)


def insert_all(db: sqlite3.Connection, list_id: int, entries: Iterable[Entry]) -> tuple[int, int]:
    """Put entries on a list; returns how many were new and how many it had.

    Pictures are numbered on from the list's last one.
    """
    first = db.execute("SELECT next_picture FROM lists WHERE id = ?", (list_id,)).fetchone()[0]
    next_picture, total = first, 0
    added = dict.fromkeys(Kind, 0)
    files: dict[bytes, int | None] = {b"": None}
    stream = iter(entries)
    while batch := list(islice(stream, BATCH)):
        total += len(batch)
        rows: dict[Kind, list[tuple[object, ...]]] = {}
        for entry in batch:
            if entry.file not in files:
                files[entry.file] = _file_id(db, entry.file)
            picture = None
            if entry.picture is not None:
                picture = first + entry.picture
                next_picture = max(next_picture, picture + 1)
            rest = (entry.quality, entry.variant, picture, files[entry.file])
            rows.setdefault(entry.kind, []).append((list_id, entry.kind, entry.value, *rest))
        for kind, values in rows.items():
            before = db.total_changes
            db.executemany(
                "INSERT INTO entries (list_id, kind, value, quality, variant, picture, file)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                values,
            )
            added[kind] += db.total_changes - before
    _count(db, list_id, added)
    db.execute("UPDATE lists SET next_picture = ? WHERE id = ?", (next_picture, list_id))
    new = sum(added.values())
    return new, total - new


def with_variants(db: sqlite3.Connection, list_id: int, entry_id: int) -> set[int]:
    """The entry and all variants of its picture; empty if it is not on the list."""
    rows = db.execute(
        "SELECT e.id FROM entries g JOIN entries e INDEXED BY entries_by_list"
        " ON e.list_id = g.list_id AND e.kind = g.kind AND (e.id = g.id OR e.picture = g.picture)"
        " WHERE g.id = ?1 AND g.list_id = ?2 AND g.removed_seq IS NULL AND e.removed_seq IS NULL",
        (entry_id, list_id),
    )
    return {row[0] for row in rows}


def from_file(db: sqlite3.Connection, list_id: int, sha256: bytes) -> set[int]:
    """Everything on the list that was made from this file, and the file's own hash."""
    rows = db.execute(
        "SELECT e.id FROM files f JOIN entries e ON e.file = f.id"
        " WHERE f.sha256 = ?2 AND e.list_id = ?1 AND e.removed_seq IS NULL"
        " UNION SELECT id FROM entries"
        " WHERE kind = ?3 AND value = ?2 AND list_id = ?1 AND removed_seq IS NULL",
        (list_id, sha256, Kind.SHA256),
    )
    return {row[0] for row in rows}


def take(db: sqlite3.Connection, list_id: int, ids: Iterable[int], seq: int) -> None:
    """Mark entries as removed by an event."""
    gone = dict.fromkeys(Kind, 0)
    for entry_id in ids:
        row = db.execute(
            "UPDATE entries SET removed_seq = ? WHERE id = ? RETURNING kind", (seq, entry_id)
        ).fetchone()
        gone[Kind(row[0])] -= 1
    _count(db, list_id, gone)


def write_event(
    db: sqlite3.Connection, who: str, action: str, list_id: int, detail: Mapping[str, object]
) -> int:
    """Add to the log of changes; returns the event's number."""
    before = db.execute("SELECT seq, chain FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    seq, chain = (before[0] + 1, before[1]) if before else (1, _seed(db))
    last = db.execute("SELECT ifnull(max(id), 0) FROM entries").fetchone()[0]
    row = (seq, now(), who, action, list_id, json.dumps(detail), last)
    db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, _link(chain, row)))
    return int(seq)


def generation(db: sqlite3.Connection) -> int:
    """The number of the newest change; exports are logged, but change nothing."""
    row = db.execute(
        "SELECT seq FROM events WHERE action <> 'export' ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    return int(row[0]) if row else 0


def mark(db: sqlite3.Connection) -> str:
    """The chained hash of the newest change, in hex; empty before the first.

    Unlike its number, it differs where a backup took the file's place and was then changed.
    """
    row = db.execute(
        "SELECT chain FROM events WHERE action <> 'export' ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    return row[0].hex() if row else ""


def read_event(row: Sequence[Any]) -> Event:
    """Make an event of its number, time, person, action, list and detail."""
    seq, at, who, action, name, detail = row
    return Event(seq, at, who, action, name, json.loads(detail))


def log_faults(db: sqlite3.Connection) -> Iterator[str]:
    """Say where the log of changes has a gap or was edited."""
    chain = _seed(db)
    for row in db.execute("SELECT * FROM events ORDER BY seq"):
        chain = _link(chain, row[:7])
        if chain != row[7]:
            yield f"the log of changes was altered at or before number {row[0]}"
            return


def now(moment: datetime | None = None) -> str:
    """This moment, or another one: ISO 8601 in UTC."""
    return (
        (moment or datetime.now(UTC))
        .astimezone(UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def _seed(db: sqlite3.Connection) -> bytes:
    return str(db.execute("SELECT identity FROM store").fetchone()[0]).encode()


def _link(chain: bytes, row: Sequence[object]) -> bytes:
    return hashlib.sha256(chain + json.dumps(row).encode()).digest()


def _count(db: sqlite3.Connection, list_id: int, changes: Mapping[Kind, int]) -> None:
    for kind, change in changes.items():
        sql = f"UPDATE lists SET {kind.word} = {kind.word} + ? WHERE id = ?"  # noqa: S608  our own words
        db.execute(sql, (change, list_id))


def _file_id(db: sqlite3.Connection, sha256: bytes) -> int:
    db.execute("INSERT INTO files (sha256) VALUES (?) ON CONFLICT DO NOTHING", (sha256,))
    return int(db.execute("SELECT id FROM files WHERE sha256 = ?", (sha256,)).fetchone()[0])


def _hash_list(row: Sequence[object]) -> HashList:
    name, source, label, licence, sharing, expires, created_at, *counts = row
    return HashList(
        name=str(name),
        source=str(source),
        label=Label(str(label)),
        licence=str(licence),
        sharing=Sharing(str(sharing)),
        expires=date.fromisoformat(str(expires)) if expires is not None else None,
        created_at=str(created_at),
        counts=dict(zip(Kind, (int(str(count)) for count in counts), strict=True)),
    )
