"""``perisai models list``."""

import json

import pytest
from click.testing import CliRunner

from perisai.cli.models import models
from tests.common import tinymodel


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PERISAI_HOME", str(tmp_path))
    return tmp_path


def _run(*arguments):
    # Not standalone, as the command line calls it: what a command returns is its exit status.
    result = CliRunner().invoke(models, ["list", *arguments], standalone_mode=False)
    assert result.exception is None, result.output
    return result


def test_default_model_is_in_use_and_says_what_nobody_covers(home):
    result = _run()
    assert result.return_value == 0
    assert "opennsfw: classifier, in use, licence BSD-2-Clause" in result.output
    assert "nudenet: detector, not in use, licence AGPL-3.0" in result.output
    assert "No model in use can say: drawn_explicit, nudity, suggestive" in result.output


def test_own_model_in_json(home):
    (home / "perisai.toml").write_text(tinymodel.toml(tinymodel.write(home)))
    result = _run("--json")
    rows = {row["name"]: row for row in map(json.loads, result.output.splitlines())}
    assert rows[tinymodel.NAME]["in_use"]
    assert rows[tinymodel.NAME]["labels"] == ["explicit"]
    assert not rows[tinymodel.NAME]["pinned"]
    assert not rows["opennsfw"]["in_use"]


def test_missing_file_of_a_model_in_use(home):
    path = tinymodel.write(home)
    (home / "perisai.toml").write_text(tinymodel.toml(path))
    path.unlink()
    result = _run()
    assert result.return_value == 1
    assert "there is no file" in result.output
