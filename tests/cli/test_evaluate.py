from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from perisai import cli
from tests.common import tinymodel
from tests.screening.evaluation import made

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def material(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    config = tmp_path / "perisai.toml"
    config.write_text(tinymodel.toml(tinymodel.write(tmp_path)), encoding="utf-8")
    monkeypatch.setenv("PERISAI_CONFIG", str(config))
    monkeypatch.setenv("PERISAI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    return made.write_material(tmp_path / "material")


def test_measures_a_folder_and_writes_a_report(
    material: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "out.html"
    status = cli.run(["evaluate", str(material), "--report", str(report), "--lang", "id"])
    out = capsys.readouterr().out
    assert status == 0
    assert "tiny" in out
    assert "5 dari 5" in out
    assert str(report) in out
    assert "<svg" in report.read_text(encoding="utf-8")


def test_json_is_one_object(material: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["evaluate", str(material), "--json", "--policy", "generic"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["policy"]["name"] == "generic"
    assert data["files"] == {"explicit": 5, "harmless": 6}
    assert data["curves"][0]["auc"] == 1.0
    assert data["unscreenable"] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone"], "there is no such folder"),
        ([".", "--want-recall", "1"], "not in the range"),
        ([".", "--report", "no/such/folder.html"], "does not exist"),
        ([".", "--age-band", "7"], "not one of"),
    ],
)
def test_bad_usage(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(["evaluate", *arguments]) == 2
    assert words in capsys.readouterr().err
