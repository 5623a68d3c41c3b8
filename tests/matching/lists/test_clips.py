import numpy as np
import pytest

from perisai.matching.clips import ClipRule, ClipSignature
from perisai.matching.lists import Entry, Kind, ListStore, entries_of
from perisai.matching.lists.clip_values import clip_text, vpdq_from_clip
from perisai.matching.pdq import PdqHash
from perisai.terms import Label
from tests.matching.lists.common import file_entries, hashes, near, pictures


def signature(rows, ms=100):
    return ClipSignature.of((row[None], ms) for row in rows)


def clip_entry(rows, ms=100):
    return Entry(Kind.CLIP, clip_text(signature(rows, ms)).encode())


@pytest.fixture(params=["compared with all", "by the index"])
def store(request, tmp_path):
    limit = 1000 if request.param == "compared with all" else 0
    found = ListStore(tmp_path, brute_limit=limit)
    found.create("known", source="", label=Label.LISTED)
    found.create("worse", source="", label=Label.ABUSE)
    found.add("known", [clip_entry(hashes(10, seed=i)) for i in range(5)])
    return found


def test_a_listed_clip_is_found_padded_and_in_another_order(store):
    shown = hashes(10, seed=2)
    padded = np.concatenate([hashes(30, seed=90), shown, hashes(30, seed=91)])
    with store.matcher() as matcher:
        for rows in (shown, padded):
            (found,) = matcher.match_clip(signature(rows))
            assert (found.list_name, found.label, found.entry_id) == ("known", "listed", 3)
            assert (found.covered, found.in_order, found.pictures) == (1.0, 1.0, 10)
        (found,) = matcher.match_clip(signature(shown[::-1]))
        assert (found.covered, found.in_order) == (1.0, 0.1)
        assert matcher.match_clip(signature(shown[::-1]), ClipRule(in_order=0.5)) == []
        assert matcher.match_clip(signature(hashes(50, seed=92))) == []


def test_it_is_the_pictures_of_clips_that_ask_for_an_index(tmp_path):
    """A few long clips have more hashes than a thousand short ones."""
    store = ListStore(tmp_path, brute_limit=100)
    store.create("known", source="", label=Label.LISTED)
    store.add("known", [clip_entry(hashes(10, seed=i)) for i in range(7)])
    assert not (tmp_path / "index-clips").exists()
    store.add("known", [clip_entry(hashes(60, seed=50))])
    assert (tmp_path / "index-clips").exists()
    with store.matcher() as matcher:
        (found,) = matcher.match_clip(signature(hashes(60, seed=50)))
        assert found.pictures == 60


def test_with_and_without_an_index_the_answers_are_the_same(tmp_path):
    answers = []
    for limit in (10**9, 0):
        store = ListStore(tmp_path / str(limit), brute_limit=limit)
        store.create("known", source="", label=Label.LISTED)
        store.add("known", [clip_entry(hashes(20, seed=i)) for i in range(30)])
        assert (store.home / "index-clips").exists() == (limit == 0)
        with store.matcher() as matcher:
            answers.append(
                [
                    matcher.match_clip(
                        signature([near(row, bits, seed=bits) for row in hashes(20, seed)[:shown]])
                    )
                    for seed in range(30)
                    for bits, shown in ((0, 20), (25, 12), (31, 11), (31, 7), (33, 20))
                ]
            )
    assert answers[0] == answers[1]
    assert [len(found) for found in answers[0]] == [1, 1, 1, 0, 0] * 30


def test_one_picture_in_common_does_not_make_it_the_same_clip(store):
    with store.matcher() as matcher:
        assert matcher.match_clip(signature(hashes(10, seed=2)[:1])) == []
        assert matcher.match_clip(signature([near(hashes(10, seed=2)[0], 5)])) == []


def test_the_best_of_each_list_is_named(store):
    rows = hashes(10, seed=2)
    store.add("known", [clip_entry(rows[:6])])
    store.add("worse", [clip_entry(rows)])
    with store.matcher() as matcher:
        found = matcher.match_clip(signature(rows[:6]), ClipRule(covered=0.2))
        assert [(m.list_name, m.entry_id, m.pictures) for m in found] == [
            ("known", 6, 6),
            ("worse", 7, 6),
        ]
    with store.matcher(["worse"]) as matcher:
        assert [m.list_name for m in matcher.match_clip(signature(rows))] == ["worse"]


def test_added_and_removed_clips_are_followed(store):
    with store.matcher() as matcher:
        store.remove_entries("known", [3])
        store.add("known", [clip_entry(hashes(4, seed=50))])
        matcher.refresh()
        assert matcher.match_clip(signature(hashes(10, seed=2))) == []
        assert len(matcher.match_clip(signature(hashes(4, seed=50)))) == 1
        store.rebuild_index()
        assert len(matcher.match_clip(signature(hashes(4, seed=50)))) == 1


def test_a_clip_that_cannot_be_hashed_matches_nothing(store):
    flat = ClipSignature.of([(np.zeros((0, 32), np.uint8), 100)])
    with store.matcher() as matcher:
        assert matcher.match_clip(flat) == []


def test_flat_hashes_never_stand_for_a_clip(store):
    zeros = np.zeros((1, 32), np.uint8)
    mixed = ClipSignature.of([(zeros, 100), (hashes(1), 100)])
    kept = ClipSignature.from_json(clip_text(mixed))
    assert [run.hashable for run in kept.runs] == [False, True]
    assert vpdq_from_clip(clip_text(mixed)) == f'["{hashes(1)[0].tobytes().hex()},100,0.100"]'


class Print:
    def __init__(self, clip=None):
        entries = file_entries("x")
        self.sha256, self.md5 = entries[0].text, entries[1].text
        flat, good = PdqHash(bytes(32), 0), PdqHash(hashes(1)[0].tobytes(), 80)
        self.pictures = [[("whole", flat), ("inner 95.0%", good)], [("whole", flat)]]
        self.clip = clip


def test_a_fingerprint_becomes_entries_without_flat_ones(store):
    entries = entries_of(Print(signature(hashes(3, seed=7))))
    assert [(e.kind, e.variant, e.picture) for e in entries] == [
        (Kind.SHA256, "", None),
        (Kind.MD5, "", None),
        (Kind.PDQ, "inner 95.0%", 0),
        (Kind.CLIP, "", None),
    ]
    assert store.add("known", entries).added == 4
    assert store.remove_file("known", Print().sha256) == 4
    flat = ClipSignature.of([(np.zeros((0, 32), np.uint8), 100)])
    assert len(entries_of(Print(flat))) == len(entries_of(Print())) == 3


def test_pictures_and_clips_do_not_mix(store):
    rows = hashes(10, seed=2)
    with store.matcher() as matcher:
        assert matcher.match_frames(rows) == []
        store.add("worse", pictures(rows))
        matcher.refresh()
        assert [m.list_name for m in matcher.match_clip(signature(rows))] == ["known"]
        assert {m.list_name for m in matcher.match_frames(rows)} == {"worse"}
