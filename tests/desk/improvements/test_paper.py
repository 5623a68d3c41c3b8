"""An agency answers on paper, objects and promises: by letter, by its link, with its account."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from perisai.desk.permissions import Role
from tests.desk.improvements.links import outside
from tests.desk.web import stories
from tests.desk.web.visiting import forms_on

BESIDES = {"objects": "on", "promise": "Pedoman terbit", "promise_by": "2026-11-28"}
PAPER = {"text": "Kami jawab begini.", "how": "surat tanggal 9 November"}


@pytest.fixture
def other(staff):
    return staff(Role.CASE_OFFICER, "budi")


def known(desk, key):
    return desk.house.case(key).improvements["i-1"]


def test_on_paper_it_counts_once_a_second_person_has_compared_it(
    desk, case, link, officer, other, staff
):
    page = f"/cases/{case}"
    scan = SimpleUploadedFile("surat.pdf", b"%PDF-1.7 surat", "application/pdf")
    sent = officer.send(page, "/i-1/paper", **PAPER, **BESIDES, scan=scan)
    assert sent.status_code == 302, sent.content.decode()
    assert known(desk, case).standing == "asked", "it waits"
    assert "menunggu dicocokkan" in officer.text(page)
    waits = "Jawaban instansi di atas kertas, menunggu Anda mencocokkan 1"
    assert waits in other.text("/")
    assert waits not in officer.text("/"), "who has entered it does not compare it"
    assert desk.house.rebuild(write=False) == []
    assert "Jadikan" not in officer.text(page), "nothing is taken up from it yet"
    assert officer.post(f"{page}/improvements/i-1/answers/1/verify", same="yes").status_code == 403
    for role in (Role.MINISTRY, Role.REVIEWER, Role.INTAKE):
        person = staff(role)
        assert person.post(f"{page}/improvements/i-1/paper", **PAPER).status_code == 403
    assert other.send(page, "/i-1/answers/1/verify", same="yes").status_code == 302
    assert waits not in other.text("/")
    found = known(desk, case)
    assert (found.standing, found.answers[0].objects) == ("objected", True)
    text = other.text(page)
    assert "dicocokkan budi" in text
    assert "berkeberatan" in text
    assert "surat.pdf" in text
    assert desk.house.rebuild(write=False) == []


def test_what_is_not_what_the_paper_says_was_no_answer(desk, case, link, officer, other):
    page = f"/cases/{case}"
    officer.send(page, "/i-1/paper", **PAPER)
    assert other.send(page, "/i-1/answers/1/verify", same="no").status_code == 422
    other.send(page, "/i-1/answers/1/verify", same="no", reason="bunyinya lain")
    assert known(desk, case).standing == "asked"
    assert "bunyinya lain" in officer.text(page)
    assert other.post(f"{page}/improvements/i-1/answers/1/verify", same="yes").status_code == 422


def test_a_promise_becomes_a_commitment_of_the_agency(desk, case, link, officer, staff):
    page = f"/cases/{case}"
    ministry = staff(Role.MINISTRY)
    half = {**BESIDES, "promise_by": ""}
    assert ministry.send(page, "/i-1/answer", text="x", **half).status_code == 422
    document = SimpleUploadedFile("pedoman.pdf", b"%PDF-1.7 x", "application/pdf")
    told = {"text": "Sedang disusun.", **BESIDES, "papers": document}
    assert ministry.send(page, "/i-1/answer", **told).status_code == 302
    (answer,) = known(desk, case).answers
    assert (answer.objects, answer.promise_by, len(answer.files)) == (True, "2026-11-28", 1)
    forms = [f for f in forms_on(officer.get(page)) if f.fields.get("source") == "i-1/answer/1"]
    assert forms[0].fields["party"] == "Kementerian <b>"
    fields = {**forms[0].fields, "way": "check", "verify": "dibaca"}
    assert officer.client.post(f"{page}/commitments", fields).status_code == 302
    (made,) = desk.house.case(case).commitments.values()
    assert (made.who, made.source) == ("Kementerian <b>", "i-1/answer/1")
    assert desk.house.rebuild(write=False) == []


def test_through_the_link(desk, case, link, officer):
    with outside(desk) as visitor:
        page = visitor.get(link)
        assert "Kami berkeberatan atas permintaan ini" in page.text
        fields = page.forms[-1] | {"do": "answer", "answer": "Kami menolak."}
        half = fields | {"promise": "x"}
        assert "Isi keduanya" in visitor.post(link, half).text
        sent = visitor.post(link, fields | BESIDES)
        assert sent.status == 302
        assert "Anda berkeberatan" in visitor.get(link).text
    assert known(desk, case).answers[0].promise == "Pedoman terbit"
    assert "berkeberatan" in officer.text(f"/cases/{case}")


def test_a_letter_on_paper_objects_and_promises(
    desk, intake, reviewer, officer, commissioner, other
):
    key = stories.opened(intake)
    stories.screened(reviewer, key)
    stories.confirmed(reviewer, key)
    stories.invited(officer, commissioner, key)
    page = f"/cases/{key}"
    assert officer.send(page, "/s-1/answer", **PAPER, **BESIDES).status_code == 302
    assert "objection:s-1" not in desk.house.case(key).clocks, (
        "nothing is decided before it is compared"
    )
    waits = "Jawaban surat di atas kertas, menunggu Anda mencocokkan 1"
    assert waits in other.text("/")
    assert waits not in officer.text("/")
    told = {"outcome": "right", "reason": "x"}
    third = f"{page}/letters/s-1/objection"
    assert other.post(third, **told).status_code == 422
    assert other.send(page, "/s-1/answers/1/verify", same="yes").status_code == 302
    assert "objection:s-1" in desk.house.case(key).clocks
    assert waits not in other.text("/")
    assert "Pedoman terbit" in officer.text(page)
    assert other.post(third, **told).status_code == 302
    assert desk.house.rebuild(write=False) == []
