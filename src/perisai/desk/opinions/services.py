"""Drawing decisions for a second opinion, and the rows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import HOUSE
from perisai.desk.opinions import domain
from perisai.desk.opinions.models import OpinionRow
from perisai.desk.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.house import House
    from perisai.storage.facts.records import Fact


def decided(house: House, fact: Fact) -> None:
    """A claim was decided just now: it may be drawn."""
    new = domain.draw(fact, house.second_share)
    if new:
        house.write_case(house.case(fact.stream.removeprefix("case:")), new, HOUSE)


def of_case(case: Case) -> Iterator[OpinionRow]:
    """The rows of one case."""
    for each in case.opinions.every:
        yield OpinionRow(
            case=case.id,
            decision=each.decision,
            first=each.first,
            first_by=each.first_by,
            drawn=each.drawn,
            number=each.number,
            second=each.outcome,
            second_by=each.by,
            given=each.given,
        )


def waiting_for(actor: Actor, alias: str = "default") -> QuerySet[OpinionRow]:
    """The second opinions that this actor may give, the longest waiting first; none for others."""
    rows = OpinionRow.objects.using(alias).filter(second="").exclude(first_by=actor.name)
    rows = rows.order_by("number", "drawn")
    return rows if actor.may(Permission.CLAIM_SECOND) else rows.none()
