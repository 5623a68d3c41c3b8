"""What is done with complaints besides reading them: erasing who complained, deciding appeals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect
from django.urls import reverse

from perisai.desk.appeals import services as services_of_appeals
from perisai.desk.complaints import services
from perisai.desk.web import forms
from perisai.desk.web.running import desk
from perisai.desk.web.views.acting import attempt
from perisai.desk.web.views.complaints import known, show
from perisai.desk.withholding import services as withholding

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.web.access import Request


def erased(request: Request, key: str) -> HttpResponse:
    """Erase who complained, for good."""
    known(request, key)

    def do(said: dict[str, Any]) -> HttpResponse:
        services.erase(desk().house, request.actor, key, said["reason"])
        return redirect(f"{reverse('complaint', args=[key])}?done=erased#identity")

    return attempt(
        forms.Erase(request.POST),
        do,
        lambda form, status: show(request, known(request, key), form, status),
    )


def proposed(request: Request, key: str) -> HttpResponse:
    """Propose an answer to an appeal."""
    known(request, key)

    def do(said: dict[str, Any]) -> HttpResponse:
        services_of_appeals.propose(
            desk().house, request.actor, key, said["outcome"], said["text"], seen=said["seen"]
        )
        return redirect(f"{reverse('complaint', args=[key])}?done=proposed#appeal")

    return attempt(
        forms.ProposeAnswer(request.POST),
        do,
        lambda form, status: show(request, known(request, key), form, status),
    )


def decided(request: Request, key: str) -> HttpResponse:
    """Agree to the answer that somebody else proposed."""
    known(request, key)

    def do(said: dict[str, Any]) -> HttpResponse:
        services_of_appeals.decide(desk().house, request.actor, key, seen=said["seen"])
        withholding.apply_waiting(desk().house, desk().gateway)
        return redirect(f"{reverse('complaint', args=[key])}?done=appeal-decided#appeal")

    return attempt(
        forms.Nothing(request.POST, item="appeal"),
        do,
        lambda form, status: show(request, known(request, key), form, status),
    )
