import sqlite3
import stat
from datetime import date
from pathlib import Path

import pytest

from perisai.errors import ListError
from perisai.matching.lists import Entry, Kind, ListStore, Sharing, schema
from perisai.terms import Label
from tests.matching.lists.common import digests, file_entries, hashes, pictures


def test_nothing_is_made_by_reading(store):
    assert store.all() == []
    assert store.generation() == 0
    assert store.events() == []
    assert store.faults() == []
    with store.matcher() as matcher:
        assert matcher.empty
    with pytest.raises(ListError, match="no list named 'x'"):
        store.get("x")
    with pytest.raises(ListError, match="no list named 'x'"):
        list(store.entries("x"))
    assert not store.home.exists()


def test_a_list_keeps_what_it_is_told(store):
    made = store.create(
        "kpai-2026.q1",
        source="KPAI, letter 12/2026",
        label=Label.ABUSE,
        licence="internal",
        sharing=Sharing.PARTNERS,
        expires=date(2026, 12, 31),
    )
    assert ListStore(store.home).get("kpai-2026.q1") == made
    assert made.expires == date(2026, 12, 31)
    assert made.count == 0
    assert not made.expired(date(2026, 12, 31))
    assert made.expired(date(2027, 1, 1))


@pytest.mark.parametrize("name", ["", "A", "a b", "../x", "-a", "a/", "a\n", "é", "x" * 65, "."])
def test_unsafe_names_are_refused(store, name):
    with pytest.raises(ListError, match="cannot be a list's name"):
        store.create(name, source="", label=Label.LISTED)


def test_models_labels_are_not_for_lists(store):
    with pytest.raises(ListError, match="'explicit' is not what a list can say"):
        store.create("x", source="", label=Label.EXPLICIT)


def test_control_characters_do_not_reach_the_terminal(store):
    with pytest.raises(ListError, match="source"):
        store.create("x", source="a\x1b[2J", label=Label.LISTED)


def test_a_name_is_taken_once_and_free_after_removal(known):
    with pytest.raises(ListError, match="already"):
        known.create("known", source="", label=Label.LISTED)
    known.add("known", pictures(hashes(3)))
    assert known.remove("known") == 3
    assert known.all() == []
    known.create("known", source="again", label=Label.LISTED)
    assert known.get("known").count == 0
    assert [e.action for e in known.events("known")] == ["create", "add", "remove", "create"]
    assert known.faults() == []


def test_entries_come_back_as_they_were(known):
    rows = hashes(5)
    entries = [*pictures(rows), *file_entries("a"), Entry(Kind.PDQ, rows[0].tobytes(), None, "")]
    done = known.add("known", entries)
    assert (done.added, done.known) == (7, 1)  # the bare hash is there already, with its variant
    assert {e.value for _, e in known.entries("known")} == {e.value for e in entries}
    assert [e for _, e in known.entries("known")] == entries[:7]
    assert known.get("known").counts == {Kind.PDQ: 5, Kind.SHA256: 1, Kind.MD5: 1, Kind.CLIP: 0}
    assert known.add("known", entries).added == 0


def test_pictures_are_numbered_on(known):
    known.add("known", pictures(hashes(2)))
    known.add("known", pictures(hashes(2, seed=1)))
    assert [e.picture for _, e in known.entries("known")] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (Entry(Kind.PDQ, bytes(32)), "flat"),
        (Entry(Kind.PDQ, b"\xff" * 32), "flat"),
        (Entry(Kind.PDQ, b"\xff" * 3 + b"\x7f" + bytes(28)), "flat"),
        (Entry(Kind.PDQ, hashes(1)[0].tobytes(), 49), "quality 49 is under 50"),
        (Entry(Kind.PDQ, hashes(1)[0].tobytes(), 101), "quality 101"),
        (Entry(Kind.PDQ, b"short"), "64 hex digits"),
        (Entry(Kind.MD5, bytes(32)), "32 hex digits"),
    ],
)
def test_what_would_match_everything_is_refused_and_nothing_added(known, entry, why):
    with pytest.raises(ListError, match=f"entry 4: .*{why}.*Nothing was added"):
        known.add("known", [*pictures(hashes(3)), entry])
    assert known.get("known").count == 0
    assert list(known.entries("known")) == []
    assert [e.action for e in known.events()] == ["create"]


def test_an_entry_goes_with_all_variants_of_its_picture(known):
    rows = hashes(6)
    known.add(
        "known", [Entry(Kind.PDQ, r.tobytes(), 90, f"v{i % 3}", i // 3) for i, r in enumerate(rows)]
    )
    ids = [i for i, _ in known.entries("known")]
    assert known.remove_entries("known", [ids[4]]) == 3
    assert [i for i, _ in known.entries("known")] == ids[:3]
    with pytest.raises(ListError, match=f"no entry {ids[4]}"):
        known.remove_entries("known", [ids[0], ids[4]])
    assert known.get("known").count == 3


def test_bare_entries_go_alone(known):
    rows = hashes(3)
    known.add("known", [Entry(Kind.PDQ, r.tobytes()) for r in rows])
    ids = [i for i, _ in known.entries("known")]
    assert known.remove_entries("known", [ids[1]]) == 1
    assert [i for i, _ in known.entries("known")] == [ids[0], ids[2]]


def test_a_frame_shared_by_two_files_outlives_the_removal_of_one(known):
    row = hashes(1)[0].tobytes()
    for text in ("one", "two"):
        file = file_entries(text)[0].value
        known.add("known", [*file_entries(text), Entry(Kind.PDQ, row, 90, "whole", 0, file)])
    assert known.remove_file("known", digests("one")[0]) == 3
    assert known.get("known").counts[Kind.PDQ] == 1
    with known.matcher() as matcher:
        assert matcher.match_file(*digests("one")) == []
        assert len(matcher.match_file(*digests("two"))) == 1
        assert len(matcher.match_frames(hashes(1))) == 1
    with pytest.raises(ListError, match="nothing on 'known' comes from that file"):
        known.remove_file("known", digests("one")[0])


def test_facts_can_be_renewed_and_the_change_is_logged(known):
    known.edit("known", expires=date(2030, 1, 1), sharing=Sharing.PUBLIC)
    known.edit("known", licence="CC0")
    found = known.edit("known")
    assert (found.expires, found.sharing, found.licence, found.source) == (
        date(2030, 1, 1),
        Sharing.PUBLIC,
        "CC0",
        "us",
    )
    assert known.edit("known", expires=None).expires is None
    events = known.events("known")
    assert [e.action for e in events] == ["create", "edit", "edit", "edit"]
    assert events[1].detail == {"sharing": "public", "expires": "2030-01-01"}
    assert {e.who for e in events} == {"tester"}


def test_the_generation_grows_with_changes_only(known):
    first = known.generation()
    known.add("known", pictures(hashes(1)))
    second = known.generation()
    assert second > first
    known.edit("known", sharing=Sharing.PUBLIC)
    third = known.generation()
    list(known.export_lines("known", "csv"))
    assert known.generation() == third > second


def test_the_log_cannot_be_rewritten_by_accident_nor_unnoticed(known):
    known.add("known", pictures(hashes(2)))
    db = sqlite3.connect(known.path)
    for sql in (
        "UPDATE events SET who = 'nobody'",
        "DELETE FROM events",
        "DELETE FROM entries",
        "UPDATE entries SET variant = 'other'",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(sql)
    assert known.faults() == []
    db.execute("DROP TRIGGER events_hold")
    db.execute("UPDATE events SET who = 'nobody' WHERE seq = 1")
    db.commit()
    db.close()
    assert known.faults() == ["the log of changes was altered at or before number 1"]


def test_the_file_is_private_and_safe(known):
    assert stat.S_IMODE(known.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(known.home.stat().st_mode) == 0o700
    db = schema.open_writer(known.path)
    settings = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
    }
    db.close()
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
    }
    db = schema.open_reader(known.path)
    with pytest.raises(sqlite3.OperationalError):
        db.execute("DELETE FROM lists")
    db.close()


def test_a_second_writer_is_told_and_readers_go_on(known, monkeypatch):
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.05)
    db = schema.open_writer(known.path)
    with schema.transaction(db):
        db.execute("UPDATE lists SET source = 'half way'")
        with pytest.raises(ListError, match="another process is changing the hash lists"):
            known.add("known", pictures(hashes(1)))
        assert known.get("known").source == "us"
    db.close()
    assert known.get("known").source == "half way"
    assert known.add("known", pictures(hashes(1))).added == 1


def test_damaged_foreign_and_newer_files_are_named_and_match_nothing(store, tmp_path):
    store.create("known", source="", label=Label.LISTED)
    store.add("known", pictures(hashes(2000)))
    for suffix in ("-wal", "-shm"):
        Path(f"{store.path}{suffix}").unlink(missing_ok=True)
    good = store.path.read_bytes()
    store.path.write_bytes(b"GIF89a" * 1000)
    with pytest.raises(ListError, match="cannot be read as hash lists"):
        store.matcher()
    store.path.write_bytes(good[:4096] + b"\xa5" * (len(good) - 4096))
    with pytest.raises(ListError, match=r"damaged|cannot be read"):
        store.matcher()
    store.path.write_bytes(good)
    db = sqlite3.connect(store.path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(ListError, match="newer Perisai"):
        store.all()
    store.path.unlink()
    db = sqlite3.connect(store.path)
    db.execute("PRAGMA user_version = 1")
    db.close()
    with pytest.raises(ListError, match="another program"):
        store.all()


def test_an_empty_file_left_by_a_killed_first_writer_is_filled(store):
    store.home.mkdir()
    store.path.touch()
    assert store.all() == []
    with store.matcher() as matcher:
        assert matcher.empty
    store.create("known", source="", label=Label.LISTED)
    assert [found.name for found in store.all()] == ["known"]
