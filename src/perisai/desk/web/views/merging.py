"""Cases that become one, and complaints that get a case of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.cases import services
from perisai.desk.cases.domain import read
from perisai.desk.web import forms
from perisai.desk.web.running import desk
from perisai.desk.web.views import case_page
from perisai.desk.web.views.acting import attempt, known_case, to_case

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.web.access import Request


def merged(request: Request, key: str) -> HttpResponse:
    """Another case goes into this one."""
    form = forms.Merge(request.POST)

    def do(said: dict[str, Any]) -> HttpResponse:
        services.merge(desk().house, request.actor, key, said["other"], said["reason"])
        return to_case(key, "merged")

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def split(request: Request, key: str) -> HttpResponse:
    """Complaints of this case get a case of their own, whose page follows."""
    case = read(known_case(key), request.actor)
    form = forms.Split(request.POST, complaints=case.complaints)

    def do(said: dict[str, Any]) -> HttpResponse:
        gone = said.pop("complaints")
        made = services.split(desk().house, request.actor, key, gone, **said)
        return to_case(made.id, "split")

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))
