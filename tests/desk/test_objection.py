"""A platform objects to a letter, or promises something with its answer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from perisai.desk import procedures
from perisai.desk.clocks.calendars import Calendar
from perisai.desk.permissions import Role
from perisai.desk.summons import domain as summons
from perisai.desk.summons import replies
from perisai.errors import NotAllowed, NotYet
from tests.desk.conftest import COMMISSIONER, OFFICER, actor
from tests.desk.test_paper import key  # noqa: F401 - a fixture

ANOTHER = actor(Role.CASE_OFFICER, "lain")


def objected(house, clock, case, **more):
    now = clock()
    until = replies.until(now, procedures.load("id"), Calendar("ID", "Asia/Jakarta"))
    besides = replies.Besides(now, until, **{"objects": True, **more})
    return house.change_case(
        case, OFFICER, lambda c: summons.answer(c, "s-1", "Why", "link", besides=besides)
    )


def decide(house, case, who, outcome="right", reason="Because."):
    return house.change_case(
        case, who, lambda c: replies.decide_objection(c, who, "s-1", outcome, reason)
    )


def test_somebody_else_decides_in_time(house, clock, key):  # noqa: F811
    with pytest.raises(NotYet, match="no objection"):
        decide(house, key, ANOTHER)
    case = objected(house, clock, key)
    due = case.clocks["objection:s-1"].due
    assert due.isoformat() == "2026-11-11T23:59:59+07:00", "three working days after a Friday"
    for who in (OFFICER, COMMISSIONER):
        with pytest.raises(NotAllowed, match="Two people"):
            decide(house, key, who)
    with pytest.raises(NotYet, match="right, partly right"):
        decide(house, key, ANOTHER, "maybe")
    with pytest.raises(NotYet, match="reason"):
        decide(house, key, ANOTHER, reason=" ")
    case = decide(house, key, ANOTHER)
    assert case.summons["s-1"].objection["outcome"] == "right"
    assert case.clocks["objection:s-1"].met
    with pytest.raises(NotYet, match="no objection"):
        decide(house, key, ANOTHER)
    clock.on(days=1)
    assert objected(house, clock, key).summons["s-1"].objection is None
    assert not house.case(key).clocks["objection:s-1"].met
    assert house.rebuild(write=False) == []


def test_a_promise_says_what_and_when(house, clock, key):  # noqa: F811
    day = date(2026, 11, 30)
    for half in ({"promise": "x"}, {"promise_by": day}, {"promise": " ", "promise_by": day}):
        with pytest.raises(NotYet, match="what and by which day"):
            objected(house, clock, key, objects=False, **half)
    case = objected(house, clock, key, objects=False, promise="Disaring", promise_by=day)
    answer = case.summons["s-1"].answers[-1]
    assert (answer.promise, answer.promise_by, answer.objects) == ("Disaring", "2026-11-30", False)
    assert "objection:s-1" not in case.clocks


def test_a_decision_that_waits_too_long_is_late(house, clock, key):  # noqa: F811
    objected(house, clock, key)
    clock.on(days=9)
    house.tick()
    assert house.case(key).clocks["objection:s-1"].late
    assert clock() - house.case(key).clocks["objection:s-1"].due > timedelta(0)
