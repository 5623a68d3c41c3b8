"""The page that searches: what stands on it, and what never does."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from perisai.desk.permissions import Role
from tests.desk.search.test_search import HOSTILE
from tests.desk.web import stories


def test_one_question_to_everything(desk, intake, staff, officer):
    complaint = stories.entered(intake)
    case = stories.opened(intake, complaint, title="Kucing di pencarian")
    said = intake.text("/search?q=pantas")
    assert "GIF yang tidak pantas" in said
    assert case in intake.text("/search?q=kucing")
    assert case in intake.text(f"/search?q={case.lower()}")
    assert "Tidak ada yang cocok" in intake.text("/search?q=tidakada")
    assert "Tidak ada yang cocok" not in intake.text("/search"), "nothing was asked"
    ministry = staff(Role.MINISTRY)
    assert case in ministry.text("/search?q=kucing")
    assert complaint not in ministry.get("/search?q=pantas").content.decode()
    officer.send(f"/cases/{case}", "/conflict", person="intake")
    page = intake.get("/search?q=GIF").content.decode()
    assert case not in page
    assert complaint not in page


def test_what_is_sealed_is_not_found(desk, intake):
    complaint = stories.entered(intake, what="sesuatu yang rahasia")
    intake.send(f"/complaints/{complaint}", "/seal")
    for path in ("/search", "/complaints", "/complaints.csv"):
        page = intake.get(f"{path}?q=rahasia").content.decode()
        assert complaint not in page, path
        assert "sesuatu" not in page, path


@pytest.mark.parametrize("path", ["/search", "/complaints", "/cases", "/complaints.csv"])
def test_questions_of_ill_will(desk, intake, path):
    stories.entered(intake)
    for text in HOSTILE:
        asked = quote(text[:300].encode("utf-8", "surrogatepass"))
        assert intake.get(f"{path}?q={asked}").status_code == 200, text[:20]
