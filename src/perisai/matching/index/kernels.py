"""The compiled inner loops of the index. Importing this module imports Numba (half a second).

Look-ups are bound by memory, not arithmetic: a query at distance 31 among ten million hashes reads
some 3,000 table entries and 3,000 candidates at random places. The loops below are therefore split
into phases in which no load waits for a branch on an earlier load, so that the processor keeps a
dozen cache misses in flight, and each phase asks ahead for what the next one reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., Any]")


def compiled(function: Function) -> Function:
    """Compile with Numba, cached on disk where a place for the cache can be written."""
    try:
        return njit(cache=True, nogil=True)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # neither __pycache__ nor the user's cache folder is writable
        return njit(nogil=True)(function)  # type: ignore[no-any-return]


@intrinsic  # type: ignore[untyped-decorator]
def popcount(_typing: Any, word: Any) -> Any:  # noqa: ANN401  Numba's own objects
    """Count the bits set in a 64-bit word (one instruction)."""

    def build(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:  # noqa: ANN401
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), build


@intrinsic  # type: ignore[untyped-decorator]
def prefetch(_typing: Any, array: Any, index: Any) -> Any:  # noqa: ANN401
    """Ask for the cache line of ``array[index]`` without waiting for it. Never faults."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        kind = signature.args[0]
        view = context.make_array(kind)(context, builder, args[0])
        where = builder.bitcast(builder.gep(view.data, [args[1]]), ir.PointerType(ir.IntType(8)))
        int32 = ir.IntType(32)
        call = ir.FunctionType(ir.VoidType(), [where.type, int32, int32, int32])
        named = cgutils.get_or_insert_function(builder.module, call, "llvm.prefetch.p0")
        builder.call(named, [where, int32(0), int32(3), int32(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), build


GROUP_BITS = 4
"""Sixteen neighbouring keys share one 16-byte table entry."""
CROWDED = np.uint64(1 << 63)
_NIBBLE_SUM = np.uint64(0x0101010101010101)
_NIBBLES = np.uint64(0x0F0F0F0F0F0F0F0F)
_ONE = np.uint64(1)
_LOW_WORD = np.uint64(0xFFFFFFFF)


@compiled
def key_column(
    hashes: Any,
    tables: Any,
    out: Any,  # noqa: ANN401
) -> None:
    """Compute one band's keys: hashes uint8 (n, 32), tables uint32 (32, 256), out uint32 (n,)."""
    for i in range(hashes.shape[0]):
        key = np.uint32(0)
        for j in range(32):
            key |= tables[j, hashes[i, j]]
        out[i] = key


@compiled
def sort_band(
    keys: Any,
    ends: Any,
    table: Any,
    posts: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Fill one band's table and postings by a counting sort; return the crowded groups' bounds.

    ``keys`` uint32 (n,); ``ends`` scratch uint32 (2**width + 1,) of zeros; ``table`` uint64
    (2**width / 16, 2); ``posts`` uint32 (n or more). An entry's first word is where the group's
    postings start; the second holds sixteen 4-bit counts. Where a count needs more than four bits
    the first word carries ``CROWDED`` and the second points to seventeen bounds.
    """
    for i in range(keys.shape[0]):
        ends[keys[i] + 1] += np.uint32(1)
    crowded = 0
    for group in range(table.shape[0]):
        for slot in range(16):
            if ends[group * 16 + slot + 1] > 15:
                crowded += 1
                break
    bounds = np.empty(crowded * 17, np.uint32)
    used = 0
    total = np.uint32(0)
    for group in range(table.shape[0]):
        first = group * 16
        counts = np.uint64(0)
        full = False
        start = total
        for slot in range(16):
            count = ends[first + slot + 1]
            full |= count > 15
            counts |= np.uint64(count & np.uint32(15)) << np.uint64(4 * slot)
            if slot == 0:
                ends[first] = total
            total += count
            ends[first + slot + 1] = total
        table[group, 0] = np.uint64(start)
        table[group, 1] = counts
        if full:
            table[group, 0] |= CROWDED
            table[group, 1] = np.uint64(used)
            for slot in range(17):
                bounds[used + slot] = ends[first + slot]
            used += 17
    for i in range(keys.shape[0]):
        seat = ends[keys[i]]
        posts[seat] = np.uint32(i)
        ends[keys[i]] = seat + np.uint32(1)
    return bounds


@compiled
def _grown(array: Any, room: int) -> Any:  # noqa: ANN401
    grown = np.empty(room, array.dtype)
    grown[: array.shape[0]] = array
    return grown


@compiled
def search_bands(  # noqa: C901, PLR0912, PLR0913, PLR0915  one loop nest, no calls in between
    words: Any,  # noqa: ANN401
    keys: Any,  # noqa: ANN401
    hashes: Any,  # noqa: ANN401
    table: Any,  # noqa: ANN401
    posts: Any,  # noqa: ANN401
    bounds: Any,  # noqa: ANN401
    starts: Any,  # noqa: ANN401
    masks: Any,  # noqa: ANN401
    radii: Any,  # noqa: ANN401
    flips: Any,  # noqa: ANN401
    flip_ends: Any,  # noqa: ANN401
    radius: int,
) -> Any:  # noqa: ANN401
    """Find all stored hashes within the radius of some queries; each once.

    words uint64 (q, 4) and keys uint32 (bands, q) of the queries; hashes uint64 (n, 4); table
    uint64 (groups of all bands, 2); posts uint32; bounds uint32; starts int64 (bands, 3): where a
    band's part of table, posts and bounds begins; masks uint64 (bands, 4); radii int64 (bands,);
    flips uint32 and flip_ends int64 (bands + 1,). Returns (query int64, position int64, distance
    uint8).
    """
    bands = radii.shape[0]
    count = np.int64(hashes.shape[0])
    last_bound = np.int64(bounds.shape[0]) - 2
    most = 0
    for band in range(bands):
        most = max(most, flip_ends[band + 1] - flip_ends[band])
    from_ = np.empty(most + 1, np.int64)
    many = np.empty(most + 1, np.int64)
    seats = np.empty(4096, np.uint32)
    near = np.empty(4096, np.uint32)
    room = 1024
    hit_query = np.empty(room, np.int64)
    hit_seat = np.empty(room, np.int64)
    hit_distance = np.empty(room, np.uint8)
    hits = 0
    for band in range(bands):
        table0, posts0, bounds0 = starts[band, 0], starts[band, 1], starts[band, 2]
        flip0, flip1 = flip_ends[band], flip_ends[band + 1]
        for query in range(words.shape[0]):
            if query + 1 < words.shape[0]:
                key = keys[band, query + 1]
                for f in range(flip0, flip1):
                    prefetch(
                        table, 2 * (table0 + np.int64((key ^ flips[f]) >> np.uint32(GROUP_BITS)))
                    )
            # Phase 1: where are the postings of each key, and how many? Empty keys are dropped
            # without a branch.
            key = keys[band, query]
            used = 0
            total = 0
            for f in range(flip0, flip1):
                probe = key ^ flips[f]
                group = table0 + np.int64(probe >> np.uint32(GROUP_BITS))
                slot = np.uint64(probe & np.uint32(15))
                head = table[group, 0]
                counts = table[group, 1]
                if head & CROWDED:
                    at = min(bounds0 + np.int64(counts) + np.int64(slot), last_bound)
                    begin = np.int64(bounds[at])
                    size = np.int64(bounds[at + 1]) - begin
                else:
                    shift = slot << np.uint64(2)
                    below = counts & ((_ONE << shift) - _ONE)
                    below = (below & _NIBBLES) + ((below >> np.uint64(4)) & _NIBBLES)
                    begin = np.int64((head & _LOW_WORD) + ((below * _NIBBLE_SUM) >> np.uint64(56)))
                    size = np.int64((counts >> shift) & np.uint64(15))
                # A damaged file must not make us read elsewhere.
                begin = min(begin, count)
                size = max(0, min(size, count - begin))
                from_[used] = posts0 + begin
                many[used] = size
                used += size > 0
                total += size
                prefetch(posts, from_[max(used - 1, 0)])
            if total + 4 > seats.shape[0]:
                seats = np.empty(2 * total + 4, np.uint32)
                near = np.empty(2 * total + 4, np.uint32)
            # Phase 2: gather the candidates, four at a time: most keys have no more.
            total = 0
            for f in range(used):
                begin = from_[f]
                size = many[f]
                for k in range(4):
                    seats[total + k] = posts[begin + k]
                for k in range(4, size):
                    seats[total + k] = posts[begin + k]
                total += size
            # Phase 3: compare.
            for c in range(total):
                prefetch(hashes, np.int64(seats[c]) * 4)
            q0, q1, q2, q3 = words[query, 0], words[query, 1], words[query, 2], words[query, 3]
            close = 0
            for c in range(total):
                seat = min(np.int64(seats[c]), count - 1)
                distance = (
                    popcount(hashes[seat, 0] ^ q0)
                    + popcount(hashes[seat, 1] ^ q1)
                    + popcount(hashes[seat, 2] ^ q2)
                    + popcount(hashes[seat, 3] ^ q3)
                )
                near[close] = np.uint32(seat)
                close += np.int64(distance) <= radius
            # Phase 4: keep those that no earlier band has found already.
            if hits + close > room:
                room = 2 * (hits + close)
                hit_query = _grown(hit_query, room)
                hit_seat = _grown(hit_seat, room)
                hit_distance = _grown(hit_distance, room)
            for c in range(close):
                seat = np.int64(near[c])
                x0 = hashes[seat, 0] ^ q0
                x1 = hashes[seat, 1] ^ q1
                x2 = hashes[seat, 2] ^ q2
                x3 = hashes[seat, 3] ^ q3
                fresh = 1
                for earlier in range(band):
                    apart = (
                        popcount(x0 & masks[earlier, 0])
                        + popcount(x1 & masks[earlier, 1])
                        + popcount(x2 & masks[earlier, 2])
                        + popcount(x3 & masks[earlier, 3])
                    )
                    if np.int64(apart) <= radii[earlier]:
                        fresh = 0
                        break
                hit_query[hits] = query
                hit_seat[hits] = seat
                hit_distance[hits] = np.uint8(
                    popcount(x0) + popcount(x1) + popcount(x2) + popcount(x3)
                )
                hits += fresh
    return hit_query[:hits], hit_seat[:hits], hit_distance[:hits]


@compiled
def scan(words: Any, hashes: Any, radius: int) -> Any:  # noqa: ANN401
    """Compare every query with every hash: both uint64 (n, 4); same answer as ``search_bands``."""
    block = 1024  # 32 KB of hashes stay in the first cache while the queries pass
    near = np.empty(block, np.int64)
    away = np.empty(block, np.uint8)
    room = 1024
    hit_query = np.empty(room, np.int64)
    hit_seat = np.empty(room, np.int64)
    hit_distance = np.empty(room, np.uint8)
    hits = 0
    for first in range(0, hashes.shape[0], block):
        size = min(block, hashes.shape[0] - first)
        for query in range(words.shape[0]):
            q0, q1, q2, q3 = words[query, 0], words[query, 1], words[query, 2], words[query, 3]
            close = 0
            for c in range(size):
                distance = np.int64(
                    popcount(hashes[first + c, 0] ^ q0)
                    + popcount(hashes[first + c, 1] ^ q1)
                    + popcount(hashes[first + c, 2] ^ q2)
                    + popcount(hashes[first + c, 3] ^ q3)
                )
                near[close] = first + c
                away[close] = np.uint8(distance & 255)  # 256 exceeds every allowed radius
                close += distance <= radius
            if hits + close > room:
                room = 2 * (hits + close)
                hit_query = _grown(hit_query, room)
                hit_seat = _grown(hit_seat, room)
                hit_distance = _grown(hit_distance, room)
            for c in range(close):
                hit_query[hits] = query
                hit_seat[hits] = near[c]
                hit_distance[hits] = away[c]
                hits += 1
    return hit_query[:hits], hit_seat[:hits], hit_distance[:hits]
