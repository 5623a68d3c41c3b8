"""The radius index: every stored 256-bit hash within a Hamming distance, none missed.

On disk an index is a folder with a segment that never changes, a log of what was added and removed
since, and a manifest that names the two and is replaced in one step. One process writes at a time,
any number read, and neither waits for the other.
"""

from __future__ import annotations

import operator
import threading
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from filelock import FileLock, Timeout

from perisai.errors import MatchingError
from perisai.matching.index import log as logs
from perisai.matching.index.delta import Delta, among
from perisai.matching.index.files import Manifest
from perisai.matching.index.layout import MAX_RADIUS
from perisai.matching.index.segment import Segment
from perisai.matching.index.state import State, caught_up, create_if_new, load, stamp, sweep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import ArrayLike, NDArray

DEFAULT_RADIUS = 31
"""Distance up to which two PDQ hashes are taken for the same picture."""
YOUNG = 200_000
"""So many records stay in the log before a writer merges them (or a quarter of the base)."""
VERIFIED_BYTES = 1 << 28
_ROWS = 1 << 18
_UNLOCKED = nullcontext()
_ITEMS = "items must be a row of whole numbers from 0 to 2**64 - 1"


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found, one row per stored hash, in no particular order.

    ``query`` int64: row of the query; ``item`` uint64; ``distance`` uint8.
    """

    query: NDArray[np.int64]
    item: NDArray[np.uint64]
    distance: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.query)


class RadiusIndex:
    """Stored 256-bit hashes, each belonging to an item; see :meth:`open`.

    One hash may be stored for several items and one item may have several hashes. The same pair
    added twice is found twice. Searching is safe from several threads while another one writes.
    """

    def __init__(self, path: Path, state: State, lock: FileLock | None) -> None:
        self._path = path
        self._state = state
        self._lock = lock
        self._mutex = threading.RLock()
        self._dead: tuple[Delta, int] | None = None

    @classmethod
    def open(
        cls, path: Path, *, write: bool = False, timeout: float = 5.0, verify: bool | None = None
    ) -> RadiusIndex:
        """Open the index in a folder; with ``write`` create it if need be and lock it.

        ``timeout`` is how many seconds to wait for another writer. ``verify`` compares the
        checksums of the whole base segment (about a second per gigabyte) and not only those of its
        header; None means: writers always, readers up to 256 MB.

        Raises MatchingError if there is no index or another process keeps writing, IndexCorrupt if
        a file is damaged.
        """
        lock = None
        if write:
            path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path / "writer.lock", timeout=timeout, thread_local=False)
            try:
                lock.acquire()
            except Timeout:
                raise MatchingError(
                    f"{path}: another process is writing to this index; wait until it is done"
                ) from None
        try:
            if write:
                create_if_new(path)
            state = load(path, write=write, previous=None)
            if state.base is not None and state.base.file is not None:
                small = state.base.file.size <= VERIFIED_BYTES
                if verify or (verify is None and (write or small)):
                    state.base.file.verify()
            if write:
                state.log.trim()
                sweep(path, state.manifest)
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        return cls(path, state, lock)

    def close(self) -> None:
        """Let go of the files and of the writer's lock."""
        with self._mutex:
            self._state.log.close()
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def __enter__(self) -> RadiusIndex:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- reading -----------------------------------------------------------------------------

    def search(self, queries: ArrayLike, radius: int = DEFAULT_RADIUS) -> Hits:
        """Find every stored hash within the radius (0 to 64) of each query (n, 32) uint8.

        Exact at every radius; fast up to about 40. Give queries in batches: a thousand at once take
        far less than a thousand calls.
        """
        if not 0 <= radius <= MAX_RADIUS:
            raise ValueError(
                f"the radius is {radius} and must lie in 0..{MAX_RADIUS}: "
                "hashes further apart say nothing about the pictures"
            )
        asked = _hash_rows(queries)
        state = self._state
        found, items, distances = [], [], []
        banded = False
        if state.base is not None:
            banded = state.base.bands is not None
            query, seat, distance = state.base.search(asked, radius)
            item = state.base.items[seat]
            if len(state.delta.removed):
                keep = ~among(item, state.delta.removed)
                query, item, distance = query[keep], item[keep], distance[keep]
            found.append(query)
            items.append(item)
            distances.append(distance)
        if state.delta.count:
            with self._mutex if banded else _UNLOCKED:
                query, seat, distance = state.delta.search(asked, radius, banded=banded)
            found.append(query)
            items.append(state.delta.items[seat])
            distances.append(distance)
        if not found:
            return Hits(np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.uint8))
        rows = np.concatenate(found).astype(np.int64)
        return Hits(rows, np.concatenate(items), np.concatenate(distances))

    def refresh(self) -> bool:
        """Take in what a writer has acknowledged since; say whether there was anything.

        Costs two file status calls if not. Raises IndexCorrupt.
        """
        with self._mutex:
            before = self._state
            if self._lock is None and stamp(self._path) != before.stamp:
                self._state = load(self._path, write=False, previous=before)
                before.log.close()
            elif before.log.pending():
                self._state = caught_up(before)
            return self._state is not before

    def __len__(self) -> int:
        """How many hashes are stored."""
        state = self._state
        base = 0
        if state.base is not None:
            base = len(state.base)
            if len(state.delta.removed):
                if self._dead is None or self._dead[0] is not state.delta:
                    gone = sum(
                        int(np.count_nonzero(among(items, state.delta.removed)))
                        for items in _chunks(state.base.items)
                    )
                    self._dead = (state.delta, gone)
                base -= self._dead[1]
        return base + int(np.count_nonzero(state.delta.live))

    def items(self) -> NDArray[np.uint64]:
        """Every item that has a hash stored, sorted, each once."""
        return np.unique(np.concatenate([np.zeros(0, np.uint64), *(i for _, i in self._live())]))

    @property
    def mark(self) -> int:
        """The bookmark given with the last acknowledged change, 0 at first."""
        return self._state.log.mark

    @property
    def young(self) -> int:
        """How many records :meth:`compact` would merge."""
        return self._state.log.count

    def verify(self) -> None:
        """Compare the checksums of everything on the disk. Raises IndexCorrupt."""
        state = self._state
        if state.base is not None and state.base.file is not None:
            state.base.file.verify()
        log = logs.Log(state.log.path)
        try:
            log.read()
        finally:
            log.close()

    # -- writing -----------------------------------------------------------------------------

    def add(self, hashes: ArrayLike, items: ArrayLike, *, mark: int | None = None) -> None:
        """Store hashes (n, 32) for items (n,); on the disk when this returns.

        Very many at once, or a log grown long, are merged with the base before this returns.
        """
        self.change(add=(hashes, items), mark=mark)

    def remove(self, items: ArrayLike, *, mark: int | None = None) -> None:
        """Forget all hashes of these items; on the disk when this returns."""
        self.change(remove=items, mark=mark)

    def change(
        self,
        *,
        add: tuple[ArrayLike, ArrayLike] | None = None,
        remove: ArrayLike = (),
        mark: int | None = None,
    ) -> None:
        """Remove items, then add (hashes, items), in one step that happens wholly or not at all.

        ``mark`` is the caller's bookmark (0 to 2**64 - 1), stored with the change and read back as
        :attr:`mark`: the number of the last row taken over from a database, for instance.
        """
        hashes = _hash_rows(add[0] if add else np.zeros((0, 32), np.uint8))
        items = _item_ids(add[1] if add else ())
        if len(hashes) != len(items):
            raise ValueError(f"{len(hashes)} hashes came with {len(items)} items")
        with self._mutex:
            self._must_write()
            change = logs.Change(
                hashes, items, _item_ids(remove), self.mark if mark is None else mark
            )
            state = self._state
            many = max(YOUNG, len(state.base) // 4 if state.base is not None else 0)
            if len(items) > many:
                self._rewrite(change)
                return
            state.log.append(change)
            self._state = caught_up(state)
            if self.young > many:
                self.compact()

    def replace_all(self, hashes: ArrayLike, items: ArrayLike, *, mark: int | None = None) -> None:
        """Forget everything and store these instead, in one step."""
        change = logs.Change(
            _hash_rows(hashes),
            _item_ids(items),
            np.zeros(0, np.uint64),
            self.mark if mark is None else mark,
        )
        if len(change.add_hashes) != len(change.add_items):
            raise ValueError("there must be one item for each hash")
        with self._mutex:
            self._must_write()
            self._rewrite(change, keep=False)

    def compact(self) -> None:
        """Merge the log into a new base segment. Readers go on with the old one meanwhile."""
        with self._mutex:
            self._must_write()
            if self.young:
                nothing = np.zeros(0, np.uint64)
                self._rewrite(logs.Change(np.zeros((0, 32), np.uint8), nothing, nothing, self.mark))

    def _must_write(self) -> None:
        if self._lock is None:
            raise MatchingError(
                f"{self._path}: this index was opened to be read; open it with write=True"
            )

    def _rewrite(self, change: logs.Change, *, keep: bool = True) -> None:
        old = self._state
        if keep and old.base is not None and old.base.file is not None:
            old.base.file.verify()  # or damage would be given a fresh checksum
        gone = np.unique(change.remove_items)

        def pieces() -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint64]]]:
            for hashes, items in self._live() if keep else ():
                stay = ~among(items, gone)
                yield hashes[stay], items[stay]
            yield change.add_hashes, change.add_items

        generation = old.manifest.generation + 1
        segment, log = f"base-{generation:08}.segment", f"delta-{generation:08}.log"
        Segment.write(self._path / segment, pieces())
        logs.create(self._path / log, change.mark)
        Manifest(generation, segment, log).write(self._path)
        self._state = load(self._path, write=True, previous=None)
        old.log.close()
        sweep(self._path, self._state.manifest)

    def _live(self) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint64]]]:
        state = self._state
        if state.base is not None:
            removed = state.delta.removed
            for first in range(0, len(state.base), _ROWS):
                items = state.base.items[first : first + _ROWS]
                hashes = state.base.hashes[first : first + _ROWS]
                if len(removed):
                    stay = ~among(items, removed)
                    hashes, items = hashes[stay], items[stay]
                yield hashes, items
        live = state.delta.live
        yield state.delta.hashes[live], state.delta.items[live]


def _chunks(items: NDArray[np.uint64]) -> Iterator[NDArray[np.uint64]]:
    for first in range(0, len(items), _ROWS):
        yield items[first : first + _ROWS]


def _hash_rows(hashes: ArrayLike) -> NDArray[np.uint8]:
    rows = np.ascontiguousarray(hashes)
    if rows.dtype != np.uint8 or rows.ndim != 2 or rows.shape[1] != 32:
        raise ValueError(
            f"hashes must be uint8 of shape (n, 32), not {rows.dtype} of shape {rows.shape}"
        )
    return rows


def _item_ids(items: ArrayLike) -> NDArray[np.uint64]:
    try:
        # A plain list goes number by number: NumPy would make floats of one that needs all 64 bits.
        ids = (
            items
            if isinstance(items, np.ndarray)
            else np.array(
                [operator.index(item) for item in cast("Iterable[int]", items)], np.uint64
            )
        )
    except (TypeError, OverflowError):
        raise ValueError(_ITEMS) from None
    if not ids.size:
        return np.zeros(0, np.uint64)
    if ids.ndim != 1 or ids.dtype.kind not in "ui" or (ids.dtype.kind == "i" and ids.min() < 0):
        raise ValueError(_ITEMS)
    return ids.astype(np.uint64)
