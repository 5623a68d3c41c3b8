"""Documents on a case's page."""

from __future__ import annotations

from dataclasses import replace

from django.core.files.uploadedfile import SimpleUploadedFile

from perisai.desk.permissions import Role
from perisai.desk.web.running import use
from tests.desk.web import stories

PAPER = b"%PDF-1.7 isi"


def given(data=PAPER, name="surat <b>.pdf"):
    return SimpleUploadedFile(name, data, "text/html")


def test_attached_downloaded_deleted(desk, intake, officer, staff):
    case = stories.opened(intake)
    page = officer.send(f"/cases/{case}", "/documents", file=given(), audience="internal")
    assert page["Location"].endswith("?done=document-kept#documents")
    assert "surat &lt;b&gt;.pdf" in officer.get(f"/cases/{case}").content.decode()
    file = officer.send(f"/cases/{case}", "/documents/b-1")
    assert file.content == PAPER
    assert file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"] == "attachment; filename*=UTF-8''surat%20%3Cb%3E.pdf"
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Security-Policy"].startswith("sandbox;")
    assert file["Cache-Control"] == "no-store"
    ministry = staff(Role.MINISTRY)
    assert "surat" not in ministry.text(f"/cases/{case}")
    assert ministry.post(f"/cases/{case}/documents/b-1").status_code == 422
    page = officer.send(f"/cases/{case}", "/documents/b-1/delete", reason="salah kasus")
    assert page.status_code == 302
    assert "salah kasus" in officer.text(f"/cases/{case}")
    assert officer.post(f"/cases/{case}/documents/b-1").status_code == 422


def test_refused_with_the_reason(desk, intake, officer):
    case = stories.opened(intake)
    page = officer.send(f"/cases/{case}", "/documents", file=stories.gif(), audience="internal")
    assert page.status_code == 422
    assert "Hanya PDF" in page.content.decode()
    small = desk.settings.desk.model_copy(update={"attachment_bytes": 4})
    use(replace(desk, settings=desk.settings.model_copy(update={"desk": small})))
    page = officer.send(f"/cases/{case}", "/documents", file=given(), audience="internal")
    assert "Berkas lebih besar" in page.content.decode()
    page = officer.send(f"/cases/{case}", "/documents", file=given(), audience="public")
    assert page.status_code == 422
