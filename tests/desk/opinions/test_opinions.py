"""A share of decisions gets a second opinion, drawn by lot, given blind, and shown when given."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from perisai.desk.actors import Actor
from perisai.desk.cases import domain as cases
from perisai.desk.opinions import domain
from perisai.desk.opinions.agreement import agreement
from perisai.desk.opinions.models import OpinionRow
from perisai.desk.opinions.services import waiting_for
from perisai.desk.permissions import Role
from perisai.errors import NotAllowed, NotYet
from tests.desk.conftest import INTAKE, OFFICER, REVIEWER
from tests.desk.test_first_journey import SAMPLE
from tests.desk.web import stories

OTHER = Actor("other", Role.REVIEWER)


def decided(house, outcome="confirmed"):
    key = house.open_case(
        INTAKE, title="x", platform="y", words=[], promised=house.clock() + timedelta(days=5)
    ).id
    house.change_case(key, REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
    house.change_case(key, REVIEWER, lambda c: cases.decide(c, REVIEWER, outcome, "rahasia"))
    return key


def test_what_is_drawn_can_be_computed_again(house):
    house.second_share = 0.5
    keys = [decided(house) for _ in range(24)]
    drawn = 0
    for key in keys:
        facts = house.log.stream(f"case:{key}")
        (fact,) = (each for each in facts if each.kind == "claim.decided")
        after = [each for each in facts if each.kind == "claim.drawn"]
        assert len(after) == (domain.lot(fact) < 0.5)
        assert all(each.data == {"decision": fact.position, "share": 0.5} for each in after)
        drawn += len(after)
    assert 2 < drawn < 22, "by lot"
    house.second_share = 0.0
    assert not house.case(decided(house)).opinions.every
    assert house.rebuild(write=False) == [], "what was drawn stays drawn when the share changes"


def test_every_part_of_a_decision_changes_the_lot(house):
    decided(house)
    fact = next(each for each in house.log.all() if each.kind == "claim.decided")
    others = (
        replace(fact, at=fact.at + timedelta(microseconds=1)), replace(fact, number=99),
        replace(fact, by="reviewer:x"), replace(fact, data={**fact.data, "reason": "lain"}),
    )  # fmt: skip
    lots = {domain.lot(each) for each in (fact, *others)}
    assert len(lots) == 5
    assert all(0 <= each < 1 for each in lots)


def test_blind_until_it_is_given(house):
    house.second_share = 1.0
    key = decided(house)
    case = house.case(key)
    cases.read(case, REVIEWER)
    cases.read(case, OFFICER)
    with pytest.raises(NotAllowed, match="second opinion first"):
        cases.read(case, OTHER)
    with pytest.raises(NotAllowed, match="second opinion first"):
        cases.decide(case, OTHER, "unclear", "x")
    decision = domain.look(case, OTHER)
    with pytest.raises(NotAllowed, match="somebody else"):
        domain.look(case, REVIEWER)
    with pytest.raises(NotAllowed):
        domain.look(case, OFFICER)
    for outcome, reason, at in (
        ("x", "y", decision),
        ("unclear", " ", decision),
        ("unclear", "y", 1),
    ):
        with pytest.raises(NotYet):
            domain.give(case, OTHER, at, outcome, reason)
    house.change_case(key, OTHER, lambda c: domain.give(c, OTHER, decision, "unclear", "buram"))
    case = house.case(key)
    (opinion,) = case.opinions.every
    assert (opinion.first, opinion.outcome, opinion.agrees) == ("confirmed", "unclear", False)
    assert case.claim == "confirmed", "the first decision stands until somebody decides again"
    assert cases.read(case, OTHER)
    with pytest.raises(NotYet, match="No second opinion"):
        domain.give(case, OTHER, decision, "unclear", "x")
    assert OpinionRow.objects.using(house.alias).get().second == "unclear"
    assert house.rebuild(write=False) == []


@pytest.mark.parametrize(
    ("pairs", "number", "rate", "kappa"),
    [
        ([], 0, None, None),
        ([("a", "a")] * 3, 3, 1.0, None),
        ([("a", "b"), ("b", "a")], 2, 0.0, -1.0),
        ([("a", "a"), ("b", "b")], 2, 1.0, 1.0),
        ([("a", "a"), ("a", "b")], 2, 0.5, 0.0),
    ],
)
def test_agreement(pairs, number, rate, kappa):
    found = agreement(pairs)
    assert (found.number, found.rate, found.kappa) == (number, rate, kappa)


def test_on_the_pages(desk, intake, reviewer, officer, staff, commissioner):
    desk.house.second_share = 1.0
    case = stories.opened(intake)
    stories.screened(reviewer, case)
    page = reviewer.send(f"/cases/{case}", "/claim", outcome="confirmed", reason="terlihat jelas")
    assert page.status_code == 302
    second = staff(Role.REVIEWER, "kedua")
    assert "menunggu penilaian kedua" in officer.text(f"/cases/{case}")
    page = second.get(f"/cases/{case}")
    assert (page.status_code, page["Location"]) == (302, f"/second/{case}")
    assert case in second.text("/second")
    assert case not in reviewer.text("/second")
    assert "Penilaian kedua 1" in second.text("/")
    assert "Penilaian kedua 1" not in reviewer.text("/")
    blind = second.text(f"/second/{case}")
    for told in ("terlihat jelas", "reviewer (", "Terkonfirmasi ·", "GIF tidak pantas"):
        assert told not in blind, told
    for path in ("/", "/cases", "/cases.csv", "/platforms", "/letters", "/search?q=pencarian"):
        assert case not in second.get(path).content.decode(), path
    assert second.get("/platform?name=Contoh+Pesan").status_code == 404
    stories_letter = f"/cases/{case}/letters/s-1/id.pdf"
    officer.send(f"/cases/{case}", "/letters", **stories.LETTER)
    assert second.get(stories_letter).status_code == 403
    assert second.send(f"/second/{case}", case, outcome="unclear", reason=" ").status_code == 422
    page = second.client.post(f"/second/{case}", {})
    assert page.status_code == 403, "no token, no deed"
    form = {"outcome": "unclear", "reason": "buram sekali", "decision": "9999"}
    assert second.post(f"/second/{case}", **form).status_code == 422
    decision = desk.house.case(case).opinions.waiting.decision
    page = second.post(f"/second/{case}", **{**form, "decision": decision})
    assert page.status_code == 302
    for person in (second, reviewer, officer, commissioner):
        said = person.text(f"/cases/{case}")
        assert "Penilaian kedua berbeda" in said
        assert "buram sekali" in said
    assert second.get(f"/second/{case}").status_code == 422
    assert desk.house.rebuild(write=False) == []


def test_a_party_to_the_case_gives_no_opinion(desk, intake, reviewer, officer, staff):
    desk.house.second_share = 1.0
    case = stories.opened(intake)
    stories.screened(reviewer, case)
    second = staff(Role.REVIEWER, "kedua")
    officer.send(f"/cases/{case}", "/conflict", person="kedua")
    reviewer.send(f"/cases/{case}", "/claim", outcome="confirmed", reason="x")
    assert second.get(f"/second/{case}").status_code == 403
    assert second.get(f"/cases/{case}").status_code == 403
    assert case not in second.text("/second")


@pytest.mark.on_both
def test_they_wait_in_the_order_of_the_log_whatever_the_clock_said(house, clock):
    house.second_share = 1.0
    keys = []
    for _ in range(3):
        clock.on(minutes=-5)
        keys.append(decided(house))
    assert [row.case for row in waiting_for(OTHER, house.alias)] == keys
    assert house.rebuild(write=False) == []


def test_the_page_has_them_in_that_order(desk, reviewer, staff, clock):
    desk.house.second_share = 1.0
    keys = []
    for _ in range(3):
        clock.on(minutes=-5)
        keys.append(decided(desk.house))
    page = staff(Role.REVIEWER, "lain").text("/second")
    assert sorted(keys, key=page.index) == keys
