"""Erasing who complained, and answering an appeal, at the desk."""

from __future__ import annotations

from perisai.desk.permissions import Role
from tests.desk.web import stories


def test_what_was_told_cannot_be_read_again(desk, intake, commissioner):
    complaint = stories.entered(intake, what="rahasia-cerita", link="https://rahasia.example")
    path = f"/complaints/{complaint}"
    assert "rahasia" in commissioner.text(path)
    assert commissioner.send(path, "/erase", reason=" ").status_code == 422
    assert commissioner.send(path, "/erase", reason="diminta lewat surat").status_code == 302
    page = commissioner.text(path)
    assert "rahasia" not in page
    assert "tidak bisa dibaca lagi" in page
    assert "rahasia" not in commissioner.text("/complaints")
    assert "/erase" not in page
    assert desk.house.rebuild(write=False) == []


def test_an_appeal_is_told_apart_and_answered_by_two(desk, intake, staff, commissioner):
    key = desk.house.receive({"link": "https://a.example", "what": "x"}, source="appeal").id
    other = stories.entered(intake)
    path = f"/complaints/{key}"
    listed = intake.text("/complaints?state=appeal")
    assert key in listed
    assert "banding menunggu" in listed
    assert other not in listed
    reviewer = staff(Role.REVIEWER)
    page = reviewer.send(path, "/appeal", outcome="overturned", text="Untuk pelajaran.")
    assert page.status_code == 302, page.content.decode()
    assert "/appeal/decide" not in reviewer.text(path), "the same person does not agree"
    assert "Untuk pelajaran." in commissioner.text(path)
    assert commissioner.send(path, "/appeal/decide").status_code == 302
    assert desk.house.complaint(key).appeal.standing == "overturned"
    assert "banding diputus" in intake.text("/complaints?state=decided")
    assert "/appeal" not in commissioner.text(path)
    assert desk.house.rebuild(write=False) == []
