"""An answer on paper counts once a second person has compared it; drafts stay in the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perisai.desk.cases import domain as cases
from perisai.desk.permissions import Role
from perisai.desk.summons import domain as summons
from perisai.errors import NotAllowed, NotYet
from tests.desk.conftest import COMMISSIONER, INTAKE, NOW, OFFICER, REVIEWER, actor
from tests.desk.test_first_journey import LETTER, SAMPLE, send

MINISTRY = actor(Role.MINISTRY)


@pytest.fixture
def key(house, clock):
    """A case whose letter was sent; the reply is due in two days."""
    promised = NOW + timedelta(days=9)
    key = house.open_case(INTAKE, title="t", platform="p", words=[], promised=promised).id
    for who, step in (
        (REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE)),
        (REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x")),
        (OFFICER, lambda c: summons.draft(c, OFFICER, LETTER)),
        (COMMISSIONER, lambda c: summons.approve(c, COMMISSIONER, "s-1", "1")),
        (OFFICER, lambda c: send(c, clock)),
    ):
        house.change_case(key, who, step)
    clock.on(hours=1)
    house.change_case(key, OFFICER, lambda c: summons.record_answer(c, OFFICER, "s-1", "x", "pos"))
    return key


def verify(house, key, who, *, same=True, reason="", number=1):
    told = {"same": same, "reason": reason}
    return house.change_case(
        key, who, lambda c: summons.verify_answer(c, who, "s-1", number, **told)
    )


def test_it_counts_when_a_second_person_has_compared_it(house, key):
    case = house.case(key)
    assert (case.status, case.heard) == ("summoned", None)
    assert case.summons["s-1"].answers[0].waits
    with pytest.raises(NotAllowed, match="Two people"):
        verify(house, key, OFFICER)
    with pytest.raises(NotAllowed):
        verify(house, key, REVIEWER)
    with pytest.raises(NotYet, match="No answer with this number"):
        verify(house, key, COMMISSIONER, number=2)
    case = verify(house, key, COMMISSIONER)
    assert (case.status, case.heard) == ("answered", NOW + timedelta(hours=1))
    with pytest.raises(NotYet, match="No answer with this number"):
        verify(house, key, COMMISSIONER)
    assert house.rebuild(write=False) == []


def test_what_the_paper_does_not_say_was_no_answer(house, clock, key):
    assert house.case(key).clocks["reply:s-1"].standing(clock()) == "met"
    with pytest.raises(NotYet, match="what the paper says otherwise"):
        verify(house, key, COMMISSIONER, same=False)
    due = house.case(key).clocks["reply:s-1"].due
    case = verify(house, key, COMMISSIONER, same=False, reason="another letter")
    assert case.status == "summoned"
    again = case.clocks["reply:s-1"]
    assert (again.standing(clock()), again.due) == ("running", due)
    clock.on(days=9)
    assert house.tick() >= 1
    assert house.case(key).clocks["reply:s-1"].late
    assert house.rebuild(write=False) == []


def test_an_answer_through_the_link_needs_nobody_else(house, key):
    case = house.change_case(key, OFFICER, lambda c: summons.answer(c, "s-1", "Removed.", "link"))
    assert case.status == "answered"
    verify(house, key, COMMISSIONER, same=False, reason="another letter")
    assert house.case(key).clocks["reply:s-1"].met


def test_the_ministry_sees_letters_that_were_sent(house, key):
    house.change_case(key, OFFICER, lambda c: summons.draft(c, OFFICER, LETTER))
    case = house.case(key)
    assert [each.id for each in summons.letters_seen(case, OFFICER)] == ["s-1", "s-2"]
    assert [each.id for each in summons.letters_seen(case, MINISTRY)] == ["s-1"]
