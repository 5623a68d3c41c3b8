"""How the 256 bits of a hash are cut into bands, and how far each band must be searched.

The generalised pigeonhole: give band ``i`` the radius ``r_i``. If the sum of ``r_i + 1`` over all
bands exceeds ``R``, then of two hashes at distance ``R`` or less at least one band differs in at
most ``r_i`` bits; otherwise every band would differ in ``r_i + 1`` or more, which adds up to more
than ``R``. So looking up every key within ``r_i`` of the query's key in every band misses nothing
(Norouzi, Punjani and Fleet, "Fast search in Hamming space with multi-index hashing", 2012; the
unequal radii: Qin et al., "GPH", 2018).

Which widths and radii are cheapest depends on how many hashes there are. Both choices here are
found by dynamic programming over one cost function.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

HASH_BITS = 256
DESIGN_RADIUS = 31
"""Layouts are chosen for this radius; others are served exactly, at another price."""
MAX_RADIUS = 64
"""A quarter of the bits. Unlike pictures start to be found well below it."""
MIN_WIDTH, MAX_WIDTH = 8, 26
MAX_BAND_RADIUS = 3

# Rough costs in nanoseconds: one look into a band's table, one candidate fetched and compared, and
# one hash compared when all are read in order. A candidate costs this much in the caches and some
# 45 where ten million hashes overflow them; the layout for so many is the same at either price.
PROBE_NS = 4.0
CANDIDATE_NS = 9.0
SCAN_NS = 2.5

# 97 is odd, so k -> 97 k mod 256 visits every bit once. Neighbouring bits of a PDQ hash belong to
# neighbouring frequencies and change together; a step of 6 rows and 1 column of the 16 x 16 grid
# spreads them over the bands.
BIT_ORDER: NDArray[np.int64] = np.arange(HASH_BITS, dtype=np.int64) * 97 % HASH_BITS


@dataclass(frozen=True, slots=True)
class Layout:
    """Widths of the bands in bits; they add up to 256 and take the bits in ``BIT_ORDER``."""

    widths: tuple[int, ...]

    def bits(self, band: int) -> NDArray[np.int64]:
        """Which bits of the hash (0 = highest bit of byte 0) make up the band's key, low first."""
        first = sum(self.widths[:band])
        return BIT_ORDER[first : first + self.widths[band]]

    def keys(self, hashes: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """The keys of some hashes (n, 32) in every band, shape (bands, n)."""
        tables = key_tables(self)
        keys = np.zeros((len(self.widths), len(hashes)), np.uint32)
        for i in range(HASH_BITS // 8):
            keys |= tables[:, i, hashes[:, i]]
        return keys


@lru_cache(maxsize=64)
def masks(layout: Layout) -> NDArray[np.uint64]:
    """For every band the four words that select its bits, shape (bands, 4)."""
    picked = np.zeros((len(layout.widths), HASH_BITS), np.uint8)
    for band in range(len(layout.widths)):
        picked[band, layout.bits(band)] = 1
    return np.packbits(picked, axis=1).view("<u8")


@lru_cache(maxsize=64)
def key_tables(layout: Layout) -> NDArray[np.uint32]:
    """``sum(tables[b, i, hash[i]] for i in range(32))`` is the key in band b."""
    every_byte = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    tables = np.zeros((len(layout.widths), HASH_BITS // 8, 256), np.uint32)
    for band in range(len(layout.widths)):
        for place, bit in enumerate(layout.bits(band).tolist()):
            tables[band, bit // 8] |= every_byte[:, bit % 8].astype(np.uint32) << place
    return tables


def probes(width: int, radius: int) -> int:
    """How many keys of so many bits lie within the radius of one key (0 for the radius -1)."""
    return sum(comb(width, k) for k in range(radius + 1))


def _band_cost(count: int, width: int, radius: int) -> float:
    return probes(width, radius) * (PROBE_NS + CANDIDATE_NS * count / 2.0**width)


@lru_cache(maxsize=64)
def plan(count: int) -> Layout:
    """Find the cheapest layout for so many hashes at distance 31."""
    units = DESIGN_RADIUS + 1
    endless = float("inf")
    # best[u, b]: lowest cost of bands that use b bits and contribute u to the sum of r + 1.
    best = np.full((units + 1, HASH_BITS + 1), endless)
    best[0, 0] = 0.0
    taken = np.zeros((units + 1, HASH_BITS + 1), np.int64)
    steps = [
        (r + 1, w, _band_cost(count, w, r))
        for r in range(MAX_BAND_RADIUS)
        for w in range(MIN_WIDTH, MAX_WIDTH + 1)
    ]
    for unit in range(1, units + 1):
        for step, (gain, width, cost) in enumerate(steps):
            if gain > unit:
                continue
            offer = best[unit - gain, : HASH_BITS + 1 - width] + cost
            seat = best[unit, width:]
            better = offer < seat
            seat[better] = offer[better]
            taken[unit, width:][better] = step
    widths: list[int] = []
    unit, bits = units, HASH_BITS
    while unit:
        gain, width, _ = steps[int(taken[unit, bits])]
        widths.append(width)
        unit, bits = unit - gain, bits - width
    return Layout(tuple(sorted(widths)))


@lru_cache(maxsize=256)
def band_radii(layout: Layout, count: int, radius: int) -> tuple[int, ...] | None:
    """Find the cheapest radius for each band (-1: leave it out), or None if a scan is cheaper."""
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for width in layout.widths:
        found: dict[int, tuple[float, tuple[int, ...]]] = {}
        for unit, (cost, radii) in best.items():
            for r in range(-1, MAX_BAND_RADIUS + 1):
                reach = min(unit + r + 1, radius + 1)
                offer = cost + _band_cost(count, width, r)
                if reach not in found or offer < found[reach][0]:
                    found[reach] = (offer, (*radii, r))
        best = found
    if radius + 1 not in best or best[radius + 1][0] > count * SCAN_NS:
        return None
    return best[radius + 1][1]


@lru_cache(maxsize=64)
def flips(width: int, radius: int) -> NDArray[np.uint32]:
    """List what to XOR onto a key to reach every key within the radius, nearest first."""
    levels = [np.zeros(1, np.uint32)]
    tops = [np.full(1, -1)]  # highest bit set so far: each pattern is made once, bits ascending
    for _ in range(radius):
        masks, highest = levels[-1], tops[-1]
        grown = [(masks[highest < b] | np.uint32(1 << b)) for b in range(width)]
        tops.append(np.concatenate([np.full(len(g), b) for b, g in enumerate(grown)]))
        levels.append(np.concatenate(grown).astype(np.uint32))
    return np.concatenate(levels[: radius + 1]) if radius >= 0 else np.zeros(0, np.uint32)
