"""How long people have looked at previews, from the rows of what they opened."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from perisai.desk.figures.counting import Figure
from perisai.desk.previews.minutes import looks
from perisai.desk.previews.models import ViewRow

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from perisai.desk.house import House

    Sums = dict[tuple[date, str], tuple[timedelta, int]]
    """By day and name: how long they looked, and how many steps they opened."""

MINUTE = timedelta(minutes=1)


def viewing(house: House, zone: ZoneInfo, days: int) -> Figure:
    """The minutes of all together on each of the last days, and how many steps they opened."""
    spans: defaultdict[date, timedelta] = defaultdict(timedelta)
    steps: Counter[date] = Counter()
    for (day, _), (span, count) in _sums(house, zone, days).items():
        spans[day] += span
        steps[day] += count
    dates = _dates(house, zone, days)
    rows = tuple((day.isoformat(), _minutes(spans[day]), str(steps[day])) for day in dates)
    return Figure("viewing", rows)


def viewers(house: House, zone: ZoneInfo, days: int) -> list[tuple[date, str, str, str]]:
    """Day, name, minutes and steps of everybody who looked in the last days, newest first."""
    found = _sums(house, zone, days).items()
    rows = [(day, name, _minutes(span), str(count)) for (day, name), (span, count) in found]
    return sorted(rows, key=lambda row: (-row[0].toordinal(), row[1]))


def _sums(house: House, zone: ZoneInfo, days: int) -> Sums:
    now = house.clock()
    begin = datetime.combine(_dates(house, zone, days)[0], time(), zone)
    rows = ViewRow.objects.using(house.alias).filter(at__gte=begin)
    acts = rows.order_by("person", "at", "number").values_list("person", "at", "seconds")
    found: Sums = {}
    for name, of_person in groupby(acts.iterator(), key=lambda row: str(row[0])):
        for at, span in looks(((at, seconds) for _, at, seconds in of_person), now):
            key = at.astimezone(zone).date(), name
            before, count = found.get(key, (timedelta(), 0))
            found[key] = before + span, count + 1
    return found


def _dates(house: House, zone: ZoneInfo, days: int) -> list[date]:
    today = house.clock().astimezone(zone).date()
    return [today - timedelta(days=back) for back in reversed(range(days))]


def _minutes(span: timedelta) -> str:
    """Whole minutes; one that was begun counts."""
    return str(-(-span // MINUTE))
