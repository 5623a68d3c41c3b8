"""How long somebody has looked: from what they opened, and the clock.

A look lasts until the next act of the same person, and at most as long as was written down with it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, tzinfo

    Act = tuple[datetime, int]
    """When, and how many seconds a look lasts at most; 0 for what is no look."""

NOTHING = timedelta()


def looks(acts: Iterable[Act], now: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """The looks of one person, oldest first: when each began, and how long it lasted until now.

    >>> from datetime import UTC
    >>> nine = datetime(2026, 11, 6, 9, tzinfo=UTC)
    >>> acts = [(nine, 60), (nine + timedelta(seconds=20), 60)]
    >>> [each.seconds for _, each in looks(acts, nine + timedelta(hours=1))]
    [20, 60]
    """
    for (at, seconds), (end, _) in pairwise([*acts, (now, 0)]):
        if seconds:
            yield at, max(NOTHING, min(end - at, timedelta(seconds=seconds)))


def by_day(acts: Iterable[Act], zone: tzinfo, now: datetime) -> dict[date, timedelta]:
    """How long one person looked on each day, in a time zone: the day on which a look began."""
    found: defaultdict[date, timedelta] = defaultdict(timedelta)
    for at, span in looks(acts, now):
        found[at.astimezone(zone).date()] += span
    return dict(found)


def midnight(now: datetime, zone: tzinfo) -> datetime:
    """When today began in a time zone."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone)
