"""A document can be sealed like anything else: its bytes are destroyed, and it is referred."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from perisai.desk.attachments.given import Given, keep_with
from perisai.desk.attachments.services import purge_due, store_in
from perisai.desk.cases import domain as cases
from perisai.desk.permissions import Role
from perisai.desk.withholding.sealing import is_sealed
from tests.desk.conftest import OFFICER
from tests.desk.web import stories

PAPER = b"%PDF-1.7 isi"
NAME = "nama-rahasia.pdf"


@pytest.fixture
def case(intake, officer) -> str:
    key = stories.opened(intake)
    file = SimpleUploadedFile(NAME, PAPER, "application/pdf")
    page = officer.send(f"/cases/{key}", "/documents", file=file, audience="agencies")
    assert page.status_code == 302
    return key


def known(desk, case):
    return desk.house.case(case).attachments["b-1"]


def test_one_key_destroys_it_and_refers_it(desk, chosen, case, intake, reviewer, officer, staff):
    before = known(desk, case)
    page = intake.get(f"/cases/{case}").content.decode()
    assert f'data-seal="/cases/{case}/documents/b-1/seal"' in page
    assert intake.send(f"/cases/{case}", "/documents/b-1/seal").status_code == 302
    assert not list((chosen.home / "attachments").rglob(before.box)), "the bytes are gone"
    assert not desk.house.people.knows(before.key), "and so is their key"
    for person in (intake, reviewer, officer, staff(Role.MINISTRY)):
        text = person.text(f"/cases/{case}")
        assert "nama-rahasia" not in text
        assert person.post(f"/cases/{case}/documents/b-1").status_code in (403, 422)
    assert is_sealed(before.sha256, desk.house.alias)
    assert "1 rujukan belum dikirim" in reviewer.text("/")
    reviewer.send("/referrals", f"{before.sha256}/send")
    told = json.loads(reviewer.send("/referrals", f"{before.sha256}/document").content)
    (file,) = told["files"]
    assert (file["sha256"], file["document"]) == (before.sha256, "b-1")
    assert file["from"] == "case-officer:case-officer"
    assert intake.post(f"/cases/{case}/documents/b-1/seal").status_code == 302, "sealed is sealed"
    assert desk.house.rebuild(write=False) == []
    assert desk.house.log.verify() is None


def test_it_is_no_sample_that_a_claim_rests_on(desk, case, intake, reviewer):
    intake.send(f"/cases/{case}", "/documents/b-1/seal")
    page = reviewer.post(f"/cases/{case}/claim", outcome="confirmed", reason="x")
    assert page.status_code == 422
    assert "Belum ada" in page.content.decode()


def test_nobody_undoes_it_since_nothing_is_left(desk, case, intake, reviewer):
    sha256 = known(desk, case).sha256
    intake.send(f"/cases/{case}", "/documents/b-1/seal")
    assert "isinya sudah dimusnahkan" in reviewer.text(f"/cases/{case}/samples/{sha256}/seal")
    page = reviewer.post(f"/cases/{case}/samples/{sha256}/seal/question", reason="keliru")
    assert page.status_code == 422
    assert "sudah dimusnahkan" in page.content.decode()


def test_what_was_sealed_is_not_attached_again(desk, case, intake, officer):
    intake.send(f"/cases/{case}", "/documents/b-1/seal")
    other = stories.opened(intake)
    file = SimpleUploadedFile("lain.pdf", PAPER, "application/pdf")
    page = officer.send(f"/cases/{other}", "/documents", file=file, audience="internal")
    assert page.status_code == 422
    assert "disegel" in page.content.decode()


def test_who_sends_it_again_learns_nothing(desk, chosen, case, intake, reviewer, officer):
    sha256 = known(desk, case).sha256
    intake.send(f"/cases/{case}", "/documents/b-1/seal")
    other = stories.opened(intake)
    house = desk.house
    house.change_case(other, OFFICER, lambda c: cases.note(c, OFFICER, "x", "internal"))
    given = [Given("lagi.pdf", PAPER), Given("lain.pdf", PAPER + b"!")]
    keep_with(
        house, store_in(chosen), OFFICER, other, given,
        lambda c, files: cases.note(c, OFFICER, " ".join(files), "internal"), days=9,
    )  # fmt: skip
    kept = house.case(other).attachments
    assert (kept["b-1"].sealed, kept["b-2"].sealed) == (True, False)
    assert not house.people.knows(kept["b-1"].key)
    assert not list((chosen.home / "attachments").rglob(kept["b-1"].box))
    assert "lagi.pdf" not in officer.text(f"/cases/{other}")
    assert f"{other} {sha256[:12]}" in reviewer.text("/referrals")
    assert house.rebuild(write=False) == []


def test_it_is_sealed_wherever_it_lies(desk, chosen, case, intake, officer, reviewer):
    other = stories.opened(intake)
    for key, name in ((other, "lain.pdf"), (case, "lagi.pdf")):
        file = SimpleUploadedFile(name, PAPER + b"?" * (key == case), "application/pdf")
        officer.send(f"/cases/{key}", "/documents", file=file, audience="internal")
    before = desk.house.case(other).attachments["b-1"]
    intake.send(f"/cases/{case}", "/documents/b-1/seal")
    assert desk.house.case(other).attachments["b-1"].sealed
    assert not desk.house.people.knows(before.key)
    assert not list((chosen.home / "attachments").rglob(before.box))
    assert desk.house.case(case).attachments["b-2"].purged is None, "another document"
    assert f"{other} {before.sha256[:12]}" in reviewer.text("/referrals")
    assert desk.house.rebuild(write=False) == []


def test_only_who_may_seal(desk, case, staff):
    for role in (Role.MINISTRY, Role.AUDITOR, Role.PLATFORM, Role.ADMINISTRATOR):
        assert staff(role).post(f"/cases/{case}/documents/b-1/seal").status_code == 403
    assert known(desk, case).purged is None


def test_complaints_of_a_case_are_told_and_sealed_there(desk, intake, staff):
    complaint = stories.entered(intake, what="Kata yang terlihat")
    case = stories.opened(intake, complaint)
    page = intake.get(f"/cases/{case}").content.decode()
    assert "Kata yang terlihat" in page
    assert f'data-seal="/complaints/{complaint}/seal"' in page
    ministry = staff(Role.MINISTRY).get(f"/cases/{case}").content.decode()
    assert complaint in ministry
    assert "Kata yang terlihat" not in ministry
    intake.send(f"/complaints/{complaint}", "/seal")
    assert "Kata yang terlihat" not in intake.text(f"/cases/{case}")


def test_who_was_erased_leaves_a_link_with_a_name(desk, intake, commissioner):
    complaint = stories.entered(intake)
    commissioner.send(f"/complaints/{complaint}", "/erase", reason="diminta")
    assert f'<a href="/complaints/{complaint}">{complaint}</a>' in intake.get("/").content.decode()


def test_it_is_closed_wherever_it_is_kept(desk, chosen, case, intake, officer):
    """The same document in another case, and a second time in this one, came before the seal."""
    house, other = desk.house, stories.opened(intake)
    for key in (other, case):
        keep_with(
            house, store_in(chosen), OFFICER, key, [Given("sama.pdf", PAPER)],
            lambda c, files: cases.note(c, OFFICER, "x", "internal"), days=9,
        )  # fmt: skip
    intake.send(f"/cases/{case}", "/documents/b-1/seal")
    every = [*house.case(case).attachments.values(), *house.case(other).attachments.values()]
    assert [each.sealed for each in every] == [True, True, True]
    assert not any(house.people.knows(each.key) for each in every)
    assert officer.post(f"/cases/{other}/documents/b-1").status_code == 422
    assert "sama.pdf" not in officer.text(f"/cases/{other}")
    purge_due(house, store_in(chosen))
    assert not [each for each in every if list((chosen.home / "attachments").rglob(each.box))]
    assert house.rebuild(write=False) == []


def test_the_same_twice_in_one_answer(desk, chosen, case, intake):
    intake.send(f"/cases/{case}", "/documents/b-1/seal")
    keep_with(
        desk.house, store_in(chosen), OFFICER, case, [Given("a.pdf", PAPER), Given("b.pdf", PAPER)],
        lambda c, files: cases.note(c, OFFICER, "x", "internal"), days=9,
    )  # fmt: skip
    kept = desk.house.case(case).attachments
    assert [each.sealed for each in kept.values()] == [True, True, True]
    assert desk.house.rebuild(write=False) == []


@pytest.mark.parametrize("by_house", [False, True])
def test_a_complaint_that_names_it_destroys_nothing(desk, chosen, case, intake, by_house):
    sha256 = known(desk, case).sha256
    named = desk.house.receive({"what": "x", "sha256": sha256}, child=not by_house)
    if by_house:
        intake.send(f"/complaints/{named.id}", "/seal")
    assert is_sealed(sha256, desk.house.alias)
    keep_with(
        desk.house, store_in(chosen), OFFICER, case, [Given("lagi.pdf", PAPER)],
        lambda c, files: cases.note(c, OFFICER, "x", "internal"), days=9,
    )  # fmt: skip
    kept = desk.house.case(case).attachments
    assert [each.purged for each in kept.values()] == [None, None]
