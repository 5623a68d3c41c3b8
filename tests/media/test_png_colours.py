"""The cICP chunk: colours by number, which browsers put before every other description."""

from __future__ import annotations

import numpy as np
import pytest

from perisai.errors import BrokenMedia
from tests.common.mediawriter import plain, saved
from tests.media.looking import RED, look, near
from tests.media.test_png import with_chunk

GREY = saved("PNG", plain((128, 128, 128)))


def shown(picture: bytes, *numbers: int) -> list[int]:
    return look(with_chunk(picture, b"cICP", bytes(numbers)))[0][0].pixels[0, 0].tolist()


def test_srgb_by_number_changes_nothing():
    assert shown(GREY, 1, 13, 0, 1) == [128] * 3
    assert shown(saved("PNG", plain(RED)), 1, 13, 0, 1) == list(RED)


def test_numbers_come_before_gamma_and_profile():
    dark = with_chunk(GREY, b"gAMA", (25_000).to_bytes(4))
    assert look(dark)[0][0].pixels[0, 0, 0] < 80
    assert shown(dark, 1, 13, 0, 1) == [128] * 3


def test_wide_primaries():
    # Through the matrices of CSS Color 4, section 18: 214.9, 92.6, 96.6.
    found = shown(saved("PNG", plain((200, 100, 100))), 12, 13, 0, 1)
    assert np.abs(np.array(found) - (215, 93, 97)).max() <= 1


@pytest.mark.parametrize(
    ("transfer", "grey"),
    [
        (1, 122),  # BT.709 on a screen of BT.1886: 0.502 to the power of 2.4 is 0.191
        (8, 188),  # linear light: 0.502 is written as 188 in sRGB
        (4, 129),  # 2.2
    ],
)
def test_transfer_functions(transfer, grey):
    assert abs(shown(GREY, 1, transfer, 0, 1)[0] - grey) <= 1


@pytest.mark.parametrize(
    "numbers",
    [(9, 16, 0, 1), (9, 18, 0, 1), (1, 13, 1, 1), (1, 13, 0, 0), (2, 2, 0, 1), (200, 13, 0, 1)],
)
def test_colours_that_cannot_be_shown_are_refused(numbers):
    with pytest.raises(BrokenMedia, match="cICP"):
        shown(GREY, *numbers)


def test_cut_numbers_are_refused():
    with pytest.raises(BrokenMedia, match="viewers"):
        shown(GREY, 1, 13, 0)


def test_animation_follows_the_numbers_too():
    film = saved("PNG", plain((128,) * 3, (64,) * 3), duration=50)
    frames, _ = look(with_chunk(film, b"cICP", bytes((1, 8, 0, 1))))
    assert near(frames[0], (188,) * 3, 1)
