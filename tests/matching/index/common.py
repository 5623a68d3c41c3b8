"""Made-up hashes and the obvious way to search them."""

import numpy as np


def flipped(rng, hashes, counts):
    """A copy of each hash (n, 32) with exactly so many different bits flipped."""
    bits = np.unpackbits(hashes, axis=1)
    for row, count in zip(bits, np.broadcast_to(counts, len(bits)), strict=True):
        row[rng.permutation(256)[:count]] ^= 1
    return np.packbits(bits, axis=1)


def clustered(rng, count, centres):
    """Hashes at 0 to 40 bits from a few centres, some clusters much larger than others."""
    middle = rng.integers(0, 256, (centres, 32), dtype=np.uint8)
    owner = (rng.random(count) ** 3 * centres).astype(np.int64)
    return flipped(rng, middle[owner], rng.integers(0, 41, count))


def brute(queries, hashes, items, radius):
    """Every (query, item, distance) within the radius, sorted, by comparing all with all."""
    found = []
    for row, query in enumerate(queries):
        distance = np.bitwise_count(hashes ^ query).sum(axis=1, dtype=np.int64)
        near = np.flatnonzero(distance <= radius)
        found += [(row, int(items[i]), int(distance[i])) for i in near]
    return sorted(found)


def listed(hits):
    """Hits as a sorted list of (query, item, distance)."""
    return sorted(zip(hits.query.tolist(), hits.item.tolist(), hits.distance.tolist(), strict=True))
