from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from perisai.screening.evaluation.intervals import files_needed, share


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_agrees_with_the_beta_distribution(hits: int, misses: int) -> None:
    total = hits + misses
    found = share(hits, total)
    low = beta.ppf(0.025, hits, misses + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, misses) if misses else 1.0
    assert found.low == pytest.approx(low, rel=1e-6, abs=1e-9)
    assert found.high == pytest.approx(high, rel=1e-6, abs=1e-9)


def test_published_values() -> None:
    """None of 10: 0 to 30.8 %. 10 of 100: 4.9 to 17.6 % (tables of Clopper and Pearson)."""
    assert share(0, 10).high == pytest.approx(0.3085, abs=1e-4)
    assert (share(10, 100).low, share(10, 100).high) == pytest.approx((0.0490, 0.1762), abs=1e-4)


def test_nothing_of_nothing_says_nothing() -> None:
    nothing = share(0, 0)
    assert (nothing.low, nothing.high) == (0.0, 1.0)
    assert math.isnan(nothing.rate)
    assert nothing.to_json()["rate"] is None


@pytest.mark.parametrize("want", [0.5, 0.9, 0.95, 0.99, 0.999])
def test_the_files_needed_are_just_enough(want: float) -> None:
    needed = files_needed(want)
    assert share(needed, needed).low >= want
    assert share(needed - 1, needed - 1).low < want


def test_known_numbers_of_files() -> None:
    assert files_needed(0.99) == 368
    for impossible in (0.0, 1.0):
        with pytest.raises(ValueError, match="cannot be shown"):
            files_needed(impossible)
