"""A commissioner erases who complained, at the desk."""

from __future__ import annotations

from tests.desk.web import stories
from tests.desk.web.conftest import *  # noqa: F403 - the desk and its staff


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
