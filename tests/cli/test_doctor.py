"""``perisai doctor``: is everything there, and how fast is it here?"""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from pathlib import Path

from perisai.matching.lists import ListStore
from perisai.terms import Label
from tests.common import screening
from tests.matching.lists.common import hashes, pictures


def test_all_is_well(perisai):
    said = perisai("doctor")
    assert said.status == 0
    assert "✗" not in said.out
    for name in ("machine", "settings", "model", "limits", "lists", "policy", "screening", "speed"):
        assert f" {name} " in said.out


def test_for_programs(perisai):
    said = perisai("doctor", "--json")
    found = json.loads(said.out)
    assert found["good"] is True
    assert {"name", "good", "detail"} == set(found["checks"][0])
    assert set(found["speed"]) == {"frames_per_second", "decode_ms", "model_ms"}
    assert found["speed"]["frames_per_second"] > 1


def test_an_expired_list_is_told(perisai, env):
    screening.create_list(Path(env["PERISAI_HOME"]), "old", expires=date(2020, 1, 1))
    said = perisai("doctor")
    assert said.status == 1
    assert "✗ lists" in said.out
    assert "expired: old" in said.out


def test_a_missing_model_is_told(perisai, env, tmp_path, monkeypatch):
    config = tmp_path / "gone.toml"
    text = Path(env["PERISAI_CONFIG"]).read_text()
    config.write_text(text.replace("tiny.onnx", "gone.onnx"))
    monkeypatch.setenv("PERISAI_CONFIG", str(config))
    said = perisai("doctor", "--json")
    assert said.status == 1
    found = json.loads(said.out)
    assert [check["name"] for check in found["checks"] if not check["good"]] == ["model_missing"]


def kept(env, **options):
    """A store with some made-up pictures on a list."""
    store = ListStore(Path(env["PERISAI_HOME"]), who="tester", **options)
    store.create("known", source="tests", label=Label.LISTED)
    store.add("known", pictures(hashes(300)))
    return store


def wrong(said):
    return {c["name"]: c["detail"] for c in json.loads(said.out)["checks"] if not c["good"]}


def test_whole_lists_and_their_index_are_said_to_be_whole(perisai, env):
    kept(env, brute_limit=0)
    said = perisai("doctor", "--json")
    assert said.status == 0
    (store,) = [c for c in json.loads(said.out)["checks"] if c["name"] == "store"]
    assert store["detail"].endswith("lists.sqlite3, its log of changes and its index are whole")


def test_a_log_of_changes_that_was_edited_is_told(perisai, env):
    store = kept(env)
    db = sqlite3.connect(store.path)
    db.execute("DROP TRIGGER events_hold")
    db.execute("UPDATE events SET who = 'nobody' WHERE seq = 1")
    db.commit()
    db.close()
    said = perisai("doctor")
    assert said.status == 1
    (line,) = [line for line in said.out.splitlines() if line.startswith("✗")]
    assert line.startswith("✗ store ")
    assert "was altered at or before number 1" in line
    assert "restore it from a backup" in line


def test_damaged_lists_are_told_once(perisai, env):
    store = kept(env)
    with sqlite3.connect(store.path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    data = bytearray(store.path.read_bytes())
    data[4096:] = bytes(b ^ 0x55 for b in data[4096:])
    store.path.write_bytes(data)
    said = perisai("doctor", "--json")
    assert said.status == 1
    assert len(wrong(said)) == 1
    assert "restore it from a backup" in wrong(said)["store"]


def test_a_damaged_index_is_told(perisai, env):
    """Lists so small need none, so that no look-up would ever notice."""
    store = kept(env, brute_limit=0)
    store.rebuild_index()
    segment = max((store.home / "index").glob("*.segment"), key=lambda p: p.stat().st_size)
    data = bytearray(segment.read_bytes())
    data[600] ^= 1
    segment.write_bytes(data)
    said = perisai("doctor", "--json")
    assert said.status == 1
    assert "perisai lists rebuild-index" in wrong(said)["store"]
    assert perisai("lists", "rebuild-index").status == 0
    assert perisai("doctor").status == 0
