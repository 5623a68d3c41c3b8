"""Steps of the procedure, merging and splitting: over the pages."""

from __future__ import annotations

import re

from perisai.desk.permissions import Role
from tests.desk.web import stories


def test_a_step_begins_and_is_over(clock, intake, officer):
    page = f"/cases/{stories.opened(intake)}"
    assert "Surat Teguran 1 (ST1) (24 h)" in officer.text(page)
    assert officer.send(page, "/steps", step="st1").status_code == 302
    shown = officer.text(page)
    assert "Surat Teguran 1 (ST1) berjalan" in shown
    assert "tenggat mulai: Surat Teguran 1 (ST1), sampai" in shown
    again = officer.send(page, "/steps", step="st1")
    assert again.status_code == 422
    assert "sudah berjalan" in again.content.decode()
    assert officer.send(page, "/steps", step="none").status_code == 422
    clock.on(hours=3)
    assert officer.send(page, "step:st1/end", reason="Diturunkan.").status_code == 302
    assert "tenggat terpenuhi: Surat Teguran 1 (ST1) Diturunkan." in officer.text(page)
    assert "Mulai langkah prosedur" not in intake.text(page)


def test_merging_and_splitting(intake, officer):
    first = stories.opened(intake, stories.entered(intake))
    other = stories.entered(intake, link="", words="lain")
    second = stories.opened(intake, other)
    merged = officer.send(f"/cases/{first}", "/merge", other=second, reason="sama")
    assert merged["Location"].startswith(f"/cases/{first}")
    assert f"menampung kasus {second}" in officer.text(f"/cases/{first}")
    gone = officer.text(f"/cases/{second}")
    assert f"Kasus ini digabung ke {first} ." in gone
    assert "Gabungkan kasus lain" not in gone
    told = {"complaints": [other], "title": "Lain", "reason": "aplikasi lain"}
    assert (
        officer.send(f"/cases/{first}", "/split", **{**told, "complaints": []}).status_code == 422
    )
    told["promised"] = "2026-11-20"
    made = officer.send(f"/cases/{first}", "/split", **told)
    number = re.search(r"K-[0-9-]+", made["Location"])[0]
    page = officer.text(f"/cases/{number}")
    assert other in page
    assert f"Dipisahkan dari kasus {first}" in page
    assert (
        other not in officer.get(f"/cases/{first}").content.decode().partition('id="timeline"')[0]
    )
    assert "digabung" in officer.text("/cases?status=merged")


def test_a_note_for_everyone_waits_for_a_second_person(intake, officer, commissioner, staff):
    page = f"/cases/{stories.opened(intake)}"
    officer.send(page, "/notes", text="Untuk semua", audience="public")
    assert "Menunggu persetujuan orang kedua" in officer.text(page)
    ministry = staff(Role.MINISTRY)
    assert "Untuk semua" not in ministry.text(page)
    assert commissioner.send(page, "/notes/1/agree").status_code == 302
    assert "Untuk semua" in ministry.text(page)
    assert "menyetujui catatan publik" in ministry.text(page)


def test_a_draft_stays_in_the_house(intake, reviewer, officer, commissioner, staff):
    ministry, case = staff(Role.MINISTRY), stories.opened(intake)
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    officer.send(f"/cases/{case}", "/letters", **{**stories.LETTER, "agenda": "RAHASIA-DULU"})
    path = f"/cases/{case}/letters/s-1/id.pdf"
    assert officer.get(path).status_code == 200
    assert ministry.get(path).status_code == 404
    for page in (f"/cases/{case}", "/letters", "/letters.csv"):
        assert "s-1" not in ministry.text(page), page
    assert "RAHASIA-DULU" not in ministry.get(f"/cases/{case}").content.decode()
    commissioner.send(f"/cases/{case}", "/s-1/agree")
    officer.send(f"/cases/{case}", "/s-1/send", how="kurir")
    assert ministry.get(path).status_code == 200
    assert "s-1" in ministry.text("/letters")
    answered = officer.send(f"/cases/{case}", "/s-1/answer", text="Dihapus", how="pos")
    assert answered.status_code == 302
    said = commissioner.send(f"/cases/{case}", "/answers/1/verify", same="no")
    assert said.status_code == 422
    commissioner.send(f"/cases/{case}", "/answers/1/verify", same="no", reason="Bukan begitu")
    assert "tidak sesuai surat, kata" in officer.text(f"/cases/{case}")


def test_a_liaison_objects_and_somebody_else_decides(
    desk, intake, reviewer, officer, commissioner, staff
):
    case = stories.opened(intake)
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    stories.invited(officer, commissioner, case)
    liaison, path = staff(Role.PLATFORM), f"/mail/{case}/s-1"
    half = liaison.send(path, "/answer", text="Tidak", promise="Menyaring")
    assert half.status_code == 422
    assert "Janji memuat apa" in half.content.decode()
    liaison.send(path, "/answer", text="Tidak", objects="on")
    page = f"/cases/{case}"
    assert "Putuskan keberatannya" not in officer.text(page)
    other = staff(Role.CASE_OFFICER, "lain")
    assert "berkeberatan" in other.text(page)
    decided = other.send(page, "/objection", outcome="partly", reason="Ada benarnya")
    assert decided.status_code == 302
    assert "Ada benarnya" in liaison.text(path)
    assert "memutuskan keberatan atas s-1" in officer.text(page)
