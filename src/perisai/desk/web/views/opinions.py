"""Second opinions: what is looked at without seeing what the first reviewer has found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.cases.models import CaseRow, ConflictRow
from perisai.desk.opinions import domain
from perisai.desk.opinions.services import waiting_for
from perisai.desk.web import forms
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.views.acting import attempt, known_case, to_case
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.web.access import Request
    from perisai.desk.web.forms import Form


def listed(request: Request) -> HttpResponse:
    """The second opinions that who asks may give; of a case its number and platform."""
    mine = ConflictRow.objects.filter(name=request.actor.name).values("case")
    rows = list(waiting_for(request.actor).exclude(case__in=mine)[:200])
    keys = [row.case for row in rows]
    platforms = dict(CaseRow.objects.filter(id__in=keys).values_list("id", "platform"))
    return page(request, "opinions", rows=[(row, platforms.get(row.case, "")) for row in rows])


def shown(request: Request, key: str, sent: Form | None = None, status: int = 200) -> HttpResponse:
    """What was screened and measured for a case, and nothing of what anybody made of it."""
    case = known_case(key)
    decision = domain.look(case, request.actor)
    form = sent or forms.Opinion(initial={"decision": decision})
    samples = [each for each in case.samples if not each.sealed]
    return page(
        request, "opinion", status, case=case, samples=samples, form=form, bands=list(AgeBand)
    )


def given(request: Request, key: str) -> HttpResponse:
    """Say what one finds; then the case opens."""
    actor = request.actor
    domain.look(known_case(key), actor)

    def do(said: dict[str, Any]) -> HttpResponse:
        desk().house.change_case(
            key,
            actor,
            lambda case: domain.give(
                case, actor, said["decision"], said["outcome"], said["reason"]
            ),
        )
        return to_case(key, "seconded", "claim")

    return attempt(
        forms.Opinion(request.POST), do, lambda form, status: shown(request, key, form, status)
    )
