"""The edited DOCX is the letter: agreed to as it is, given out as it is, taken back by an edit."""

from __future__ import annotations

import hashlib
import re
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from perisai.desk.outbox import contents
from perisai.desk.permissions import Role
from perisai.desk.summons.letters import docx
from perisai.errors import NotYet
from tests.desk.letters import editing, sample
from tests.desk.sites import on_site
from tests.desk.web import stories

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def case(intake, reviewer, officer):
    key = stories.opened(intake)
    stories.screened(reviewer, key)
    stories.confirmed(reviewer, key)
    assert officer.send(f"/cases/{key}", "/letters", **stories.LETTER).status_code == 302
    return key


def upload(officer, case, data=None, language="id"):
    drafted = officer.get(f"/cases/{case}/letters/s-1/{language}.docx").content
    data = editing.edited(drafted) if data is None else data
    file = SimpleUploadedFile("surat.docx", data, "application/msword")
    return data, officer.send(f"/cases/{case}", "/s-1/edited", file=file, tongue=language)


def test_agreed_to_sent_and_downloaded_as_edited(desk, case, officer, commissioner, staff):
    data, page = upload(officer, case)
    assert page.status_code == 302, page.content.decode()
    known = desk.house.case(case)
    assert known.summons["s-1"].edited["id"].sha256 == hashlib.sha256(data).hexdigest()
    file = f"/cases/{case}/letters/s-1/id"
    assert officer.get(f"{file}.docx").content == data
    assert officer.get(f"{file}.pdf").status_code == 422
    assert officer.get(f"/cases/{case}/letters/s-1/en.pdf").content.startswith(b"%PDF")
    assert f"{file}.pdf" not in officer.get(f"/cases/{case}").content.decode()
    assert commissioner.send(f"/cases/{case}", "/s-1/agree").status_code == 302
    agreed = desk.house.log.stream(f"case:{case}")[-1]
    assert agreed.data["files"]["id"]["of"] == hashlib.sha256(data).hexdigest()
    given = officer.get(f"{file}.docx").content
    number = desk.house.case(case).summons["s-1"].number
    assert number in editing.text(given)
    assert editing.ADDED in editing.text(given)
    assert hashlib.sha256(given).hexdigest() == agreed.data["files"]["id"]["sha256"]
    page = officer.send(f"/cases/{case}", "/s-1/send", how="kurir")
    link = re.search(r"http://[^/]+(/jawab/[\w-]+)", page.content.decode())[1]
    assert "/s-1/edited" not in officer.get(f"/cases/{case}").content.decode()
    liaison = staff(Role.PLATFORM)
    mail = liaison.get(f"/mail/{case}/s-1").content.decode()
    assert f"/mail/{case}/s-1/id.docx" in mail
    assert f"/mail/{case}/s-1/id.pdf" not in mail
    assert "Sejak kapan?" not in mail, "the questions are those of the file"
    assert liaison.get(f"/mail/{case}/s-1/id.docx").content == given
    through_the_door(desk, link, given)
    message = SimpleNamespace(kind="letter", about={"case": case, "item": "s-1"})
    made = contents.make(desk.settings, desk.house, message, "x")
    files = {each.name: each for each in made.files}
    assert files[f"{case}-s-1-id.docx"].data == given
    assert files[f"{case}-s-1-id.docx"].kind == DOCX
    assert f"{case}-s-1-en.pdf" in files
    assert desk.house.rebuild(write=False) == []


def through_the_door(desk, link, given):
    from perisai.desk.public.here import Site

    with on_site(desk.settings, "public", PERISAI_PUBLIC=Site(desk.settings, desk.house)):
        client = Client(SERVER_NAME="127.0.0.1")
        page = client.get(link).content.decode()
        assert "disunting dengan tangan" in page
        assert "Sejak kapan?" not in page
        file = client.get(f"{link}/surat.docx")
        assert (file.content, file["Content-Type"]) == (given, DOCX)
        assert client.get(f"{link}/surat.pdf").status_code == 404
        assert client.get(f"/en{link}/surat.pdf").content.startswith(b"%PDF")
        assert client.get(f"/en{link}/surat.docx").status_code == 404


def test_an_edit_takes_agreement_away_and_nobody_agrees_to_their_own(
    desk, case, officer, commissioner, staff
):
    stale = commissioner.get(f"/cases/{case}")
    upload(officer, case)
    agree = f"/cases/{case}/letters/s-1/agree"
    seen = re.search(r'name="seen" value="(\d+)"', stale.content.decode())[1]
    assert commissioner.post(agree, seen=seen).status_code == 409, "they saw another version"
    assert commissioner.send(f"/cases/{case}", "/s-1/agree").status_code == 302
    assert desk.house.case(case).summons["s-1"].standing == "approved"
    _, page = upload(commissioner, case)
    assert page.status_code == 302
    known = desk.house.case(case).summons["s-1"]
    assert (known.standing, known.number, known.numbered) == ("draft", "", {})
    assert officer.post(f"/cases/{case}/letters/s-1/send", how="x", seen=0).status_code == 422
    text = commissioner.get(f"/cases/{case}").content.decode()
    assert "/s-1/agree" not in text, "who edited it does not agree to it"
    position = desk.house.case(case).position
    assert commissioner.post(agree, seen=position).status_code == 403
    other = staff(Role.COMMISSIONER, "komisioner.dua")
    assert other.send(f"/cases/{case}", "/s-1/agree").status_code == 302
    assert officer.send(f"/cases/{case}", "/s-1/send", how="kurir").status_code == 201
    position = desk.house.case(case).position
    late = SimpleUploadedFile("a.docx", editing.edited(officer.get(
        f"/cases/{case}/letters/s-1/en.docx").content))  # fmt: skip
    page = officer.post(f"/cases/{case}/letters/s-1/edited", seen=position, tongue="id", file=late)
    assert page.status_code == 422
    assert desk.house.rebuild(write=False) == []


def test_written_anew_it_is_the_house_that_makes_it(desk, case, officer):
    upload(officer, case)
    assert officer.send(f"/cases/{case}", "/s-1/text", place="Aula").status_code == 302
    assert officer.get(f"/cases/{case}/letters/s-1/id.pdf").content.startswith(b"%PDF")
    assert "Aula" in editing.text(officer.get(f"/cases/{case}/letters/s-1/id.docx").content)


def test_what_is_refused_says_why_and_keeps_nothing(desk, case, officer):
    drafted = officer.get(f"/cases/{case}/letters/s-1/id.docx").content
    tries = {
        "Tempat nomor surat hilang": editing.edited(drafted, editing.without_place),
        "tidak memuat gambar": editing.edited(drafted, editing.with_picture),
        "tanpa makro": b"%PDF-1.7 isi",
    }
    for told, data in tries.items():
        _, page = upload(officer, case, data)
        assert page.status_code == 422
        assert told in page.content.decode()
    assert desk.house.case(case).attachments == {}
    assert not list((desk.settings.home / "attachments").rglob("*.*"))


def test_what_was_deleted_is_not_sent(desk, case, officer, commissioner):
    upload(officer, case)
    assert commissioner.send(f"/cases/{case}", "/s-1/agree").status_code == 302
    gone = desk.house.case(case).summons["s-1"].numbered["id"].attachment
    page = officer.send(f"/cases/{case}", f"/{gone}/delete", reason="salah")
    assert page.status_code == 302
    assert officer.get(f"/cases/{case}/letters/s-1/id.docx").status_code == 422
    page = officer.send(f"/cases/{case}", "/s-1/send", how="kurir")
    assert page.status_code == 422
    assert not desk.house.case(case).summons["s-1"].sent
    upload(officer, case, editing.edited(docx.render(sample.letter("id", summons=sample.DRAFT))))
    assert commissioner.send(f"/cases/{case}", "/s-1/agree").status_code == 302
    assert officer.send(f"/cases/{case}", "/s-1/send", how="kurir").status_code == 201


def test_what_is_sealed_later_or_deleted_is_not_given_out(desk, case, officer, reviewer):
    sha256 = desk.house.case(case).samples[0].sha256
    data, _ = upload(officer, case)
    assert sha256 in editing.text(data)
    from tests.desk.conftest import REVIEWER

    desk.house.seal_sample(case, sha256, REVIEWER)
    page = officer.get(f"/cases/{case}/letters/s-1/id.docx")
    assert page.status_code == 422
    assert "disegel" in page.content.decode()
    message = SimpleNamespace(kind="letter", about={"case": case, "item": "s-1"})
    with pytest.raises(NotYet, match="sealed"):
        contents.make(desk.settings, desk.house, message, "x")
