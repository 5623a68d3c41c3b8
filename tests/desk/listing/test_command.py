"""`perisai lists export-house`: who sits at the machine gets the list, and that is a fact."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

from perisai.desk.listing.services import STREAM
from tests.desk.listing.test_domain import SHA, agreed, case, checked, proposed  # noqa: F401


def test_export(house, clock, case, environment, tmp_path):  # noqa: F811
    proposed(house, case)
    checked(house, case)
    agreed(house, clock, case)
    file = tmp_path / "list.json"
    words = [sys.executable, "-m", "perisai", "lists", "export-house", str(file)]
    env = os.environ | {"PERISAI_HOME": str(tmp_path)} | environment
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1 sample" in done.stderr
    data = file.read_bytes()
    assert [each["value"] for each in json.loads(data)["entries"]] == [SHA]
    (fact,) = house.log.stream(STREAM)
    assert fact.data == {"entries": 1, "file": hashlib.sha256(data).hexdigest()}
    again = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "--overwrite" in again.stderr
    assert len(house.log.stream(STREAM)) == 1
    assert house.log.verify() is None
