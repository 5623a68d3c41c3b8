from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from perisai.desk.clocks.calendars import Calendar
from perisai.desk.clocks.spans import Span, after_hours
from perisai.errors import SettingsError

INDONESIA = Calendar("ID", "Asia/Jakarta")


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("4 h", Span(hours=4)), ("24 h", Span(hours=24)),
        ("2x24 h", Span(hours=48)), ("2 × 24 h", Span(hours=48)),  # noqa: RUF001
        ("5 wd", Span(working_days=5)), (" 5wd ", Span(working_days=5)),
    ],
)  # fmt: skip
def test_as_rules_write_it(written, span):
    assert Span.read(written) == span


@pytest.mark.parametrize("written", ["", "4", "h", "0 h", "-4 h", "4 hours", "999x9999 h", "٤ h x"])
def test_anything_else_is_refused(written):
    with pytest.raises(SettingsError, match="is no length of time"):
        Span.read(written)


def test_the_ultimatum_of_2017():
    """Given on Monday 6 November, due on Wednesday the 8th, at the same hour."""
    given_at = datetime(2017, 11, 6, 3, 0, tzinfo=UTC)
    assert Span.read("2x24 h").after(given_at, INDONESIA).isoformat() == "2017-11-08T10:00:00+07:00"


def test_hours_pass_on_weekends_and_working_days_do_not():
    friday = datetime(2026, 11, 6, 22, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert Span.read("4 h").after(friday, INDONESIA).isoformat() == "2026-11-07T02:00:00+07:00"
    assert Span.read("24 h").after(friday, INDONESIA).isoformat() == "2026-11-07T22:00:00+07:00"
    due = Span.read("1 wd").after(friday, INDONESIA)
    assert due.isoformat() == "2026-11-09T23:59:59+07:00"


def test_hours_are_hours_where_clocks_are_put_back():
    before = datetime(2026, 10, 24, 12, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
    after = after_hours(before, 24)
    assert after.isoformat() == "2026-10-25T11:00:00+01:00"
    with pytest.raises(ValueError, match="needs its zone"):
        after_hours(datetime(2026, 1, 1), 1)  # noqa: DTZ001


FROM = datetime(1990, 1, 1)  # noqa: DTZ001
UNTIL = datetime(9000, 1, 1)  # noqa: DTZ001


@given(st.datetimes(FROM, UNTIL, timezones=st.timezones()), st.integers(1, 3_000))
def test_just_so_many_hours_pass(start, hours):
    assume(start.astimezone(UTC).astimezone(start.tzinfo) == start)  # no hour that was left out
    passed = after_hours(start, hours).astimezone(UTC) - start.astimezone(UTC)
    assert passed == timedelta(hours=hours)
