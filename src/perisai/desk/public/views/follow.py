"""How a complaint stands, for whoever has its receipt; messages both ways; taking it back.

The receipt comes in the body of a request and never stands in an address. For what is done on the
page afterwards it hands out a token that ends after half an hour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core import signing
from django.views.decorators.http import require_http_methods

from perisai.desk.actors import PUBLIC
from perisai.desk.complaints import domain
from perisai.desk.complaints.receipts import Receipt
from perisai.desk.public import forms
from perisai.desk.public.here import here
from perisai.desk.public.pages import RETRY, minutes, render, to
from perisai.desk.public.progress import stages, standing
from perisai.desk.public.words import WORDS
from perisai.desk.triage.urgency import tells_of_danger
from perisai.errors import NotYet, Outdated, StorageError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from perisai.desk.complaints.state import Complaint
    from perisai.desk.public.words import Language
    from perisai.storage.facts.records import NewFact

LASTS_SECONDS = 30 * 60
_SALT = "perisai.follow"
NETWORK_TIMES = 10
"""How many more guesses a network has than a receipt: many phones may share it."""
MESSAGES_PER_HOUR = 20


@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, language: Language) -> HttpResponse:
    """Ask for the receipt, or show the complaint that it opens."""
    if request.method != "POST":
        return _ask(request, language)
    if "token" in request.POST:
        return _act(request, language)
    form = forms.Code(request.POST, WORDS[language])
    receipt = Receipt.read(form.cleaned_data["code"]) if form.is_valid() else None
    if receipt is None:
        return _ask(request, language, "code_format", 422)
    wait = guesses(request, receipt)
    if wait:
        return _ask(request, language, "code_often", 429, wait)
    complaint = here().house.find(receipt)
    if complaint is None:
        return _ask(request, language, "code_unknown", 422)
    return _show(request, language, complaint)


def guesses(request: HttpRequest, receipt: Receipt) -> int:
    """Count this try, alike for receipts that exist and those that do not."""
    site = here()
    most = site.desk.guesses_per_hour
    return site.spend(request, "receipt", most * NETWORK_TIMES) or site.spend_on(
        receipt.locator, "receipt", most
    )


def _ask(
    request: HttpRequest, language: Language, error: str = "", status: int = 200, wait: int = 0
) -> HttpResponse:
    words = WORDS[language]
    # What was typed is not sent back: somebody else may look at the screen by now.
    form = forms.Code(None, words)
    told = words[error].format(minutes=minutes(wait)) if error else ""
    response = render(request, language, "follow", status, form=form, error=told)
    if wait:
        response.headers[RETRY] = str(wait)
    return response


def _act(request: HttpRequest, language: Language) -> HttpResponse:
    """Do what a button on the complaint's page asks for."""
    try:
        key, position = signing.loads(request.POST["token"], salt=_SALT, max_age=LASTS_SECONDS)
    except signing.BadSignature:
        return _ask(request, language, "code_again", 422)
    complaint = here().house.complaint(key)
    act = request.POST.get("do", "")
    if act == "message":
        return _message(request, language, complaint, position)
    if act == "withdraw":
        return _withdraw(request, language, complaint)
    return _show(request, language, complaint, asked=act == "ask")


def _message(
    request: HttpRequest, language: Language, complaint: Complaint, position: int
) -> HttpResponse:
    words = WORDS[language]
    form = forms.Message(request.POST, words)
    if not form.is_valid():
        return _show(request, language, complaint, form=form, status=422)
    site = here()
    wait = site.spend_on(complaint.id, "message", MESSAGES_PER_HOUR)
    if wait:
        told = words["code_often"].format(minutes=minutes(wait))
        return _show(request, language, complaint, form=form, status=429, notice=told)
    house = site.house

    def decide(known: Complaint) -> list[NewFact]:
        if known.position != position:
            raise Outdated("The complaint has gone on since the page was shown.")
        text = form.cleaned_data["message"]
        sealed = house.people.seal(known.person, text)
        return domain.follow(known, sealed, danger=tells_of_danger(text))

    try:
        complaint = house.change_complaint(complaint.id, PUBLIC, decide)
    except NotYet:
        return _show(request, language, house.complaint(complaint.id), status=409)
    except Outdated:
        complaint = house.complaint(complaint.id)
        notice = words["message_moved"]
        return _show(request, language, complaint, form=form, status=409, notice=notice)
    except StorageError:
        if house.people.knows(complaint.person):
            raise
        return _show(request, language, complaint, status=409, notice=words["message_erased"])
    return _show(request, language, complaint, notice=words["message_sent"], good=True)


def _withdraw(request: HttpRequest, language: Language, complaint: Complaint) -> HttpResponse:
    house = here().house
    try:
        complaint = house.change_complaint(complaint.id, PUBLIC, domain.withdraw)
    except NotYet:  # it was taken back already: the page says so
        complaint = house.complaint(complaint.id)
    return _show(request, language, complaint)


def _show(
    request: HttpRequest,
    language: Language,
    complaint: Complaint,
    *,
    form: forms.Message | None = None,
    status: int = 200,
    notice: str = "",
    good: bool = False,
    asked: bool = False,
) -> HttpResponse:
    house = here().house
    words = WORDS[language]
    case = house.case(complaint.case) if complaint.case else None
    stands = standing(complaint, case)
    appeal = complaint.appeal
    answer = house.people.open(appeal.text) if appeal.text and appeal.decided else ""
    messages = [
        {"text": house.people.open(each.sealed), "ours": each.from_house, "at": each.at}
        for each in complaint.messages
    ]
    return render(
        request,
        language,
        "stands",
        status,
        token=signing.dumps([complaint.id, complaint.position], salt=_SALT),
        stands=words[f"stands_{stands}"],
        stages=[(words[f"stage_{s.name}"], s) for s in stages(complaint, case)],
        result=to(language, "result", key=case.id) if case and stands == "published" else "",
        messages=messages,
        appeal=appeal.asked,
        answer=words["message_gone"] if answer is None else answer,
        open=complaint.withdrawn is None,
        child=complaint.sealed is not None,
        form=form or forms.Message(None, words),
        notice=notice,
        good=good,
        asked=asked,
    )
