"""Steps of the procedure: their clocks are started and ended by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.clocks import steps
from perisai.desk.web import forms
from perisai.desk.web.running import desk
from perisai.desk.web.views.acting import change
from perisai.desk.web.wording import language

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.cases.state import Case
    from perisai.desk.web.access import Request
    from perisai.storage.facts.records import NewFact


def choices() -> list[tuple[str, str]]:
    """The steps of this house's procedure, each with its time."""
    return [
        (key, f"{step.names[language()]} ({step.span})")
        for key, step in desk().procedure.steps.items()
    ]


def begun(request: Request, key: str) -> HttpResponse:
    """A step begins."""
    form = forms.Step(request.POST, steps=choices())

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        step, now = desk().procedure.steps[said["step"]], desk().house.clock()
        return steps.begin(case, request.actor, now, step, desk().calendar)

    return change(request, key, form, decide, done="step-begun", at="clocks")


def ended(request: Request, key: str, name: str) -> HttpResponse:
    """What a step waited for has happened."""
    form = forms.EndStep(request.POST, item=name)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return steps.end(case, request.actor, name, said["reason"])

    return change(request, key, form, decide, done="step-ended", at="clocks")
