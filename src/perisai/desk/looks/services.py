"""Each look at a complaint, a case, a letter or a spreadsheet is a fact: once an hour, not more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from perisai.desk.events import Event
from perisai.desk.looks.models import LookRow
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from perisai.desk.actors import Actor
    from perisai.desk.house import House
    from perisai.storage.facts.records import Fact

COMPLAINT, CASE, LETTER, LINKS, EXPORT = "complaint", "case", "letter", "links", "export"
KINDS = (COMPLAINT, CASE, LETTER, LINKS, EXPORT)
AGAIN_AFTER = timedelta(hours=1)


def look(house: House, actor: Actor, what: str, item: str, rows: int = 0) -> None:
    """Write down that somebody looks, unless they did at the same thing within the hour.

    A spreadsheet leaves the house with whoever has it: each is written down.
    """
    if what != EXPORT:
        since = house.clock() - AGAIN_AFTER
        before = LookRow.objects.using(house.alias).filter(person=actor.name, item=item)
        if before.filter(what=what, at__gt=since).exists():
            return
    data: dict[str, object] = {"what": what, "item": item}
    if what == EXPORT:
        data["rows"] = rows
    new = [NewFact(Event.LOOK_TAKEN, data)]
    with transaction.atomic(using=house.alias):
        (fact,) = house.log.append(f"look:{actor.name}", new, by=actor.by, at=house.clock())
        of_look(fact).save(using=house.alias, force_insert=True)


def of_look(fact: Fact) -> LookRow:
    """The row of a look."""
    role, _, name = fact.by.partition(":")
    return LookRow(
        number=fact.number,
        person=name,
        role=role,
        what=fact.data["what"],
        item=fact.data["item"],
        rows=fact.data.get("rows", 0),
        at=fact.at,
    )
