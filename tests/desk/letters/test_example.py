"""The sample letter of the docs is made by the program beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pypdf import PdfReader

ROOT = Path(__file__).parents[3]


def test_the_sample_letter_is_made_as_the_docs_say(tmp_path):
    program = ROOT / "examples" / "make_letter.py"
    done = subprocess.run(
        [sys.executable, program, tmp_path], capture_output=True, text=True, check=True, timeout=100
    )
    made = {Path(line).name for line in done.stdout.splitlines()}
    assert made == {
        f"letter-{language}{end}"
        for language in ("id", "en")
        for end in (".pdf", ".docx", ".ics", "-1.png")
    }
    for language in ("id", "en"):
        assert len(PdfReader(tmp_path / f"letter-{language}.pdf").pages) == 1
    shown = (ROOT / "docs" / "images" / "letter.png").stat().st_size
    assert shown < 200_000
    assert "make_letter.py" in (ROOT / "docs" / "letters.md").read_text(encoding="utf-8")
