"""Undoing a seal, and the referral of a sample, over the pages as people do it."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from perisai.desk.permissions import Role
from perisai.terms import Label
from tests.common import screening
from tests.desk.web import stories
from tests.desk.web.visiting import forms_on

LINK = "https://rahasia-tautan.example/1"
WORDS = "rahasia-kata"


@pytest.fixture
def sealed(intake) -> str:
    complaint = stories.entered(intake, link=LINK, words=WORDS)
    intake.send(f"/complaints/{complaint}", "/seal")
    return complaint


def test_one_asks_and_another_opens(desk, sealed, intake, reviewer, commissioner, staff):
    path = f"/complaints/{sealed}"
    page = reviewer.text(path)
    for said in ("keputusan petugas · intake (", "belum dikirim", sealed):
        assert said.casefold() in page.casefold(), said
    assert "Membuka segel" not in intake.text(path), "only for those who may"
    assert reviewer.send(path, "/seal/question", reason=" ").status_code == 422
    page = reviewer.send(path, "/seal/question", reason="keliru ditekan")
    assert page["Location"] == f"{path}?done=seal-questioned"
    assert "Menunggu orang kedua" in reviewer.text(path)
    assert not [each for each in forms_on(reviewer.get(path)) if "/seal/" in each.action]
    assert reviewer.post(f"{path}/seal/undo").status_code == 403
    assert "1 segel diminta dibuka" in commissioner.text("/")
    assert "segel diminta dibuka" not in reviewer.text("/"), "who asked does not decide"
    assert "diminta dibuka" in reviewer.text("/referrals")
    assert "keliru ditekan" in commissioner.text(path)
    for role in Role:
        for each in (path, "/referrals", "/referrals.csv", "/", "/search?q=rahasia"):
            seen = staff(role).get(each).content.decode()
            assert "rahasia-tautan" not in seen, (role, each)
            assert WORDS not in seen, (role, each)
    page = commissioner.send(path, "/seal/undo")
    assert page["Location"] == f"{path}?done=seal-lifted"
    assert LINK in intake.text(path)
    assert WORDS in intake.get(f"/search?q={WORDS}").content.decode()
    assert sealed in intake.get("/queue").content.decode()
    assert "segel dibuka, tidak dirujuk" in reviewer.text("/referrals")
    assert "rujukan belum dikirim" not in reviewer.text("/")
    assert reviewer.post(f"/referrals/{sealed}/send").status_code == 422
    assert desk.house.rebuild(write=False) == []


def test_it_is_refused_with_a_reason(desk, sealed, reviewer, commissioner):
    path = f"/complaints/{sealed}"
    reviewer.send("/referrals", f"{sealed}/send")
    reviewer.send(path, "/seal/question", reason="keliru ditekan")
    assert "dikirim, belum diterima" in commissioner.text(path)
    assert commissioner.send(path, "/seal/keep", reason="").status_code == 422
    page = commissioner.send(path, "/seal/keep", reason="memang dugaan")
    assert page["Location"] == f"{path}?done=seal-kept"
    assert "memang dugaan" in reviewer.text(path)
    reviewer.send(path, "/seal/question", reason="sudah diperiksa polisi")
    commissioner.send(path, "/seal/undo")
    assert "segel dibuka, belum diketahui apakah penerima tahu" in reviewer.text("/referrals")
    assert desk.house.complaint(sealed).referral.sent
    page = commissioner.send("/referrals", f"{sealed}/review", note="penerima diberi tahu")
    assert page.status_code == 302
    assert desk.house.rebuild(write=False) == []


def test_the_password_is_asked_for_again(desk, sealed, reviewer, commissioner):
    path = f"/complaints/{sealed}"
    reviewer.typed_password(seconds_ago=3600)
    page = reviewer.send(path, "/seal/question", reason="keliru")
    assert page.status_code == 302
    assert "/account/confirm" in page["Location"]
    assert desk.house.complaint(sealed).seal.asked is None
    reviewer.typed_password()
    reviewer.send(path, "/seal/question", reason="keliru")
    commissioner.typed_password(seconds_ago=3600)
    assert "/account/confirm" in commissioner.send(path, "/seal/undo")["Location"]
    assert desk.house.complaint(sealed).sealed


def test_a_match_with_an_abuse_list_stays_and_the_page_says_why(
    desk, intake, reviewer, commissioner, tmp_path_factory
):
    import hashlib

    from perisai.desk.samples import ByService
    from perisai.desk.web import running

    clip = screening.clip(screening.scene(3))
    settings = screening.settings(tmp_path_factory.mktemp("abuse"))
    sha256 = hashlib.sha256(clip).hexdigest()
    screening.create_list(settings.home, "stand-ins", label=Label.ABUSE, sha256=sha256)
    looking = ByService(settings)
    running.use(running.Desk.of(desk.settings, desk.house, looking))
    complaint = stories.entered(intake, link=LINK)
    case = stories.opened(intake, complaint)
    alone = stories.opened(intake)
    try:
        for key, its in ((case, complaint), (alone, "")):
            file = SimpleUploadedFile("x.gif", clip, "image/gif")
            stories.screened(reviewer, key, its, file=file)
    finally:
        looking.close()
    paths = (f"/complaints/{complaint}", f"/cases/{alone}/samples/{sha256}/seal")
    for path in paths:
        page = commissioner.text(path)
        assert "Segel seperti ini tidak dibuka di sini" in page
        assert not [each for each in forms_on(commissioner.get(path)) if "/seal/" in each.action]
    for path in (f"/complaints/{complaint}/seal", f"/cases/{alone}/samples/{sha256}/seal"):
        page = commissioner.post(f"{path}/question", reason="keliru")
        assert page.status_code == 403
    assert desk.house.complaint(complaint).sealed
    assert f"{alone}:{sha256}" in reviewer.get("/referrals.csv").content.decode()
    assert desk.house.rebuild(write=False) == []


def test_a_sample_alone_is_referred_and_opened_over_its_own_page(
    desk, intake, reviewer, officer, commissioner
):
    case = stories.opened(intake)
    stories.screened(reviewer, case, seen_at="rahasia-tempat")
    reviewer.send(f"/cases/{case}", "/seal")
    (sample,) = desk.house.case(case).samples
    assert "1 rujukan belum dikirim" in reviewer.text("/")
    assert f"{case} {sample.sha256[:12]}" in reviewer.text("/referrals")
    assert reviewer.send("/referrals", f"{sample.sha256}/send").status_code == 302
    page = reviewer.send("/referrals", f"{sample.sha256}/document")
    assert f"rujukan-{case}-{sample.sha256[:12]}.json" in page["Content-Disposition"]
    told = json.loads(page.content)
    assert (told["case"], told["files"][0]["sha256"]) == (case, sample.sha256)
    assert "rahasia-tempat" not in page.content.decode()
    page = commissioner.send("/referrals", f"{sample.sha256}/review", note="tepat")
    assert page.status_code == 302
    path = f"/cases/{case}/samples/{sample.sha256}/seal"
    assert path in commissioner.get(f"/cases/{case}").content.decode()
    assert officer.get(path).status_code == 403
    assert "rahasia-tempat" not in commissioner.text(path)
    page = commissioner.send(path, "/seal/question", reason="bukan anak")
    assert page["Location"] == f"{path}?done=seal-questioned"
    page = reviewer.send(path, "/seal/undo")
    assert page["Location"] == f"/cases/{case}?done=seal-lifted#samples"
    page = reviewer.text(f"/cases/{case}")
    assert "rahasia-tempat" in page
    assert "tetap ditahan sampai peninjau memutuskan lagi" in page
    assert "mengirim rujukan sampel" in page
    assert reviewer.get(path).status_code == 404
    assert desk.house.rebuild(write=False) == []


def test_who_is_a_party_has_no_part_in_it(desk, intake, reviewer, officer):
    complaint = stories.entered(intake, link=LINK)
    case = stories.opened(intake, complaint)
    stories.screened(officer, case)
    officer.send(f"/cases/{case}", "/conflict", person=reviewer.name)
    intake.send(f"/complaints/{complaint}", "/seal")
    sha256 = desk.house.case(case).samples[0].sha256
    desk.house.seal_sample(case, sha256, _actor(intake))
    for path in (f"/complaints/{complaint}/seal", f"/cases/{case}/samples/{sha256}/seal"):
        assert reviewer.post(f"{path}/question", reason="x").status_code == 403
        assert reviewer.post(f"{path}/undo").status_code == 403
    assert reviewer.get(f"/cases/{case}/samples/{sha256}/seal").status_code == 403
    assert sha256 not in reviewer.get("/referrals.csv").content.decode()


def _actor(person):
    from perisai.desk.actors import Actor

    return Actor(person.name, person.role)
