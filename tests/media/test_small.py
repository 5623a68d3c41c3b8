"""Small copies: few, small, the first and the wanted ones among them."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from perisai.errors import MediaError
from perisai.media.limits import MediaLimits
from perisai.media.small import chosen, small
from tests.common import drawn, screening


def made(data: bytes, most: int = 9, side: int = 64, wanted=()):
    payload = {"most": most, "side": side, "wanted": list(wanted), "limits": asdict(MediaLimits())}
    return {each.head["frame"]: each.arrays["pixels"] for each in small(payload, data)}


def clip(count: int) -> bytes:
    return screening.clip([drawn.stand_in(number, 160, 120) for number in range(count)])


def test_a_long_clip_is_spread_and_has_what_is_wanted():
    found = made(clip(120), wanted=[3, 77])
    assert len(found) == 9
    assert {0, 3, 77} <= set(found)
    assert max(found) > 90
    assert all(each.shape == (48, 64, 3) and each.dtype == np.uint8 for each in found.values())


def test_a_picture_that_comes_back_is_taken_once():
    pictures = [drawn.stand_in(number % 2, 160, 120) for number in range(8)]
    assert list(made(screening.clip(pictures))) == [0, 1]


def test_a_small_picture_is_not_made_larger():
    (only,) = made(clip(1), side=320).values()
    assert only.shape == (120, 160, 3)


def test_a_broken_file_is_refused():
    with pytest.raises(MediaError):
        made(b"no picture")


def test_choosing():
    every = list(range(100))
    assert chosen(every, (), 5) == [0, 13, 38, 62, 87]
    assert chosen(every, (99, 98), 3) == [0, 98, 99]
    assert chosen(every, every, 4) == [0, 1, 2, 3]
    assert chosen([], (), 4) == []
