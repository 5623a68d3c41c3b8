"""Clips: what share of the listed one is there, whatever was put around it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perisai.errors import ListError
from perisai.matching.clips import ClipMatch, ClipRule, ClipSignature, Run, match, score

NONE = np.zeros((0, 32), dtype=np.uint8)


def _hash(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (1, 32), dtype=np.uint8)


def _clip(*seeds: int | None, ms: int = 100) -> ClipSignature:
    return ClipSignature.of((NONE if s is None else _hash(s), ms) for s in seeds)


def _all_of(pictures: int) -> ClipMatch:
    return ClipMatch(
        hashable=True, covered=1.0, in_order=1.0, pictures=pictures, of_pictures=pictures
    )


LISTED = _clip(*range(10))
CLEAN = range(100, 140)


def test_the_clip_itself() -> None:
    assert match(LISTED, LISTED) == _all_of(10)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(_clip(*CLEAN, *range(10), *CLEAN), id="padded"),
        pytest.param(_clip(100, *range(10)), id="harmless first frame"),
        pytest.param(_clip(*(x for s in range(10) for x in (s, 100 + s))), id="interleaved"),
        pytest.param(_clip(*range(10), ms=20), id="sped up"),
        pytest.param(_clip(*range(10), *range(10)), id="played twice"),
        pytest.param(_clip(None, *range(5), None, *range(5, 10)), id="with flat frames"),
    ],
)
def test_what_does_not_help(query: ClipSignature) -> None:
    found = match(query, LISTED)
    assert found == _all_of(10)
    assert found.matches(ClipRule(covered=1.0, in_order=1.0))


def test_order_is_told_but_not_asked_for() -> None:
    found = match(_clip(*reversed(range(10))), LISTED)
    assert (found.covered, found.in_order) == (1.0, 0.1)
    assert found.matches()
    assert not found.matches(ClipRule(in_order=0.5))
    assert match(_clip(5, 6, 7, 8, 9, 0, 1, 2, 3, 4), LISTED).in_order == 0.5


def test_left_out_frames_are_bridged_but_not_without_end() -> None:
    assert match(_clip(*range(0, 10, 3)), LISTED).covered == 1.0
    assert match(_clip(*range(0, 10, 3)), LISTED).pictures == 4
    assert match(_clip(*range(0, 10, 3)), LISTED, reach_ms=0).covered == pytest.approx(0.4)
    assert match(_clip(0, 1, 2), LISTED).covered == pytest.approx(0.5)
    assert match(_clip(0, 1, 2), LISTED, reach_ms=0).covered == pytest.approx(0.3)


def test_one_picture_in_common_is_not_the_clip() -> None:
    short = _clip(0, 1, 2)
    found = match(_clip(1, *CLEAN), short)
    assert (found.covered, found.pictures) == (1.0, 1)
    assert not found.matches()
    assert found.matches(ClipRule(pictures=1))
    assert match(_clip(0, *CLEAN), _clip(0)).matches()  # unless it is all there is


def test_another_clip_does_not_match() -> None:
    found = match(_clip(*CLEAN), LISTED)
    assert found == ClipMatch(hashable=True, of_pictures=10)
    assert not found.matches(ClipRule(0.0, 0.0, 0))


def test_held_pictures_are_one_run() -> None:
    near = _hash(1).copy()
    near[0, 0] ^= 7
    clip = ClipSignature.of([(_hash(1), 40), (near, 40), (_hash(2), 40), (_hash(1), 40)])
    assert [run.duration_ms for run in clip.runs] == [80, 40, 40]


def test_any_stored_form_counts() -> None:
    listed = ClipSignature(
        tuple(Run(np.concatenate([_hash(s), _hash(s + 50)]), 40) for s in (1, 2))
    )
    assert match(_clip(51, 52), listed).covered == 1.0


def test_flat_clips_are_not_hashable_and_not_listed() -> None:
    flat = _clip(None, None, None)
    assert not flat.hashable
    for pair in ((flat, LISTED), (LISTED, flat), (flat, flat), (ClipSignature(()), LISTED)):
        assert match(*pair) == ClipMatch(hashable=False)
        assert not match(*pair).matches(ClipRule(0, 0, 0))
    for action in (flat.check_listable, flat.to_json, ClipSignature(()).to_json):
        with pytest.raises(ListError, match="not hashable"):
            action()


def test_flat_stretches_of_a_listed_clip_count_neither_way() -> None:
    listed = _clip(None, 0, 1, None, None)
    assert match(_clip(0, 1), listed) == _all_of(2)


def test_unknown_durations() -> None:
    listed = _clip(*range(10), ms=0)
    assert match(_clip(1, 2, 3, 4), listed).covered == pytest.approx(0.4)


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 20)), st.integers(0, 5000)), min_size=1),
    st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 20)), st.integers(0, 5000))),
)
def test_shares_stay_shares_and_json_keeps_everything(
    listed: list[tuple[int | None, int]], query: list[tuple[int | None, int]]
) -> None:
    clips = [
        ClipSignature.of((NONE if s is None else _hash(s), ms) for s, ms in frames)
        for frames in (listed, query)
    ]
    found = match(clips[1], clips[0])
    assert 0 <= found.covered <= 1
    assert 0 <= found.in_order <= found.pictures / max(1, found.of_pictures) <= 1
    if clips[0].hashable:
        again = ClipSignature.from_json(clips[0].to_json())
        assert again.to_json() == clips[0].to_json()
        assert match(clips[1], again) == found
        assert match(again, clips[0]) == _all_of(len([r for r in again.runs if r.hashable]))


@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=7))
def test_the_longest_order_is_the_longest(table: list[list[bool]]) -> None:
    def brute(row: int, column: int) -> int:
        if row == len(table):
            return 0
        taken = [1 + brute(row + 1, c) for c in range(column, 6) if table[row][c]]
        return max([brute(row + 1, column), *taken])

    listed = _clip(*range(len(table)))
    assert score(listed, np.array(table)).in_order == pytest.approx(brute(0, 0) / len(table))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        "[]",
        '{"version":2,"runs":[]}',
        '{"version":1}',
        '{"version":1,"runs":[]}',
        '{"version":1,"runs":[{"ms":1,"pdq":[]}]}',
        '{"version":1,"runs":[{"ms":1}]}',
        '{"version":1,"runs":[{"ms":true,"pdq":[]}]}',
        '{"version":1,"runs":[{"ms":-1,"pdq":[]}]}',
        '{"version":1,"runs":[{"ms":1e400,"pdq":[]}]}',
        '{"version":1,"runs":[{"ms":1,"pdq":["00"]}]}',
        json.dumps({"version": 1, "runs": [{"ms": 1, "pdq": ["é" * 64]}]}),
        json.dumps({"version": 1, "runs": [{"ms": 1, "pdq": []}] * 20_001}),
    ],
)
def test_malformed_signatures_are_refused(text: str) -> None:
    with pytest.raises(ListError):
        ClipSignature.from_json(text)
