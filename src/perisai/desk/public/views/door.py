"""The door of a platform that was invited: its letter, *we have received it*, and its answer.

The link of a request to an agency leads here, too (:mod:`perisai.desk.public.views.asked`).

Looking changes nothing: programs that preview links open them, too. Only a button counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_safe

from perisai.desk.actors import Actor
from perisai.desk.attachments.given import keep_with
from perisai.desk.attachments.limits import MOST
from perisai.desk.attachments.services import store_in
from perisai.desk.attachments.sniffing import DOCX
from perisai.desk.permissions import Role
from perisai.desk.public import doors, forms
from perisai.desk.public.here import here
from perisai.desk.public.pages import render, to
from perisai.desk.public.views import asked, wrong
from perisai.desk.public.words import WORDS
from perisai.desk.summons import domain, editions
from perisai.desk.summons.letters import Letter, ics, pdf
from perisai.desk.summons.letters.sheet import laid_out
from perisai.errors import NotYet, Outdated

if TYPE_CHECKING:
    from django.http import HttpRequest

    from perisai.desk.cases.state import Case
    from perisai.desk.public.words import Language
    from perisai.storage.facts.records import NewFact

HOW = "link"
RECEIVER = Actor("link", Role.PLATFORM)
"""Who holds the link. Its name is not known, and not asked for."""
WRONG_PER_HOUR = 300
ANSWERS_PER_HOUR = 20
FILES_PER_HOUR = 100


@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, language: Language, token: str) -> HttpResponse:
    """Show the letter behind a link, or take what its receiver sends."""
    found = _behind(request, token)
    if not isinstance(found, tuple):
        return found
    case, key = found
    if key in case.improvements:
        return asked.asked(request, language, case, key, token)
    if request.method != "POST":
        return _show(request, language, case, key, token)
    if request.POST.get("do") == "received":
        here().house.change_case(case.id, RECEIVER, lambda c: domain.acknowledge(c, key, HOW))
        return HttpResponseRedirect(to(language, "door", token=token))
    return _answer(request, language, case, key, token)


def _answer(
    request: HttpRequest, language: Language, case: Case, key: str, token: str
) -> HttpResponse:
    words = WORDS[language]
    form = forms.Answer(request.POST, words)
    if not form.is_valid():
        return _show(request, language, case, key, token, form, 422)
    files = doors.given_in(request, form, words)
    if files is None:
        return _show(request, language, case, key, token, form, 422)
    wait = here().spend_on(f"{case.id} {key}", "answer", ANSWERS_PER_HOUR)
    if wait:
        return _show(request, language, case, key, token, form, 429, words["wrong_often_more"])
    seen = request.POST.get("seen", "")

    def decide(known: Case, kept: tuple[str, ...]) -> list[NewFact]:
        if seen != str(len(known.summons[key].answers)):
            raise Outdated("Another answer has come since the page was shown.")
        told = form.cleaned_data["answer"]
        return domain.answer(known, key, told, HOW, besides=doors.besides(form), files=kept)

    try:
        store, days = store_in(here().settings), here().desk.attachment_days
        keep_with(here().house, store, RECEIVER, case.id, files, decide, days=days)
    except Outdated:
        case = here().house.case(case.id)
        return _show(request, language, case, key, token, form, 409, words["answer_moved"])
    except NotYet:
        said = form.cleaned_data
        half = bool(said["promise"]) != bool(said["promise_by"])
        notice = words["promise_half"] if half else words["error_empty"]
        if len(case.summons[key].files) + len(files) > MOST:
            notice = words["files_many"]
        return _show(request, language, case, key, token, form, 422, notice)
    return HttpResponseRedirect(to(language, "door", token=token))


def _show(
    request: HttpRequest,
    language: Language,
    case: Case,
    key: str,
    token: str,
    form: forms.Answer | None = None,
    status: int = 200,
    notice: str = "",
) -> HttpResponse:
    words = WORDS[language]
    summons = case.summons[key]
    clock = case.clocks.get(f"reply:{key}")
    due = here().moment(clock.due, language) if clock else ""
    known = here().moment(summons.acknowledged, language) if summons.acknowledged else ""
    edited = language in summons.edited
    return render(
        request,
        language,
        "door",
        status,
        sheet=laid_out(Letter.of(here().desk, case, summons, language)),
        summons=summons,
        edited=edited,
        documents=case.attachments,
        file=to(language, "letter-docx" if edited else "letter-pdf", token=token),
        ics=to(language, "letter-ics", token=token),
        due=words["letter_due"].format(due=due) if due and not summons.answers else "",
        known=words["letter_known"].format(at=known) if known else "",
        form=form or forms.Answer(None, words),
        seen=len(summons.answers),
        notice=notice,
    )


@require_safe
def letter(request: HttpRequest, language: Language, token: str, kind: str) -> HttpResponse:
    """The letter as a file: ``surat.pdf``, or ``undangan.ics`` for a calendar.

    A letter that was edited by hand is ``surat.docx`` instead.
    """
    found = _behind(request, token)
    if not isinstance(found, tuple):
        return found
    case, key = found
    if key not in case.summons:
        raise Http404
    wait = here().spend_on(f"{case.id} {key}", "letter", FILES_PER_HOUR)
    if wait:
        return wrong.page(request, "often", 429, wait)
    if kind != "ics" and (kind == "docx") != (language in case.summons[key].edited):
        raise Http404
    if kind == "docx":
        return _edited(case, key, language)
    written = Letter.of(here().desk, case, case.summons[key], language)
    if kind == "pdf":
        return _file(pdf.render(written), "application/pdf", f"{key}.pdf")
    return _file(ics.render(written), "text/calendar; charset=utf-8", f"{key}.ics")


def _edited(case: Case, key: str, language: Language) -> HttpResponse:
    store = store_in(here().settings)
    try:
        data = editions.file_of(here().house, store, case, case.summons[key], language)
    except NotYet as error:  # it was deleted, or names what was sealed since
        raise Http404 from error
    return _file(data or b"", DOCX, f"{key}.docx")


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _behind(request: HttpRequest, token: str) -> tuple[Case, str] | HttpResponse:
    """What a link leads to. Raises Http404 if nowhere; whoever tries many is told to wait."""
    found = here().house.door(token)
    if found is not None:
        return found
    wait = here().spend(request, "door", WRONG_PER_HOUR)
    if wait:
        return wrong.page(request, "often", 429, wait)
    raise Http404
