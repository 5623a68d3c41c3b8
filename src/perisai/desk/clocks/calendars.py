"""Days on which a public body works. Holidays come from the package ``holidays``."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import holidays

if TYPE_CHECKING:
    from collections.abc import Collection

SATURDAY = 5


class Calendar:
    """The working days of one country, in its time zone."""

    def __init__(self, country: str, zone: str, more_holidays: Collection[date] = ()) -> None:
        """``more_holidays``: days off that are decreed late (*cuti bersama*), added by hand."""
        self.zone = ZoneInfo(zone)
        self._country = country
        self._more = frozenset(more_holidays)

    def works_on(self, day: date) -> bool:
        """Whether the house works on this day."""
        return (
            day.weekday() < SATURDAY
            and day not in self._more
            and day not in _holidays(self._country, day.year)
        )

    def after_working_days(self, start: datetime, days: int) -> datetime:
        """Return the end of the last of so many working days; the day of ``start`` is day zero.

        (The counting of FixMyStreet and Alaveteli, and of UU 30/2014, article 53.)
        """
        day = start.astimezone(self.zone).date()
        while days > 0:
            day += timedelta(days=1)
            days -= self.works_on(day)
        return self.end_of(day)

    def end_of(self, day: date) -> datetime:
        """The last moment of a day, here."""
        return datetime.combine(day, time(23, 59, 59), self.zone)


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


INDONESIA = Calendar("ID", "Asia/Jakarta")
