"""Every link and all search words that the complaints and samples of a case name.

They are shown as text: nothing on the page leads to them, and nobody here fetches them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.urls import reverse

from perisai.desk.cases import domain as cases
from perisai.desk.cases.links import Named, named, wanted
from perisai.desk.complaints.domain import require_reading
from perisai.desk.complaints.services import read_many
from perisai.desk.opinions.domain import blind
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, as_csv
from perisai.desk.web.views.acting import known_case
from perisai.desk.web.wording import moment, word

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.cases.state import Case
    from perisai.desk.web.access import Request

ON_A_PAGE = 500
"""How many complaints are read for the page; the spreadsheet reads them all."""


def columns() -> tuple[Column, ...]:
    """What the spreadsheet says of each."""
    return (
        Column("named-kind", "", lambda row: word(row.kind, "named")),
        Column("named-text", "", lambda row: row.text),
        Column("complaints", "", lambda row: len(row.complaints)),
        Column("named-samples", "", lambda row: len(row.samples)),
        Column("named-first", "", lambda row: moment(row.first)),
        Column("named-last", "", lambda row: moment(row.last)),
        Column("named-files", "", lambda row: " ".join(row.samples)),
        Column("named-by", "", lambda row: " ".join(row.complaints)),
    )


def shown(request: Request, key: str) -> HttpResponse:
    """The page; at most so many complaints are read for it, and it says if there are more."""
    case = known_case(key)
    if blind(case, request.actor) and request.actor.name not in case.conflicted:
        return redirect(reverse("opinion", args=[key]))
    rows = _named(request, case, ON_A_PAGE)
    count = len(wanted(case))
    return page(request, "links", case=case, rows=rows, count=count, most=ON_A_PAGE)


def spreadsheet(request: Request, key: str) -> HttpResponse:
    """Those of all complaints, for a spreadsheet."""
    case = known_case(key)
    return as_csv(columns(), _named(request, case), f"{case.id}-links")


def _named(request: Request, case: Case, most: int | None = None) -> list[Named]:
    cases.read(case, request.actor)
    require_reading(request.actor)
    return named(case, read_many(desk().house, wanted(case, most)))
