"""What an agency was asked, and its answer through the one-time link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect

from perisai.desk.actors import Actor
from perisai.desk.attachments.given import keep_with
from perisai.desk.attachments.limits import MOST
from perisai.desk.attachments.services import store_in
from perisai.desk.improvements import domain
from perisai.desk.permissions import Role
from perisai.desk.public import doors, forms
from perisai.desk.public.here import here
from perisai.desk.public.pages import render, to
from perisai.desk.public.words import WORDS
from perisai.errors import NotYet, Outdated

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from perisai.desk.cases.state import Case
    from perisai.desk.public.words import Language
    from perisai.storage.facts.records import NewFact

RECEIVER = Actor("link", Role.MINISTRY)
"""Who holds the link. Its name is not known, and not asked for."""
ANSWERS_PER_HOUR = 20


def asked(
    request: HttpRequest, language: Language, case: Case, key: str, token: str
) -> HttpResponse:
    """Show what was asked, or take an answer. Looking changes nothing."""
    if request.method != "POST":
        return _show(request, language, case, key)
    words = WORDS[language]
    form = forms.AnswerAsked(request.POST, words)
    if not form.is_valid():
        return _show(request, language, case, key, form, 422)
    files = doors.given_in(request, form, words)
    if files is None:
        return _show(request, language, case, key, form, 422)
    if here().spend_on(f"{case.id} {key}", "answer", ANSWERS_PER_HOUR):
        return _show(request, language, case, key, form, 429, words["wrong_often_more"])
    seen = request.POST.get("seen", "")

    def decide(known: Case, kept: tuple[str, ...]) -> list[NewFact]:
        if seen != str(len(known.improvements[key].answers)):
            raise Outdated("Another answer has come since the page was shown.")
        told = form.cleaned_data["answer"]
        return domain.answer_by_link(known, key, told, doors.besides(form), kept)

    try:
        store, days = store_in(here().settings), here().desk.attachment_days
        keep_with(here().house, store, RECEIVER, case.id, files, decide, days=days)
    except Outdated:
        case = here().house.case(case.id)
        return _show(request, language, case, key, form, 409, words["answer_moved"])
    except NotYet:
        many = len(case.improvements[key].files) + len(files) > MOST
        said = form.cleaned_data
        half = bool(said["promise"]) != bool(said["promise_by"])
        over = words["asked_withdrawn" if case.improvements[key].withdrawn else "asked_over"]
        notice = words["promise_half"] if half else over
        notice = words["files_many"] if many else notice
        return _show(request, language, case, key, form, 422, notice)
    return HttpResponseRedirect(to(language, "door", token=token))


def _show(
    request: HttpRequest,
    language: Language,
    case: Case,
    key: str,
    form: forms.AnswerAsked | None = None,
    status: int = 200,
    notice: str = "",
) -> HttpResponse:
    known, words = case.improvements[key], WORDS[language]
    clock = case.clocks.get(domain.clock_of(key))
    return render(
        request,
        language,
        "asked",
        status,
        known=known,
        house=here().desk.name,
        due=here().day(clock.due if clock else known.due, language),
        documents=case.attachments,
        over=bool(known.outcome),
        form=form or forms.AnswerAsked(None, words),
        seen=len(known.answers),
        notice=notice,
    )
