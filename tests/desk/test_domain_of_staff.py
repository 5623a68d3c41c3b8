"""What staff may do, without a web: sealing, commitments, notes, clocks, letters not sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perisai.desk.actors import Actor
from perisai.desk.cases import domain as cases
from perisai.desk.commitments import domain as commitments
from perisai.desk.complaints import domain as complaints
from perisai.desk.complaints.receipts import Receipt
from perisai.desk.permissions import Role
from perisai.desk.summons import domain as summons
from perisai.errors import NotAllowed, NotYet, Outdated
from tests.desk.conftest import AUDITOR, COMMISSIONER, INTAKE, NOW, OFFICER, REVIEWER, actor
from tests.desk.test_first_journey import LETTER, SAMPLE, TOLD

CHECK = {"kind": "check", "text": "looked at by hand"}
MINISTRY, LIAISON = actor(Role.MINISTRY), Actor("li", Role.PLATFORM, "contoh pesan")


@pytest.fixture
def key(house) -> str:
    return house.open_case(
        INTAKE, title="t", platform="Contoh Pesan", words=[], promised=NOW + timedelta(days=4)
    ).id


def confirmed(house, key):
    house.change_case(key, REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
    house.change_case(key, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x"))


def test_a_case_begins_with_a_complaint_or_not_at_all(house):
    made = house.receive(TOLD)
    told = {"title": "t", "platform": "p", "words": [], "promised": NOW + timedelta(days=1)}
    case = house.open_case(INTAKE, **told, complaint=made.id)
    assert case.complaints == (made.id,)
    with pytest.raises(NotYet, match="belongs to the case K-2026-0001 already"):
        house.open_case(INTAKE, **told, complaint=made.id)
    with pytest.raises(NotYet):
        house.case("K-2026-0002")
    assert house.join(case.id, made.id, INTAKE).position == case.position
    assert house.rebuild(write=False) == []


@pytest.mark.parametrize("who", [AUDITOR, MINISTRY, LIAISON, actor(Role.ADMINISTRATOR)])
def test_who_may_not_seal(house, who):
    made = house.receive(TOLD)
    with pytest.raises(NotAllowed):
        house.seal(made.id, who)
    assert not house.complaint(made.id).sealed


def test_what_is_sealed_cannot_be_come_by(house):
    made = house.receive(TOLD, reporter="Ibu Ani")
    sealed = house.seal(made.id, INTAKE)
    assert sealed.told is None
    assert sealed.reporter is None
    with pytest.raises(NotYet, match="sealed"):
        house.identity(made.id, COMMISSIONER, "x")
    with pytest.raises(NotYet, match="sealed"):
        house.answer(made.id, INTAKE, "x")


def test_identity_is_looked_at_by_few_and_for_a_reason(house):
    made = house.receive(TOLD, reporter="Ibu Ani")
    for who in (INTAKE, OFFICER, REVIEWER, AUDITOR):
        with pytest.raises(NotAllowed):
            house.identity(made.id, who, "x")
    with pytest.raises(NotYet, match="why"):
        house.identity(made.id, COMMISSIONER, "  ")
    assert house.identity(made.id, COMMISSIONER, "call back") == "Ibu Ani"
    house.people.erase(made.person)
    assert house.identity(made.id, COMMISSIONER, "again") is None
    kinds = [fact.kind for fact in house.log.stream(f"complaint:{made.id}")]
    assert kinds == ["complaint.received", "identity.read", "identity.read"]


def test_what_an_officer_enters_has_a_reporter_and_a_receipt(house):
    receipt = Receipt.new()
    made = house.receive(TOLD, source="phone", reporter="Ibu Ani", receipt=receipt, actor=INTAKE)
    assert house.people.open(made.reporter) == "Ibu Ani"
    assert house.find(receipt).id == made.id
    with pytest.raises(NotYet, match="where the complaint comes from"):
        house.receive(TOLD, source="public", actor=INTAKE)
    with pytest.raises(NotAllowed):
        complaints.enter(REVIEWER, TOLD, source="phone", person="p", seal=lambda _: {})


def test_commitments(house, clock, key):
    due = NOW + timedelta(days=2)
    told = {"who": "Contoh", "what": "filter", "verify": CHECK, "due": due}

    def make(case, **changed):
        return commitments.make(case, OFFICER, clock(), **{**told, **changed})

    empty = {"who": " ", "what": " ", "verify": {"kind": "check", "text": " "}}
    for each in empty.items():
        with pytest.raises(NotYet, match="Write"):
            house.change_case(key, OFFICER, lambda c: make(c, **dict([each])))  # noqa: B023
    with pytest.raises(NotYet, match="lie ahead"):
        house.change_case(key, OFFICER, lambda c: make(c, due=NOW))
    with pytest.raises(NotAllowed):
        house.change_case(key, INTAKE, lambda c: commitments.make(c, INTAKE, clock(), **told))
    house.change_case(key, OFFICER, make)
    clock.on(days=3)
    assert house.tick() == 1

    def judge(case, **changed):
        said = {"outcome": "late", "before": "3 shown", "after": "0 shown"} | changed
        return commitments.judge(case, OFFICER, "c-1", **said)

    with pytest.raises(NotYet, match="kept, late or broken"):
        house.change_case(key, OFFICER, lambda c: judge(c, outcome="fine"))
    with pytest.raises(NotYet, match="how it is now"):
        house.change_case(key, OFFICER, lambda c: judge(c, after=""))
    case = house.change_case(key, OFFICER, judge)
    assert case.commitments["c-1"].outcome == "late"
    assert case.clocks["commitment:c-1"].standing(clock()) == "met"
    with pytest.raises(NotYet, match="judged already"):
        house.change_case(key, OFFICER, judge)
    assert house.rebuild(write=False) == []


def test_two_people_before_a_note_is_for_everyone(house, key):
    def agree(actor, number):
        return house.change_case(key, actor, lambda c: cases.agree_to_note(c, actor, number))

    house.change_case(key, OFFICER, lambda c: cases.note(c, OFFICER, "x", "agencies"))
    case = house.change_case(key, OFFICER, lambda c: cases.note(c, OFFICER, "y", "public"))
    assert case.notes[1].shown_to == "internal"
    with pytest.raises(NotAllowed, match="Two people"):
        agree(OFFICER, 2)
    with pytest.raises(NotAllowed):
        agree(INTAKE, 2)
    for number in (0, 1, 3):
        with pytest.raises(NotYet, match="no such note"):
            agree(COMMISSIONER, number)
    assert agree(COMMISSIONER, 2).notes[1].shown_to == "public"
    with pytest.raises(NotYet, match="agreed to this note already"):
        agree(COMMISSIONER, 2)
    assert house.rebuild(write=False) == []


def test_notes_are_read_by_whom_they_are_for(house, key):
    for audience in cases.AUDIENCES:
        house.change_case(key, INTAKE, lambda c: cases.note(c, INTAKE, audience, audience))  # noqa: B023
    case = house.case(key)
    assert [n.text for n in cases.notes_for(case, OFFICER)] == ["internal", "agencies", "public"]
    assert [n.text for n in cases.notes_for(case, MINISTRY)] == ["agencies"]
    case = house.change_case(key, OFFICER, lambda c: cases.agree_to_note(c, OFFICER, 3))
    assert [n.text for n in cases.notes_for(case, MINISTRY)] == ["agencies", "public"]
    assert cases.notes_for(case, LIAISON) == ()
    with pytest.raises(NotAllowed, match="house alone"):
        cases.note(case, MINISTRY, "x", "internal")


def test_a_letter_is_written_anew_until_somebody_agrees(house, clock, key):
    confirmed(house, key)
    house.change_case(key, OFFICER, lambda c: summons.draft(c, OFFICER, LETTER))
    other = {**LETTER, "agenda": "other", "approved_by": "x", "sent": "y"}
    case = house.change_case(key, OFFICER, lambda c: summons.draft(c, OFFICER, other, "s-1"))
    assert case.summons["s-1"].letter["agenda"] == "other"
    assert not set(case.summons["s-1"].letter) & {"approved_by", "sent"}
    house.change_case(key, COMMISSIONER, lambda c: summons.approve(c, COMMISSIONER, "s-1", "1"))
    with pytest.raises(NotYet, match="agreed to this letter already"):
        house.change_case(key, OFFICER, lambda c: summons.draft(c, OFFICER, LETTER, "s-1"))
    with pytest.raises(NotYet, match="why"):
        house.change_case(key, OFFICER, lambda c: summons.drop(c, OFFICER, "s-1", " "))
    case = house.change_case(key, OFFICER, lambda c: summons.drop(c, OFFICER, "s-1", "no need"))
    assert case.summons["s-1"].standing == "dropped"
    with pytest.raises(NotYet, match="sent already"):
        house.change_case(
            key, OFFICER,
            lambda c: summons.send(
                c, OFFICER, "s-1", clock(), how="x", door="d", reply_by=NOW + timedelta(days=1)
            ),
        )  # fmt: skip


def test_a_liaison_answers_letters_to_its_own_platform(house, clock, key):
    confirmed(house, key)
    house.change_case(key, OFFICER, lambda c: summons.draft(c, OFFICER, LETTER))
    assert summons.letters_for(house.case(key), LIAISON) == ()
    with pytest.raises(NotAllowed, match="somebody else"):
        summons.reply(house.case(key), LIAISON, "s-1", "x")
    house.change_case(key, COMMISSIONER, lambda c: summons.approve(c, COMMISSIONER, "s-1", "1"))
    due = NOW + timedelta(days=1)
    house.change_case(
        key, OFFICER,
        lambda c: summons.send(c, OFFICER, "s-1", clock(), how="x", door="d", reply_by=due),
    )  # fmt: skip
    for other in (Actor("o", Role.PLATFORM, "Lain"), Actor("o", Role.PLATFORM), OFFICER):
        with pytest.raises(NotAllowed):
            summons.letters_for(house.case(key), other)
    case = house.change_case(key, LIAISON, lambda c: summons.reply(c, LIAISON, "s-1", "Gone."))
    assert case.summons["s-1"].answers[0].by == "platform:li"
    for change in (
        lambda c: summons.acknowledge_by_hand(c, OFFICER, "s-1", ""),
        lambda c: summons.record_answer(c, OFFICER, "s-1", "x", ""),
    ):
        with pytest.raises(NotYet, match="Write down how"):
            house.change_case(key, OFFICER, change)


def test_clocks_are_paused_by_few(house, key):
    with pytest.raises(NotAllowed):
        house.change_case(key, INTAKE, lambda c: cases.pause(c, INTAKE, "result", "x"))
    house.change_case(key, OFFICER, lambda c: cases.pause(c, OFFICER, "result", "holiday"))
    house.change_case(key, OFFICER, lambda c: cases.resume(c, OFFICER, "result"))


def test_what_was_seen_is_what_is_acted_on(house, key):
    seen = house.case(key).position
    house.change_case(key, INTAKE, lambda c: cases.note(c, INTAKE, "x", "internal"))
    with pytest.raises(Outdated):
        house.change_case(key, INTAKE, lambda c: cases.note(c, INTAKE, "y", "internal"), seen=seen)
    assert len(house.case(key).notes) == 1


@pytest.mark.parametrize(
    "counts", [{"shown": -1}, {"withheld": 1.5}, {"shown": True}, {"words": " "}]
)
def test_measures_are_counts(house, key, counts):
    measure = {"words": "x", "band": "3-5", "shown": 1, "withheld": 0, "rules": {}} | counts
    with pytest.raises(NotYet):
        house.change_case(key, OFFICER, lambda c: cases.measured(c, OFFICER, measure))
