"""Improvement requests: the register, and what is done with one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.attachments.given import keep_with
from perisai.desk.attachments.services import store_in
from perisai.desk.improvements import domain, objections, sending
from perisai.desk.improvements.services import visible
from perisai.desk.permissions import Role
from perisai.desk.summons import replies
from perisai.desk.web import forms
from perisai.desk.web.forms import verifying
from perisai.desk.web.reading import readable
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, Table
from perisai.desk.web.views import case_page
from perisai.desk.web.views.acting import (
    attempt,
    besides_of,
    change,
    given_of,
    known_case,
    scan_of,
    to_case,
)
from perisai.desk.web.views.summons import link_of
from perisai.desk.web.wording import day, word

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from perisai.desk.attachments.given import Decide, Given
    from perisai.desk.cases.state import Case
    from perisai.desk.improvements.models import ImprovementRow
    from perisai.desk.web.access import Request
    from perisai.storage.facts.records import NewFact

LATE = "overdue"
"""Asked for in the register: what is open after its day."""


def rows(request: Request) -> QuerySet[ImprovementRow]:
    """The requests that who asks may look through."""
    return visible(request.actor).filter(case__in=readable(request).values("id"))


def columns() -> tuple[Column, ...]:
    """What a table of requests shows."""
    return (
        Column("agency", "agency", lambda row: row.agency),
        Column("what", "", lambda row: row.what),
        Column("due", "due", lambda row: day(row.due)),
        Column("asked", "standing", lambda row: word(row.standing, "asked")),
        Column("platform", "platform", lambda row: row.platform),
        Column("case", "case", lambda row: row.case),
    )


def table(request: Request) -> Table[ImprovementRow]:
    """The register of requests, as the address asks for it: ``standing``, ``platform``."""
    found, asked = rows(request), request.GET.get("standing")
    if platform := request.GET.get("platform", ""):
        found = found.filter(platform=platform)
    if asked in standings(request):
        late = {"standing__in": domain.OPEN, "due__lt": desk().house.clock()}
        found = found.filter(**late if asked == LATE else {"standing": asked})
    return Table(request, found, columns(), "improvements", first="due")


def standings(request: Request) -> tuple[str, ...]:
    """By what the register may be filtered: the ministry knows of no drafts."""
    ministry = request.actor.role is Role.MINISTRY
    return (LATE, *(domain.LEFT_THE_HOUSE if ministry else domain.STANDINGS))


def listed(request: Request) -> HttpResponse:
    """The register of improvement requests."""
    return page(
        request,
        "improvements",
        table=table(request),
        standings=standings(request),
        open=domain.OPEN,
        asked=request.GET,
        now=desk().house.clock(),
    )


def as_csv(request: Request) -> HttpResponse:
    """The same list for a spreadsheet."""
    return table(request).csv()


def asked(request: Request, key: str) -> HttpResponse:
    """Write a request down."""
    form = forms.Ask(request.POST, measures=known_case(key).measures)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return domain.ask(
            case,
            request.actor,
            desk().house.clock(),
            agency=said["agency"],
            what=said["what"],
            verify=verifying.told(said),
            due=said["due"],
        )

    return change(request, key, form, decide, done="asked", at="improvements")


def agreed(request: Request, key: str, item: str) -> HttpResponse:
    """A second person agrees, and it leaves the house."""
    form = forms.Nothing(request.POST, item=f"agree-{item}")

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:  # noqa: ARG001
        return domain.approve(case, request.actor, desk().house.clock(), item)

    return change(request, key, form, decide, done="request-agreed", at="improvements")


def dropped(request: Request, key: str, item: str) -> HttpResponse:
    """It will not be asked."""
    form = forms.Drop(request.POST, item=item)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return domain.drop(case, request.actor, item, said["reason"])

    return change(request, key, form, decide, done="request-dropped", at="improvements")


def sent(request: Request, key: str, item: str) -> HttpResponse:
    """It goes to the agency. The page that follows shows the one-time link, and no other does."""
    return _sent(request, key, item, forms.SendRequest(request.POST, item=item))


def sent_again(request: Request, key: str, item: str) -> HttpResponse:
    """It came back: the same, with another link."""
    return _sent(request, key, item, forms.SendAgain(request.POST, item=item))


def _sent(request: Request, key: str, item: str, form: forms.SendRequest) -> HttpResponse:
    house = desk().house

    def do(said: dict[str, Any]) -> HttpResponse:
        told = {"how": said["how"], "address": said["email"], "seen": said["seen"]}
        told["reason"] = said.get("reason")
        token = sending.send(house, request.actor, key, item, link=link_of, **told)
        goes = bool(desk().settings.mail.host and said["email"])
        more = {"link": link_of(token), "link_of": item, "goes": goes}
        return case_page.show(request, key, None, 201, **more)

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def answered(request: Request, key: str, item: str) -> HttpResponse:
    """The ministry answers."""
    form = forms.AnswerRequest(request.POST, request.FILES, item=item)

    def do(said: dict[str, Any]) -> HttpResponse:
        besides, given = besides_of(said), given_of(said["papers"])
        _keep(
            request,
            key,
            given,
            lambda c, files: domain.answer(c, request.actor, item, said["text"], besides, files),
        )
        return to_case(key, "request-answered", "improvements")

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def on_paper(request: Request, key: str, item: str) -> HttpResponse:
    """Enter what the agency wrote on paper."""
    form = forms.RequestPaper(request.POST, request.FILES, item=item)

    def do(said: dict[str, Any]) -> HttpResponse:
        besides, scans = besides_of(said), scan_of(said)
        text, how = said["text"], said["how"]
        _keep(
            request,
            key,
            scans,
            lambda c, files: domain.record_answer(
                c, request.actor, item, text, how, besides, files
            ),
        )
        return to_case(key, "letter-answered", "improvements")

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def verified(request: Request, key: str, item: str, number: str) -> HttpResponse:
    """A second person compared what was entered with the paper."""
    form = forms.Verify(request.POST, item=f"{item}-{number}")

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        now = desk().house.clock()
        by = replies.until(now, desk().procedure, desk().calendar)
        return domain.verify_answer(
            case,
            request.actor,
            item,
            int(number),
            same=said["same"] == "yes",
            reason=said["reason"],
            objection=replies.Besides(now, by, objects=True),
        )

    return change(request, key, form, decide, done="letter-verified", at="improvements")


def objection(request: Request, key: str, item: str) -> HttpResponse:
    """Whether the agency's objection is right; it is told."""
    form = forms.Objection(request.POST, item=item)
    known_case(key)

    def do(said: dict[str, Any]) -> HttpResponse:
        outcome, reason = said["outcome"], said["reason"]
        objections.decide_and_tell(desk().house, request.actor, key, item, outcome, reason)
        return to_case(key, "request-decided", item)

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def _keep(request: Request, key: str, given: list[Given], decide: Decide) -> None:
    """Write an answer, and keep the documents with it."""
    at = desk()
    store, days = store_in(at.settings), at.settings.desk.attachment_days
    keep_with(at.house, store, request.actor, key, given, decide, days=days)


def judged(request: Request, key: str, item: str) -> HttpResponse:
    """Done, late or not done."""
    case = known_case(key)
    known = case.improvements.get(item)
    found = verifying.judging(known.verify, case, request.actor) if known else None
    kind, more = found or (forms.Judge, {})
    form = kind(request.POST, item=item, outcomes="asked", **more)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        wanted = {name: said.get(name, "") for name in verifying.JUDGED}
        return domain.judge(case, request.actor, item, **wanted)

    return change(request, key, form, decide, done="request-judged", at="improvements")
