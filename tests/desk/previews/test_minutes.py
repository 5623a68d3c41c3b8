"""Viewing minutes: a look lasts until the next act, and there is an end to each day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from perisai.desk.actors import Actor
from perisai.desk.cases import domain as cases
from perisai.desk.figures import viewing
from perisai.desk.permissions import Role
from perisai.desk.previews import minutes, services
from perisai.errors import NotYet
from tests.desk.conftest import REVIEWER
from tests.desk.previews.test_previews import look, settings

JAKARTA = ZoneInfo("Asia/Jakarta")
NINE = datetime(2026, 11, 6, 9, tzinfo=UTC)
OTHER = Actor("lain", Role.REVIEWER)


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def spans(acts, now):
    return [span.total_seconds() for _, span in minutes.looks(acts, now)]


def test_until_the_next_act_or_as_long_as_was_written_down():
    acts = [(at(0), 60), (at(10), 60), (at(15), 0), (at(300), 60), (at(900), 30)]
    assert spans(acts, at(5_000)) == [10, 5, 60, 30]
    assert spans(acts, at(910)) == [10, 5, 60, 10], "the last one is still going on"
    assert spans([], at(0)) == []
    assert spans([(at(0), 60)], at(-5)) == [0], "a clock that went back takes nothing away"


def test_the_day_is_that_of_the_house():
    late = datetime(2026, 11, 6, 16, 59, 50, tzinfo=UTC)  # ten seconds before midnight there
    found = minutes.by_day([(late, 60), (late + timedelta(seconds=90), 60)], JAKARTA, at(99_999))
    assert {day.isoformat(): span.seconds for day, span in found.items()} == {
        "2026-11-06": 60, "2026-11-07": 60,
    }  # fmt: skip


def today(house, chosen, who=REVIEWER):
    return services.looking(house, chosen, who).today.total_seconds()


@pytest.mark.on_both
def test_counted_by_person_until_the_limit_and_anew_the_next_day(
    house, chosen, store, case, kept, clock
):
    short = settings(chosen, viewing_minutes=2)
    sha256 = kept()
    look(house, short, case, sha256, 1)
    clock.on(seconds=20)
    look(house, short, case, sha256, 2)
    assert today(house, short) == 20
    clock.on(minutes=5)
    assert (today(house, short), today(house, short, OTHER)) == (80, 0)
    look(house, short, case, sha256, 3)
    clock.on(seconds=39)
    look(house, short, case, sha256, 3)
    clock.on(seconds=1)
    with pytest.raises(NotYet, match="enough for today"):
        look(house, short, case, sha256, 3)
    assert services.looking(house, short, REVIEWER).enough
    look(house, short, case, sha256, 1, OTHER)
    look(house, settings(chosen, viewing_minutes=0), case, sha256, 3)
    clock.on(days=1)
    assert today(house, short) == 0
    look(house, short, case, sha256, 1)
    assert house.rebuild(write=False) == []


def test_deciding_and_putting_away_end_a_look(house, chosen, store, case, kept, clock):
    sha256 = kept()
    look(house, chosen, case, sha256, 1)
    clock.on(seconds=5)
    services.put_away(house, REVIEWER, case, sha256)
    clock.on(seconds=50)
    assert today(house, chosen) == 5
    look(house, chosen, case, sha256, 1)
    clock.on(seconds=7)
    house.change_case(case, REVIEWER, lambda c: cases.decide(c, REVIEWER, "unclear", "x"))
    clock.on(seconds=50)
    assert today(house, chosen) == 12
    look(house, chosen, case, sha256, 1)
    clock.on(seconds=3)
    house.seal_sample(case, sha256, REVIEWER)
    clock.on(seconds=50)
    assert today(house, chosen) == 15
    assert house.rebuild(write=False) == []


def test_what_was_counted_stays_when_the_setting_changes(house, chosen, store, case, kept, clock):
    sha256 = kept()
    look(house, chosen, case, sha256, 1)
    clock.on(minutes=9)
    assert today(house, settings(chosen, look_seconds=5)) == 60


def test_figures(house, chosen, store, case, kept, clock):
    sha256 = kept()
    look(house, chosen, case, sha256, 1)
    clock.on(minutes=3)
    look(house, chosen, case, sha256, 1, OTHER)
    clock.on(seconds=10)
    look(house, chosen, case, sha256, 2, OTHER)
    clock.on(days=1)
    look(house, chosen, case, sha256, 1, OTHER)
    clock.on(seconds=1)
    found = viewing.viewing(house, JAKARTA, 30)
    assert len(found.rows) == 30
    assert found.rows[-2:] == (("2026-11-06", "3", "3"), ("2026-11-07", "1", "1"))
    rows = viewing.viewers(house, JAKARTA, 30)
    assert [(day.day, *rest) for day, *rest in rows] == [
        (7, "lain", "1", "1"), (6, "lain", "2", "2"), (6, "reviewer", "1", "1"),
    ]  # fmt: skip
