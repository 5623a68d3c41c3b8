"""The door of a platform that was invited: its letter, *we have received it*, and its answer.

Looking changes nothing: programs that preview links open them, too. Only a button counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from perisai.desk.actors import Actor
from perisai.desk.permissions import Role
from perisai.desk.public import dates, forms
from perisai.desk.public.here import here
from perisai.desk.public.pages import render, to
from perisai.desk.public.views import wrong
from perisai.desk.public.words import WORDS
from perisai.desk.summons import domain
from perisai.errors import NotYet, Outdated

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from perisai.desk.cases.state import Case, Summons
    from perisai.desk.public.words import Language
    from perisai.storage.facts.records import NewFact

HOW = "link"
RECEIVER = Actor("link", Role.PLATFORM)
"""Who holds the link. Its name is not known, and not asked for."""
WRONG_PER_HOUR = 300
ANSWERS_PER_HOUR = 20
LISTS = ("questions", "documents")


@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, language: Language, token: str) -> HttpResponse:
    """Show the letter behind a link, or take what its receiver sends."""
    found = here().house.door(token)
    if found is None:
        wait = here().spend(request, "door", WRONG_PER_HOUR)
        if wait:
            return wrong.page(request, "often", 429, wait)
        raise Http404
    case, key = found
    if request.method != "POST":
        return _show(request, language, case, key)
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
        return _show(request, language, case, key, form, 422)
    wait = here().spend_on(f"{case.id} {key}", "answer", ANSWERS_PER_HOUR)
    if wait:
        return _show(request, language, case, key, form, 429, words["wrong_often_more"])
    seen = request.POST.get("seen", "")

    def decide(known: Case) -> list[NewFact]:
        if seen != str(len(known.summons[key].answers)):
            raise Outdated("Another answer has come since the page was shown.")
        return domain.answer(known, key, form.cleaned_data["answer"], HOW)

    try:
        here().house.change_case(case.id, RECEIVER, decide)
    except Outdated:
        case = here().house.case(case.id)
        return _show(request, language, case, key, form, 409, words["answer_moved"])
    except NotYet:
        return _show(request, language, case, key, form, 422, words["error_empty"])
    return HttpResponseRedirect(to(language, "door", token=token))


def _show(
    request: HttpRequest,
    language: Language,
    case: Case,
    key: str,
    form: forms.Answer | None = None,
    status: int = 200,
    notice: str = "",
) -> HttpResponse:
    words = WORDS[language]
    summons = case.summons[key]
    clock = case.clocks.get(f"reply:{key}")
    zone = here().desk.zone
    due = dates.moment(clock.due, zone, language) if clock else ""
    known = dates.moment(summons.acknowledged, zone, language) if summons.acknowledged else ""
    return render(
        request,
        language,
        "door",
        status,
        letter=_letter(summons),
        summons=summons,
        at=_time(summons.letter.get("at"), language),
        due=words["letter_due"].format(due=due) if due and not summons.answers else "",
        known=words["letter_known"].format(at=known) if known else "",
        form=form or forms.Answer(None, words),
        seen=len(summons.answers),
        notice=notice,
    )


def _letter(summons: Summons) -> dict[str, object]:
    """The letter's parts; lists as lists, however they were written down."""
    letter = dict(summons.letter)
    for name in LISTS:
        value = letter.get(name) or []
        letter[name] = value.splitlines() if isinstance(value, str) else list(value)
    return letter


def _time(text: object, language: Language) -> str:
    """When to come, in the zone that the letter names; as it was written if it is no time."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return str(text or "")
    zone = here().desk.zone
    return dates.moment(at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone)), zone, language)
