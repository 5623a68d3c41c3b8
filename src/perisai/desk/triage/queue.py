"""What stands in the queue, by what one asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count

from perisai.desk.triage import locks
from perisai.desk.triage.models import QueueRow
from perisai.desk.triage.urgency import BANDS, LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from perisai.desk.house import House

NUMBERS = (2, 3, 10, 50)
WAITING = (1, 3, 7)
"""Days."""
HELD = ("free", "mine", "others")
SORTS = ("urgency", "waiting", "number")
NAMES = ("urgency", "band", "app", "number", "days", "held", "sort")
"""What an address may ask for."""
LONGEST_APP = 200
APPS = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks the queue for; nothing is asked by an empty value."""

    urgency: str = ""
    band: str = ""
    app: str = ""
    number: int = 0
    days: int = 0
    held: str = ""
    sort: str = "urgency"
    name: str = field(default="", compare=False)
    """Who asks."""

    @classmethod
    def read(cls, asked: Mapping[str, str], name: str) -> Wanted:
        """As an address says it; what is unknown counts as not asked for."""

        def one(key: str, known: tuple[object, ...]) -> str:
            value = asked.get(key, "")
            return value if value in {str(each) for each in known} else ""

        return cls(
            one("urgency", LEVELS),
            one("band", BANDS),
            asked.get("app", "").strip().replace("\0", "")[:LONGEST_APP],
            int(one("number", NUMBERS) or 0),
            int(one("days", WAITING) or 0),
            one("held", HELD),
            one("sort", SORTS) or "urgency",
            name,
        )


def rows(house: House, wanted: Wanted) -> QuerySet[QueueRow]:
    """The entries that are asked for, in no order."""
    found = QueueRow.objects.using(house.alias).filter(leads=True)
    if wanted.urgency:
        found = found.filter(urgency=LEVELS.index(wanted.urgency))
    if wanted.band:
        found = found.filter(band=wanted.band)
    if wanted.app:
        found = found.filter(app=wanted.app)
    if wanted.number:
        found = found.filter(number__gte=wanted.number)
    if wanted.days:
        found = found.filter(received__lte=house.clock() - timedelta(days=wanted.days))
    if wanted.held:
        taken = locks.held(house)
        if wanted.held == "free":
            return found.exclude(complaint__in=taken.values("complaint"))
        mine = wanted.held == "mine"
        whose = taken.filter(name=wanted.name) if mine else taken.exclude(name=wanted.name)
        return found.filter(complaint__in=whose.values("complaint"))
    return found


def counts(house: House) -> list[tuple[str, int]]:
    """How many entries wait, for each urgency, the most urgent first."""
    table = QueueRow.objects.using(house.alias).filter(leads=True)
    found = dict(table.values_list("urgency").annotate(count=Count("*")).order_by())
    return [(name, found.get(place, 0)) for place, name in reversed(list(enumerate(LEVELS)))]


def apps(house: House) -> list[tuple[str, int]]:
    """The apps and sites that most entries are about, with how many."""
    table = QueueRow.objects.using(house.alias).filter(leads=True).exclude(app="")
    found = table.values_list("app").annotate(count=Count("*")).order_by("-count", "app")
    return list(found[:APPS])
