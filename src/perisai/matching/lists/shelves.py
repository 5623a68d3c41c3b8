"""Everything that can be near a hash: a few compared one by one, millions through the index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from perisai.errors import MatchingError
from perisai.matching.lists.clip_values import clip_hashes
from perisai.matching.lists.following import SMALL_GAP, FollowingIndex, followed, newest
from perisai.matching.lists.model import Kind
from perisai.matching.pdq import RADIUS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from perisai.matching.index import RadiusIndex

PAIRS_AT_ONCE = 1 << 18
"""Pairs compared in one go: arrays of so many bytes stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Near:
    """Pairs within the radius: ``row`` of the query, ``entry``, ``distance``, all int64 (n,)."""

    row: NDArray[np.int64]
    entry: NDArray[np.int64]
    distance: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Few:
    """Hashes held in memory, ``words`` uint64 (n, 4), and whose they are."""

    words: NDArray[np.uint64]
    entries: NDArray[np.int64]

    @classmethod
    def load(
        cls, db: sqlite3.Connection, kind: Kind, list_ids: Iterable[int], after: int = 0
    ) -> Few:
        """Read the entries of these lists that have a higher number than ``after``."""
        hashes, entries = [b""], [np.zeros(0, np.int64)]
        # By number where only the newest are wanted, or millions of rows would be passed over.
        index = "INDEXED BY entries_by_list" if after == 0 else "NOT INDEXED"
        for list_id in list_ids:
            rows = db.execute(
                f"SELECT id, value FROM entries {index}"  # noqa: S608
                " WHERE list_id = ? AND kind = ? AND removed_seq IS NULL AND id > ?",
                (list_id, kind, after),
            ).fetchall()
            values = [value for _, value in rows]
            if kind is Kind.CLIP:
                values = [clip_hashes(value.decode()).tobytes() for value in values]
            hashes += values
            ids = np.array([entry_id for entry_id, _ in rows], np.int64)
            entries.append(np.repeat(ids, [len(value) // 32 for value in values]))
        words = np.frombuffer(b"".join(hashes), np.uint64).reshape(-1, 4)
        return cls(words, np.concatenate(entries))

    def near(self, queries: NDArray[np.uint8]) -> Near:
        """Compare each query (n, 32) with each hash."""
        asked = np.ascontiguousarray(queries).view(np.uint64)
        first_half = np.ascontiguousarray(self.words[:, :2].T)
        step = max(1, PAIRS_AT_ONCE // max(1, len(self.words)))
        none = np.zeros(0, np.int64)
        rows, seats, distances = [none], [none], [none]
        for first in range(0, len(asked) if len(self.words) else 0, step):
            some = asked[first : first + step]
            # Unlike pictures differ in about half of the bits: half of a hash settles most pairs.
            half = np.bitwise_count(some[:, None, 0] ^ first_half[0])
            half += np.bitwise_count(some[:, None, 1] ^ first_half[1])
            # Flat, since NumPy looks through a row of flags many times faster than through a table.
            row, seat = np.divmod(np.flatnonzero(half <= RADIUS), len(self.words))
            apart = np.bitwise_count(some[row] ^ self.words[seat])
            distance = apart.sum(axis=1, dtype=np.int64)
            near = distance <= RADIUS
            rows.append(row[near] + first)
            seats.append(seat[near])
            distances.append(distance[near])
        return Near(
            np.concatenate(rows), self.entries[np.concatenate(seats)], np.concatenate(distances)
        )


@dataclass(frozen=True, slots=True)
class Shelf:
    """All hashes of one kind. With an index, ``few`` holds only what that has not taken over yet.

    An index holds all lists, ``few`` only those asked for: whoever uses the result looks up on
    which list an entry is.
    """

    few: Few
    index: RadiusIndex | None = None

    @classmethod
    def load(
        cls,
        db: sqlite3.Connection,
        following: FollowingIndex,
        list_ids: Iterable[int],
        *,
        small: bool,
        before: Shelf | None,
    ) -> Shelf:
        """Load from the lists if they are ``small``, else through the index.

        ``before`` is what was loaded last time. Raises :class:`MatchingError`.
        """
        if small:
            return cls(Few.load(db, following.kind, list_ids))
        index = _current(db, following, before.index if before else None)
        last = followed(db, index.mark)
        if last is None:
            raise MatchingError("the hash index was exchanged while it was opened; try again")
        return cls(Few.load(db, following.kind, list_ids, after=last), index)

    def near(self, queries: NDArray[np.uint8]) -> Near:
        """Find everything within the radius of each query (n, 32)."""
        near = self.few.near(queries)
        if self.index is None:
            return near
        hits = self.index.search(queries, RADIUS)
        return Near(
            np.concatenate([near.row, hits.query]),
            np.concatenate([near.entry, hits.item.astype(np.int64)]),
            np.concatenate([near.distance, hits.distance.astype(np.int64)]),
        )

    def close(self) -> None:
        """Let go of the index's files."""
        if self.index is not None:
            self.index.close()


def _current(
    db: sqlite3.Connection, following: FollowingIndex, index: RadiusIndex | None
) -> RadiusIndex:
    if index is not None:
        try:
            index.refresh()
            last = followed(db, index.mark)
        except MatchingError:  # it was replaced, or is damaged; opening it mends that
            last = None
        if last is not None and newest(db)[2] - last <= SMALL_GAP:
            return index
    return following.open(db)
