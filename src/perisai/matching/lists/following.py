"""The radius index follows the lists: it is derived, remembers how far it got, and heals itself.

With every change the index stores a mark: the number of the last event that it took over and four
bytes of that event's chain. A crash between the lists and the index leaves an index that is behind,
which the mark shows. A mark that the log of changes does not know (the lists were restored from an
older day, or replaced) means that the two do not belong together, and the index is made anew.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from perisai.errors import IndexCorrupt, ListError, MatchingError
from perisai.matching.lists import rows, schema
from perisai.matching.lists.clip_values import HASH_CHARACTERS, clip_hashes
from perisai.matching.lists.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from perisai.matching.index import RadiusIndex
    from perisai.matching.lists.model import HashList

log = logging.getLogger(__name__)

SMALL_GAP = 50_000
"""So many entries not yet in the index are compared one by one rather than waited for."""
PATIENCE_SECONDS = 120.0
_CHUNK = 100_000
_OTHER_LISTS = "it was made from other lists than these"

_LIVING = (
    "SELECT e.id, e.value FROM entries e JOIN lists l ON l.id = e.list_id"
    " WHERE e.kind = ?1 AND e.id > ?2 AND e.removed_seq IS NULL AND l.removed_seq IS NULL"
    " ORDER BY e.id"
)
_GONE = (
    "SELECT id FROM entries WHERE removed_seq > ?1 AND kind = ?2 AND id <= ?3"
    " UNION ALL SELECT e.id FROM lists l JOIN entries e ON e.list_id = l.id"
    " WHERE l.removed_seq > ?1 AND e.kind = ?2 AND e.id <= ?3 AND e.removed_seq IS NULL"
)


class FollowingIndex:
    """The index under ``folder`` of all entries of one kind in the lists in ``database``.

    An entry has one hash, or as a clip many; the entry's number is the index's item.
    """

    def __init__(self, folder: Path, database: Path, kind: Kind) -> None:
        self.folder = folder
        self.database = database
        self.kind = kind

    def catch_up_after_write(self, limit: int) -> None:
        """Let the index follow a change just made; does nothing up to ``limit`` hashes.

        Never fails the change, which is safe in the lists already: what goes wrong here is logged,
        and mended or reported by the next look-up.
        """
        try:
            if not self.folder.exists() and self._few(limit):
                return
            self.catch_up(PATIENCE_SECONDS)
        except (OSError, sqlite3.Error, MatchingError) as error:
            log.warning(
                "The lists are changed, but the hash index could not follow (%s). "
                "It is brought up to date when it is opened next.",
                error,
            )

    def open(self, db: sqlite3.Connection) -> RadiusIndex:
        """Open the index for look-ups, made or brought up to date first where needed.

        Where another process is just doing that, it may lack the newest entries (at most
        ``SMALL_GAP``, see :func:`followed`), and the caller compares with those itself. Raises
        :class:`IndexCorrupt` if the index cannot be read even after it was rebuilt, another
        :class:`MatchingError` if it cannot be brought up to date.
        """
        gap = self._gap(db)
        if gap:
            try:
                self.catch_up(0.0 if gap <= SMALL_GAP else PATIENCE_SECONDS)
            except (OSError, MatchingError) as error:
                if isinstance(error, IndexCorrupt) or gap > SMALL_GAP:
                    raise type(error)(
                        f"the hash index is not up to date with the lists ({error}); nothing is "
                        "matched until `perisai lists rebuild-index` succeeds"
                    ) from error
        try:
            return self._open()
        except IndexCorrupt as error:
            self._warn(error)
            self.rebuild()
            return self._open()

    def catch_up(self, patience: float) -> None:
        """Add and remove what changed in the lists; rebuilds where the two do not fit together.

        Raises :class:`ListError` if another process is still at it after ``patience`` seconds.
        """
        with self._alone(patience), self._lists() as db:
            try:
                with self._open(write=True) as index:
                    self._follow(db, index)
            except IndexCorrupt as error:
                self._warn(error)
                self._replace(db)

    def rebuild(self) -> int:
        """Make the index anew. Returns how many entries it holds."""
        if not self.database.exists():
            return 0
        with self._alone(PATIENCE_SECONDS), self._lists() as db:
            self._replace(db)
            return living(db, self.kind)

    def fault(self) -> str | None:
        """Verify the whole index and say what is wrong with it; changes nothing.

        None also where there is no index, or it is only behind: look-ups take care of that. Raises
        :class:`ListError` if the lists cannot be read.
        """
        if not (self.folder.exists() and self.database.exists()):
            return None
        try:
            # Opened before the lists are read: what it took over, they know.
            with self._open(verify=True) as index, self._lists() as db:
                if followed(db, index.mark) is None:
                    raise IndexCorrupt(_OTHER_LISTS)
                if index.mark == newest(db)[1]:
                    self._check_count(db, index)
        except IndexCorrupt as error:
            named = str(self.folder) in str(error)
            return str(error) if named else f"{self.folder}: {error}"
        except ListError:
            raise
        except MatchingError:
            return None
        return None

    def _gap(self, db: sqlite3.Connection) -> int:
        """How far the index is behind, in entries and events; very far if it is no use at all."""
        useless = SMALL_GAP + 1
        try:
            with self._open() as index:
                behind = followed(db, index.mark)
                if behind is None:
                    return useless
                return newest(db)[2] - behind + newest(db)[0] - (index.mark & 0xFFFFFFFF)
        except MatchingError:
            return useless

    def _open(self, *, write: bool = False, verify: bool | None = None) -> RadiusIndex:
        from perisai.matching.index import RadiusIndex  # noqa: PLC0415  not for small lists

        return RadiusIndex.open(self.folder, write=write, verify=verify)

    def _follow(self, db: sqlite3.Connection, index: RadiusIndex) -> None:
        mark = newest(db)[1]
        if index.mark == mark:
            return
        last = followed(db, index.mark)
        if last is None:
            raise IndexCorrupt(_OTHER_LISTS)
        gone = db.execute(_GONE, (index.mark & 0xFFFFFFFF, self.kind, last)).fetchall()
        items, hashes = _hashes(db, self.kind, last)
        index.change(add=(hashes, items), remove=np.array(gone, np.uint64).reshape(-1), mark=mark)
        self._check_count(db, index)

    def _check_count(self, db: sqlite3.Connection, index: RadiusIndex) -> None:
        held = len(index.items()) if self.kind is Kind.CLIP else len(index)
        if held != (expected := living(db, self.kind)):
            raise IndexCorrupt(f"it holds {held} entries instead of {expected}")

    def _replace(self, db: sqlite3.Connection) -> None:
        """What was there is put aside first: readers keep it, and nothing damaged is reused."""
        old = self.folder.with_name(self.folder.name + ".old")
        shutil.rmtree(old, ignore_errors=True)
        if self.folder.exists():
            self.folder.rename(old)
        items, hashes = _hashes(db, self.kind, 0)
        with self._open(write=True) as index:
            index.replace_all(hashes, items, mark=newest(db)[1])
        shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def _alone(self, patience: float) -> Iterator[None]:
        from filelock import FileLock, Timeout  # noqa: PLC0415  not for small lists

        lock = FileLock(self.folder.with_name(self.folder.name + ".lock"))
        try:
            lock.acquire(timeout=patience)
        except Timeout as error:
            raise ListError("another process is writing the hash index") from error
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _lists(self) -> Iterator[sqlite3.Connection]:
        """One look at the lists: everything read here belongs to the same moment."""
        with schema.explained(self.database):
            db = schema.open_reader(self.database)
            try:
                db.execute("BEGIN")
                yield db
            finally:
                db.close()

    def _few(self, limit: int) -> bool:
        with self._lists() as db:
            return few(db, self.kind, rows.all_lists(db), limit)

    def _warn(self, error: Exception) -> None:
        log.warning("The hash index in %s is made anew from the lists: %s", self.folder, error)


def few(db: sqlite3.Connection, kind: Kind, lists: Mapping[int, HashList], limit: int) -> bool:
    """Whether these lists have at most about ``limit`` hashes of this kind."""
    entries = sum(found.counts[kind] for found in lists.values())
    if kind is not Kind.CLIP or not 0 < entries <= limit:
        return entries <= limit
    # One clip may have thousands. SQLite knows a value's length without reading it.
    length = (
        "SELECT ifnull(sum(length(value)), 0) FROM entries INDEXED BY entries_by_list"
        " WHERE list_id = ? AND kind = ? AND removed_seq IS NULL"
    )
    total = sum(int(db.execute(length, (list_id, kind)).fetchone()[0]) for list_id in lists)
    return total // HASH_CHARACTERS <= limit


def newest(db: sqlite3.Connection) -> tuple[int, int, int]:
    """The newest event's number, its mark for the index, and the newest entry as of it."""
    row = db.execute(
        "SELECT seq, chain, last_entry FROM events ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    return (int(row[0]), _mark(row[0], row[1]), int(row[2])) if row else (0, 0, 0)


def followed(db: sqlite3.Connection, mark: int) -> int | None:
    """The newest entry that an index with this mark holds; None if the lists never had the mark."""
    if mark == 0:
        return 0
    row = db.execute(
        "SELECT seq, chain, last_entry FROM events WHERE seq = ?", (mark & 0xFFFFFFFF,)
    ).fetchone()
    return int(row[2]) if row is not None and _mark(row[0], row[1]) == mark else None


def living(db: sqlite3.Connection, kind: Kind) -> int:
    """How many entries of this kind are on lists."""
    sql = f"SELECT ifnull(sum({kind.word}), 0) FROM lists WHERE removed_seq IS NULL"  # noqa: S608
    return int(db.execute(sql).fetchone()[0])


def _mark(seq: int, chain: bytes) -> int:
    return int.from_bytes(chain[:4]) << 32 | seq


def _hashes(
    db: sqlite3.Connection, kind: Kind, after: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Numbers (n,) and hashes (n, 32) of the entries on lists whose number is higher."""
    items, hashes = [np.zeros(0, np.uint64)], [np.zeros((0, 32), np.uint8)]
    found = db.execute(_LIVING, (kind, after))
    while chunk := found.fetchmany(_CHUNK):
        ids = np.fromiter((row[0] for row in chunk), np.uint64, len(chunk))
        values = [row[1] for row in chunk]
        if kind is Kind.CLIP:
            values = [clip_hashes(value.decode()).tobytes() for value in values]
            ids = np.repeat(ids, [len(value) // 32 for value in values])
        items.append(ids)
        hashes.append(np.frombuffer(b"".join(values), np.uint8).reshape(-1, 32))
    return np.concatenate(items), np.concatenate(hashes)
