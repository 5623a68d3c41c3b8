"""``perisai doctor``: is everything there, and how fast is it here?"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from tests.common import screening


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
