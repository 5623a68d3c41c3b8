"""The page per platform: its record over all its cases, and cases of others that are alike."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Min, Q
from django.http import Http404

from perisai.desk.cases.models import CaseRow, CommitmentRow, PlatformRow, SummonsRow
from perisai.desk.search import services as search
from perisai.desk.web.reading import about, readable
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, as_csv
from perisai.desk.web.views import improvements
from perisai.desk.web.views.cases import clocks_of, columns
from perisai.desk.web.wording import day

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from perisai.desk.web.access import Request

LISTED = 500
"""Platforms on the page of all; the spreadsheet has every one."""
SHOWN = 50
"""Rows of each table on the page; the spreadsheets have all."""
YEARS = 5
"""So far back goes the record of confirmed claims."""
LIKE, WORDS = 3, 8
"""Of so many of the newest cases the search words, and so many of them, say what is alike."""
RECORD = 20
"""Days of confirmed claims that the record names: the newest."""


def listed(request: Request) -> HttpResponse:
    """The platforms that cases are about, those of most cases first."""
    return page(request, "platforms", rows=list(_platforms(request)[:LISTED]))


def listed_csv(request: Request) -> HttpResponse:
    """All of them, for a spreadsheet."""
    columns = (
        Column("platform", "", lambda row: row["platform"]),
        Column("cases", "", lambda row: row["number"]),
        Column("open", "", lambda row: row["open"]),
        Column("last", "", lambda row: day(row["last"])),
    )
    return as_csv(columns, _platforms(request).iterator(chunk_size=1_000), "platforms")


def _platforms(request: Request) -> QuerySet[PlatformRow, dict[str, Any]]:
    return (
        PlatformRow.objects.filter(case__in=readable(request).values("id"))
        .values("platform")
        .annotate(
            number=Count("row"), open=Count("row", filter=Q(published=None)), last=Max("opened")
        )
        .order_by("-number", "platform")
    )


def shown(request: Request) -> HttpResponse:
    """The record of one platform. ``?name=`` says which."""
    name = request.GET.get("name", "")
    cases = about(readable(request), name)
    rows = list(cases.order_by("-opened")[:SHOWN])
    if not rows:
        raise Http404
    clocks, mine = (
        clocks_of([row.id for row in rows]),
        {"platform": name, "case__in": cases.values("id")},
    )
    promises = CommitmentRow.objects.filter(**mine)
    # Only those that were sent: that is what everybody who reads the case may see of them.
    letters = SummonsRow.objects.filter(**mine).exclude(sent=None)
    asked = improvements.rows(request).filter(case__in=cases.values("id"))
    return page(
        request,
        "platform",
        name=name,
        whole=cases.aggregate(count=Count("id"), first=Min("opened")),
        rows=[(row, clocks.get(row.id, [])) for row in rows],
        record=_record(cases),
        promises=list(promises.order_by("-due")[:SHOWN]),
        kept=promises.aggregate(count=Count("row"), **_each("outcome", ("kept", "late", "broken"))),
        letters=list(letters.order_by("-sent")[:SHOWN]),
        came=letters.aggregate(count=Count("row"), **_each("standing", ("attended", "missed"))),
        requests=list(asked.order_by("-due")[:SHOWN]),
        alike=list(_alike(request, name, rows)[:SHOWN]),
        now=desk().house.clock(),
    )


def alike(request: Request) -> HttpResponse:
    """Earlier cases of other platforms that are like those of this one, for a spreadsheet."""
    name = request.GET.get("name", "")
    rows = list(about(readable(request), name).order_by("-opened")[:LIKE])
    if not rows:
        raise Http404
    return as_csv(columns(), _alike(request, name, rows).iterator(chunk_size=1_000), "alike")


def _record(cases: QuerySet[CaseRow]) -> dict[str, Any]:
    """The confirmed cases of the last years, not those that went into another.

    ``cases``: the newest of them, oldest first; ``more`` says that there were others before.
    """
    since = desk().house.clock() - timedelta(days=365 * YEARS)
    confirmed = cases.filter(claim="confirmed", opened__gte=since).exclude(status="merged")
    whole = confirmed.aggregate(count=Count("id"), first=Min("opened"))
    newest = list(confirmed.order_by("-opened").values("id", "opened")[:RECORD])
    return {
        "cases": newest[::-1],
        "more": whole["count"] > len(newest),
        "count": whole["count"],
        "year": whole["first"].year if whole["first"] else 0,
    }


def _alike(request: Request, name: str, rows: list[CaseRow]) -> QuerySet[CaseRow]:
    """Confirmed cases of other platforms, before the newest of ``rows``, with its search words.

    The words are those of the newest cases of this platform.
    """
    said = {word for row in rows[:LIKE] for word in desk().house.case(row.id).words}
    other = readable(request).filter(claim="confirmed", opened__lt=rows[0].opened)
    mine = PlatformRow.objects.filter(platform=name).values("case")
    other = other.exclude(id__in=mine).exclude(status="merged")
    return search.cases(request.actor, other, *sorted(said)[:WORDS]).order_by("-opened")


def _each(field: str, values: tuple[str, ...]) -> dict[str, Count]:
    return {value: Count("row", filter=Q(**{field: value})) for value in values}
