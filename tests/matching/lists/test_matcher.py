import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from perisai.errors import ListError
from perisai.matching.lists import Entry, FrameMatch, Kind, ListStore, following
from perisai.terms import Label
from tests.matching.lists.common import digests, file_entries, hashes, near, pictures

TODAY = date(2026, 11, 6)


@pytest.fixture(params=["compared with all", "by the index"])
def either(request, tmp_path):
    """The same store twice: small lists need no index, large ones have one."""
    limit = 20_000 if request.param == "compared with all" else 0
    return ListStore(tmp_path, who="tester", brute_limit=limit)


def test_frames_match_up_to_31_bits_and_no_further(either):
    rows = hashes(40)
    either.create("known", source="", label=Label.LISTED)
    either.add("known", pictures(rows))
    asked = np.stack([near(row, 29 + i % 5, seed=i) for i, row in enumerate(rows)])
    with either.matcher() as matcher:
        found = matcher.match_frames(asked)
    ids = [i for i, _ in either.entries("known")]
    wanted = [i for i in range(40) if 29 + i % 5 <= 31]
    assert [m.row for m in found] == wanted
    assert [m.distance for m in found] == [29 + i % 5 for i in wanted]
    assert [m.entry_id for m in found] == [ids[i] for i in wanted]
    assert (either.home / "index").exists() == (either.brute_limit == 0)


def test_brute_force_and_index_agree_with_a_plain_loop(tmp_path):
    rows = hashes(60, seed=3)
    clustered = np.stack([near(rows[i % 6], 4 + i, seed=i) for i in range(60)])
    found = []
    for limit in (0, 20_000):
        store = ListStore(tmp_path / str(limit), brute_limit=limit)
        for half in (0, 1):
            store.create(f"list-{half}", source="", label=Label.LISTED)
            store.add(f"list-{half}", pictures(clustered[half::2]))
        with store.matcher() as matcher:
            found.append([(m.row, m.list_name, m.distance) for m in matcher.match_frames(rows)])
    plain = []
    for i, row in enumerate(rows):
        for half in (0, 1):
            distances = [int(np.unpackbits(row ^ other).sum()) for other in clustered[half::2]]
            if min(distances) <= 31:
                plain.append((i, f"list-{half}", min(distances)))
    assert found == [plain, plain]
    assert plain


def test_the_nearest_variant_of_each_list_is_named_once_for_each_row(either):
    row = hashes(1)[0]
    either.create("one", source="", label=Label.LISTED)
    either.create("two", source="", label=Label.ABUSE)
    either.add(
        "one",
        [
            Entry(Kind.PDQ, near(row, bits, seed=bits).tobytes(), 90, f"off by {bits}", 7)
            for bits in (20, 3, 9)
        ],
    )
    either.add("two", pictures(row[None]))
    with either.matcher() as matcher:
        found = matcher.match_frames(np.stack([row, hashes(1, seed=9)[0], row]))
    one = next(m for m in found if m.list_name == "one")
    assert one == FrameMatch(0, "one", Label.LISTED, one.entry_id, "off by 3", 3, 7)
    assert [(m.row, m.list_name, m.label, m.distance) for m in found] == [
        (0, "one", "listed", 3),
        (0, "two", "abuse", 0),
        (2, "one", "listed", 3),
        (2, "two", "abuse", 0),
    ]


def test_files_match_by_either_digest(either):
    either.create("one", source="", label=Label.LISTED)
    either.create("two", source="", label=Label.ABUSE)
    either.add("one", file_entries("a"))
    either.add("two", file_entries("a")[1:])
    with either.matcher() as matcher:
        found = matcher.match_file(*digests("a"))
        assert [(m.list_name, m.label, m.kind) for m in found] == [
            ("one", "listed", "sha256"),
            ("two", "abuse", "md5"),
        ]
        assert matcher.match_file(*digests("b")) == []
        assert matcher.match_file(digests("b")[0], digests("a")[1])[0].kind == "md5"


def test_an_expired_list_matches_nothing_from_the_day_after(either):
    row = hashes(1)
    either.create("old", source="", label=Label.ABUSE, expires=TODAY)
    either.add("old", [*pictures(row), *file_entries("a")])
    with either.matcher(today=TODAY) as matcher:
        assert len(matcher.match_frames(row)) == len(matcher.match_file(*digests("a"))) == 1
        assert (matcher.empty, matcher.labels, matcher.expired) == (False, {Label.ABUSE}, ())
    with either.matcher(today=TODAY + timedelta(days=1)) as matcher:
        assert matcher.match_frames(row) == matcher.match_file(*digests("a")) == []
        assert (matcher.empty, matcher.labels, matcher.expired) == (True, set(), ("old",))


def test_only_the_named_lists_are_asked(either):
    row = hashes(1)
    for name in ("one", "two"):
        either.create(name, source="", label=Label.LISTED)
        either.add(name, [*pictures(row), *file_entries("a")])
    with either.matcher(["two"]) as matcher:
        assert [m.list_name for m in matcher.match_frames(row)] == ["two"]
        assert [m.list_name for m in matcher.match_file(*digests("a"))] == ["two"]
    with either.matcher([]) as matcher:
        assert matcher.empty
        assert matcher.match_frames(row) == []
    with pytest.raises(ListError, match="no list named 'three'"):
        either.matcher(["one", "three"])


def test_refresh_sees_what_was_added_and_removed(either):
    rows = hashes(4)
    with either.matcher() as matcher:
        assert not matcher.refresh()
        either.create("known", source="", label=Label.LISTED)
        either.add("known", pictures(rows))
        assert matcher.match_frames(rows) == []  # one batch is judged by one state of the lists
        assert matcher.refresh()
        assert not matcher.refresh()
        assert len(matcher.match_frames(rows)) == 4
        assert matcher.generation == either.generation()
        ids = [i for i, _ in either.entries("known")]
        either.remove_entries("known", ids[:1])
        either.add("known", pictures(hashes(1, seed=5)))
        assert matcher.refresh()
        assert [m.row for m in matcher.match_frames(rows)] == [1, 2, 3]
        assert len(matcher.match_frames(hashes(1, seed=5))) == 1
        either.remove("known")
        assert matcher.refresh()
        assert matcher.match_frames(rows) == []
        assert matcher.empty


def test_entries_that_the_index_lacks_are_compared_all_the_same(tmp_path, monkeypatch):
    store = ListStore(tmp_path, brute_limit=0)
    store.create("known", source="", label=Label.LISTED)
    store.add("known", pictures(hashes(5)))
    monkeypatch.setattr(following.FollowingIndex, "catch_up", _busy)
    store.add("known", pictures(hashes(5, seed=1)))
    store.remove_entries("known", [1])
    with store.matcher() as matcher:
        assert [m.row for m in matcher.match_frames(hashes(5))] == [1, 2, 3, 4]
        assert len(matcher.match_frames(hashes(5, seed=1))) == 5
    monkeypatch.setattr(following, "SMALL_GAP", 1)
    with pytest.raises(ListError, match="nothing is matched until"):
        store.matcher()


def _busy(self, patience):
    raise ListError("another process is writing the hash index")


def test_many_threads_share_one_matcher_while_lists_change(either):
    rows = hashes(64)
    either.create("known", source="", label=Label.LISTED)
    either.add("known", [*pictures(rows), *file_entries("a")])
    errors: list[BaseException] = []
    stop = threading.Event()

    def ask(matcher):
        try:
            while not stop.is_set():
                matcher.refresh()
                assert [m.row for m in matcher.match_frames(rows)] == list(range(64))
                assert len(matcher.match_file(*digests("a"))) == 1
        except BaseException as error:  # noqa: BLE001  shown by the main thread
            errors.append(error)

    with either.matcher() as matcher:
        threads = [threading.Thread(target=ask, args=(matcher,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for i in range(20):
            either.add("known", pictures(hashes(2, seed=100 + i)))
        stop.set()
        for thread in threads:
            thread.join()
        assert not errors
        matcher.refresh()
        assert len(matcher.match_frames(hashes(2, seed=119))) == 2


def test_wrong_arrays_are_refused(known):
    known.add("known", pictures(hashes(1)))
    with known.matcher() as matcher:
        with pytest.raises(ValueError, match="uint8 of shape"):
            matcher.match_frames(np.zeros((3, 31), np.uint8))
        assert matcher.match_frames(np.zeros((0, 32), np.uint8)) == []


def test_small_lists_are_matched_without_numba(tmp_path):
    import subprocess

    code = (
        "import sys, numpy as np\nfrom pathlib import Path\n"
        "from perisai.matching.lists import *\nfrom perisai.terms import Label\n"
        f"store = ListStore(Path({str(tmp_path)!r}))\n"
        "store.create('x', source='', label=Label.LISTED)\n"
        "row = np.random.default_rng(0).integers(0, 256, (1, 32), dtype=np.uint8)\n"
        "store.add('x', [Entry(Kind.PDQ, row.tobytes())])\n"
        "assert len(store.matcher().match_frames(row)) == 1\n"
        "heavy = {'numba', 'scipy', 'pydantic', 'rich', 'click', 'PIL'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_restored_backup_is_noticed_and_a_missing_file_too(either, tmp_path):
    either.create("known", source="", label=Label.LISTED)
    either.add("known", pictures(hashes(3)))
    other = ListStore(tmp_path / "other")
    other.create("known", source="", label=Label.LISTED)
    other.add("known", pictures(hashes(3, seed=1)))
    with either.matcher() as matcher:
        assert len(matcher.match_frames(hashes(3))) == 3
        for suffix in ("-wal", "-shm"):
            Path(f"{either.path}{suffix}").unlink(missing_ok=True)
        other.path.replace(either.path)
        matcher.refresh()
        assert matcher.match_frames(hashes(3)) == []
        assert len(matcher.match_frames(hashes(3, seed=1))) == 3
        either.path.unlink()
        with pytest.raises(ListError, match="is gone"):
            matcher.refresh()
        with pytest.raises(ListError, match="is gone"):
            matcher.refresh()


def test_a_closed_matcher_does_not_say_not_listed(known):
    known.add("known", pictures(hashes(1)))
    matcher = known.matcher()
    matcher.close()
    matcher.close()
    for ask in (
        lambda: matcher.match_frames(hashes(1)),
        lambda: matcher.match_file(*digests("a")),
        matcher.refresh,
    ):
        with pytest.raises(ListError, match="closed"):
            ask()
