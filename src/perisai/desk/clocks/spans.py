"""How long something may take, as rules write it: ``4 h``, ``24 h``, ``2x24 h``, ``5 wd``.

>>> Span.read("2x24 h")
Span(hours=48, working_days=0)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from perisai.desk.clocks.calendars import MOST_DAYS
from perisai.errors import SettingsError

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.desk.clocks.calendars import Calendar

_WRITTEN = re.compile(r"(?:(?P<times>\d{1,3}) ?[x×] ?)?(?P<count>\d{1,4}) ?(?P<unit>h|wd)")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Span:
    """Hours that pass day and night, or working days. One of the two is 0."""

    hours: int = 0
    working_days: int = 0

    @classmethod
    def read(cls, text: str) -> Span:
        """Read what a rule says. Raises SettingsError for anything else."""
        found = _WRITTEN.fullmatch(text.strip())
        count = int(found["times"] or 1) * int(found["count"]) if found else 0
        if found is None or not 0 < count <= MOST_DAYS:
            raise SettingsError(
                f"{text!r} is no length of time; write 24 h, 2x24 h, or 5 wd for working days"
            )
        return cls(hours=count) if found["unit"] == "h" else cls(working_days=count)

    def __str__(self) -> str:
        """As a rule writes it: ``4 h``, ``2x24 h``, ``5 wd``."""
        if self.working_days:
            return f"{self.working_days} wd"
        days, rest = divmod(self.hours, 24)
        return f"{days}x24 h" if days > 1 and not rest else f"{self.hours} h"

    def after(self, start: datetime, calendar: Calendar) -> datetime:
        """When it is over, in the calendar's zone. Raises ValueError for a time without a zone."""
        if self.working_days:
            return calendar.after_working_days(start, self.working_days)
        return after_hours(start, self.hours).astimezone(calendar.zone)


def after_hours(start: datetime, hours: int) -> datetime:
    """Return the moment so many hours later: hours that pass, also where clocks are put back.

    Raises ValueError for a time without a zone.
    """
    if start.tzinfo is None:
        raise ValueError("a time needs its zone")
    # Python adds to what the clock on the wall shows; only in UTC are these the hours that passed.
    return (start.astimezone(UTC) + timedelta(hours=hours)).astimezone(start.tzinfo)
