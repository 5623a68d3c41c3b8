"""An immutable set of hashes, searched by bands, or by comparing with all when it is small."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from perisai.errors import MatchingError
from perisai.matching.index.files import ArrayFile, ArrayWriter, corrupt
from perisai.matching.index.layout import (
    MAX_WIDTH,
    Layout,
    band_radii,
    flips,
    key_tables,
    masks,
    plan,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Found = tuple[NDArray[Any], NDArray[Any], NDArray[np.uint8]]
    """Row of the query, position in the segment, distance."""

BANDS_FROM = 50_000
"""Below so many hashes there are no bands: comparing with all of them needs no Numba, whose import
would take longer than the whole search."""
PATIENT_PAIRS = 100_000_000
"""NumPy compares so many pairs in about half a second; for more, Numba is worth its import."""
MOST = 1 << 31
_ROWS = 1 << 18
_PADDING = 16  # the kernel reads up to four postings past the last one


@dataclass(frozen=True, slots=True)
class Bands:
    """The sorted bands; see ``kernels.sort_band`` for what the arrays hold."""

    layout: Layout
    table: NDArray[np.uint64]
    posts: NDArray[np.uint32]
    bounds: NDArray[np.uint32]
    starts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Segment:
    """Hashes (n, 32), the item each belongs to (n,), and bands if there are many."""

    hashes: NDArray[np.uint8]
    items: NDArray[np.uint64]
    bands: Bands | None = None
    file: ArrayFile | None = None

    def __len__(self) -> int:
        return len(self.items)

    @classmethod
    def in_memory(cls, hashes: NDArray[np.uint8], items: NDArray[np.uint64]) -> Segment:
        """Build a segment that is never written; with bands whatever its size."""
        hashes = _frozen(np.ascontiguousarray(hashes))
        layout = plan(len(hashes))
        built = list(_build(layout, hashes))
        arrays = [np.concatenate([band[k] for band in built]) for k in range(3)]
        starts = _starts(layout, [[len(a) for a in band] for band in built])
        padding = np.zeros(_PADDING, np.uint32)
        bands = Bands(
            layout,
            _frozen(arrays[0]),
            _frozen(np.concatenate([arrays[1], padding])),
            _frozen(np.concatenate([arrays[2], padding])),
            _frozen(starts),
        )
        return cls(hashes, items, bands)

    @classmethod
    def write(
        cls, path: Path, pieces: Iterable[tuple[NDArray[np.uint8], NDArray[np.uint64]]]
    ) -> None:
        """Build a segment file from (hashes, items) pieces, durable when this returns.

        Needs little memory beyond the mapped file: one band is built at a time. Large segments are
        stored in an order that puts like hashes side by side, see :func:`_neighbourly`.
        """
        kept: list[NDArray[np.uint64]] = [np.zeros(0, np.uint64)]

        def hashes_first() -> Iterator[NDArray[np.uint8]]:
            yield np.zeros((0, 32), np.uint8)
            for hashes, items in pieces:
                kept.append(items)
                yield hashes

        spool = ArrayWriter(path.with_suffix(".spool"))
        with spool, ArrayWriter(path) as out:
            hashes = spool.write("hashes", hashes_first(), "uint8")
            items = np.concatenate(kept)
            kept.clear()
            if len(items) >= MOST:
                raise MatchingError(f"{path}: a segment holds at most {MOST} hashes")
            meta: dict[str, Any] = {"count": len(items), "widths": None}
            if len(items) < BANDS_FROM:
                out.write("hashes", [hashes], "uint8")
                out.write("items", [items], "uint64")
            else:
                layout = plan(len(items))
                order = _neighbourly(layout, hashes)
                parts = [order[first : first + _ROWS] for first in range(0, len(order), _ROWS)]
                ordered = out.write("hashes", (hashes[part] for part in parts), "uint8")
                out.write("items", (items[part] for part in parts), "uint64")
                del hashes, items, order, parts
                meta["widths"] = layout.widths
                _write_bands(out, layout, ordered)
            out.finish(meta)

    @classmethod
    def open(cls, path: Path) -> Segment:
        """Map a segment file. Raises FileNotFoundError and IndexCorrupt."""
        file = ArrayFile.open(path)
        arrays, count, widths = file.arrays, file.meta["count"], file.meta["widths"]
        names = {"hashes", "items"} | ({"table", "posts", "bounds", "starts"} if widths else set())
        if set(arrays) != names or len(arrays["items"]) != count:
            raise corrupt(path, "its header does not describe an index segment")
        bands = None
        if widths:
            bands = Bands(
                Layout(tuple(widths)),
                arrays["table"].reshape(-1, 2),
                arrays["posts"],
                arrays["bounds"],
                arrays["starts"],
            )
        return cls(arrays["hashes"], arrays["items"], bands, file)

    def search(self, queries: NDArray[np.uint8], radius: int) -> Found:
        """Find every (query, stored hash) within the radius, each pair once, in no order."""
        if not len(self) or not len(queries):
            return _nothing()
        if self.bands is not None:
            radii = band_radii(self.bands.layout, len(self), radius)
            if radii is not None:
                return self._search_bands(self.bands, queries, radius, radii)
        pairs = len(self) * len(queries)
        if pairs > PATIENT_PAIRS or (_numba_is_here() and pairs > PATIENT_PAIRS // 1000):
            from perisai.matching.index import kernels  # noqa: PLC0415  imports Numba

            stored = _words(self.hashes)
            return _in_blocks(
                queries, lambda rows: kernels.scan(_words(queries[rows]), stored, radius)
            )
        return scan(queries, self.hashes, radius)

    def _search_bands(
        self, bands: Bands, queries: NDArray[np.uint8], radius: int, radii: tuple[int, ...]
    ) -> Found:
        from perisai.matching.index import kernels  # noqa: PLC0415  imports Numba

        lists = [flips(w, r) for w, r in zip(bands.layout.widths, radii, strict=True)]
        ends = np.cumsum([0, *map(len, lists)], dtype=np.int64)
        patterns = np.concatenate(lists)
        selected = masks(bands.layout)
        stored = _words(self.hashes)
        reach = np.array(radii, np.int64)

        def search(rows: slice) -> Found:
            found: Found = kernels.search_bands(
                _words(queries[rows]),
                bands.layout.keys(queries[rows]),
                stored,
                bands.table,
                bands.posts,
                bands.bounds,
                bands.starts,
                selected,
                reach,
                patterns,
                ends,
                radius,
            )
            return found

        return _in_blocks(queries, search)


def scan(queries: NDArray[np.uint8], hashes: NDArray[np.uint8], radius: int) -> Found:
    """Compare every query with every hash, NumPy only; same answer as :meth:`Segment.search`."""
    stored = np.ascontiguousarray(_words(hashes).T)
    asked = _words(queries)
    found = [_nothing()]
    rows = max(1, 1_000_000 // max(1, len(hashes)))  # a few megabytes at a time
    for first in range(0, len(queries), rows):
        block = asked[first : first + rows]
        # uint8 wraps only at 256: every bit different, which the recount below sorts out.
        apart = np.bitwise_count(block[:, 0, None] ^ stored[0])
        for word in range(1, 4):
            apart += np.bitwise_count(block[:, word, None] ^ stored[word])
        query, seat = np.nonzero(apart <= radius)
        distance = np.bitwise_count(block[query] ^ stored[:, seat].T).sum(axis=1, dtype=np.int64)
        true = distance <= radius
        found.append((query[true] + first, seat[true], distance[true].astype(np.uint8)))
    return joined(found)


def joined(parts: list[Found]) -> Found:
    """Put several answers together."""
    query, seat, distance = (np.concatenate(column) for column in zip(*parts, strict=True))
    return query, seat, distance


def _nothing() -> Found:
    return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8)


def _words(hashes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    # Always read-only, so that Numba sees one type and compiles once.
    return _frozen(hashes.view("<u8"))


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _numba_is_here() -> bool:
    return "numba" in sys.modules


@lru_cache(maxsize=1)
def _pool() -> tuple[ThreadPoolExecutor, int]:
    workers = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return ThreadPoolExecutor(workers, thread_name_prefix="perisai-index"), workers


os.register_at_fork(after_in_child=_pool.cache_clear)  # threads do not survive a fork


def _in_blocks(queries: NDArray[np.uint8], search: Callable[[slice], Found]) -> Found:
    """Search blocks of queries on all cores; the kernels let go of the interpreter lock."""
    pool, workers = _pool()
    # Blocks small enough to even out expensive queries, large enough to keep a band's table warm.
    size = min(256, max(16, -(-len(queries) // (4 * workers))))
    blocks = [slice(first, first + size) for first in range(0, len(queries), size)]
    if len(blocks) == 1:
        return search(blocks[0])
    parts = list(pool.map(search, blocks))
    return joined(
        [
            (q + b.start, seat, distance)
            for b, (q, seat, distance) in zip(blocks, parts, strict=True)
        ]
    )


def _neighbourly(layout: Layout, hashes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Order hashes so that those of one cluster stand together.

    Every hash goes where the most others share its key: at a dozen bits from a common centre two
    hashes agree in some band more often than not. On clustered lists candidates then share cache
    lines and pages, which doubles the speed; on random ones the order does no harm.
    """
    from perisai.matching.index import kernels  # noqa: PLC0415  imports Numba

    hashes = _frozen(hashes)
    keys = np.empty(len(hashes), np.uint32)
    crowd = np.zeros(len(hashes), np.uint32)
    place = np.zeros(len(hashes), np.uint32)
    for band, tables in enumerate(key_tables(layout)):
        kernels.key_column(hashes, tables, keys)
        counts = np.zeros(1 << layout.widths[band], np.uint32)
        kernels.join_crowd(keys, counts, np.uint32(band << MAX_WIDTH), crowd, place)
    return np.argsort(place, kind="stable")


_Band = tuple["NDArray[np.uint64]", "NDArray[np.uint32]", "NDArray[np.uint32]"]


def _build(layout: Layout, hashes: NDArray[np.uint8]) -> Iterator[_Band]:
    """Yield (table, posts, bounds) of one band after another."""
    from perisai.matching.index import kernels  # noqa: PLC0415  imports Numba

    hashes = _frozen(hashes)
    keys = np.empty(len(hashes), np.uint32)
    for width, tables in zip(layout.widths, key_tables(layout), strict=True):
        kernels.key_column(hashes, tables, keys)
        table = np.empty((1 << (width - kernels.GROUP_BITS), 2), np.uint64)
        posts = np.empty(len(hashes), np.uint32)
        ends = np.zeros((1 << width) + 1, np.uint32)
        bounds = kernels.sort_band(keys, ends, table, posts)
        yield table, posts, bounds


def _starts(layout: Layout, lengths: list[list[int]]) -> NDArray[np.int64]:
    starts = np.zeros((len(layout.widths), 3), np.int64)
    starts[1:] = np.cumsum(np.array(lengths, np.int64), axis=0)[:-1]
    return starts


def _write_bands(out: ArrayWriter, layout: Layout, hashes: NDArray[np.uint8]) -> None:
    lengths: list[list[int]] = []
    tables: list[NDArray[np.uint64]] = []
    bounds: list[NDArray[np.uint32]] = []

    def posts_first() -> Iterator[NDArray[np.uint32]]:
        for band in _build(layout, hashes):
            tables.append(band[0])
            bounds.append(band[2])
            lengths.append([len(array) for array in band])
            yield band[1]
        yield np.zeros(_PADDING, np.uint32)

    out.write("posts", posts_first(), "uint32")
    out.write("table", tables, "uint64")
    out.write("bounds", [*bounds, np.zeros(_PADDING, np.uint32)], "uint32")
    out.write("starts", [_starts(layout, lengths)], "int64")
