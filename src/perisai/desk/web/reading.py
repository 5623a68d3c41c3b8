"""Which rows somebody may look through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.cases.models import CaseRow, ConflictRow, PlatformRow
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.opinions.services import waiting_for
from perisai.desk.permissions import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from perisai.desk.web.access import Request


def readable_complaints(request: Request) -> QuerySet[ComplaintRow]:
    """The complaints that are not of a case to which who asks is a party."""
    mine = ConflictRow.objects.filter(name=request.actor.name).values("case")
    return ComplaintRow.objects.exclude(case__in=mine)


def readable(request: Request) -> QuerySet[CaseRow]:
    """The cases that who asks is no party to, and has not to give a second opinion on first."""
    mine = ConflictRow.objects.filter(name=request.actor.name).values("case")
    rows = CaseRow.objects.exclude(id__in=mine)
    if request.actor.may(Permission.CLAIM_SECOND):
        rows = rows.exclude(id__in=waiting_for(request.actor).values("case"))
    return rows


def about(rows: QuerySet[CaseRow], platform: str) -> QuerySet[CaseRow]:
    """Those of the cases that are about this platform, alone or among others."""
    return rows.filter(id__in=PlatformRow.objects.filter(platform=platform).values("case"))
