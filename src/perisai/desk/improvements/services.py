"""The rows of improvement requests, and who may look through which of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.improvements.domain import LEFT_THE_HOUSE, clock_of
from perisai.desk.improvements.models import ImprovementRow
from perisai.desk.permissions import Permission, Role
from perisai.desk.summons.state import paper_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case

SUMMARY = 200


def of_case(case: Case) -> Iterator[ImprovementRow]:
    """The rows of one case."""
    for each in case.improvements.values():
        clock = case.clocks.get(clock_of(each.id))
        yield ImprovementRow(
            case=case.id,
            improvement=each.id,
            platform=case.platform[:SUMMARY],
            agency=each.agency[:SUMMARY],
            what=each.what[:SUMMARY],
            asked_by=each.asked_by,
            approved_by=each.approved_by,
            approved=each.approved,
            due=clock.due if clock else each.due,
            standing=each.standing,
            paper_by=paper_by(each.answers),
        )


def visible(actor: Actor, alias: str = "default") -> QuerySet[ImprovementRow]:
    """The requests that this actor may see, as far as the cases are theirs to read."""
    rows = ImprovementRow.objects.using(alias)
    if not actor.may(Permission.CASE_READ):
        return rows.none()
    return rows.filter(standing__in=LEFT_THE_HOUSE) if actor.role is Role.MINISTRY else rows
