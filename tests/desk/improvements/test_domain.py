"""What an agency is asked: two people before it sees it, answered, judged by evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perisai.desk.actors import Actor
from perisai.desk.cases import domain as cases
from perisai.desk.cases import services
from perisai.desk.improvements import domain
from perisai.desk.panels import seen_by
from perisai.desk.permissions import Role
from perisai.errors import NotAllowed, NotYet
from tests.desk.conftest import COMMISSIONER, INTAKE, NOW, OFFICER, REVIEWER, actor

MINISTRY = actor(Role.MINISTRY)
OTHER = Actor("komisioner dua", Role.COMMISSIONER)
CHECK = {"kind": "check", "text": "pedoman"}


@pytest.fixture
def key(house) -> str:
    return house.open_case(
        INTAKE, title="t", platform="Contoh Pesan", words=[], promised=NOW + timedelta(days=40)
    ).id


@pytest.fixture
def do(house, key):
    """Change the case: ``do(OFFICER, domain.ask, ...)``."""

    def one(who, change, *given, **named):
        return house.change_case(key, who, lambda c: change(c, who, *given, **named))

    return one


@pytest.fixture
def ask(do, clock):
    def one(who=OFFICER, **changed):
        told = {"agency": "Kementerian", "what": "pedoman", "verify": CHECK}
        told |= {"due": clock() + timedelta(days=9)}
        return do(who, domain.ask, clock(), **told | changed)

    return one


def test_two_people_before_it_leaves_the_house(house, clock, ask, do, key):
    for name in ("agency", "what"):
        with pytest.raises(NotYet, match="Write"):
            ask(**{name: "  "})
    with pytest.raises(NotYet, match="lie ahead"):
        ask(due=clock())
    with pytest.raises(NotYet, match="a search, a check, or a document"):
        ask(verify={})
    for who in (INTAKE, REVIEWER, MINISTRY):
        with pytest.raises(NotAllowed):
            ask(who)
    case = ask(OTHER)
    assert case.improvements["i-1"].standing == "draft"
    assert "improvement:i-1" not in case.clocks
    with pytest.raises(NotAllowed, match="Two people"):
        do(OTHER, domain.approve, clock(), "i-1")
    with pytest.raises(NotAllowed):
        do(OFFICER, domain.approve, clock(), "i-1")
    case = do(COMMISSIONER, domain.approve, clock(), "i-1")
    assert case.improvements["i-1"].standing == "asked"
    assert case.clocks["improvement:i-1"].due == case.improvements["i-1"].due
    with pytest.raises(NotYet, match="agreed to this request already"):
        do(COMMISSIONER, domain.approve, clock(), "i-1")
    with pytest.raises(NotYet, match="agreed to this request already"):
        do(OFFICER, domain.drop, "i-1", "x")
    assert house.rebuild(write=False) == []


def test_nobody_agrees_to_what_is_due_already(clock, ask, do):
    ask()
    clock.on(days=10)
    with pytest.raises(NotYet, match="lie ahead"):
        do(COMMISSIONER, domain.approve, clock(), "i-1")
    with pytest.raises(NotYet, match="the reason"):
        do(OFFICER, domain.drop, "i-1", " ")
    assert do(OFFICER, domain.drop, "i-1", "too late").improvements["i-1"].standing == "dropped"
    for change in (
        lambda: do(COMMISSIONER, domain.approve, clock(), "i-1"),
        lambda: do(OFFICER, domain.drop, "i-1", "x"),
    ):
        with pytest.raises(NotYet, match="was dropped"):
            change()
    assert "i-2" in ask().improvements


def test_the_ministry_sees_what_has_left_the_house(house, key, clock, ask, do):
    case = ask()
    assert domain.requests_for(case, MINISTRY) == ()
    assert seen_by(case, MINISTRY).improvements == {}
    assert [each.id for each in domain.requests_for(case, OFFICER)] == ["i-1"]
    assert domain.requests_for(case, Actor("x", Role.PLATFORM, "Contoh Pesan")) == ()
    with pytest.raises(NotYet) as draft:
        do(MINISTRY, domain.answer, "i-1", "x")
    with pytest.raises(NotYet) as nothing:
        do(MINISTRY, domain.answer, "i-7", "x")
    assert str(draft.value) == str(nothing.value)
    case = do(COMMISSIONER, domain.approve, clock(), "i-1")
    assert [each.id for each in domain.requests_for(case, MINISTRY)] == ["i-1"]


def test_answered_and_judged(house, clock, ask, do):
    ask()
    do(COMMISSIONER, domain.approve, clock(), "i-1")
    with pytest.raises(NotYet, match="the answer"):
        do(MINISTRY, domain.answer, "i-1", " ")
    with pytest.raises(NotYet, match="shorten"):
        do(MINISTRY, domain.answer, "i-1", "x" * 20_001)
    for who in (OFFICER, COMMISSIONER, INTAKE):
        with pytest.raises(NotAllowed):
            do(who, domain.answer, "i-1", "x")
    do(MINISTRY, domain.answer, "i-1", "by the 9th")
    case = do(MINISTRY, domain.answer, "i-1", "done")
    assert [each.text for each in case.improvements["i-1"].answers] == ["by the 9th", "done"]
    assert case.improvements["i-1"].standing == "answered"
    clock.on(days=10)
    assert house.tick() == 1
    said = {"outcome": "late", "before": "none", "after": "published"}
    with pytest.raises(NotAllowed):
        do(MINISTRY, domain.judge, "i-1", **said)
    with pytest.raises(NotYet, match="how it is now"):
        do(OFFICER, domain.judge, "i-1", **said | {"after": ""})
    case = do(OFFICER, domain.judge, "i-1", **said)
    assert case.improvements["i-1"].standing == "late"
    assert case.improvements["i-1"].after.text == "published"
    assert case.clocks["improvement:i-1"].standing(clock()) == "met"
    for change in (
        lambda: do(OFFICER, domain.judge, "i-1", **said),
        lambda: do(MINISTRY, domain.answer, "i-1", "x"),
    ):
        with pytest.raises(NotYet, match="judged already"):
            change()
    assert house.rebuild(write=False) == []


def test_a_search_is_judged_by_what_was_measured_since_it_was_asked(clock, ask, do):
    counts = {"words": "joget", "band": "10-12", "rules": {}, "shown": 17, "withheld": 3}
    do(OFFICER, cases.measured, counts)
    ask(verify={"kind": "search", "words": "joget", "band": "10-12"})
    clock.on(days=1)
    do(OFFICER, cases.measured, counts)
    clock.on(days=1)
    do(COMMISSIONER, domain.approve, clock(), "i-1")
    said = {"outcome": "kept", "before": "0", "after": "1"}
    with pytest.raises(NotYet, match="measured since"):
        do(OFFICER, domain.judge, "i-1", **said)
    clock.on(days=1)
    do(OFFICER, cases.measured, counts | {"shown": 20, "withheld": 0})
    known = do(OFFICER, domain.judge, "i-1", **said | {"after": "2"}).improvements["i-1"]
    assert (known.before.measure.withheld, known.after.measure.withheld) == (3, 0)


def test_a_party_to_the_case_has_no_part_in_it(clock, ask, do):
    ask()
    do(COMMISSIONER, domain.approve, clock(), "i-1")
    for who in (OFFICER, MINISTRY):
        do(COMMISSIONER, cases.name_conflict, who.name)
    said = {"outcome": "kept", "before": "x", "after": "y"}
    for change in (
        ask,
        lambda: do(MINISTRY, domain.answer, "i-1", "x"),
        lambda: do(OFFICER, domain.judge, "i-1", **said),
    ):
        with pytest.raises(NotAllowed, match="party"):
            change()


def test_nothing_new_is_asked_in_a_case_that_went_into_another(house, key, clock, ask, do):
    ask()
    ask()
    do(COMMISSIONER, domain.approve, clock(), "i-2")
    other = house.open_case(
        INTAKE, title="u", platform="Contoh Pesan", words=[], promised=NOW + timedelta(days=9)
    )
    services.merge(house, OFFICER, other.id, key, "same thing")
    for change in (ask, lambda: do(COMMISSIONER, domain.approve, clock(), "i-1")):
        with pytest.raises(NotYet, match="go on there"):
            change()
    # What was asked already is answered and judged where it was asked.
    do(MINISTRY, domain.answer, "i-2", "done")
    assert do(OFFICER, domain.judge, "i-2", outcome="kept", before="x", after="y")
