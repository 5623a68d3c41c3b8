"""What is verified by a document is judged by naming one of the case."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from perisai.desk.permissions import Role
from tests.desk.web import stories

PAPER = b"%PDF-1.7 kebijakan baru"
JUDGED = {"before": "belum ada", "after": "kebijakan terbit"}


@pytest.fixture
def case(intake, officer):
    key = stories.opened(intake)
    told = {"way": "document", "verify": "kebijakan yang terbit", "due": "2026-12-01"}
    page = officer.send(f"/cases/{key}", "/commitments", what="menerbitkan kebijakan", **told)
    assert page.status_code == 302, page.content.decode()
    return key


def attach(officer, case, audience="internal"):
    file = SimpleUploadedFile("kebijakan <b>.pdf", PAPER)
    page = officer.send(f"/cases/{case}", "/documents", file=file, audience=audience)
    assert page.status_code == 302


def judge(officer, case, item="/c-1/judge", **more):
    return officer.send(f"/cases/{case}", item, **{"outcome": "kept", **JUDGED, **more})


def test_kept_by_a_document_that_is_shown_with_it(desk, case, officer, staff):
    page = judge(officer, case)
    assert page.status_code == 422
    assert "Pilih dokumen yang menunjukkannya" in page.content.decode()
    attach(officer, case)
    assert (
        "b-1 · kebijakan &lt;b&gt;.pdf</option>" in officer.get(f"/cases/{case}").content.decode()
    )
    assert judge(officer, case, document="b-2").status_code == 422
    assert judge(officer, case, document="b-1").status_code == 302
    known = desk.house.case(case).commitments["c-1"]
    assert (known.after.text, known.after.document) == ("kebijakan terbit", "b-1")
    assert known.after.sha256 == hashlib.sha256(PAPER).hexdigest()
    body = officer.get(f"/cases/{case}").content.decode()
    assert 'href="#document-b-1"' in body
    assert 'id="document-b-1"' in body
    assert "kebijakan terbit (b-1)" in officer.text(f"/cases/{case}")
    assert 'id="document-b-1"' not in staff(Role.MINISTRY).get(f"/cases/{case}").content.decode()
    assert desk.house.rebuild(write=False) == []


def test_broken_needs_none_and_a_deleted_one_is_none(desk, case, officer):
    attach(officer, case)
    assert officer.send(f"/cases/{case}", "/b-1/delete", reason="salah").status_code == 302
    assert judge(officer, case, document="b-1").status_code == 422
    assert judge(officer, case, outcome="broken").status_code == 302
    assert desk.house.case(case).commitments["c-1"].after.document == ""


def test_the_same_for_a_request_to_an_agency(desk, case, officer, commissioner):
    told = {"way": "document", "verify": "aturan baru", "due": "2026-12-01", "what": "aturan"}
    assert officer.send(f"/cases/{case}", "/improvements", agency="K", **told).status_code == 302
    assert commissioner.send(f"/cases/{case}", "/i-1/agree").status_code == 302
    attach(officer, case, "agencies")
    assert judge(officer, case, "/i-1/judge").status_code == 422
    assert judge(officer, case, "/i-1/judge", document="b-1").status_code == 302
    assert desk.house.case(case).improvements["i-1"].after.document == "b-1"
    assert desk.house.rebuild(write=False) == []
