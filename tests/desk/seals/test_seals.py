"""A seal is undone by two people together, and comes out of the facts as it went in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perisai.desk.actors import HOUSE, PUBLIC, Actor
from perisai.desk.cases import domain as cases
from perisai.desk.cases import services as case_services
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.complaints.services import told_for_referral
from perisai.desk.permissions import Role
from perisai.desk.referrals import services as referrals
from perisai.desk.referrals.models import ReferralRow
from perisai.desk.seals import services
from perisai.desk.search.models import SearchRow
from perisai.desk.triage import duplicates
from perisai.desk.triage.models import QueueRow
from perisai.desk.withholding import domain as withholding
from perisai.desk.withholding import services as gateway
from perisai.desk.withholding.models import WithholdingRow
from perisai.errors import NotAllowed, NotYet
from perisai.terms import Label
from tests.desk.conftest import AUDITOR, COMMISSIONER, INTAKE, OFFICER, REVIEWER
from tests.desk.test_first_journey import SAMPLE

LINK = "https://gif.example/view?id=7"
SECOND = Actor("ratna", Role.REVIEWER)
ABUSE = {"label": Label.ABUSE, "score": 1.0, "source": "list"}


def told(house, **said) -> str:
    house.clock.on(seconds=1)
    return house.receive({"what": "kucing menari", "app": "TestApp", **said}).id


def case(house, complaint=None) -> str:
    return house.open_case(
        INTAKE, title="x", platform="y", words=[], complaint=complaint,
        promised=house.clock() + timedelta(days=1),
    ).id  # fmt: skip


def screened(house, key: str, complaint: str = "", **more) -> str:
    sample = {**SAMPLE, "complaint": complaint, **more}
    house.screened(key, REVIEWER, sample)
    return sample["sha256"]


def undone(house, key: str, sha256: str = "") -> None:
    services.question(house, REVIEWER, key, "keliru ditekan", sha256)
    services.lift(house, COMMISSIONER, key, sha256)


def kinds(house, stream: str) -> list[str]:
    return [fact.kind for fact in house.log.stream(stream)]


def row(house, key: str) -> ReferralRow:
    return ReferralRow.objects.using(house.alias).get(id=key)


def right(house) -> None:
    assert house.rebuild(write=False) == []
    assert house.log.verify() is None


@pytest.mark.on_both
def test_two_people_open_a_complaint_and_what_was_closed_for_the_same_link(house, clock):
    before = told(house, link=LINK)
    joined = told(house, link=LINK)
    child = house.receive({"link": LINK}, child=True).id
    key = case(house, joined)
    sha256 = screened(house, key, joined)
    stood = house.complaint(joined)
    house.seal(joined, INTAKE)
    late = told(house, link=LINK)
    for each in (before, joined, late):
        assert house.complaint(each).sealed, each
    rows = QueueRow.objects.using(house.alias)
    undone(house, joined)
    for each in (before, joined, late):
        known = house.complaint(each)
        assert (known.sealed, known.told["link"]) == (None, LINK), each
        assert row(house, each).lifted == clock.now
        assert SearchRow.objects.using(house.alias).filter(key=each).exists()
        assert ComplaintRow.objects.using(house.alias).get(id=each).sealed is False
    known = house.complaint(joined)
    assert (known.told, known.reporter, known.case) == (stood.told, stood.reporter, key)
    assert rows.get(complaint=late).entry == rows.get(complaint=before).entry, "as if it came now"
    assert house.complaint(child).sealed, "what whoever reports has said stands"
    (sample,) = house.case(key).samples
    assert (sample.sealed, sample.sha256, sample.seen) == (None, sha256, SAMPLE["seen"])
    with pytest.raises(NotYet, match="not sealed"):
        told_for_referral(house, joined)
    again = told(house, link=LINK)
    assert house.complaint(again).sealed is None
    right(house)
    house.seal(again, INTAKE)
    for each in (before, joined, late, again):
        assert house.complaint(each).sealed, "sealed anew"
        assert row(house, each).lifted is None
    right(house)
    undone(house, again)
    assert house.complaint(joined).told == stood.told
    right(house)


@pytest.mark.on_both
def test_who_may_not(house):
    key = told(house, link=LINK)
    with pytest.raises(NotYet, match="not sealed"):
        services.question(house, REVIEWER, key, "x")
    inside = case(house, key)
    house.seal(key, REVIEWER)
    for nobody in (PUBLIC, HOUSE, INTAKE, OFFICER, AUDITOR):
        with pytest.raises(NotAllowed):
            services.question(house, nobody, key, "x")
    with pytest.raises(NotYet, match="Nobody has asked"):
        services.lift(house, COMMISSIONER, key)
    with pytest.raises(NotYet, match="why the seal is"):
        services.question(house, REVIEWER, key, " ")
    services.question(house, REVIEWER, key, "keliru ditekan")
    with pytest.raises(NotYet, match="already"):
        services.question(house, SECOND, key, "x")
    for decide in (services.lift, lambda *them: services.keep(*them, "x")):
        for nobody in (PUBLIC, HOUSE, INTAKE, OFFICER, AUDITOR):
            with pytest.raises(NotAllowed):
                decide(house, nobody, key)
        with pytest.raises(NotAllowed, match="Two people"):
            decide(house, REVIEWER, key)
        with pytest.raises(NotAllowed, match="Two people"):
            decide(house, Actor(REVIEWER.name, Role.COMMISSIONER), key)
    house.change_case(inside, OFFICER, lambda c: cases.name_conflict(c, OFFICER, SECOND.name))
    with pytest.raises(NotAllowed, match="party"):
        services.lift(house, SECOND, key)
    assert house.complaint(key).told is None
    services.keep(house, COMMISSIONER, key, "memang dugaan")
    known = house.complaint(key)
    assert (known.seal.asked, known.seal.answer) == (None, "memang dugaan")
    assert (known.told, row(house, key).asked) == (None, None)
    with pytest.raises(NotYet, match="Nobody has asked"):
        services.lift(house, COMMISSIONER, key)
    right(house)
    undone(house, key)
    assert kinds(house, f"complaint:{key}")[-5:] == [
        "complaint.sealed", "seal.questioned", "seal.kept", "seal.questioned", "seal.lifted",
    ]  # fmt: skip
    right(house)


def test_what_was_closed_along_is_not_opened_before_the_one_that_a_person_sealed(house):
    first, other = told(house, link=LINK), told(house, link=LINK)
    house.seal(first, INTAKE)
    services.question(house, REVIEWER, other, "keliru")
    with pytest.raises(NotYet, match=f"{first} is about the same link"):
        services.lift(house, COMMISSIONER, other)
    services.question(house, REVIEWER, first, "keliru")
    services.lift(house, COMMISSIONER, other)
    assert house.complaint(first).sealed is None
    assert house.complaint(first).seal.lifted_by == COMMISSIONER.by
    right(house)


def test_nothing_opens_before_rows_of_an_older_version_are_made_anew(house):
    first, other = told(house, link=LINK), told(house, link=LINK)
    house.seal(first, INTAKE)
    old = ReferralRow.objects.using(house.alias).filter(id=other)
    old.update(sealed_by="", exact="")
    services.question(house, REVIEWER, first, "keliru")
    with pytest.raises(NotYet, match="rebuild"):
        services.lift(house, COMMISSIONER, first)
    house.rebuild(write=True)
    services.lift(house, COMMISSIONER, first)
    assert house.complaint(other).sealed is None
    right(house)


def test_a_party_to_the_case_of_what_opens_along_does_not_decide(house):
    first, other = told(house, link=LINK), told(house, link=LINK)
    duplicates.part(house, OFFICER, other)
    key = case(house, other)
    house.change_case(key, OFFICER, lambda c: cases.name_conflict(c, OFFICER, COMMISSIONER.name))
    house.seal(first, INTAKE)
    services.question(house, REVIEWER, first, "keliru")
    with pytest.raises(NotAllowed, match="party"):
        services.lift(house, COMMISSIONER, first)
    assert house.complaint(other).sealed
    services.lift(house, SECOND, first)
    assert house.complaint(other).sealed is None
    right(house)


def test_a_match_with_an_abuse_list_is_not_undone(house):
    complaint = told(house, link=LINK)
    key = case(house, complaint)
    sha256 = screened(house, key, complaint, findings=[ABUSE])
    along = told(house, link=LINK)
    alone = screened(house, key, sha256="b" * 64, findings=[ABUSE])
    elsewhere = case(house)
    screened(house, elsewhere)
    house.seal_sample(elsewhere, sha256, INTAKE)
    for asked in ((complaint,), (key, alone), (elsewhere, sha256)):
        with pytest.raises(NotAllowed, match="matches a list"):
            services.question(house, REVIEWER, asked[0], "keliru", *asked[1:])
    assert house.complaint(along).sealed
    services.question(house, REVIEWER, along, "keliru")
    with pytest.raises(NotYet, match="same link"):
        services.lift(house, COMMISSIONER, along)
    right(house)


def test_a_file_sent_with_a_complaint_that_matches_keeps_it_sealed_and_all_with_the_same_file(
    house,
):
    sha256 = "e" * 64
    more = {"looked": {**SAMPLE, "findings": [ABUSE]}}
    sent = house.receive({"what": "GIF", "sha256": sha256}, child=True, more=more).id
    key = case(house)
    screened(house, key, sha256=sha256)
    house.seal_sample(key, sha256, INTAKE)
    for asked in ((sent,), (key, sha256)):
        with pytest.raises(NotAllowed, match="matches a list"):
            services.question(house, REVIEWER, asked[0], "keliru", *asked[1:])
    harmless = {"looked": {**SAMPLE, "findings": []}}
    other = house.receive({"what": "GIF", "sha256": "f" * 64}, more=harmless).id
    house.seal(other, INTAKE)
    assert house.complaint(other).looked is None
    undone(house, other)
    assert house.complaint(other).looked == harmless["looked"]
    right(house)


def test_what_turns_out_to_match_after_it_was_asked_stays(house):
    first, other = told(house, link=LINK), told(house, link=LINK)
    duplicates.part(house, OFFICER, other)
    key = case(house, other)
    sha256 = screened(house, key, other)
    house.seal(first, INTAKE)
    services.question(house, REVIEWER, first, "keliru")
    screened(house, case(house), sha256=sha256, findings=[ABUSE])
    with pytest.raises(NotAllowed, match="matches a list"):
        services.lift(house, COMMISSIONER, first)
    assert house.complaint(first).sealed
    assert house.complaint(other).sealed
    right(house)


@pytest.mark.on_both
def test_a_sample_without_a_complaint_is_referred_and_opened_by_itself(house, chosen):
    key = case(house)
    sha256 = screened(house, key)
    number = f"{key}:{sha256}"
    with pytest.raises(NotYet, match="no such referral"):
        referrals.send(house, chosen, REVIEWER, key, sha256)
    house.seal_sample(key, sha256, OFFICER)
    assert row(house, number).sent is None
    referrals.send(house, chosen, REVIEWER, key, sha256)
    assert row(house, number).sent_by == REVIEWER.by
    document = referrals.document(house, REVIEWER, key, sha256)
    assert sha256 in document
    assert SAMPLE["seen"] not in document
    with pytest.raises(NotAllowed):
        referrals.review(house, REVIEWER, key, "x", sha256)
    right(house)
    undone(house, key, sha256)
    (sample,) = house.case(key).samples
    assert (sample.sealed, sample.seen) == (None, SAMPLE["seen"])
    assert row(house, number).lifted
    assert row(house, number).sent, "what was sent, was sent"
    with pytest.raises(NotYet, match="seal was undone"):
        referrals.send(house, chosen, REVIEWER, key, sha256)
    assert "withdrawn by two people" in referrals.document(house, REVIEWER, key, sha256)
    referrals.review(house, COMMISSIONER, key, "keliru", sha256)
    right(house)
    house.seal_sample(key, sha256, OFFICER)
    assert row(house, number).sent is None, "sealed anew, referred anew"
    right(house)


def test_a_file_that_is_sealed_is_sealed_in_every_case_into_which_it_comes_later(house):
    first, later = case(house), case(house)
    sha256 = screened(house, first)
    house.seal_sample(first, sha256, REVIEWER)
    complaint = told(house)
    house.join(later, complaint, REVIEWER)
    screened(house, later, complaint)
    (sample,) = house.case(later).samples
    assert sample.sealed
    assert (sample.findings, sample.media, sample.decisions) == ((), "", {})
    assert house.complaint(complaint).sealed
    undone(house, first, sha256)
    assert not house.case(first).samples[0].sealed
    assert house.case(later).samples[0].sealed, "it is undone by itself"
    undone(house, complaint)
    assert not house.case(later).samples[0].sealed
    right(house)


def test_a_file_that_is_sealed_is_sealed_in_every_case_in_which_it_lies(house):
    first, other, third = case(house), case(house), case(house)
    complaint = told(house)
    house.join(other, complaint, REVIEWER)
    sha256 = screened(house, other, complaint)
    for key in (first, third):
        screened(house, key)
    stays = screened(house, first, sha256="cd" * 32)
    house.seal_sample(first, sha256, REVIEWER)
    for key in (first, other, third):
        known = {each.sha256: each for each in house.case(key).samples}
        assert known[sha256].sealed
        assert (known[sha256].findings, known[sha256].decisions) == ((), {})
    assert not known.get(stays) or not known[stays].sealed
    assert house.complaint(complaint).sealed
    assert not SearchRow.objects.using(house.alias).filter(key=complaint).exists()
    undone(house, first, sha256)
    standing = {key: bool(house.case(key).samples[0].sealed) for key in (first, other, third)}
    assert standing == {first: False, other: True, third: True}, "each is undone by itself"
    right(house)


def test_a_stranger_who_names_a_file_closes_no_sample(house):
    key = case(house)
    sha256 = screened(house, key)
    named = {"what": "x", "item": "a", "sha256": sha256}
    house.receive(named, source="gateway", child=True)
    assert not house.case(key).samples[0].sealed
    house.seal(house.receive(named, source="gateway").id, INTAKE)
    assert house.case(key).samples[0].sealed, "somebody of the house has sealed it"
    right(house)


def test_a_sample_that_came_with_a_complaint_opens_with_that(house):
    complaint = told(house)
    key = case(house, complaint)
    sha256 = screened(house, key, complaint)
    house.seal_sample(key, sha256, INTAKE)
    with pytest.raises(NotYet, match=f"came with {complaint}"):
        services.question(house, REVIEWER, key, "x", sha256)
    with pytest.raises(NotYet, match="no such sample"):
        services.question(house, REVIEWER, key, "x", "0" * 64)
    assert not ReferralRow.objects.using(house.alias).filter(sha256=sha256).exists()
    undone(house, complaint)
    assert house.case(key).samples[0].sealed is None
    right(house)


def test_a_seal_reaches_the_samples_of_every_case_that_a_complaint_was_in(house):
    complaint = told(house)
    key = case(house, complaint)
    first = screened(house, key, complaint)
    second = screened(house, key, complaint, sha256="c" * 64)
    into = case(house)
    case_services.merge(house, OFFICER, into, key, "sama")
    house.seal_sample(key, first, INTAKE)
    assert house.complaint(complaint).case == into
    assert {each.sha256 for each in house.case(key).samples if each.sealed} == {first, second}
    undone(house, complaint)
    assert not [each for each in house.case(key).samples if each.sealed]
    right(house)


@pytest.mark.on_both
def test_what_is_open_again_stays_withheld_until_a_person_frees_it(house):
    class Away:
        def open(self):
            return None

    key = case(house)
    sha256 = screened(house, key)
    gateway.decide(house, REVIEWER, Away(), key, sha256, "freed", "biasa")
    house.seal_sample(key, sha256, INTAKE)
    undone(house, key, sha256)
    (kept,) = WithholdingRow.objects.using(house.alias).filter(sha256=sha256)
    assert kept.what == "withheld"
    assert house.case(key).withholdings[sha256].anew
    right(house)
    gateway.decide(house, REVIEWER, Away(), key, sha256, "withheld", "tetap")
    assert not house.case(key).withholdings[sha256].anew
    gateway.decide(house, REVIEWER, Away(), key, sha256, "freed", "biasa")
    right(house)


@pytest.mark.on_both
def test_a_complaint_that_names_a_file_withholds_it_once_it_is_sealed(house):
    sha256 = "d" * 64
    named = house.receive({"item": "n-1", "sha256": sha256, "wish": "hide"}, source="gateway").id
    other = house.receive({"item": "n-2", "sha256": "no hash"}, source="gateway").id
    rows = WithholdingRow.objects.using(house.alias)
    key = case(house)
    screened(house, key, sha256=sha256)
    assert not rows.exists()
    house.seal(named, INTAKE)
    house.seal(other, INTAKE)
    (kept,) = rows.filter(case="")
    assert house.case(key).samples[0].sealed, "the same file"
    assert (kept.complaint, kept.case, kept.sha256, kept.what) == (named, "", sha256, "sealed")
    with pytest.raises(NotAllowed, match="sealed"):
        withholding.decide_named(house.complaint(named), REVIEWER, "freed", "x")
    right(house)

    class Away:
        def open(self):
            return None

    with pytest.raises(NotAllowed, match="sealed"):
        gateway.decide(house, REVIEWER, Away(), key, sha256, "freed", "biasa")
    undone(house, named)
    assert rows.get(complaint=named).what == "withheld"
    with pytest.raises(NotAllowed):
        gateway.decide_named(house, INTAKE, Away(), named, "freed", "x")
    with pytest.raises(NotAllowed, match="sealed"):
        gateway.decide_named(house, REVIEWER, Away(), named, "freed", "in the case it still is")
    undone(house, key, sha256)
    gateway.decide_named(house, REVIEWER, Away(), named, "freed", "biasa")
    assert rows.get(complaint=named).what == "freed"
    with pytest.raises(NotYet, match="decided already"):
        gateway.decide_named(house, REVIEWER, Away(), named, "freed", "biasa")
    right(house)
