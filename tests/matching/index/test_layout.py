import numpy as np
import pytest

from perisai.matching.index.layout import (
    HASH_BITS,
    MAX_RADIUS,
    MAX_WIDTH,
    Layout,
    band_radii,
    flips,
    masks,
    plan,
    probes,
)

SIZES = [1, 1_000, 50_000, 300_000, 1_000_000, 10_000_000, 100_000_000]


@pytest.mark.parametrize("count", SIZES)
def test_bands_share_out_every_bit_once(count):
    layout = plan(count)
    assert sum(layout.widths) == HASH_BITS
    assert max(layout.widths) <= MAX_WIDTH
    bits = np.concatenate([layout.bits(b) for b in range(len(layout.widths))])
    assert sorted(bits.tolist()) == list(range(HASH_BITS))


@pytest.mark.parametrize("count", SIZES)
def test_radii_obey_the_pigeonhole(count):
    layout = plan(count)
    for radius in range(MAX_RADIUS + 1):
        radii = band_radii(layout, count, radius)
        if radii is not None:
            assert sum(r + 1 for r in radii) >= radius + 1


def test_ten_million_need_few_probes_at_the_usual_distance():
    layout = plan(10_000_000)
    radii = band_radii(layout, 10_000_000, 31)
    assert radii is not None
    assert sum(map(probes, layout.widths, radii)) < 3_500


def test_flips_reach_every_near_key_once():
    for width in (8, 13):
        for radius in (-1, 0, 1, 2, 3):
            patterns = flips(width, radius)
            near = [k for k in range(1 << width) if k.bit_count() <= radius]
            assert sorted(patterns.tolist()) == near
            assert len(patterns) == probes(width, radius)


def test_keys_are_the_masked_bits():
    rng = np.random.default_rng(5)
    layout = Layout((10, 20, 26, 200 - 26 * 7, *[26] * 7))
    assert sum(layout.widths) == HASH_BITS
    hashes = rng.integers(0, 256, (50, 32), dtype=np.uint8)
    keys, bits = layout.keys(hashes), np.unpackbits(hashes, axis=1)
    selected = np.unpackbits(masks(layout).view(np.uint8), axis=1)
    for band, width in enumerate(layout.widths):
        for row in range(50):
            wanted = sum(int(bits[row, b]) << k for k, b in enumerate(layout.bits(band)))
            assert keys[band, row] == wanted
        assert np.flatnonzero(selected[band]).tolist() == sorted(layout.bits(band).tolist())
        assert selected[band].sum() == width
