from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perisai.matching.borders import Border, find_border
from tests.matching.pictures import as_jpeg, drawn, flat, framed


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(*[st.sampled_from([0, 4, 17, 60]) for _ in range(4)]),
    st.tuples(*[st.integers(0, 255) for _ in range(3)]),
    st.integers(0, 1000),
)
def test_borders_are_found_to_the_pixel(
    sides: tuple[int, int, int, int], colour: tuple[int, int, int], seed: int
) -> None:
    picture = drawn(seed).copy()
    # no outermost line of the picture itself may be flat
    stripes = np.resize([255, 0, 0, 255, 0], 320)[:, None]
    for line in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
        line[:] = stripes[: len(line)]
    found = find_border(framed(picture, *sides, colour=colour))
    top, _, left, _ = sides
    if max(sides) == 0:
        assert found is None
    else:
        assert found == Border(left, top, left + 320, top + 240)
        assert found.inside(framed(picture, *sides, colour=colour)).shape == (240, 320, 3)


@pytest.mark.parametrize("quality", [30, 60, 90])
def test_noise_of_compression_does_not_hide_a_border(quality: int) -> None:
    found = find_border(as_jpeg(framed(drawn(3), 40, 44, colour=(12, 10, 30)), quality))
    assert found is not None
    assert abs(found.top - 40) <= 2
    assert abs(found.bottom - 280) <= 2


def test_no_border_where_there_is_none() -> None:
    assert find_border(drawn(1)) is None
    assert find_border(flat()) is None


def test_a_small_thing_on_a_plain_background_has_no_border() -> None:
    assert find_border(framed(drawn(1, 60, 60), 100, 100, 100, 100)) is None


def test_bars_inside_a_frame() -> None:
    boxed = framed(framed(drawn(2), 30, 30), 10, 10, 10, 10, colour=(255, 255, 255))
    assert find_border(boxed) == Border(10, 40, 330, 280)
