"""Looking at a preview: what was found is read first, then each step is asked for by itself.

The pictures stand in the answer to the form, as data, and have no address: nothing can be opened
again without a fact, nor found in a cache.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from perisai.desk.opinions.domain import blind
from perisai.desk.previews import domain, services
from perisai.desk.web import forms
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.views.acting import attempt, known_case
from perisai.errors import NotYet
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.cases.evidence import Sample
    from perisai.desk.cases.state import Case
    from perisai.desk.web.access import Request
    from perisai.desk.web.forms import Form


def shown(
    request: Request, key: str, sha256: str, sent: Form | None = None, status: int = 200
) -> HttpResponse:
    """What was found in a sample and which rule decides; no picture is loaded."""
    return _page(request, key, sha256, status, form=sent)


def opened(request: Request, key: str, sha256: str) -> HttpResponse:
    """Open one step: it is written down, and its pictures come with the answer."""
    _sample(request, key, sha256)

    def do(said: dict[str, Any]) -> HttpResponse:
        step = said["step"]
        found = services.look(desk().house, desk().settings, request.actor, key, sha256, step)
        pictures = [base64.b64encode(each).decode() for each in found]
        return _page(request, key, sha256, step=step, pictures=pictures)

    return attempt(
        forms.Reveal(request.POST),
        do,
        lambda form, status: shown(request, key, sha256, form, status),
    )


def closed(request: Request, key: str, sha256: str) -> HttpResponse:
    """Put the pictures away."""
    _sample(request, key, sha256)
    services.put_away(desk().house, request.actor, key, sha256)
    return redirect(f"{reverse('preview', args=[key, sha256])}?done=preview-closed")


def _sample(request: Request, key: str, sha256: str) -> tuple[Case, Sample]:
    case = known_case(key)
    try:
        return case, domain.sample_of(case, request.actor, sha256)
    except NotYet as error:
        raise Http404 from error


def _page(
    request: Request,
    key: str,
    sha256: str,
    status: int = 200,
    *,
    step: int = 0,
    form: Form | None = None,
    pictures: list[str] | None = None,
) -> HttpResponse:
    house, actor = desk().house, request.actor
    case, sample = _sample(request, key, sha256)
    found = case.previews.get(sha256)
    live = found if found and not found.purged and found.until > house.clock() else None
    return page(
        request,
        "preview",
        status,
        case=case,
        sample=sample,
        preview=live,
        gone=found if live is None else None,
        blind=blind(case, actor),
        bands=list(AgeBand),
        form=form,
        step=step,
        next=step + 1 if live and step < domain.last(live) else 0,
        pictures=pictures or [],
        time=services.looking(house, desk().settings, actor),
        days=desk().settings.desk.preview_days,
    )
