"""Improvement requests on the pages: of the house, and of the ministry."""

from __future__ import annotations

import csv
import io

import pytest

from perisai.desk.permissions import Role
from tests.desk.web import stories
from tests.desk.web.visiting import text_of

TOLD = {
    "agency": "Kementerian Contoh", "what": "Pedoman penyaringan bagi platform",
    "due": "2026-11-20", "way": "check", "verify": "pedoman yang diumumkan",
}  # fmt: skip


@pytest.fixture
def case(desk, intake) -> str:
    return stories.opened(intake, stories.entered(intake))


@pytest.fixture
def ministry(staff):
    return staff(Role.MINISTRY)


def rows(person, query: str = "") -> list[list[str]]:
    text = person.get(f"/improvements.csv{query}").content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


def late(ministry) -> bool:
    """Whether the page of the ministry says so of what it is asked."""
    shown = ministry.get("/").content.decode()
    section = shown[shown.index('id="requests"') :]
    return 'class="clock late"' in section[: section.index("</section>")]


def test_from_a_draft_to_what_came_of_it(desk, clock, case, officer, commissioner, ministry):
    page = f"/cases/{case}"
    assert officer.send(page, "/improvements", **TOLD).status_code == 302
    # The ministry does not learn of a draft, on no page.
    for path in (page, "/", "/improvements", "/improvements.csv", "/improvements?standing=draft"):
        shown = ministry.get(path).content.decode()
        assert "Pedoman penyaringan" not in shown, path
        assert "i-1" not in shown, path
    assert "menunggu persetujuan Anda" in commissioner.text("/")
    assert "Menunggu persetujuan orang kedua" in officer.text(page)
    assert commissioner.send(page, "/i-1/agree").status_code == 302

    assert "Diminta dari instansi Anda 1 Pedoman penyaringan" in ministry.text("/")
    assert not late(ministry)
    assert "Kementerian Contoh" in ministry.text(page)
    assert "menulis permintaan perbaikan i-1 kepada Kementerian Contoh" in ministry.text(page)
    refused = ministry.send(page, "/i-1/answer", text=" ")
    assert refused.status_code == 422
    assert ministry.send(page, "/i-1/answer", text="Pedoman terbit 18 November.").status_code == 302
    assert "Pedoman terbit 18 November." in officer.text(page)
    assert "sudah dijawab, perlu dinilai" in officer.text("/")

    clock.on(days=20)
    assert late(ministry)
    assert len(rows(ministry, "?standing=overdue")) == 1
    refused = officer.send(page, "/i-1/judge", outcome="late")
    assert refused.status_code == 422
    assert "dipenuhi terlambat" in text_of(refused)
    said = {"outcome": "late", "before": "tidak ada", "after": "terbit 22 November"}
    assert officer.send(page, "/i-1/judge", **said).status_code == 302
    assert "menilai permintaan perbaikan i-1: dipenuhi terlambat" in officer.text(page)
    assert "terbit 22 November" in ministry.text(page)
    assert "Tidak ada permintaan yang terbuka" in ministry.text("/")
    assert rows(officer) == [
        ["Kementerian Contoh", "Pedoman penyaringan bagi platform", "20 Nov 2026",
         "dipenuhi terlambat", "Contoh Pesan", case],
    ]  # fmt: skip
    assert rows(officer, "?standing=asked") == rows(officer, "?standing=overdue") == []


def test_agreeing_acts_on_what_was_seen(case, officer, commissioner, intake):
    page = f"/cases/{case}"
    officer.send(page, "/improvements", **TOLD)
    found = commissioner.get(page).content.decode()
    assert "/i-1/agree" in found
    stale = officer.post(f"{page}/improvements/i-1/agree", seen="1")
    assert stale.status_code == 403
    assert commissioner.post(f"{page}/improvements/i-1/agree", seen="1").status_code == 409
    commissioner.typed_password(3600)
    assert "confirm" in commissioner.send(page, "/i-1/agree")["Location"]


def test_a_dropped_draft_is_no_business_of_the_ministry(case, officer, ministry):
    page = f"/cases/{case}"
    officer.send(page, "/improvements", **TOLD)
    assert officer.send(page, "/i-1/drop", reason="sudah ada pedomannya").status_code == 302
    assert "sudah ada pedomannya" in officer.text(page)
    assert "pedomannya" not in ministry.text(page)
    assert rows(ministry) == []
    assert len(rows(officer)) == 1


def test_who_is_a_party_sees_nothing_of_it(case, officer, commissioner, ministry):
    page = f"/cases/{case}"
    officer.send(page, "/improvements", **TOLD)
    commissioner.send(page, "/i-1/agree")
    commissioner.send(page, "/conflict", person=ministry.name)
    assert ministry.get(page).status_code == 403
    assert rows(ministry) == []
    assert "Pedoman" not in ministry.text("/")
