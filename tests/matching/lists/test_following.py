import logging
import shutil
import sqlite3

import numpy as np
import pytest

from perisai.errors import IndexCorrupt, MatchingError
from perisai.matching.index import RadiusIndex
from perisai.matching.lists import ListStore, following
from perisai.terms import Label
from tests.matching.lists.common import hashes, pictures


@pytest.fixture
def large(tmp_path):
    """A store that has an index."""
    store = ListStore(tmp_path / "home", who="tester", brute_limit=0)
    store.create("known", source="", label=Label.LISTED)
    store.add("known", pictures(hashes(30)))
    return store


def matched(store, rows):
    with store.matcher() as matcher:
        return [m.row for m in matcher.match_frames(rows)]


def indexed(store):
    with RadiusIndex.open(store.home / "index") as index:
        return sorted(index.items().tolist())


def living(store):
    return sorted(i for found in store.all() for i, _ in store.entries(found.name))


def test_the_index_holds_what_the_lists_hold(large):
    large.create("other", source="", label=Label.ABUSE)
    large.add("other", pictures(hashes(4, seed=1)))
    large.remove_entries("known", [3, 7])
    assert indexed(large) == living(large)
    large.remove("known")
    assert indexed(large) == living(large) == [31, 32, 33, 34]
    assert matched(large, hashes(30)) == []
    assert len(matched(large, hashes(4, seed=1))) == 4


def test_a_crash_between_lists_and_index_is_mended_on_opening(large, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(following.FollowingIndex, "catch_up_after_write", lambda *_: None)
        large.add("known", pictures(hashes(10, seed=1)))
        large.remove_entries("known", [1])
    assert indexed(large) != living(large)
    assert matched(large, hashes(30)) == list(range(1, 30))
    assert len(matched(large, hashes(10, seed=1))) == 10
    assert indexed(large) == living(large)


def test_a_change_is_kept_when_the_index_cannot_follow(large, monkeypatch, caplog):
    def full(self, patience):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(following.FollowingIndex, "catch_up", full)
        large.add("known", pictures(hashes(1, seed=1)))
    assert "the hash index could not follow" in caplog.text
    assert matched(large, hashes(1, seed=1)) == [0]


@pytest.mark.parametrize("what", ["scribbled", "truncated", "emptied", "gone", "no manifest"])
def test_a_damaged_index_is_made_anew_with_a_message(large, caplog, what):
    large.rebuild_index()  # puts everything into the base segment
    folder = large.home / "index"
    segment = max(folder.glob("*.segment"), key=lambda p: p.stat().st_size)
    data = bytearray(segment.read_bytes())
    if what == "scribbled":
        data[512:] = bytes(b ^ 0x55 for b in data[512:])
        segment.write_bytes(data)
    elif what == "truncated":
        segment.write_bytes(data[:-100])
    elif what == "emptied":
        for file in folder.iterdir():
            file.write_bytes(b"")
    elif what == "gone":
        shutil.rmtree(folder)
    else:
        next(folder.glob("*anifest*")).unlink()
    with caplog.at_level(logging.WARNING):
        assert matched(large, hashes(30)) == list(range(30))
    assert indexed(large) == living(large)
    assert what == "gone" or "made anew" in caplog.text


def test_a_damaged_index_that_cannot_be_made_anew_matches_nothing_silently(large, monkeypatch):
    for file in (large.home / "index").iterdir():
        file.write_bytes(b"x" * 100)

    def no(self, *_args):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(following.FollowingIndex, "_alone", no)
    with pytest.raises((MatchingError, OSError)):
        large.matcher()


def test_lists_restored_from_an_older_day_get_an_index_of_their_own(large, caplog):
    backup = large.home / "backup.sqlite3"
    source, copy = sqlite3.connect(large.path), sqlite3.connect(backup)
    source.backup(copy)
    source.close()
    copy.close()
    large.add("known", pictures(hashes(10, seed=1)))
    shutil.copyfile(backup, large.path)
    for suffix in ("-wal", "-shm"):
        (large.home / f"lists.sqlite3{suffix}").unlink(missing_ok=True)
    # Other entries now get the numbers that the index knows from before.
    large.add("known", pictures(hashes(10, seed=2)))
    assert matched(large, hashes(10, seed=1)) == []
    assert len(matched(large, hashes(10, seed=2))) == 10
    assert "made from other lists" in caplog.text


def test_an_index_that_lost_entries_is_noticed(large, caplog):
    with RadiusIndex.open(large.home / "index", write=True) as index:
        index.remove(np.array([5], np.uint64), mark=index.mark)
    large.add("known", pictures(hashes(1, seed=1)))
    assert "29 entries instead of 31" in caplog.text or "30 entries instead of 31" in caplog.text
    assert matched(large, hashes(30)) == list(range(30))


def test_faults_of_the_index_are_found_without_mending_them(large):
    assert large.index_faults() == []
    with RadiusIndex.open(large.home / "index", write=True) as index:
        index.remove(np.array([5], np.uint64), mark=index.mark)
    for _ in range(2):
        (fault,) = large.index_faults()
        assert "29 entries instead of 30" in fault
    large.rebuild_index()
    assert large.index_faults() == []
    next((large.home / "index").glob("*.segment")).write_bytes(b"x" * 100)
    assert len(large.index_faults()) == 1


def test_an_index_that_is_only_behind_has_no_fault(large, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(following.FollowingIndex, "catch_up_after_write", lambda *_: None)
        large.add("known", pictures(hashes(10, seed=1)))
    assert large.index_faults() == []
    for file in (large.home / "index").iterdir():
        file.unlink()
    assert large.index_faults() == []  # it is made where it is needed
    assert ListStore(large.home / "nothing").index_faults() == []


def test_an_index_of_other_lists_is_a_fault(large):
    other = ListStore(large.home / "other", brute_limit=0)
    other.create("else", source="", label=Label.LISTED)
    other.add("else", pictures(hashes(30, seed=3)))
    shutil.rmtree(large.home / "index")
    shutil.copytree(other.home / "index", large.home / "index")
    (fault,) = large.index_faults()
    assert "made from other lists" in fault


def test_rebuilding_says_how_many(large):
    assert large.rebuild_index() == 30
    assert indexed(large) == living(large)
    assert ListStore(large.home / "nothing").rebuild_index() == 0


def test_an_open_matcher_survives_a_rebuild(large):
    with large.matcher() as matcher:
        large.rebuild_index()
        assert len(matcher.match_frames(hashes(30))) == 30
        large.add("known", pictures(hashes(1, seed=1)))
        assert matcher.refresh()
        assert len(matcher.match_frames(hashes(30))) == 30
        assert len(matcher.match_frames(hashes(1, seed=1))) == 1


def test_corrupt_is_a_kind_of_matching_error():
    assert issubclass(IndexCorrupt, MatchingError)
