"""Scores and matches become findings with the frame, time and source that they belong to."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import ImageOps

from perisai.matching.digests import Digests, digest
from perisai.matching.lists import Entry, Kind, ListStore
from perisai.models.registry import Look, Region
from perisai.screening.evidence import Batch, Evidence, Shown
from perisai.screening.findings import Scores, list_findings
from perisai.screening.options import PrepareOptions
from perisai.screening.prepare import prepare
from perisai.terms import Label, Source
from tests.common import drawn, writers
from tests.common.screening import add_pictures, create_list

NO_VIEWS = np.empty((0, 1, 1, 3), np.uint8)
FIRST = Shown(frame=0, time_ms=0, ordinal=0, on_dark=False)
DARK = Shown(frame=0, time_ms=0, ordinal=1, on_dark=True)
LATER = Shown(frame=7, time_ms=560, ordinal=9, on_dark=False)


def seen(*shown):
    """What a worker would have said, as far as scores need it."""
    still = {s.ordinal: np.full((96, 96), s.ordinal, np.uint8) for s in shown}
    return SimpleNamespace(representatives={s.ordinal: s for s in shown}, stills=still)


def batch(*shown, model=0):
    return Batch(model, NO_VIEWS, shown, ((120, 90),) * len(shown))


def explicit(score):
    return Look({Label.EXPLICIT: score})


def test_a_finding_has_the_frame_and_time_of_what_was_looked_at():
    scores = Scores(["one"])
    scores.add(batch(FIRST, LATER), [explicit(0.1), explicit(0.7)])
    (finding,) = scores.findings(seen(FIRST, LATER), lambda label, name: 0.5)
    assert (finding.frame, finding.time_ms, finding.score, finding.by) == (7, 560, 0.7, "one")
    assert (finding.source, finding.label) == (Source.MODEL, Label.EXPLICIT)


def test_of_several_views_the_highest_score_counts():
    for order in ([0.2, 0.9], [0.9, 0.2]):
        scores = Scores(["one"])
        scores.add(batch(FIRST, FIRST), [explicit(score) for score in order])
        assert scores.highest() == {"one": {Label.EXPLICIT: 0.9}}


def test_the_lowest_score_that_matters_may_differ_by_model_and_label():
    scores = Scores(["one", "two"])
    scores.add(batch(FIRST), [Look({Label.EXPLICIT: 0.4, Label.NUDITY: 0.4})])
    scores.add(batch(FIRST, model=1), [explicit(0.4)])
    lowest = {(Label.EXPLICIT, "one"): 0.5, (Label.NUDITY, "one"): 0.4, (Label.EXPLICIT, "two"): 0}
    found = scores.findings(seen(FIRST), lambda label, name: lowest[label, name])
    assert [(f.label, f.by) for f in found] == [(Label.NUDITY, "one"), (Label.EXPLICIT, "two")]
    assert scores.highest() == {
        "one": {Label.EXPLICIT: 0.4, Label.NUDITY: 0.4}, "two": {Label.EXPLICIT: 0.4},
    }  # fmt: skip


def test_every_distinct_frame_is_told_with_its_highest_score_by_anyone():
    scores = Scores(["one", "two", "mute"])
    scores.add(batch(FIRST, LATER), [explicit(0.1), explicit(0.2)])
    scores.add(batch(LATER, model=1), [Look({Label.NUDITY: 0.6})])
    scores.add(batch(LATER, model=2), [Look({})])
    told = scores.looked_at(seen(FIRST, LATER))
    assert [(look.frame, look.time_ms, look.score) for look in told] == [(0, 0, 0.1), (7, 560, 0.6)]


def test_of_a_transparent_frame_the_worse_still_is_kept():
    scores = Scores(["one"])
    scores.add(batch(FIRST, DARK), [explicit(0.8), explicit(0.3)])
    assert scores.stills(seen(FIRST, DARK))[0][0, 0] == FIRST.ordinal
    scores.add(batch(DARK), [explicit(0.9)])
    assert scores.stills(seen(FIRST, DARK))[0][0, 0] == DARK.ordinal
    (light, dark) = scores.findings(seen(FIRST, DARK), lambda label, name: 0.5)
    assert (light.detail, dark.detail) == ("", "on a dark background")


def test_a_detector_says_where_best_first():
    regions = (
        Region("SMALL", 0.3, (0.0, 0.0, 0.1, 0.1), Label.EXPLICIT),
        Region("FACE", 0.9, (0.4, 0.4, 0.6, 0.6)),
        Region("LARGE", 0.8, (0.25, 0.5, 0.75, 1.0), Label.EXPLICIT),
    )
    scores = Scores(["one"])
    scores.add(batch(FIRST), [Look({Label.EXPLICIT: 0.8}, regions)])
    (finding,) = scores.findings(seen(FIRST), lambda label, name: 0.5)
    assert finding.detail == "LARGE 0.80 at 25% 50% to 75% 100%; SMALL 0.30 at 0% 0% to 10% 10%"


# ---- lists


def evidence_of(data):
    options = PrepareOptions()
    evidence = Evidence(options)
    for message in prepare(options.to_json(), data):
        evidence.take(message)
    evidence.check_over()
    return evidence


@pytest.fixture
def store(tmp_path):
    return create_list(tmp_path, "known", [drawn.stand_in(1, 240, 180)])


def found_in(store, frames, digests=None):
    data = writers.webp(frames, quality=90)
    with store.matcher() as matcher:
        return list_findings(evidence_of(data), matcher, digests or digest(data))


def test_the_nearest_of_many_forms_says_it_once_for_each_frame_and_list(store):
    clean, listed = drawn.stand_in(2, 240, 180), drawn.stand_in(1, 240, 180)
    store.create("also", source="tests", label=Label.LISTED)
    add_pictures(store, "also", [listed])
    found = found_in(store, [clean, listed, clean, ImageOps.flip(listed)])
    assert sorted((f.frame, f.by) for f in found) == [
        (1, "also"), (1, "known"), (3, "also"), (3, "known"),
    ]  # fmt: skip
    assert [f.frame for f in found] == [1, 1, 3, 3]
    for finding in found:
        assert int(finding.detail.split()[0]) <= 6
        assert finding.detail.endswith("of 256 bits apart (whole)")


def test_a_crop_is_named(store):
    listed = drawn.stand_in(1, 240, 180)
    cropped = listed.crop((12, 9, 228, 171))
    found = found_in(store, [cropped, drawn.stand_in(2, *cropped.size)])
    assert found[0].frame == 0
    assert "inner" in found[0].detail


def test_the_file_itself_may_be_listed_by_either_digest(store):
    digests = Digests(sha256="ab" * 32, md5="cd" * 16, size=1)
    create_list(store.home, "sha")
    create_list(store.home, "md")
    store.add("sha", [Entry(Kind.SHA256, bytes.fromhex(digests.sha256))])
    store.add("md", [Entry(Kind.MD5, bytes.fromhex(digests.md5))])
    found = found_in(store, [drawn.stand_in(2)], digests)
    assert {(f.by, f.frame, f.time_ms, f.detail) for f in found} == {
        ("sha", None, None, "the file's sha256"), ("md", None, None, "the file's md5"),
    }  # fmt: skip


def test_nothing_matches_without_lists(tmp_path):
    assert found_in(ListStore(tmp_path / "none"), [drawn.stand_in(1)]) == []


def test_a_picture_that_comes_back_is_told_where_it_is_first_shown(store):
    listed, clean = drawn.stand_in(1, 240, 180), drawn.stand_in(2, 240, 180)
    data = writers.gif([clean, listed, clean, listed])
    with store.matcher() as matcher:
        evidence = evidence_of(data)
        found = list_findings(evidence, matcher, digest(data))
    assert evidence.facts.frames == 4
    assert [f.frame for f in found] == [1]
