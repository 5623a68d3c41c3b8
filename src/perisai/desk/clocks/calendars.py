"""Days on which a public body works. Holidays come from the package ``holidays``."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import holidays

from perisai.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection

MOST_DAYS = 3_660
"""Nothing here is due in more working days than this."""
OFFICIAL = ("public", "government")
"""Kinds of holidays on which a public body is closed; *cuti bersama* are of the second."""


class Calendar:
    """The working days of one country, in its time zone."""

    def __init__(self, country: str, zone: str, more_holidays: Collection[date] = ()) -> None:
        """``country``: two letters of ISO 3166. ``more_holidays``: days off that are decreed late.

        Raises SettingsError for a country or time zone that is not known.
        """
        try:
            self.zone = ZoneInfo(zone)
        except (OSError, ValueError, KeyError) as error:
            raise SettingsError(f"{zone!r} is no time zone; write one like Asia/Jakarta") from error
        if country not in holidays.list_supported_countries():
            raise SettingsError(
                f"The holidays of {country!r} are not known; write two capital letters of ISO "
                "3166, as in ID, and add what is missing as days off"
            )
        self._country = country
        self._more = frozenset(more_holidays)

    def works_on(self, day: date) -> bool:
        """Whether the house works on this day."""
        return day not in self._more and _year(self._country, day.year).is_working_day(day)

    def after_working_days(self, start: datetime, days: int) -> datetime:
        """Return the end of the last of so many working days; the day of ``start`` is day zero.

        (The counting of FixMyStreet and Alaveteli, and of UU 30/2014, article 53.) Raises
        ValueError for a time without a zone, or for fewer than 0 or more than 3,660 days.
        """
        if start.tzinfo is None:
            raise ValueError("a time needs its zone")
        if not 0 <= days <= MOST_DAYS:
            raise ValueError(f"{days} working days: must be 0 to {MOST_DAYS:,}")
        day = start.astimezone(self.zone).date()
        while days > 0:
            day += timedelta(days=1)
            days -= self.works_on(day)
        return self.end_of(day)

    def end_of(self, day: date) -> datetime:
        """The last moment of a day, here."""
        return datetime.combine(day, time(23, 59, 59), self.zone)


@cache
def _year(country: str, year: int) -> holidays.HolidayBase:
    known = holidays.country_holidays(country).supported_categories
    kinds = tuple(kind for kind in OFFICIAL if kind in known)
    return holidays.country_holidays(country, years=year, categories=kinds or None)
