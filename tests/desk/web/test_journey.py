"""Claim, confirmation, summons, answer, measured again, public result: over the pages."""

from __future__ import annotations

import hashlib

import pytest

from perisai.desk.permissions import Role
from tests.desk.web import stories

pytestmark = pytest.mark.on_both


def test_a_complaint_becomes_a_public_result(desk, clock, intake, reviewer, officer, commissioner):
    complaint = stories.entered(intake)
    case = stories.opened(intake, complaint)
    assert case == "K-2026-0001"
    assert complaint in intake.text(f"/cases/{case}")
    stories.measured(officer, case, 17, 3)
    stories.screened(reviewer, case, complaint)
    page = reviewer.text(f"/cases/{case}")
    assert "looks-explicit" in page
    assert "ditahan" in page
    stories.confirmed(reviewer, case)
    link = stories.invited(officer, commissioner, case)
    token = link.rpartition("/")[2]
    found, letter = desk.house.door(token)
    assert (found.id, letter) == (case, "s-1")
    assert found.summons["s-1"].number == "001/KPA/XI/2026"
    assert token not in officer.get(f"/cases/{case}").content.decode(), "it is shown once"
    assert hashlib.sha256(token.encode()).hexdigest() not in officer.text(f"/cases/{case}")
    clock.on(days=1)
    answer = {"text": "Sudah dihapus.", "how": "surat"}
    assert officer.send(f"/cases/{case}", "/s-1/answer", **answer).status_code == 302
    assert "menunggu dicocokkan" in officer.text(f"/cases/{case}")
    compared = commissioner.send(f"/cases/{case}", "/answers/1/verify", same="yes")
    assert compared.status_code == 302
    clock.on(hours=1)
    stories.measured(officer, case, 20, 0)
    texts = {"text_id": "Sudah ditangani.", "text_en": "It was dealt with."}
    assert officer.send(f"/cases/{case}", "/result", **texts).status_code == 302
    assert commissioner.send(f"/cases/{case}", "/result/agree").status_code == 302
    assert officer.send(f"/cases/{case}", "/result/publish").status_code == 302
    state = desk.house.case(case)
    assert state.status == "published"
    assert state.clocks["result"].standing(clock()) == "met"
    assert desk.house.log.verify() is None
    assert desk.house.rebuild(write=False) == []


def test_home_shows_what_waits_for_each(intake, reviewer, officer, commissioner, staff):
    complaint = stories.entered(intake)
    assert "GIF yang tidak pantas" in intake.text("/")
    case = stories.opened(intake, complaint)
    assert "Tidak ada aduan yang menunggu" in intake.text("/")
    assert "Klaim yang perlu diputuskan 1" in reviewer.text("/")
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    officer.send(f"/cases/{case}", "/letters", **stories.LETTER)
    assert "Surat yang perlu persetujuan Anda 1" in commissioner.text("/")
    assert "Surat yang perlu" not in officer.text("/")
    commissioner.send(f"/cases/{case}", "/s-1/agree")
    assert "Surat yang siap dikirim 1" in officer.text("/")
    liaison = staff(Role.PLATFORM)
    assert "Belum ada surat" in liaison.text("/")
    officer.send(f"/cases/{case}", "/s-1/send", how="kurir")
    assert "001/KPA/XI/2026" in liaison.text("/")


def test_a_liaison_answers_with_its_own_account(
    desk, intake, reviewer, officer, commissioner, staff
):
    case = stories.opened(intake)
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    stories.invited(officer, commissioner, case)
    liaison, path = staff(Role.PLATFORM), f"/mail/{case}/s-1"
    assert "Sejak kapan?" in liaison.text(path)
    assert liaison.get(f"{path}/id.pdf").content.startswith(b"%PDF")
    assert liaison.send(path, "/answer", text="Sudah dihapus.").status_code == 302
    letter = desk.house.case(case).summons["s-1"]
    assert letter.answers[0].by == "platform:platform"
    assert letter.acknowledged
    assert "Sudah dihapus." in officer.text(f"/cases/{case}")


def test_what_was_promised_is_judged(desk, intake, reviewer, officer):
    case = stories.opened(intake)
    told = {"party": "Contoh", "what": "saring", "due": "2026-12-01", "verify": "ukur ulang"}
    assert officer.send(f"/cases/{case}", "/commitments", **told).status_code == 302
    assert "Contoh" in officer.text("/commitments")
    judged = {"outcome": "broken", "before": "3", "after": "3"}
    assert officer.send(f"/cases/{case}", "/c-1/judge", **judged).status_code == 302
    assert desk.house.case(case).commitments["c-1"].outcome == "broken"
    assert "diingkari" in officer.text("/platform?name=Contoh+Pesan")
    assert desk.house.rebuild(write=False) == []


def test_a_clock_is_paused_for_a_reason_and_goes_on(desk, clock, intake, officer):
    case = stories.opened(intake)
    before = desk.house.case(case).clocks["result"].due
    page = officer.send(f"/cases/{case}", "/result/pause", reason="")
    assert page.status_code == 422
    assert officer.send(f"/cases/{case}", "/result/pause", reason="libur").status_code == 302
    clock.on(days=2)
    assert "dijeda" in officer.text(f"/cases/{case}")
    assert officer.send(f"/cases/{case}", "/result/resume").status_code == 302
    assert (desk.house.case(case).clocks["result"].due - before).days == 2
