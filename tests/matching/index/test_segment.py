import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perisai.errors import IndexCorrupt
from perisai.matching.index import segment as segments
from perisai.matching.index.files import ArrayFile
from perisai.matching.index.segment import Segment, scan

from .common import brute, clustered, flipped

RADII = [0, 1, 7, 16, 30, 31, 32, 36, 40, 64]


def found(segment, queries, radius):
    query, seat, distance = segment.search(queries, radius)
    items = segment.items[seat]
    return sorted(zip(query.tolist(), items.tolist(), distance.tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 400),
    radius=st.sampled_from([0, 1, 15, 30, 31, 32, 40, 64]),
)
def test_small_sets_equal_brute_force(seed, count, radius):
    rng = np.random.default_rng(seed)
    hashes = clustered(rng, count, 1 + count // 20)
    hashes[rng.random(count) < 0.1] = 0
    items = rng.integers(0, 2**64, count, dtype=np.uint64)
    near = flipped(rng, hashes[rng.integers(0, count, 20)], rng.choice([0, 1, 30, 31, 32], 20))
    queries = np.concatenate([near, np.zeros((1, 32), np.uint8), np.full((1, 32), 255, np.uint8)])
    wanted = brute(queries, hashes, items, radius)
    query, seat, distance = scan(queries, hashes, radius)
    got = sorted(zip(query.tolist(), items[seat].tolist(), distance.tolist(), strict=True))
    assert got == wanted
    assert found(Segment.in_memory(hashes, items), queries, radius) == wanted


@pytest.mark.parametrize("kind", ["random", "clustered", "crowded"])
def test_a_large_set_equals_brute_force_at_every_radius(tmp_path, kind):
    rng = np.random.default_rng(11)
    count = 120_000
    if kind == "random":
        hashes = rng.integers(0, 256, (count, 32), dtype=np.uint8)
    else:
        hashes = clustered(rng, count, 2_000 if kind == "clustered" else 30)
    hashes[:200] = hashes[0]
    hashes[200:300] = 0
    items = np.arange(count, dtype=np.uint64)
    Segment.write(
        tmp_path / "s", [(hashes[:70_000], items[:70_000]), (hashes[70_000:], items[70_000:])]
    )
    segment = Segment.open(tmp_path / "s")
    assert segment.bands is not None
    assert segment.file is not None
    segment.file.verify()
    near = flipped(rng, hashes[rng.integers(0, count, 25)], np.resize([0, 1, 30, 31, 32], 25))
    queries = np.concatenate([near, hashes[:1], np.zeros((1, 32), np.uint8)])
    for radius in RADII if kind == "clustered" else [0, 31]:
        assert found(segment, queries, radius) == brute(queries, hashes, items, radius)


def test_many_queries_are_answered_in_their_rows(tmp_path):
    rng = np.random.default_rng(3)
    hashes = rng.integers(0, 256, (60_000, 32), dtype=np.uint8)
    segment = Segment.in_memory(hashes, np.arange(60_000, dtype=np.uint64))
    asked = rng.permutation(60_000)[:3_000]
    query, seat, distance = segment.search(hashes[asked], 31)
    assert np.array_equal(seat[np.argsort(query)], asked)
    assert not distance.any()


def test_a_flipped_byte_is_noticed_anywhere(tmp_path):
    rng = np.random.default_rng(4)
    hashes = rng.integers(0, 256, (segments.BANDS_FROM, 32), dtype=np.uint8)
    Segment.write(tmp_path / "s", [(hashes, np.arange(len(hashes), dtype=np.uint64))])
    good = (tmp_path / "s").read_bytes()
    description = good.index(b'"starts"')
    places = [0, 9, 13, 17, description, len(good) - 1]
    segment = Segment.open(tmp_path / "s")
    assert segment.file is not None
    raw = np.frombuffer(good, np.uint8)
    for array in segment.file.arrays.values():
        if array.size:
            first = array.reshape(-1).view(np.uint8)[:64]
            windows = np.lib.stride_tricks.sliding_window_view(raw[16_384:], 64)[::4096]
            places += (16_384 + 4096 * np.flatnonzero((windows == first).all(1))[:1]).tolist()
    assert len(places) >= 11
    for place in places:
        bad = bytearray(good)
        bad[place] ^= 0x10
        (tmp_path / "b").write_bytes(bad)
        with pytest.raises(IndexCorrupt, match="rebuilt"):
            ArrayFile.open(tmp_path / "b").verify()
    for size in (0, 10, 20_000, len(good) - 1):
        (tmp_path / "b").write_bytes(good[:size])
        with pytest.raises(IndexCorrupt):
            Segment.open(tmp_path / "b")


def test_damaged_bands_never_read_outside(tmp_path):
    rng = np.random.default_rng(8)
    hashes = clustered(rng, 60_000, 20)
    good = Segment.in_memory(hashes, np.arange(60_000, dtype=np.uint64))
    assert good.bands is not None
    for name in ("table", "posts", "bounds"):
        array = getattr(good.bands, name)
        noise = rng.integers(0, 2**32, array.shape, dtype=np.uint64).astype(array.dtype)
        if name == "table":
            noise |= rng.integers(0, 2, array.shape, dtype=np.uint64) << np.uint64(63)
        bands = {
            field: getattr(good.bands, field)
            for field in ("layout", "table", "posts", "bounds", "starts")
        }
        noise.flags.writeable = False
        damaged = Segment(good.hashes, good.items, segments.Bands(**{**bands, name: noise}))
        damaged.search(hashes[:50], 31)  # answers nonsense, but answers


def test_small_lists_do_not_load_numba(tmp_path):
    code = """
import sys, numpy as np
from pathlib import Path
from perisai.matching.index import RadiusIndex
hashes = np.random.default_rng(0).integers(0, 256, (20_000, 32), dtype=np.uint8)
with RadiusIndex.open(Path(sys.argv[1]), write=True) as index:
    index.add(hashes, np.arange(20_000))
    index.compact()
    assert len(index.search(hashes[:240])) == 240
assert "numba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "i")], check=True, timeout=60)


def test_works_where_nothing_can_be_cached(tmp_path):
    code = """
import sys, numpy as np
from numba.core import caching
caching.CacheImpl._locator_classes = []  # as where no folder can be written
from perisai.matching.index import kernels
hashes = np.zeros((4, 4), np.uint64)
assert len(kernels.scan(hashes, hashes, 31)[0]) == 16
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
