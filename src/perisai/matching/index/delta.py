"""The log's records as something that can be searched: the young part of the index, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from perisai.matching.index.log import ADD, REMOVE
from perisai.matching.index.segment import BANDS_FROM, Segment, joined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perisai.matching.index.segment import Found

SEAL = 16_384
"""From here on the young hashes get bands too: comparing a query with more of them would cost as
much as searching a base of millions."""


def among(values: NDArray[np.uint64], ids: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which values are among the ids (sorted, unique)."""
    if not len(ids):
        return np.zeros(len(values), np.bool_)
    place = np.minimum(np.searchsorted(ids, values), len(ids) - 1)
    return np.asarray(ids[place] == values)


@dataclass(slots=True)
class _Room:
    """Growing arrays that several snapshots share; only rows past a snapshot's end are written."""

    hashes: NDArray[np.uint8] = field(default_factory=lambda: np.empty((256, 32), np.uint8))
    items: NDArray[np.uint64] = field(default_factory=lambda: np.empty(256, np.uint64))
    numbers: NDArray[np.int64] = field(default_factory=lambda: np.empty(256, np.int64))
    sealed: list[tuple[int, Segment]] = field(default_factory=list)

    def fit(self, count: int) -> None:
        if count <= len(self.items):
            return
        room = max(count, 2 * len(self.items))
        for name in ("hashes", "items", "numbers"):
            old = getattr(self, name)
            new = np.empty((room, *old.shape[1:]), old.dtype)
            new[: len(old)] = old
            setattr(self, name, new)

    def seal(self, count: int) -> int:
        """Give bands to all but the youngest rows, in parts that merge like the digits of a sum."""
        done = sum(len(part) for _, part in self.sealed)
        if count - done >= SEAL:
            first = done
            while self.sealed and len(self.sealed[-1][1]) <= count - first:
                first = self.sealed.pop()[0]
            part = Segment.in_memory(self.hashes[first:count].copy(), self.items[first:count])
            self.sealed.append((first, part))
            done = count
        return done


@dataclass(frozen=True, slots=True)
class Delta:
    """A snapshot: ``count`` added hashes, which of them live, and the items removed since."""

    room: _Room = field(default_factory=_Room)
    count: int = 0
    live: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    removed: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    """Items removed since the base was written, sorted; none of the base's hashes of them count."""
    removed_at: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """Number of the last record that removed each."""

    def after(self, records: NDArray[np.void]) -> Delta:
        """Apply more records of the log."""
        added = records[records["kind"] == ADD]
        gone = records[records["kind"] == REMOVE]
        room, count = self.room, self.count + len(added)
        room.fit(count)
        room.hashes[self.count : count] = added["hash"]
        room.items[self.count : count] = added["item"]
        room.numbers[self.count : count] = added["number"]
        grown = replace(
            self, count=count, live=np.concatenate([self.live, np.ones(len(added), np.bool_)])
        )
        if not len(gone):
            return grown
        items = np.concatenate([self.removed, gone["item"]])
        at = np.concatenate([self.removed_at, gone["number"].astype(np.int64)])
        # np.unique returns first occurrences: with the order reversed, the last removal of each.
        removed, last = np.unique(items[::-1], return_index=True)
        removed_at = at[::-1][last]
        place = np.searchsorted(removed, room.items[:count])
        place = np.minimum(place, len(removed) - 1)
        dead = (removed[place] == room.items[:count]) & (removed_at[place] > room.numbers[:count])
        return replace(grown, live=~dead, removed=removed, removed_at=removed_at)

    @property
    def hashes(self) -> NDArray[np.uint8]:
        """The added hashes (count, 32), dead ones included."""
        return self.room.hashes[: self.count]

    @property
    def items(self) -> NDArray[np.uint64]:
        """The item of each added hash (count,)."""
        return self.room.items[: self.count]

    def search(self, queries: NDArray[np.uint8], radius: int, *, banded: bool) -> Found:
        """Find all live hashes within the radius. ``banded``: Numba is needed anyway, so use it."""
        done = self.room.seal(self.count) if banded or self.count >= BANDS_FROM else 0
        parts = []
        for first, part in list(self.room.sealed) if done else []:
            query, seat, distance = part.search(queries, radius)
            parts.append((query, seat + first, distance))
        done = min(done, self.count)
        tail = Segment(self.hashes[done:], self.items[done:])
        query, seat, distance = tail.search(queries, radius)
        parts.append((query, seat + done, distance))
        query, seat, distance = joined(parts)
        keep = seat < self.count  # a part may have been sealed for a younger snapshot
        keep[keep] = self.live[seat[keep]]
        return query[keep], seat[keep], distance[keep]
