"""What the look-up forgives: turning, borders, crops, captions; and what it must not confuse."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perisai.matching.pdq import RADIUS, distances, hash_frame
from perisai.matching.variants import (
    THOROUGH_CROPS,
    USUAL_CROPS,
    Crop,
    list_hashes,
    query_hashes,
)
from tests.matching.pictures import TURNS, as_jpeg, captioned, drawn, flat, framed

SEEDS = range(12)


def _nearest(query: np.ndarray, listed: np.ndarray, crops: tuple[Crop, ...] = USUAL_CROPS) -> int:
    return int(distances(query_hashes(query)[0], _lines(listed, crops)).min())


def _lines(listed: np.ndarray, crops: tuple[Crop, ...] = USUAL_CROPS) -> np.ndarray:
    return np.array([np.frombuffer(h.bits, np.uint8) for _, h in list_hashes(listed, crops)])


@cache
def _listed(seed: int, crops: tuple[Crop, ...] = USUAL_CROPS) -> np.ndarray:
    return _lines(drawn(seed), crops)


def _found(change, crops: tuple[Crop, ...] = USUAL_CROPS) -> int:
    asked = {seed: query_hashes(change(drawn(seed)))[0] for seed in SEEDS}
    return sum(int(distances(asked[s], _listed(s, crops)).min()) <= RADIUS for s in SEEDS)


def test_the_first_query_hash_is_that_of_the_frame() -> None:
    hashes, quality = query_hashes(drawn(1))
    assert hashes.shape == (12, 32)
    assert hashes.dtype == np.uint8
    assert hashes[0].tobytes() == hash_frame(drawn(1)).bits
    assert quality >= 50


@pytest.mark.parametrize("turn", list(TURNS))
def test_turned_and_mirrored_copies_are_found(turn: str) -> None:
    assert _found(lambda p: as_jpeg(np.ascontiguousarray(TURNS[turn](p)))) == len(SEEDS)


@pytest.mark.parametrize(
    ("sides", "colour"),
    [
        ((40, 40, 0, 0), (0, 0, 0)),
        ((0, 0, 70, 70), (255, 255, 255)),
        ((25, 25, 25, 25), (30, 90, 160)),
        ((60, 0, 0, 0), (255, 255, 255)),
        ((10, 90, 5, 0), (0, 0, 0)),
    ],
)
def test_borders_are_looked_through(sides: tuple[int, ...], colour: tuple[int, int, int]) -> None:
    assert _found(lambda p: as_jpeg(framed(p, *sides, colour=colour))) == len(SEEDS)
    mirrored = _found(lambda p: as_jpeg(framed(p, *sides, colour=colour)[:, ::-1].copy()))
    assert mirrored == len(SEEDS)


def test_a_listed_picture_with_a_border_is_found_without() -> None:
    for seed in SEEDS:
        assert _nearest(drawn(seed), framed(drawn(seed), 30, 30)) <= RADIUS


@pytest.mark.parametrize("share", [0.02, 0.03, 0.05, 0.07, 0.1])
@pytest.mark.parametrize("sides", ["ltrb", "lr", "tb", "l", "t", "r", "b"])
def test_crops_are_found(sides: str, share: float) -> None:
    names = {"l": "left", "t": "top", "r": "right", "b": "bottom"}
    crop = Crop("", **{names[side]: share for side in sides})
    assert _found(lambda p: as_jpeg(crop.cut(p).copy())) >= 0.75 * len(SEEDS)


@pytest.mark.parametrize("share", [0.03, 0.05, 0.08, 0.1])
@pytest.mark.parametrize("sides", [("left", "top"), ("right", "bottom")])
def test_corner_crops_are_found_by_the_thorough_set(sides: tuple[str, str], share: float) -> None:
    crop = Crop("", **dict.fromkeys(sides, share))
    assert _found(lambda p: as_jpeg(crop.cut(p).copy()), THOROUGH_CROPS) >= 0.75 * len(SEEDS)


@pytest.mark.parametrize("bar", [None, (0, 0, 0), (255, 255, 255)])
def test_captions_are_looked_past(bar: tuple[int, int, int] | None) -> None:
    assert _found(lambda p: as_jpeg(captioned(p, bar))) == len(SEEDS)
    assert _found(lambda p: as_jpeg(captioned(p[:, ::-1].copy(), bar))) == len(SEEDS)


def test_a_caption_bar_above_the_picture_is_a_border() -> None:
    def above(pixels: np.ndarray) -> np.ndarray:
        bar = captioned(flat(255, 320, 300), None)[220:]
        return as_jpeg(np.concatenate([bar, pixels]))

    assert _found(above) == len(SEEDS)


def test_unlike_pictures_are_not_confused() -> None:
    for seed in SEEDS:
        asked = query_hashes(drawn(seed))[0]
        for other in SEEDS:
            if other != seed:
                assert distances(asked, _listed(other)).min() > RADIUS


def test_flat_frames_have_no_query_hashes() -> None:
    hashes, quality = query_hashes(flat())
    assert hashes.shape == (0, 32)
    assert quality == 0


def test_a_flat_listed_picture_says_so() -> None:
    ((name, found),) = list_hashes(flat())
    assert name == "whole"
    assert not found.hashable


def test_variants_have_different_names_and_are_hashable() -> None:
    for picture in (drawn(2), framed(drawn(2), 30, 30)):
        stored = list_hashes(picture, THOROUGH_CROPS)
        names = [name for name, _ in stored]
        assert len(set(names)) == len(names)
        assert all(found.hashable for _, found in stored)
    assert len(list_hashes(drawn(2))) == 41
    assert len(list_hashes(drawn(2), USUAL_CROPS)) == 25
    assert len(list_hashes(drawn(2), THOROUGH_CROPS)) == 41
    assert len(list_hashes(drawn(2), ())) == 3


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**31), st.booleans())
def test_any_size_is_answered(width: int, height: int, seed: int, plain: bool) -> None:
    rng = np.random.default_rng(seed)
    shape = (height, width, 3)
    pixels = rng.integers(0, 256, (1, 1, 3) if plain else shape, dtype=np.uint8)
    pixels = np.broadcast_to(pixels, shape)
    hashes, quality = query_hashes(pixels)
    assert hashes.shape[1] == 32
    assert (len(hashes) > 0) == (quality >= 50)
    assert list_hashes(pixels)[0][0] == "whole"
