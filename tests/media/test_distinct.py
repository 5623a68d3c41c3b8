"""Every frame is looked at, or within the bound of one that was, in every tile."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perisai.media.distinct import DistinctFrames, Placement


def naive_residual(one, two, grid):
    apart = np.abs(one.astype(np.int64) - two.astype(np.int64))
    side = 256 // grid
    return max(
        apart[y : y + side, x : x + side].mean()
        for y in range(0, 256, side)
        for x in range(0, 256, side)
    )


def place_all(frames, **options):
    """Place frames; check what each placement claims; return the placements."""
    # Plain pictures make plain tests; what little contrast does is tested by itself, below.
    distinct = DistinctFrames(**{"full_contrast": 0.0} | options)
    placements = [distinct.place(frame) for frame in frames]
    looked_at = [p.ordinal for p in placements if p.is_new]
    for ordinal, (frame, p) in enumerate(zip(frames, placements, strict=True)):
        assert p.ordinal == ordinal
        if p.is_new:
            assert p.residual == 0
            assert looked_at[p.look] == ordinal
        else:
            assert p.representative < ordinal
            assert p.representative == looked_at[p.look]
            truth = naive_residual(frame, frames[p.representative], distinct.grid)
            assert truth <= distinct.bound
            assert p.residual == pytest.approx(truth, abs=1e-9)
    assert distinct.looks == len(looked_at)
    assert distinct.placed == len(frames)
    assert distinct.max_residual == max(p.residual for p in placements)
    return placements


def flat(value):
    return np.full((256, 256, 3), value, np.uint8)


def noise(seed):
    return np.random.default_rng(seed).integers(0, 256, (256, 256, 3), dtype=np.uint8)


@st.composite
def clips(draw):
    """Pictures of a few kinds, changed a little, strongly, or in one spot, in any order."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    frame = draw(st.sampled_from([flat(90), noise(1), noise(2)]))
    frames = [frame]
    for _ in range(draw(st.integers(1, 12))):
        change = draw(st.sampled_from(["noise", "inset", "fade", "back", "other", "colour"]))
        strength = draw(st.integers(0, 60))
        frame = frames[-1].astype(np.int64)
        if change == "noise":
            frame += rng.integers(-strength, strength + 1, frame.shape)
        elif change == "inset":
            y, x = rng.integers(0, 248, 2)
            side = draw(st.integers(1, 40))
            frame[y : y + side, x : x + side] += strength
        elif change == "fade":
            frame += draw(st.integers(-3, 3))
        elif change == "colour":
            frame += np.array([strength, -strength, 0])
        elif change == "back":
            frame = draw(st.sampled_from(frames)).astype(np.int64)
        else:
            frame = rng.integers(0, 256, frame.shape)
        frames.append(np.clip(frame, 0, 255).astype(np.uint8))
    return frames


@settings(max_examples=60, deadline=None)
@given(
    clips(),
    st.sampled_from([0.0, 1.0, 4.5, 12.0, 30.0]),
    st.sampled_from([1, 2, 4, 8, 16, 32]),
    st.sampled_from([1, 3, 512]),
)
def test_every_frame_is_within_the_bound_of_one_looked_at(frames, bound, grid, remember):
    place_all(frames, bound=bound, grid=grid, remember=remember)


@settings(max_examples=40, deadline=None)
@given(clips(), st.sampled_from([1.0, 12.0]), st.sampled_from([4, 16]))
def test_no_representative_is_rejected_wrongly(frames, bound, grid):
    """The quick tests reject only what a full comparison rejects too (few frames: all compared)."""
    frames = frames[:8]  # no more than are compared pixel by pixel
    placements = place_all(frames, bound=bound, grid=grid)
    kept = []
    for frame, placement in zip(frames, placements, strict=True):
        found = any(naive_residual(frame, other, grid) <= bound for other in kept)
        assert placement.is_new != found
        if placement.is_new:
            kept.append(frame)


def test_a_slow_fade_does_not_drift():
    placements = place_all([flat(value) for value in range(250)])
    assert sum(p.is_new for p in placements) == 250 // 13 + 1


@pytest.mark.parametrize("corner", [(0, 0), (240, 240), (112, 64), (1, 237)])
def test_a_small_inset_is_looked_at(corner):
    still = noise(7)
    inset = still.copy()
    y, x = corner
    inset[y : y + 16, x : x + 16] = 255 - inset[y : y + 16, x : x + 16]
    placements = place_all([still, still, inset, still, inset])
    assert [p.representative for p in placements] == [None, 0, None, 0, 2]
    whole = np.abs(still.astype(int) - inset).mean()
    assert whole < 1  # a mean over the whole picture would have missed it


def test_loops_boomerangs_and_held_frames_come_back():
    frames = [noise(n) for n in range(10)]
    clip = [*frames, *frames[::-1], *frames, *[frames[3]] * 5]
    placements = place_all(clip)
    assert [p.is_new for p in placements] == [True] * 10 + [False] * 25
    assert [p.look for p in placements[10:20]] == list(range(9, -1, -1))
    assert {p.representative for p in placements[-5:]} == {3}
    assert {p.residual for p in placements} == {0.0}


def test_an_equal_picture_wins_over_a_similar_one():
    placements = place_all([flat(100), flat(113), flat(106), flat(113)])
    assert [p.representative for p in placements] == [None, None, 0, 1]


def test_faint_noise_is_one_picture():
    base = np.full((256, 256, 3), 128, np.int64)
    rng = np.random.default_rng(3)
    clip = [(base + rng.integers(-6, 7, base.shape)).astype(np.uint8) for _ in range(30)]
    placements = place_all(clip)
    assert sum(p.is_new for p in placements) == 1
    assert 0 < placements[-1].residual < 12


def test_the_bound_itself_is_still_alike_and_one_value_more_is_not():
    below = flat(100)
    at_bound = below.copy()
    at_bound[:16, :16] += 12
    above = at_bound.copy()
    above[0, 0, 0] += 1
    placements = place_all([below, at_bound, above])
    assert [p.representative for p in placements] == [None, 0, None]
    assert placements[1].residual == 12.0


def test_differences_up_and_down_do_not_cancel():
    """Equal sums in every cell: only the comparison pixel by pixel can tell them apart."""
    below = flat(100)
    at_bound = below.copy()
    at_bound[:16:2, :16] += 12
    at_bound[1:16:2, :16] -= 12
    above = at_bound.copy()
    above[0, 0, 0] += 1
    placements = place_all([below, at_bound, above])
    assert [p.representative for p in placements] == [None, 0, None]


def test_every_frame_means_every_frame():
    placements = place_all([flat(1)] * 5, every_frame=True)
    assert placements == [Placement(None, n, 0.0, n) for n in range(5)]


def test_forgotten_representatives_count_as_new():
    frames = [noise(n) for n in range(6)]
    placements = place_all([*frames, frames[5], frames[0], frames[5]], remember=4)
    assert [p.representative for p in placements[6:]] == [5, None, 5]


def test_hundreds_are_remembered():
    frames = [np.roll(noise(1), 3 * n, axis=1) for n in range(80)]
    placements = place_all([*frames, *frames])
    assert [p.look for p in placements] == [*range(80), *range(80)]


def test_the_callers_picture_may_be_reused():
    distinct = DistinctFrames()
    picture = flat(10)
    distinct.place(picture)
    picture[:] = 200
    assert distinct.place(picture).is_new
    assert distinct.place(flat(10)).representative == 0


def test_a_picture_that_is_not_contiguous():
    wide = np.zeros((256, 512, 3), np.uint8)
    assert DistinctFrames().place(wide[:, ::2]).is_new


@pytest.mark.parametrize("bad", [{"grid": 5}, {"grid": 64}, {"bound": -1}, {"remember": 0}])
def test_options_that_make_no_sense(bad):
    with pytest.raises(ValueError, match="must"):
        DistinctFrames(**bad)


def test_pictures_of_another_size_are_refused():
    with pytest.raises(ValueError, match="256 x 256"):
        DistinctFrames().place(np.zeros((224, 224, 3), np.uint8))


def test_in_a_faint_picture_the_bound_shrinks_with_the_contrast():
    """A block 12 levels brighter on plain grey is the whole picture, not noise."""
    grey = np.full((256, 256, 3), 128, np.uint8)
    block = grey.copy()
    block[64:192, 64:192] += 12
    distinct = DistinctFrames(bound=12.0)
    assert distinct.place(grey).is_new
    assert distinct.place(block).is_new
    assert not distinct.place(grey).is_new
