"""What docs/uploads.md shows works as it stands there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from perisai.gateway.uploads.webhooks import signature

PAGE = (Path(__file__).parents[3] / "docs" / "uploads.md").read_text(encoding="utf-8")
BODY = b'{"event": "V1x", "allowed": false, "name": "\xc3\xa9"}'
NOW = 1_764_100_800
GOOD = signature("a secret", BODY, NOW)
CASES = [
    (GOOD, BODY, "a secret", NOW, True),
    (GOOD, BODY, "a secret", NOW + 200, True),
    (GOOD, BODY, "a secret", NOW + 400, False),
    (GOOD, BODY + b" ", "a secret", NOW, False),
    (GOOD, BODY, "another", NOW, False),
    (GOOD.replace("t=1764", "t=1765"), BODY, "a secret", NOW, False),
    ("t=1,v1=", BODY, "a secret", NOW, False),
    ("nonsense", BODY, "a secret", NOW, False),
    ("", BODY, "a secret", NOW, False),
]


def block(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return found[0]


def test_the_python_that_verifies_a_webhook() -> None:
    names: dict[str, Any] = {}
    exec(block("python"), names)
    for header, body, secret, now, right in CASES:
        assert names["genuine"](header, body, secret, now) is right, header


def test_the_javascript_that_verifies_a_webhook(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    cases = [[header, body.hex(), secret, now] for header, body, secret, now, _ in CASES]
    script = tmp_path / "page.mjs"
    script.write_text(
        block("javascript")
        + f"\nconst cases = {json.dumps(cases)};\n"
        + "console.log(JSON.stringify(cases.map(([header, body, secret, now]) =>\n"
        + '  genuine(header, Buffer.from(body, "hex"), secret, now))));\n'
    )
    done = subprocess.run([node, script], capture_output=True, timeout=30, check=True)
    assert json.loads(done.stdout) == [right for *_, right in CASES]


def test_every_code_of_an_error_stands_in_the_table() -> None:
    sources = Path(__file__).parents[3] / "src" / "perisai" / "gateway" / "uploads"
    raised = {
        code
        for file in sources.glob("*.py")
        for code in re.findall(
            r"BadUpload\(\s*\d+,\s*\"(\w+)\"", file.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    listed = set(re.findall(r"`(\w+)`", PAGE[PAGE.index("## Errors") :]))
    assert len(raised) > 12
    assert raised - listed - {"lost"} == set()
