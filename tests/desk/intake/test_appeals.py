"""An appeal, from the public page to its answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perisai.desk.appeals import services
from perisai.desk.cases import domain as cases
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.permissions import Role
from perisai.desk.withholding import domain as withholding
from perisai.errors import NotAllowed, NotYet, Outdated
from tests.desk.conftest import COMMISSIONER, INTAKE, NOW, OFFICER, REVIEWER, actor
from tests.desk.test_first_journey import SAMPLE

OTHER = actor(Role.REVIEWER, "lain")
TOLD = {"link": "https://gif.example/9", "what": "Pelajaran kesehatan"}
WHY = "Gambar ini untuk pelajaran."


def appealed(house) -> str:
    return house.receive(TOLD, source="appeal").id


def position(house, key: str) -> int:
    return house.complaint(key).position


def propose(house, key: str, who=REVIEWER, outcome="overturned", text=WHY):
    return services.propose(house, who, key, outcome, text, seen=position(house, key))


def test_one_proposes_and_another_decides(house):
    key = appealed(house)
    with pytest.raises(NotYet, match="proposed"):
        services.decide(house, OTHER, key, seen=position(house, key))
    known = propose(house, key)
    assert known.appeal.standing == "proposed"
    with pytest.raises(NotAllowed, match="Two people"):
        services.decide(house, REVIEWER, key, seen=known.position)
    known = services.decide(house, OTHER, key, seen=known.position)
    assert known.appeal.standing == "overturned"
    assert house.people.open(known.appeal.text) == WHY
    row = ComplaintRow.objects.using(house.alias).get(id=key)
    assert (row.appeal, row.decision, row.waiting) == (True, "overturned", False)
    with pytest.raises(NotYet, match="already"):
        propose(house, key)
    assert house.rebuild(write=False) == []


def test_what_was_changed_meanwhile_is_not_agreed_to(house):
    key = appealed(house)
    seen = propose(house, key).position
    propose(house, key, outcome="upheld")
    with pytest.raises(Outdated):
        services.decide(house, OTHER, key, seen=seen)


def test_who_decided_first_does_not_decide_the_appeal(house):
    first = house.receive(TOLD)
    case = house.open_case(
        OFFICER,
        title="t",
        platform="p",
        words=[],
        promised=NOW + timedelta(days=9),
        complaint=first.id,
    )
    house.change_case(
        case.id, REVIEWER, lambda c: cases.screened(c, REVIEWER, {
            "sha256": "ab" * 32, "decisions": {}, "rule": "x", "findings": [], "seen": "s",
        })
    )  # fmt: skip
    house.change_case(case.id, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x"))
    key = appealed(house)
    assert house.complaint(key).case == "", "an appeal does not join what it is against"
    propose(house, key, who=OTHER)
    with pytest.raises(NotAllowed, match="the first time"):
        services.decide(house, REVIEWER, key, seen=position(house, key))
    services.decide(house, COMMISSIONER, key, seen=position(house, key))


def test_who_withheld_the_file_does_not_decide_the_appeal_against_that(house, clock):
    case = house.open_case(
        OFFICER, title="x", platform="y", words=[], promised=NOW + timedelta(days=1)
    ).id
    house.screened(case, REVIEWER, SAMPLE)
    sha256 = SAMPLE["sha256"]
    house.change_case(
        case, OTHER, lambda c: withholding.decide(c, OTHER, sha256, "withheld", "tampak telanjang")
    )
    clock.on(minutes=1)
    told = {"what": "seekor kucing", "sha256": sha256, "wish": "show"}
    key = house.receive(told, source="gateway").id
    known = propose(house, key, outcome="upheld")
    with pytest.raises(NotAllowed, match="the first time"):
        services.decide(house, OTHER, key, seen=known.position)
    known = services.decide(house, COMMISSIONER, key, seen=known.position)
    assert known.appeal.standing == "upheld"


def test_only_an_appeal_is_answered_as_one_and_only_by_few(house):
    complaint = house.receive(TOLD).id
    with pytest.raises(NotYet, match="no appeal"):
        propose(house, complaint)
    key = appealed(house)
    with pytest.raises(NotAllowed):
        propose(house, key, who=INTAKE)
    with pytest.raises(NotYet, match="why"):
        propose(house, key, text=" ")
    with pytest.raises(NotYet, match="whether"):
        propose(house, key, outcome="lain")


def test_who_appeals_reads_the_answer_on_a_page_of_its_own(visitor, house):
    visitor.get("/banding")
    page = visitor.send(item="https://gif.example/9", why="Pelajaran")
    assert "Permintaanmu sudah kami terima" in page.text
    assert "Laporanmu" not in page.text
    code = page.code
    visitor.get("/kode")
    page = visitor.send(code=code)
    assert "bukan pemutus pertama" in page.text
    key = ComplaintRow.objects.using(house.alias).get().id
    propose(house, key, text="Karena <b>begitu</b>.")
    assert "begitu" not in visitor.send(do="look").text, "a proposal is not an answer"
    services.decide(house, OTHER, key, seen=position(house, key))
    visitor.get("/kode")
    page = visitor.send(code=code)
    assert "kamu benar" in page.text
    assert "Karena <b>begitu</b>." in page.text
    assert "<b>begitu" not in page.html
