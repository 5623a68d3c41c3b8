"""One key seals suspected abuse of a child, for everyone and from every view."""

from __future__ import annotations

import hashlib

import pytest

from perisai.desk.complaints.services import told_for_referral
from perisai.desk.permissions import GRANTS, Permission, Role
from perisai.terms import Label
from tests.common import screening
from tests.desk.web import stories
from tests.desk.web.visiting import forms_on

TRACES = ("rahasia-judul", "rahasia-tautan.example", "rahasia-kata", "0812-rahasia")
TOLD = {
    "what": "rahasia-judul", "link": "https://rahasia-tautan.example/1", "words": "rahasia-kata",
    "app": "WhatsApp-rahasia", "reporter": "0812-rahasia",
}  # fmt: skip
PAGES = ("/", "/complaints", "/complaints.csv", "/complaints?q=rahasia",
         "/complaints.csv?q=rahasia",
         "/cases", "/cases.csv", "/letters", "/commitments", "/platforms", "/audit")  # fmt: skip


def everywhere(staff, *more: str) -> str:
    """What everybody can come to see, on every page."""
    seen = []
    for role in Role:
        person = staff(role)
        seen += [person.get(path).content.decode() for path in (*PAGES, *more)]
    return "\n".join(seen)


@pytest.mark.parametrize("role", [Role.INTAKE, Role.REVIEWER, Role.CASE_OFFICER, Role.COMMISSIONER])
def test_one_button_closes_a_complaint_to_everyone(desk, intake, staff, role):
    complaint = stories.entered(intake, **TOLD)
    intake.send(f"/complaints/{complaint}", "/answer", text="rahasia-judul")
    path = f"/complaints/{complaint}"
    assert "rahasia-judul" in everywhere(staff, path)
    assert staff(role).send(path, "/seal").status_code == 302
    seen = everywhere(staff, path)
    for trace in (*TRACES, "WhatsApp-rahasia"):
        assert trace not in seen, trace
    page = staff(role).text(path)
    assert complaint in page
    assert "disegel" in page
    assert "6 Nov 2026" in page
    assert desk.house.rebuild(write=False) == []
    told = told_for_referral(desk.house, complaint)
    assert told["link"] == TOLD["link"], "kept for the referral"


def test_nothing_can_be_done_with_a_sealed_complaint(desk, intake, commissioner):
    complaint = stories.entered(intake, **TOLD)
    case = stories.opened(intake)
    path = f"/complaints/{complaint}"
    intake.send(path, "/seal")
    assert not [each for each in forms_on(intake.get(path)) if each.action.startswith(path)]
    assert intake.post(f"{path}/answer", text="x").status_code == 422
    assert intake.post(f"{path}/case", case=case).status_code == 422
    page = commissioner.post(f"{path}/identity", reason="x")
    assert page.status_code == 422
    assert "0812-rahasia" not in page.content.decode()
    assert complaint not in desk.house.case(case).complaints
    new = intake.get(f"/cases/new?complaint={complaint}").content.decode()
    assert "WhatsApp-rahasia" not in new
    assert len(desk.house.log.stream(f"complaint:{complaint}")) == 2


def test_a_sealed_complaint_takes_its_samples_along(desk, intake, reviewer, staff):
    complaint = stories.entered(intake, **TOLD)
    case = stories.opened(intake, complaint, title="kasus", platform="P", words="x")
    stories.screened(reviewer, case, complaint, seen_at="di rahasia-tautan.example")
    reviewer.send(f"/complaints/{complaint}", "/seal")
    assert desk.house.case(case).samples[0].sealed
    seen = everywhere(staff, f"/complaints/{complaint}", f"/cases/{case}")
    for trace in (*TRACES, "looks-explicit"):
        assert trace not in seen, trace
    assert desk.house.rebuild(write=False) == []


def test_a_sealed_sample_takes_its_complaint_along(desk, intake, reviewer, staff):
    complaint = stories.entered(intake, **TOLD)
    case = stories.opened(intake, complaint, title="kasus", platform="P", words="x")
    stories.screened(reviewer, case, complaint, seen_at="di rahasia-tautan.example")
    assert reviewer.send(f"/cases/{case}", "/seal").status_code == 302
    assert desk.house.complaint(complaint).sealed
    seen = everywhere(staff, f"/complaints/{complaint}", f"/cases/{case}")
    for trace in TRACES:
        assert trace not in seen, trace
    sha256 = desk.house.case(case).samples[0].sha256
    assert sha256[:12] in reviewer.text(f"/cases/{case}")


def test_a_match_with_an_abuse_list_seals_by_itself(
    desk, intake, reviewer, staff, tmp_path_factory, monkeypatch
):
    from perisai.desk.samples import ByService
    from perisai.desk.web import running

    folder = tmp_path_factory.mktemp("abuse")
    clip = screening.clip(screening.scene(3))
    settings = screening.settings(folder)
    sha256 = hashlib.sha256(clip).hexdigest()
    screening.create_list(settings.home, "stand-ins", label=Label.ABUSE, sha256=sha256)
    looking = ByService(settings)
    running.use(running.Desk.of(desk.settings, desk.house, looking))
    try:
        complaint = stories.entered(intake, **TOLD)
        case = stories.opened(intake, complaint, title="kasus", platform="P", words="x")
        from django.core.files.uploadedfile import SimpleUploadedFile

        given = SimpleUploadedFile("rahasia-kata.gif", clip, "image/gif")
        stories.screened(reviewer, case, complaint, file=given, seen_at="rahasia-judul")
    finally:
        looking.close()
    state = desk.house.case(case)
    assert state.samples[0].sealed
    assert desk.house.complaint(complaint).sealed
    seen = everywhere(staff, f"/complaints/{complaint}", f"/cases/{case}")
    for trace in (*TRACES, "stand-ins"):
        assert trace not in seen, trace


def test_sealing_twice_is_one_fact(desk, intake):
    complaint = stories.entered(intake)
    for _ in range(2):
        assert intake.post(f"/complaints/{complaint}/seal").status_code == 302
    kinds = [fact.kind for fact in desk.house.log.stream(f"complaint:{complaint}")]
    assert kinds == ["complaint.received", "complaint.sealed"]


def test_no_byte_of_a_file_is_kept(desk, intake, reviewer, tmp_path):
    case = stories.opened(intake)
    file = stories.gif()
    data = file.read()
    file.seek(0)
    stories.screened(reviewer, case, file=file)
    assert desk.house.case(case).samples[0].sha256 == hashlib.sha256(data).hexdigest()
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or data[:64] not in path.read_bytes(), path


def test_a_file_is_refused_where_it_cannot_be_looked_at(desk, intake, reviewer):
    case = stories.opened(intake)
    given = {"file": stories.gif(), "seen_at": "x"}
    page = reviewer.send(f"/cases/{case}", "/samples", **given)
    assert page.status_code == 422, "nobody said that it is no suspected abuse"
    stories.screened(reviewer, case)
    page = reviewer.send(
        f"/cases/{case}", "/samples", file=stories.gif(), seen_at="y", no_child="on"
    )
    assert page.status_code == 422
    assert "tidak perlu dilihat dua kali" in page.content.decode()
    assert len(desk.house.case(case).samples) == 1


def test_a_broken_file_is_an_answer(desk, intake, reviewer):
    from django.core.files.uploadedfile import SimpleUploadedFile

    case = stories.opened(intake)
    broken = SimpleUploadedFile("x.gif", b"GIF89a and nothing more", "image/gif")
    stories.screened(reviewer, case, file=broken)
    assert set(desk.house.case(case).samples[0].decisions.values()) == {"unscreenable"}
    assert "tak terbaca" in reviewer.text(f"/cases/{case}")


@pytest.mark.parametrize("role", Role)
def test_the_foot_tells_of_keys_only_what_one_may_do(staff, role):
    page = staff(role).text("/")
    may = Permission.COMPLAINT_SEAL in GRANTS[role]
    assert ("Segel aduan atau sampelnya" in page) == may
    assert ("S menyegel yang dipilih" in page) == may
    assert ("T mengambil aduan" in page) == (Permission.COMPLAINT_TAKE in GRANTS[role])
    assert "Pintasan papan ketik menyala" in page
