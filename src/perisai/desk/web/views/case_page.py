"""The page of one case: everything that is known, and the forms that may be filled now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from perisai.desk.attachments.domain import AUDIENCES
from perisai.desk.cases import domain as cases
from perisai.desk.cases.models import CaseRow
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.opinions.domain import blind
from perisai.desk.permissions import Permission
from perisai.desk.summons.domain import letters_seen
from perisai.desk.web import forms, panels
from perisai.desk.web.case_lines import (
    Bound,
    clock_line,
    compared,
    document_lines,
    note_line,
    promise_line,
)
from perisai.desk.web.letter_lines import letter_line
from perisai.desk.web.listing_lines import listing_lines
from perisai.desk.web.reading import about
from perisai.desk.web.rendering import page
from perisai.desk.web.request_lines import request_lines
from perisai.desk.web.running import desk
from perisai.desk.web.timeline import timeline
from perisai.desk.web.views import steps
from perisai.errors import NotYet
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.web.access import Request
    from perisai.desk.web.forms import Form

P = Permission
COMPLAINTS = 50
"""How many complaints the page of a case shows."""


def show(
    request: Request, key: str, sent: Form | None = None, status: int = 200, **more: object
) -> HttpResponse:
    """Show a case. Raises Http404, or NotAllowed for a party to the case."""
    try:
        case, facts = desk().house.history(key)
    except NotYet as error:
        raise Http404 from error
    actor = request.actor
    if blind(case, actor) and actor.name not in case.conflicted:
        return redirect(reverse("opinion", args=[key]))
    cases.read(case, actor)
    bound = Bound(sent)
    alike = (
        about(CaseRow.objects.all(), case.platform[:200])
        .exclude(id=case.id)
        .exclude(status="merged")
    )
    values: dict[str, object] = {
        "case": case,
        "timeline": list(timeline(case, facts, actor)),
        "clocks": [clock_line(each, actor, bound) for each in case.clocks.values()],
        "letters": [letter_line(each, case, actor, bound) for each in letters_seen(case, actor)],
        "promises": [promise_line(each, case, actor, bound) for each in case.commitments.values()],
        "requests": request_lines(case, actor, bound),
        "compared": compared(case),
        "notes": [note_line(each, case, actor, bound) for each in cases.notes_for(case, actor)],
        "documents": document_lines(case, actor, bound),
        "bands": list(AgeBand),
        "others": alike.count(),
        "complaints": _complaints(case, actor),
        "panels": panels.drawn(case, actor),
        "withhold": _of_samples(case, actor, bound),
        "listings": listing_lines(case, actor, bound),
        "measuring": desk().measuring is not None,
        "forms": _of_evidence(case, actor, bound)
        | _of_outcome(case, actor, bound)
        | _of_whole(case, actor, bound),
        **more,
    }
    return page(request, "case", status, **values)


def _complaints(case: Case, actor: Actor) -> list[ComplaintRow]:
    """The first complaints of a case, for those who may read them; else their numbers alone."""
    first = case.complaints[:COMPLAINTS]
    if not actor.may(P.COMPLAINT_READ):
        return [ComplaintRow(id=each) for each in first]
    found = ComplaintRow.objects.in_bulk(first)
    return [found[each] for each in first if each in found]


def people() -> list[str]:
    """The names of those who have an account."""
    found = User.objects.filter(is_active=True).order_by("username")
    return list(found.values_list("username", flat=True))


def _of_samples(case: Case, actor: Actor, bound: Bound) -> dict[str, Form]:
    """The form of each sample that may be withheld or freed, by SHA-256."""
    if not actor.may(P.SAMPLE_WITHHOLD):
        return {}
    open_ = (each.sha256 for each in case.samples if not each.sealed)
    return {sha256: bound(forms.Withhold, sha256[:12]) for sha256 in open_}


def _of_evidence(case: Case, actor: Actor, bound: Bound) -> dict[str, Form]:
    """The forms for notes, samples, the claim and measures."""
    may, public = actor.may, bool(case.result and case.result.published)
    made: dict[str, Form] = {}
    if may(P.CASE_NOTE):
        made["note"] = bound(forms.Note, audiences=cases.audiences_of(actor))
    if may(P.ATTACHMENT_KEEP) and not case.merged_into:
        audiences = [each for each in AUDIENCES if each in cases.audiences_of(actor)]
        made["document"] = bound(forms.KeepDocument, audiences=audiences)
    if may(P.SAMPLE_SCREEN) and not public:
        made["sample"] = bound(forms.Sample, complaints=case.complaints)
    screened = any(not each.document for each in case.samples)
    if may(P.CLAIM_DECIDE) and screened and not public:
        made["decide"] = bound(forms.Decide, initial={"seen": case.position})
    if may(P.EXPOSURE_MEASURE):
        first = {"words": case.words[0] if case.words else ""}
        made["measure"] = bound(forms.Measure, initial=first)
        made["measured"] = bound(forms.MeasureByHand, initial=first)
    if may(P.CLOCK_START) and desk().procedure.steps:
        made["step"] = bound(forms.Step, steps=steps.choices())
    return made


def _of_whole(case: Case, actor: Actor, bound: Bound) -> dict[str, Form]:
    """The forms about what the case is about, and who is a party to it."""
    may, over = actor.may, case.merged_into or (case.result and case.result.published)
    made: dict[str, Form] = {}
    if may(P.CASE_MERGE) and not over:
        made["merge"] = bound(forms.Merge)
        if case.complaints:
            made["split"] = bound(forms.Split, complaints=case.complaints)
    if may(P.CASE_OPEN) and not over:
        made["widen"] = bound(forms.Widen)
    if may(P.CONFLICT_NAME):
        made["conflict"] = bound(forms.Conflict, people=people())
    return made


def _of_outcome(case: Case, actor: Actor, bound: Bound) -> dict[str, Form]:
    """The forms for a new letter, a commitment and the public result."""
    may, seen = actor.may, {"seen": case.position}
    standing = case.result.standing if case.result else ""
    made: dict[str, Form] = {}
    if may(P.SUMMONS_DRAFT) and case.claim == "confirmed":
        made["draft"] = bound(
            forms.Draft,
            initial={"recipient": case.platform},
            platforms=case.platforms,
            zones=desk().zones,
        )
    if may(P.COMMITMENT_RECORD):
        made["promise"] = bound(
            forms.Promise, initial={"party": case.platform}, measures=case.measures
        )
    if may(P.IMPROVEMENT_ASK) and not case.merged_into:
        made["ask"] = bound(forms.Ask, measures=case.measures)
    if may(P.RESULT_DRAFT) and case.claim != "open" and standing != "published":
        texts = case.result.texts if case.result else {}
        first = {"text_id": texts.get("id", ""), "text_en": texts.get("en", "")}
        made["result"] = bound(forms.Result, initial=first)
    if may(P.RESULT_APPROVE) and standing == "draft":
        made["agree_result"] = bound(forms.Nothing, "agree-result", initial=seen)
    if may(P.RESULT_DRAFT) and standing == "approved":
        made["publish"] = bound(forms.Nothing, "publish", initial=seen)
    return made
