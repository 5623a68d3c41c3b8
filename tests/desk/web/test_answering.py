"""Documents with an answer: by a platform's account, and the scan of a paper."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from perisai.desk.permissions import Role
from tests.desk.web import stories

PAPER = b"%PDF-1.7 kebijakan"


@pytest.fixture
def case(intake, reviewer, officer, commissioner):
    key = stories.opened(intake)
    stories.screened(reviewer, key)
    stories.confirmed(reviewer, key)
    stories.invited(officer, commissioner, key)
    return key


def file(data=PAPER, name="kebijakan.pdf"):
    return SimpleUploadedFile(name, data)


def test_with_the_platforms_account_and_opened_by_an_officer(desk, case, officer, staff):
    liaison = staff(Role.PLATFORM)
    mail = f"/mail/{case}/s-1"
    files = [file(), file(b"a;b\n1;2\n", "angka.csv")]
    page = liaison.send(mail, "/answer", text="Terlampir.", papers=files)
    assert page.status_code == 302, page.content.decode()
    assert "angka.csv" in liaison.text(mail)
    assert desk.house.case(case).attachments["b-1"].by == "platform:platform"
    assert liaison.post(f"/cases/{case}/documents/b-1").status_code == 403
    page = officer.get(f"/cases/{case}").content.decode()
    assert page.count(f'/cases/{case}/documents/b-1"') == 2, "beside the answer and in the list"
    opened = officer.send(f"/cases/{case}", "/documents/b-1")
    assert opened.content == PAPER
    assert desk.house.log.stream(f"case:{case}")[-1].kind == "attachment.opened"
    ministry = staff(Role.MINISTRY)
    assert ministry.send(f"/cases/{case}", "/documents/b-1").content == PAPER
    assert desk.house.rebuild(write=False) == []


def test_what_is_refused_keeps_no_answer(desk, case, staff):
    liaison = staff(Role.PLATFORM)
    for files in ([stories.gif()], [file(b"x%d" % n, f"{n}.txt") for n in range(5)] + [file()]):
        page = liaison.send(f"/mail/{case}/s-1", "/answer", text="x", papers=files)
        assert page.status_code in (400, 422)
    known = desk.house.case(case)
    assert (known.attachments, known.summons["s-1"].answers) == ({}, ())


def test_the_scan_of_a_paper_waits_with_its_answer(desk, case, officer, commissioner):
    page = officer.send(
        f"/cases/{case}", "/s-1/answer", text="Sudah.", how="pos", scan=file(b"teks", "a.txt")
    )
    assert page.status_code == 422
    assert "harus berupa PDF" in page.content.decode()
    scan = file(name="pindaian.pdf")
    page = officer.send(f"/cases/{case}", "/s-1/answer", text="Sudah.", how="pos", scan=scan)
    assert page.status_code == 302
    answer = desk.house.case(case).summons["s-1"].answers[0]
    assert (answer.files, answer.waits) == (("b-1",), True)
    assert "pindaian.pdf" in commissioner.text(f"/cases/{case}")
    assert officer.send(f"/cases/{case}", "/s-1/answer", text="Lagi.", how="pos").status_code == 302
