"""Which rows somebody may look through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.cases.models import CaseRow, ConflictRow

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from perisai.desk.web.access import Request


def readable(request: Request) -> QuerySet[CaseRow]:
    """The cases that who asks is no party to."""
    mine = ConflictRow.objects.filter(name=request.actor.name).values("case")
    return CaseRow.objects.exclude(id__in=mine)
