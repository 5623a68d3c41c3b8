"""Undoing a seal: asked for by one person, decided by another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from perisai.desk.seals import services
from perisai.desk.web import forms, unsealing
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.views import complaints
from perisai.desk.web.views.acting import attempt, known_case, to_case
from perisai.desk.withholding.services import decide_named

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.web.access import Request
    from perisai.desk.web.forms import Form


def of_sample(
    request: Request, key: str, sha256: str, sent: Form | None = None, status: int = 200
) -> HttpResponse:
    """The page of a sealed sample that came without a complaint: hash, times, state."""
    case = known_case(key)
    mine = [each for each in case.samples if each.sha256 == sha256]
    if not mine or not mine[0].sealed or mine[0].complaint:
        raise Http404
    undo = unsealing.of_sample(request, case, sha256, sent)
    return page(request, "sample_sealed", status, case=case, sample=mine[0], undo=undo)


def questioned(request: Request, key: str, sha256: str = "") -> HttpResponse:
    """Ask for a seal to be undone."""
    _known(request, key, sha256)

    def do(said: dict[str, Any]) -> HttpResponse:
        services.question(desk().house, request.actor, key, said["reason"], sha256)
        return redirect(f"{_page(key, sha256)}?done=seal-questioned")

    return attempt(forms.QuestionSeal(request.POST), do, _again(request, key, sha256))


def kept(request: Request, key: str, sha256: str = "") -> HttpResponse:
    """Refuse, as the second person."""
    _known(request, key, sha256)

    def do(said: dict[str, Any]) -> HttpResponse:
        services.keep(desk().house, request.actor, key, said["reason"], sha256)
        return redirect(f"{_page(key, sha256)}?done=seal-kept")

    return attempt(forms.KeepSeal(request.POST), do, _again(request, key, sha256))


def lifted(request: Request, key: str, sha256: str = "") -> HttpResponse:
    """Agree, as the second person: it is open again."""
    _known(request, key, sha256)
    services.lift(desk().house, request.actor, key, sha256)
    if sha256:
        return to_case(key, "seal-lifted", "samples")
    return redirect(f"{reverse('complaint', args=[key])}?done=seal-lifted")


def named(request: Request, key: str) -> HttpResponse:
    """The gateway withholds or frees the file that a complaint names whose seal was undone."""
    complaints.known(request, key)

    def do(said: dict[str, Any]) -> HttpResponse:
        known = decide_named(
            desk().house, request.actor, desk().gateway, key, said["what"], said["reason"]
        )
        done = known.what if known.applied else "gateway-waits"
        return redirect(f"{reverse('complaint', args=[key])}?done={done}#gateway")

    return attempt(forms.Withhold(request.POST, item="named"), do, _again(request, key, ""))


def _known(request: Request, key: str, sha256: str) -> None:
    if sha256:
        known_case(key)
    else:
        complaints.known(request, key)


def _page(key: str, sha256: str) -> str:
    parts = [key, sha256] if sha256 else [key]
    return reverse("sample-seal" if sha256 else "complaint", args=parts)


def _again(request: Request, key: str, sha256: str) -> Any:  # noqa: ANN401 - see acting.Again
    def show(form: Form, status: int) -> HttpResponse:
        if sha256:
            return of_sample(request, key, sha256, form, status)
        return complaints.show(request, complaints.known(request, key), form, status)

    return show
