"""Working days counted by hand, on days that are known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perisai.desk.clocks.calendars import MOST_DAYS, Calendar
from perisai.errors import SettingsError

JAKARTA = ZoneInfo("Asia/Jakarta")
INDONESIA = Calendar("ID", "Asia/Jakarta")


def wib(year, month, day, hour=10, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("day", "what"),
    [
        ("2017-01-02", "cuti bersama after New Year"),
        ("2017-06-26", "second day of Idulfitri"),
        ("2017-06-27", "cuti bersama of Idulfitri"),
        ("2017-08-17", "Independence Day"),
        ("2017-12-26", "cuti bersama of Christmas"),
        ("2025-03-28", "cuti bersama of Nyepi"),
        ("2025-03-31", "Idulfitri"),
        ("2025-04-07", "last cuti bersama of Idulfitri"),
        ("2025-08-18", "cuti bersama of Independence Day"),
        ("2025-09-05", "the Prophet's birthday"),
        ("2026-01-16", "Isra Mikraj"),
        ("2026-03-19", "Nyepi"),
        ("2026-05-14", "Ascension"),
        ("2026-05-15", "cuti bersama of Ascension"),
        ("2026-12-24", "cuti bersama of Christmas"),
        ("2017-11-05", "a Sunday"),
        ("2026-11-07", "a Saturday"),
    ],
)
def test_days_off(day, what):
    assert not INDONESIA.works_on(date.fromisoformat(day)), what


@pytest.mark.parametrize(
    "day", ["2017-11-06", "2017-11-07", "2017-11-08", "2025-04-08", "2025-08-19", "2026-11-06"]
)
def test_working_days(day):
    assert INDONESIA.works_on(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        (wib(2017, 11, 6), 2, "2017-11-08"),  # Monday to Wednesday
        (wib(2017, 11, 6), 5, "2017-11-13"),  # over a weekend
        (wib(2026, 11, 6), 0, "2026-11-06"),  # the day itself
        (wib(2026, 11, 6), 1, "2026-11-09"),  # a Friday
        (wib(2026, 11, 7), 1, "2026-11-09"),  # a Saturday is day zero like any other
        (wib(2025, 3, 27), 1, "2025-04-08"),  # Thursday before Nyepi and the whole of Lebaran
        (wib(2026, 5, 13), 1, "2026-05-18"),  # Wednesday before Ascension and its cuti bersama
        (wib(2026, 12, 23), 3, "2026-12-30"),  # 24, 25 off, then 28, 29, 30
        (wib(2025, 12, 31), 1, "2026-01-02"),  # over the year
    ],
)
def test_after_working_days(start, days, last):
    due = INDONESIA.after_working_days(start, days)
    assert due == datetime.combine(date.fromisoformat(last), datetime.max.time(), JAKARTA).replace(
        microsecond=0
    )


def test_the_day_is_that_of_the_house():
    """At 18 o'clock UTC on Thursday it is Friday in Jakarta, so that Monday is day one."""
    late = datetime(2026, 11, 5, 18, 0, tzinfo=UTC)
    assert INDONESIA.after_working_days(late, 1).date() == date(2026, 11, 9)
    assert Calendar("ID", "UTC").after_working_days(late, 1).date() == date(2026, 11, 6)


def test_jakarta_has_no_summer_time():
    offsets = {wib(2026, month, 1).utcoffset() for month in range(1, 13)}
    assert offsets == {timedelta(hours=7)}
    assert INDONESIA.end_of(date(2026, 7, 1)).isoformat() == "2026-07-01T23:59:59+07:00"


def test_days_off_of_the_house():
    mine = Calendar("ID", "Asia/Jakarta", [date(2026, 11, 9)])
    assert mine.after_working_days(wib(2026, 11, 6), 1).date() == date(2026, 11, 10)


def test_weekends_are_the_country_s_own():
    friday, sunday = date(2026, 11, 6), date(2026, 11, 8)
    egypt = Calendar("EG", "Africa/Cairo")
    assert (egypt.works_on(friday), egypt.works_on(sunday)) == (False, True)


@pytest.mark.parametrize(
    ("country", "zone", "what"),
    [
        ("XX", "Asia/Jakarta", "holidays of 'XX' are not known"),
        ("", "Asia/Jakarta", "not known"),
        ("ID", "Asia/Jakrta", "'Asia/Jakrta' is no time zone"),
        ("ID", "../../etc/passwd", "no time zone"),
        ("ID", "", "no time zone"),
    ],
)
def test_what_is_not_known_is_said(country, zone, what):
    with pytest.raises(SettingsError, match=what):
        Calendar(country, zone)


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(ValueError, match="needs its zone"):
        INDONESIA.after_working_days(datetime(2026, 11, 6), 1)  # noqa: DTZ001
    for days in (-1, MOST_DAYS + 1):
        with pytest.raises(ValueError, match="must be 0 to"):
            INDONESIA.after_working_days(wib(2026, 11, 6), days)


MOMENTS = st.datetimes(
    datetime(2017, 1, 1), datetime(2026, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, JAKARTA, timezone(timedelta(hours=-11))]),
)  # fmt: skip
DAYS = st.integers(1, 60)


@given(MOMENTS, DAYS)
def test_it_never_falls_due_on_a_day_off(start, days):
    due = INDONESIA.after_working_days(start, days)
    assert INDONESIA.works_on(due.date())
    assert due > start


@given(MOMENTS, DAYS)
def test_between_lie_just_as_many_working_days(start, days):
    first, last = start.astimezone(JAKARTA).date(), INDONESIA.after_working_days(start, days).date()
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(map(INDONESIA.works_on, between)) == days


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=40)), DAYS, st.integers(0, 9))
def test_later_or_longer_is_never_due_earlier(start, wait, days, more):
    due = INDONESIA.after_working_days(start, days)
    assert INDONESIA.after_working_days(start + wait, days) >= due
    assert INDONESIA.after_working_days(start, days + more) >= due
