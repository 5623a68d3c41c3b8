"""One question to complaints and cases alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.permissions import Permission
from perisai.desk.search import services
from perisai.desk.web.reading import readable, readable_complaints
from perisai.desk.web.rendering import page
from perisai.desk.web.views.complaints import state_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.web.access import Request

SHOWN = 20


def found(request: Request) -> HttpResponse:
    """What ``?q=`` finds, the newest first; nothing that who asks may not read."""
    text, actor = request.GET.get("q", "").strip()[:200], request.actor
    cases, complaints = [], []
    if text:
        number, rows = services.number_in(text), readable(request)
        rows = rows.filter(id=number) if number else services.cases(actor, rows, text)
        cases = list(rows.order_by("-opened", "-id")[: SHOWN + 1])
        if actor.may(Permission.COMPLAINT_READ):
            told = readable_complaints(request)
            told = told.filter(id=number) if number else services.complaints(actor, told, text)
            complaints = list(told.order_by("-received", "-id")[: SHOWN + 1])
    return page(
        request,
        "search",
        q=text,
        cases=cases[:SHOWN],
        more_cases=len(cases) > SHOWN,
        complaints=[(row, state_of(row)) for row in complaints[:SHOWN]],
        more_complaints=len(complaints) > SHOWN,
    )
