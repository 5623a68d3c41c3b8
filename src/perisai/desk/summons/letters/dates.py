"""Days and hours as people in one place and language write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from perisai.desk.procedures import Language, Procedure


@dataclass(frozen=True, slots=True)
class Dates:
    """How this language writes them, in this time zone."""

    procedure: Procedure
    language: Language
    zone: ZoneInfo

    def here(self, moment: datetime) -> datetime:
        """The same moment as clocks show it here."""
        return moment.astimezone(self.zone)

    def day(self, moment: datetime) -> str:
        """A day: *6 November 2026*."""
        return self.of(self.here(moment).date())

    def of(self, day: date) -> str:
        """A day that is given as such."""
        return self.procedure.words[self.language]["date"].format(
            day=day.day, month=self.procedure.months[self.language][day.month - 1], year=day.year
        )

    def weekday(self, day: date) -> str:
        """A day with its weekday: *Jumat, 6 November 2026*."""
        return self.procedure.words[self.language]["weekday_date"].format(
            weekday=self.procedure.weekdays[self.language][day.weekday()],
            day=day.day,
            month=self.procedure.months[self.language][day.month - 1],
            year=day.year,
        )

    def time(self, moment: datetime) -> str:
        """A time with its zone: *10.00 WIB*."""
        here = self.here(moment)
        return self.procedure.words[self.language]["time"].format(
            hour=here.hour, minute=here.minute, zone=here.tzname() or self.zone.key
        )

    def from_until(self, start: datetime, end: datetime | None) -> str:
        """From when until when; a day other than that of ``start`` is named."""
        words = self.procedure.words[self.language]
        if end is None:
            return words["from"].format(start=self.time(start))
        until = self.time(end)
        if self.here(end).date() != self.here(start).date():
            until = f"{self.day(end)}, {until}"
        return words["from_until"].format(start=self.time(start), end=until)
