"""Counts the figures from the rows. A figure is a table; what is drawn of it is another matter."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import connections
from django.db.models import Count, Q

from perisai.desk.cases.models import ClockRow, PlatformRow
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.opinions.agreement import Agreement, agreement
from perisai.desk.opinions.domain import OUTCOMES
from perisai.desk.opinions.models import OpinionRow
from perisai.desk.triage.models import QueueRow
from perisai.desk.triage.urgency import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from django.db.models import QuerySet

    from perisai.desk.cases.models import CaseRow
    from perisai.desk.house import House

PLATFORMS = 12
WAITED = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
"""Where the columns of waiting time end; the last one has no end."""

COLUMNS = {
    "incoming": ("day", "complaints"),
    "waiting": ("urgency", "all", "days-1", "days-3", "days-7", "days-more"),
    "clocks": ("clock-kind", "clocks-late", "clocks-soon", "clocks-running", "clocks-once"),
    "platforms": ("platform", "complaints", "cases", "cases-open"),
    "agreement": ("first", *OUTCOMES),
    "viewing": ("day", "minutes", "openings"),
}
"""The columns of each figure; the first says what a row is about."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Each row begins with what it is about; the rest are numbers."""

    name: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return COLUMNS[self.name]


def incoming(house: House, zone: ZoneInfo, days: int) -> Figure:
    """Complaints that came on each of the last days, in the zone of the house."""
    today = house.clock().astimezone(zone).date()
    dates = [today - timedelta(days=back) for back in reversed(range(days))]
    counts = _each_day(house.alias, dates, zone)
    rows = zip((each.isoformat() for each in dates), map(str, counts), strict=True)
    return Figure("incoming", tuple(rows))


def _each_day(alias: str, dates: Sequence[date], zone: ZoneInfo) -> list[int]:
    """How many complaints came on each of the dates.

    One walk along the index for each day, all in one question: sorting a hundred thousand times
    into days is slower, and so is having a question of ninety parts written by the ORM.
    """
    connection = connections[alias]
    table = connection.ops.quote_name(ComplaintRow._meta.db_table)
    part = f"SELECT %s, COUNT(*) FROM {table} WHERE received >= %s AND received < %s"  # noqa: S608 - a name of ours
    written = connection.ops.adapt_datetimefield_value
    bounds: list[int | str | None] = []
    for place, each in enumerate(dates):
        begins = datetime.combine(each, time(), zone)
        ends = datetime.combine(each + timedelta(days=1), time(), zone)
        bounds += [place, written(begins.astimezone(UTC)), written(ends.astimezone(UTC))]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([part] * len(dates)), bounds)
        found = dict(cursor.fetchall())
    return [found[place] for place in range(len(dates))]


def waiting(house: House) -> Figure:
    """What waits in the queue, by urgency and by how long it has waited."""
    now = house.clock()
    ends = [now - each for each in WAITED]
    bounds = zip([None, *ends], [*ends, None], strict=True)
    counts = {
        f"c{place}": Count("complaint", filter=_between(after, before))
        for place, (before, after) in enumerate(bounds)
    }
    table = QueueRow.objects.using(house.alias).filter(leads=True).order_by()
    found = {row["urgency"]: row for row in table.values("urgency").annotate(**counts)}
    rows = []
    for place, level in reversed(list(enumerate(LEVELS))):
        each = [found.get(place, {}).get(name, 0) for name in counts]
        rows.append((level, str(sum(each)), *map(str, each)))
    return Figure("waiting", tuple(rows))


def clocks(house: House, cases: QuerySet[CaseRow]) -> Figure:
    """The clocks of cases by what they are for: late now, late soon, running, once late."""
    now = house.clock()
    runs = Q(met=None, paused=None)
    table = ClockRow.objects.using(house.alias).filter(case__in=cases.values("id")).order_by()
    kinds = {
        "late": runs & Q(due__lt=now),
        "soon": runs & Q(due__gte=now, warn__lte=now),
        "running": runs & Q(warn__gt=now),
        "once": Q(late__isnull=False),
    }
    counts = {f"of_{name}": Count("row", filter=which) for name, which in kinds.items()}
    found = table.values("name").annotate(**counts)
    sums: dict[str, Counter[str]] = {}
    for row in found:
        kind = str(row["name"]).partition(":")[0]
        sums.setdefault(kind, Counter()).update({name: row[f"of_{name}"] for name in kinds})
    rows = tuple((kind, *(str(sums[kind][name]) for name in kinds)) for kind in sorted(sums))
    return Figure("clocks", rows)


def platforms(house: House, cases: QuerySet[CaseRow]) -> Figure:
    """Complaints and cases by app or platform: those with the most."""
    table = QueueRow.objects.using(house.alias).filter(closed=False).exclude(app="").order_by()
    told = table.values_list("app").annotate(count=Count("*")).order_by("-count", "app")
    numbers = dict(told[:PLATFORMS])
    about = PlatformRow.objects.using(house.alias).filter(case__in=cases.values("id"))
    found = (
        about.order_by()
        .values_list("platform")
        .annotate(number=Count("row"), open=Count("row", filter=Q(published=None)))
        .order_by("-number", "platform")
    )
    kept = {name: (number, still) for name, number, still in found[:PLATFORMS]}
    names = sorted({*numbers, *kept}, key=lambda each: (-numbers.get(each, 0), each))[:PLATFORMS]
    rows = tuple(
        (name, str(numbers.get(name, 0)), *map(str, kept.get(name, (0, 0)))) for name in names
    )
    return Figure("platforms", rows)


def agreed(house: House) -> tuple[Figure, Agreement]:
    """How often which first opinion met which second one, and how far they agree."""
    table = OpinionRow.objects.using(house.alias).exclude(second="").order_by()
    found = dict(_pairs(table.values_list("first", "second").annotate(count=Count("row"))))
    rows = tuple(
        (first, *(str(found.get((first, second), 0)) for second in OUTCOMES)) for first in OUTCOMES
    )
    every = (pair for pair, count in found.items() for _ in range(count))
    return Figure("agreement", rows), agreement(every)


def _pairs(rows: Iterable[tuple[str, str, int]]) -> Iterable[tuple[tuple[str, str], int]]:
    return (((first, second), count) for first, second, count in rows)


def _between(after: datetime | None, before: datetime | None) -> Q:
    """Received after one time, and not after another."""
    found = Q()
    if after is not None:
        found &= Q(received__gt=after)
    if before is not None:
        found &= Q(received__lte=before)
    return found
