"""Clocks as the facts tell of them, without a database; and what a tick writes down, with one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perisai.desk.cases import domain as cases
from perisai.desk.clocks import domain
from perisai.desk.clocks.clock import folded
from perisai.desk.summons import domain as summons
from perisai.errors import NotYet
from perisai.storage.facts.records import Fact
from tests.desk.conftest import COMMISSIONER, INTAKE, NOW, OFFICER, REVIEWER
from tests.desk.test_first_journey import LETTER, SAMPLE

HOUR = timedelta(hours=1)


def told(clocks, new, at):
    """The clocks after the facts that the domain wanted written at this time."""
    for fact in new if isinstance(new, list) else [new]:
        kept = Fact(1, "case:K", 1, fact.kind, at, "", fact.data)
        clocks = folded(clocks, kept)
    return clocks


@pytest.fixture
def running():
    return told({}, domain.start("reply", NOW, NOW + 4 * HOUR), NOW)


def test_two_thresholds(running):
    clock = running["reply"]
    assert [clock.standing(NOW + n * HOUR) for n in (0, 2.9, 3, 4, 4.1)] == [
        "running", "running", "soon", "soon", "late",
    ]  # fmt: skip
    assert clock.left(NOW + 5 * HOUR) == -HOUR


def test_a_pause_moves_both_thresholds(running):
    clocks = told(running, domain.pause(running, "reply", "office flooded"), NOW + HOUR)
    assert clocks["reply"].standing(NOW + 50 * HOUR) == "paused"
    assert clocks["reply"].left(NOW + 50 * HOUR) == 3 * HOUR
    clocks = told(clocks, domain.resume(clocks, "reply"), NOW + 11 * HOUR)
    clock = clocks["reply"]
    assert (clock.warn, clock.due) == (NOW + 13 * HOUR, NOW + 14 * HOUR)
    assert clock.standing(NOW + 12 * HOUR) == "running"
    clocks = told(clocks, domain.pause(clocks, "reply", "again"), NOW + 12 * HOUR)
    clocks = told(clocks, domain.resume(clocks, "reply"), NOW + 13 * HOUR)
    assert clocks["reply"].due == NOW + 15 * HOUR


def test_what_cannot_be(running):
    with pytest.raises(NotYet, match="must lie ahead"):
        domain.start("x", NOW, NOW)
    with pytest.raises(NotYet, match="only for a reason"):
        domain.pause(running, "reply", "  ")
    with pytest.raises(NotYet, match="does not run"):
        domain.pause(running, "other", "x")
    with pytest.raises(NotYet, match="does not stand still"):
        domain.resume(running, "reply")
    paused = told(running, domain.pause(running, "reply", "x"), NOW + HOUR)
    with pytest.raises(NotYet, match="does not run"):
        domain.pause(paused, "reply", "x")
    met = told(running, domain.met(running, "reply"), NOW + HOUR)
    with pytest.raises(NotYet, match="does not run"):
        domain.pause(met, "reply", "x")
    assert domain.met(met, "reply") == []
    assert domain.met(running, "other") == []


def test_lateness_is_written_down_once(running):
    assert domain.lateness(running, NOW + 4 * HOUR) == []
    new = domain.lateness(running, NOW + 6 * HOUR)
    assert [fact.data["by"] for fact in new] == [2 * 3600]
    assert new[0].data["due"] == (NOW + 4 * HOUR).isoformat()
    late = told(running, new, NOW + 6 * HOUR)
    assert late["reply"].late == NOW + 6 * HOUR
    assert domain.lateness(late, NOW + 60 * HOUR) == []


def test_a_paused_clock_is_not_late_and_goes_on_to_be(running):
    paused = told(running, domain.pause(running, "reply", "x"), NOW + HOUR)
    assert domain.lateness(paused, NOW + 90 * HOUR) == []
    going = told(paused, domain.resume(paused, "reply"), NOW + 90 * HOUR)
    assert domain.lateness(going, NOW + 92 * HOUR) == []
    assert [fact.data["by"] for fact in domain.lateness(going, NOW + 94 * HOUR)] == [3600]


def test_what_came_too_late_was_late_whether_a_tick_ran_or_not(running):
    met = told(running, domain.met(running, "reply"), NOW + 5 * HOUR)
    assert [fact.data["by"] for fact in domain.lateness(met, NOW + 9 * HOUR)] == [3600]
    paused = told(running, domain.pause(running, "reply", "x"), NOW + 6 * HOUR)
    assert [fact.data["by"] for fact in domain.lateness(paused, NOW + 9 * HOUR)] == [7200]
    in_time = told(running, domain.met(running, "reply"), NOW + 3 * HOUR)
    assert domain.lateness(in_time, NOW + 9 * HOUR) == []
    stood = told(running, domain.pause(running, "reply", "x"), NOW + 3 * HOUR)
    stood = told(stood, domain.met(stood, "reply"), NOW + 8 * HOUR)
    assert domain.lateness(stood, NOW + 9 * HOUR) == []


@pytest.fixture
def summoned(house, clock):
    """A case whose letter was sent, with four hours for a reply."""
    key = house.open_case(
        INTAKE, title="t", platform="p", words=[], promised=NOW + timedelta(days=9)
    ).id
    for who, step in (
        (REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE)),
        (REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x")),
        (OFFICER, lambda c: summons.draft(c, OFFICER, LETTER)),
        (COMMISSIONER, lambda c: summons.approve(c, COMMISSIONER, "s-1", "1")),
        (
            OFFICER,
            lambda c: summons.send(
                c, OFFICER, "s-1", NOW, how="mail", door="d", reply_by=NOW + 4 * HOUR
            ),
        ),
    ):
        house.change_case(key, who, step)
    return key


def test_a_tick_that_missed_a_night_says_when_it_noticed(house, clock, summoned):
    clock.on(hours=5)
    house.change_case(summoned, OFFICER, lambda c: summons.answer(c, "s-1", "Removed.", "link"))
    clock.on(hours=9)
    assert house.tick() == 1
    late = house.log.stream(f"case:{summoned}")[-1]
    assert (late.kind, late.at, late.data["by"]) == ("clock.late", NOW + 14 * HOUR, 3600)
    assert late.data["due"] == (NOW + 4 * HOUR).isoformat()
    assert house.tick() == 0
    assert house.rebuild(write=False) == []


def test_a_tick_leaves_alone_what_was_met_or_stands_still(house, clock, summoned):
    clock.on(hours=1)
    house.change_case(
        summoned, OFFICER, lambda c: [domain.pause(c.clocks, "reply:s-1", "asked for time")]
    )
    clock.on(hours=30)
    assert house.tick() == 0
    house.change_case(summoned, OFFICER, lambda c: [domain.resume(c.clocks, "reply:s-1")])
    assert house.tick() == 0
    clock.on(hours=2)
    house.change_case(summoned, OFFICER, lambda c: summons.answer(c, "s-1", "Removed.", "link"))
    clock.on(hours=30)
    assert house.tick() == 0
    assert house.case(summoned).clocks["reply:s-1"].late is None


def test_the_first_threshold_is_a_fact_of_its_own(house, clock, summoned):
    clock.on(hours=3)
    assert house.tick() == 0
    warned = house.log.stream(f"case:{summoned}")[-1]
    assert (warned.kind, warned.data["clock"]) == ("clock.warned", "reply:s-1")
    before = house.log.end()
    assert house.tick() == 0
    assert house.log.end() == before
    clock.on(hours=2)
    assert house.tick() == 1
    assert house.rebuild(write=False) == []


def test_a_clock_that_ran_out_unseen_is_late_and_was_not_warned_of(house, clock, summoned):
    clock.on(hours=5)
    house.tick()
    kinds = [fact.kind for fact in house.log.stream(f"case:{summoned}")]
    assert kinds.count("clock.late") == 1
    assert "clock.warned" not in kinds
