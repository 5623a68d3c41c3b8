"""The compiled inner loops of the index. Importing this module imports Numba (half a second).

Look-ups are bound by memory, not arithmetic: a query at distance 31 among ten million hashes reads
some 3,000 table entries and 3,000 candidates at random places. The loops below are therefore split
into phases in which no load waits for a branch on an earlier load, so that the processor keeps a
dozen cache misses in flight, and each phase asks ahead for what the next one reads.

A band is stored as three arrays, each holding all bands one after another:

* ``table``, uint64 (keys / 16, 2): one entry for sixteen neighbouring keys. The first word says
  where their postings start, the second holds sixteen 4-bit counts. Where a count needs more than
  four bits, the first word carries ``CROWDED`` and the second points to seventeen ``bounds``.
* ``posts``, uint32: positions of hashes, sorted by key.
* ``bounds``, uint32: where the postings of each key of the crowded groups begin and end.

Hashes are read as four 64-bit words each, shape (n, 4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]  # it has neither types nor stubs
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    # The element types as Numba sees them; single elements mix with plain numbers below.
    U8: TypeAlias = NDArray[Any]
    U32: TypeAlias = NDArray[Any]
    U64: TypeAlias = NDArray[Any]
    I64: TypeAlias = NDArray[Any]

GROUP_BITS = 4
CROWDED = np.uint64(1 << 63)
_LOW_WORD = np.uint64(0xFFFFFFFF)
_NIBBLES = np.uint64(0x0F0F0F0F0F0F0F0F)
_BYTE_SUM = np.uint64(0x0101010101010101)
_ONE = np.uint64(1)

Function = TypeVar("Function", bound="Callable[..., Any]")


def compiled(function: Function) -> Function:
    """Compile with Numba, cached on disk where a place for the cache can be written."""
    try:
        return cast("Function", njit(cache=True, nogil=True)(function))
    except RuntimeError:  # neither __pycache__ nor the user's cache folder is writable
        return cast("Function", njit(nogil=True)(function))


if TYPE_CHECKING:

    def popcount(word: np.uint64) -> int:
        """Count the bits set in a 64-bit word (one instruction)."""

    def prefetch(array: NDArray[Any], index: int | np.int64) -> None:
        """Ask for the cache line of the flat ``array[index]`` without waiting. Never faults."""

else:

    @intrinsic
    def popcount(_typing, word):  # noqa: ANN001, ANN201, ARG001, D103
        def build(_context, builder, _signature, args):  # noqa: ANN001, ANN202
            return builder.ctpop(args[0])

        return types.int64(types.uint64), build

    @intrinsic
    def prefetch(_typing, array, index):  # noqa: ANN001, ANN201, ARG001, D103
        def build(context, builder, signature, args):  # noqa: ANN001, ANN202
            view = context.make_array(signature.args[0])(context, builder, args[0])
            byte, int32 = ir.IntType(8), ir.IntType(32)
            where = builder.bitcast(builder.gep(view.data, [args[1]]), byte.as_pointer())
            kind = ir.FunctionType(ir.VoidType(), [where.type, int32, int32, int32])
            call = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
            builder.call(call, [where, int32(0), int32(3), int32(1)])  # to read, keep, data
            return context.get_dummy_value()

        return types.void(array, types.int64), build


@compiled
def key_column(hashes: U8, tables: U32, out: U32) -> None:
    """Compute one band's keys: hashes (n, 32), tables (32, 256), out (n,)."""
    for i in range(hashes.shape[0]):
        key = np.uint32(0)
        for j in range(32):
            key |= tables[j, hashes[i, j]]
        out[i] = key


@compiled
def _crowded_groups(ends: U32, groups: int) -> Any:  # noqa: ANN401  Numba's int64
    crowded = np.int64(0)
    for group in range(groups):
        most = np.uint32(0)
        for slot in range(16):
            most = max(most, ends[group * 16 + slot + 1])
        crowded += most > 15
    return crowded


@compiled
def sort_band(keys: U32, ends: U32, table: U64, posts: U32) -> U32:
    """Fill one band's table and postings by a counting sort; return its bounds.

    ``ends`` is scratch: 2**width + 1 zeros. ``posts`` has as many places as there are keys.
    """
    for i in range(keys.shape[0]):
        ends[keys[i] + 1] += np.uint32(1)
    bounds = np.empty(_crowded_groups(ends, table.shape[0]) * 17, np.uint32)
    used = 0
    total = np.uint32(0)
    for group in range(table.shape[0]):
        first = group * 16
        table[group, 0] = total
        ends[first] = total
        counts = np.uint64(0)
        most = np.uint32(0)
        for slot in range(16):
            count = ends[first + slot + 1]
            most = max(most, count)
            counts |= np.uint64(count & np.uint32(15)) << np.uint64(4 * slot)
            total += count
            ends[first + slot + 1] = total
        table[group, 1] = counts
        if most > 15:
            table[group, 0] |= CROWDED
            table[group, 1] = used
            bounds[used : used + 17] = ends[first : first + 17]
            used += 17
    for i in range(keys.shape[0]):  # ends[key] is where the key's next posting goes
        place = ends[keys[i]]
        posts[place] = i
        ends[keys[i]] = place + np.uint32(1)
    return bounds


@compiled
def join_crowd(keys: U32, counts: U32, name: np.uint32, crowd: U32, place: U32) -> None:
    """Where more hashes share a hash's key than in its crowd so far, make that its place.

    ``counts`` is scratch: a zero for every possible key. A place is ``name | key``.
    """
    for i in range(keys.shape[0]):
        counts[keys[i]] += np.uint32(1)
    for i in range(keys.shape[0]):
        if counts[keys[i]] > crowd[i]:
            crowd[i] = counts[keys[i]]
            place[i] = name | keys[i]


@compiled
def _ask_for_table(table: U64, group0: int, key: np.uint32, flips: U32) -> None:
    for f in range(flips.shape[0]):
        group = group0 + np.int64((key ^ flips[f]) >> np.uint32(GROUP_BITS))
        prefetch(table, group * 2)


@compiled
def _locate(
    table: U64,
    bounds: U32,
    posts: U32,
    start: I64,
    key: np.uint32,
    flips: U32,
    count: int,
    out: I64,
) -> tuple[int, int]:
    """Find the postings of all keys near a key: out[:, 0] begins, out[:, 1] lengths.

    Empty keys are dropped without a branch. Returns how many are left, and their total length.
    """
    last_bound: Any = np.int64(bounds.shape[0]) - 2
    begin: Any
    size: Any
    used = 0
    total = 0
    for f in range(flips.shape[0]):
        probe = key ^ flips[f]
        group = start[0] + np.int64(probe >> np.uint32(GROUP_BITS))
        slot = np.uint64(probe & np.uint32(15))
        head = table[group, 0]
        counts = table[group, 1]
        if head & CROWDED:
            at = min(max(start[2] + np.int64(counts) + np.int64(slot), 0), last_bound)
            begin = np.int64(bounds[at])
            size = np.int64(bounds[at + 1]) - begin
        else:
            shift = slot << np.uint64(2)
            below = counts & ((_ONE << shift) - _ONE)
            below = (below & _NIBBLES) + ((below >> np.uint64(4)) & _NIBBLES)
            begin = np.int64((head & _LOW_WORD) + ((below * _BYTE_SUM) >> np.uint64(56)))
            size = np.int64((counts >> shift) & np.uint64(15))
        begin = min(begin, count)  # a damaged file must not make us read elsewhere
        size = max(0, min(size, count - begin))
        out[used, 0] = start[1] + begin
        out[used, 1] = size
        used += size > 0
        total += size
        prefetch(posts, out[max(used - 1, 0), 0])
    return used, total


@compiled
def _gather(posts: U32, ranges: I64, used: int, seats: U32, hashes: U64) -> None:
    """Copy the postings to ``seats``, four at a time as most keys have no more, and ask for all."""
    total = 0
    for f in range(used):
        begin = ranges[f, 0]
        size = ranges[f, 1]
        for k in range(4):
            seats[total + k] = posts[begin + k]
        for k in range(4, size):
            seats[total + k] = posts[begin + k]
        total += size
    for c in range(total):
        prefetch(hashes, np.int64(seats[c]) * 4)


@compiled
def _compare(
    hashes: U64, seats: U32, total: int, query: U64, radius: int, near: U32, away: U8
) -> int:
    """Keep the candidates within the radius, without a branch; return how many."""
    q0, q1, q2, q3 = query[0], query[1], query[2], query[3]
    last = np.int64(hashes.shape[0]) - 1
    close = 0
    for c in range(total):
        seat = min(np.int64(seats[c]), last)
        distance = (
            popcount(hashes[seat, 0] ^ q0)
            + popcount(hashes[seat, 1] ^ q1)
            + popcount(hashes[seat, 2] ^ q2)
            + popcount(hashes[seat, 3] ^ q3)
        )
        near[close] = seat
        away[close] = distance & 255  # 256 exceeds every radius, so it is not kept
        close += distance <= radius
    return close


@compiled
def _is_first(hashes: U64, seat: int, query: U64, masks: U64, radii: I64, band: int) -> int:
    """Say (1 or 0) whether no earlier band has found this hash already."""
    x0 = hashes[seat, 0] ^ query[0]
    x1 = hashes[seat, 1] ^ query[1]
    x2 = hashes[seat, 2] ^ query[2]
    x3 = hashes[seat, 3] ^ query[3]
    for earlier in range(band):
        apart = (
            popcount(x0 & masks[earlier, 0])
            + popcount(x1 & masks[earlier, 1])
            + popcount(x2 & masks[earlier, 2])
            + popcount(x3 & masks[earlier, 3])
        )
        if apart <= radii[earlier]:
            return 0
    return 1


@compiled
def _grown_u32(array: U32, room: int) -> U32:
    grown = np.empty(room, np.uint32)
    grown[: array.shape[0]] = array
    return grown


@compiled
def _grown_u8(array: U8, room: int) -> U8:
    grown = np.empty(room, np.uint8)
    grown[: array.shape[0]] = array
    return grown


@compiled
def search_bands(  # noqa: PLR0913  a compiled function takes arrays, not objects
    words: U64,
    keys: U32,
    hashes: U64,
    table: U64,
    posts: U32,
    bounds: U32,
    starts: I64,
    masks: U64,
    radii: I64,
    flips: U32,
    flip_ends: I64,
    radius: int,
) -> tuple[U32, U32, U8]:
    """Find all stored hashes within the radius of some queries, each once.

    words (q, 4) and keys (bands, q) belong to the queries; starts (bands, 3) says where a band's
    part of table, posts and bounds begins; masks (bands, 4) selects its bits; radii (bands,);
    flips[flip_ends[b] : flip_ends[b + 1]] is what to XOR onto a key of band b. Returns row of the
    query, position of the hash, distance.
    """
    room, hits = 1024, 0
    hit_query = np.empty(room, np.uint32)
    hit_seat = np.empty(room, np.uint32)
    hit_distance = np.empty(room, np.uint8)
    wide = 4096
    seats, near, away = (
        np.empty(wide, np.uint32),
        np.empty(wide, np.uint32),
        np.empty(wide, np.uint8),
    )
    for band in range(radii.shape[0]):
        mine = flips[flip_ends[band] : flip_ends[band + 1]]
        ranges = np.empty((mine.shape[0] + 1, 2), np.int64)
        for row in range(words.shape[0]):
            if row + 1 < words.shape[0]:
                _ask_for_table(table, starts[band, 0], keys[band, row + 1], mine)
            used, total = _locate(
                table, bounds, posts, starts[band], keys[band, row], mine, hashes.shape[0], ranges
            )
            if total + 4 > wide:
                wide = 2 * total + 4
                seats, near = np.empty(wide, np.uint32), np.empty(wide, np.uint32)
                away = np.empty(wide, np.uint8)
            _gather(posts, ranges, used, seats, hashes)
            close = _compare(hashes, seats, total, words[row], radius, near, away)
            if hits + close > room:
                room = 2 * (hits + close)
                hit_query = _grown_u32(hit_query, room)
                hit_seat = _grown_u32(hit_seat, room)
                hit_distance = _grown_u8(hit_distance, room)
            for c in range(close):
                hit_query[hits] = row
                hit_seat[hits] = near[c]
                hit_distance[hits] = away[c]
                hits += _is_first(hashes, near[c], words[row], masks, radii, band)
    return hit_query[:hits], hit_seat[:hits], hit_distance[:hits]


@compiled
def scan(words: U64, hashes: U64, radius: int) -> tuple[U32, U32, U8]:
    """Compare every query (q, 4) with every hash (n, 4); the same answer as ``search_bands``."""
    block = 1024  # 32 KB of hashes stay in the first cache while the queries pass
    near = np.empty(block, np.uint32)
    away = np.empty(block, np.uint8)
    seats = np.arange(block).astype(np.uint32)
    room, hits = 1024, 0
    hit_query = np.empty(room, np.uint32)
    hit_seat = np.empty(room, np.uint32)
    hit_distance = np.empty(room, np.uint8)
    for first in range(0, hashes.shape[0], block):
        part = hashes[first : first + block]
        for row in range(words.shape[0]):
            close = _compare(part, seats, part.shape[0], words[row], radius, near, away)
            if hits + close > room:
                room = 2 * (hits + close)
                hit_query = _grown_u32(hit_query, room)
                hit_seat = _grown_u32(hit_seat, room)
                hit_distance = _grown_u8(hit_distance, room)
            for c in range(close):
                hit_query[hits] = row
                hit_seat[hits] = first + near[c]
                hit_distance[hits] = away[c]
                hits += 1
    return hit_query[:hits], hit_seat[:hits], hit_distance[:hits]
