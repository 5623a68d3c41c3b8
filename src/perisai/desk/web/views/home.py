"""What waits for whoever has signed in, and the pages that look across cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db.models import Count, Q

from perisai.desk.cases.models import CaseRow, ClockRow, SummonsRow
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.improvements.domain import OPEN
from perisai.desk.opinions.services import waiting_for
from perisai.desk.permissions import Permission
from perisai.desk.previews import services as previews
from perisai.desk.web.reading import readable, readable_complaints
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.timeline import clock_word
from perisai.desk.web.views import improvements, listing, referrals
from perisai.desk.web.views.cases import STATUSES
from perisai.desk.web.views.complaints import with_same
from perisai.desk.web.views.outbox import unreceived
from perisai.storage.facts.models import Event as EventRow

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from perisai.desk.improvements.models import ImprovementRow
    from perisai.desk.web.access import Request
    from perisai.desk.web.tables import Row

P = Permission

SHOWN = 10
LATEST = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of thing that waits: its word, how many, and the first of them."""

    name: str
    count: int
    rows: list[Any]


def home(request: Request) -> HttpResponse:
    """What waits for who asks, by role."""
    may, mine = request.actor.may, readable(request)
    values: dict[str, object] = {}
    if may(P.COMPLAINT_READ):
        values |= _complaints(request)
    if may(P.CASE_READ):
        found = dict(mine.values_list("status").annotate(number=Count("id")).order_by())
        values["statuses"] = [(each, found[each]) for each in STATUSES if each in found]
        values["clocks"] = _clocks(mine)
    values["time"] = _looking(request)
    values["todo"] = list(filter(lambda each: each.count, _todo(request, mine)))
    if may(P.CLAIM_SECOND):
        values["opinions"] = waiting_for(request.actor).count()
    if may(P.SUMMONS_REPLY):
        values["mail"] = _waiting("mail", _mail(request).order_by("due"))
    if may(P.IMPROVEMENT_ANSWER):
        values["requests"] = _waiting("requests", _asked(request).order_by("due"))
    if may(P.OUTBOX_READ):
        values["unreceived"] = unreceived(request)
    if may(P.REFERRAL_READ):
        values["referred"] = referrals.waiting(request)
    if may(P.FACTS_AUDIT):
        values["facts"] = desk().house.log.end()[0]
    if may(P.PEOPLE_MANAGE):
        values["accounts"] = User.objects.filter(is_active=True).count()
    return page(request, "home", now=desk().house.clock(), **values)


def _complaints(request: Request) -> dict[str, Waiting]:
    """Complaints that wait, and what who complained wrote again, words of danger first."""
    waiting = with_same(ComplaintRow.objects.filter(waiting=True)).order_by("received")
    found = {"waiting": _waiting("complaints", waiting)}
    if request.actor.may(P.COMPLAINT_ANSWER):
        wrote = readable_complaints(request).filter(unanswered__isnull=False)
        found["unanswered"] = _waiting("unanswered", wrote.order_by("-danger", "unanswered"))
    return found


def _todo(request: Request, mine: QuerySet[CaseRow]) -> list[Waiting]:
    may, name = request.actor.may, request.actor.name
    letters = SummonsRow.objects.filter(case__in=mine.values("id"))
    by_me = Q(drafted_by__endswith=f":{name}")
    made: list[tuple[str, QuerySet[Any]]] = []
    if may(P.CLAIM_DECIDE):
        made.append(("to-decide", mine.filter(claim="open").order_by("promised")))
    if may(P.SUMMONS_APPROVE):
        made.append(("letters-to-agree", letters.filter(standing="draft").exclude(by_me)))
    if may(P.RESULT_APPROVE):
        drafts = mine.filter(result="draft").exclude(result_by__endswith=f":{name}")
        made.append(("results-to-agree", drafts.order_by("promised")))
    if may(P.SUMMONS_RECORD):
        made.append(("letters-to-send", letters.filter(standing="approved")))
        made.append(("letters-to-compare", _to_compare(letters, name)))
        made.append(("letters-answered", letters.filter(standing="answered")))
    if may(P.RESULT_DRAFT):
        made.append(("results-to-publish", mine.filter(result="approved").order_by("promised")))
    made += _todo_of_requests(request)
    if may(P.LIST_AGREE):
        made.append(("listings-to-agree", listing.to_agree(request)))
    return [_waiting(name, rows) for name, rows in made]


def _todo_of_requests(request: Request) -> list[tuple[str, QuerySet[Any]]]:
    """What waits for somebody in what agencies are asked."""
    may, name, asked = request.actor.may, request.actor.name, improvements.rows(request)
    made: list[tuple[str, QuerySet[Any]]] = []
    if may(P.IMPROVEMENT_ASK):
        made.append(("improvements-to-compare", _to_compare(asked, name)))
        by_us = Q(asked_by__endswith=f":{name}") | Q(approved_by__endswith=f":{name}")
        objected = asked.filter(standing="objected").exclude(by_us)
        made.append(("improvements-objected", objected.order_by("due")))
    if may(P.IMPROVEMENT_APPROVE):
        others = asked.filter(standing="draft").exclude(asked_by__endswith=f":{name}")
        made.append(("improvements-to-agree", others.order_by("due")))
    if may(P.IMPROVEMENT_JUDGE):
        made.append(("improvements-answered", asked.filter(standing="answered").order_by("due")))
    return made


def _to_compare(rows: QuerySet[Row], name: str) -> QuerySet[Row]:
    """What somebody else has entered from paper, for a second person to compare."""
    return rows.filter(paper_by__gt="").exclude(paper_by__endswith=f":{name}")


def _looking(request: Request) -> previews.Looking | None:
    """How long who asks has looked at pictures today, if they may look at any."""
    chosen = desk().settings
    if not (request.actor.may(P.PREVIEW_OPEN) and chosen.desk.preview_days):
        return None
    return previews.looking(desk().house, chosen, request.actor)


def _asked(request: Request) -> QuerySet[ImprovementRow]:
    """What a ministry is asked and nobody has judged."""
    return improvements.rows(request).filter(standing__in=OPEN)


def _waiting(name: str, rows: QuerySet[Any]) -> Waiting:
    """The first rows; they are counted only where there are more than are shown."""
    first = list(rows[: SHOWN + 1])
    count = len(first) if len(first) <= SHOWN else rows.count()
    return Waiting(name, count, first[:SHOWN])


def _clocks(mine: QuerySet[CaseRow]) -> list[dict[str, Any]]:
    now = desk().house.clock()
    running = ClockRow.objects.filter(met=None, paused=None, case__in=mine.values("id"))
    rows = list(running.order_by("due")[:SHOWN])
    titles = dict(
        CaseRow.objects.filter(id__in={row.case for row in rows}).values_list("id", "title")
    )
    return [
        {
            "case": row.case,
            "title": titles.get(row.case, ""),
            "label": clock_word(row.name),
            "standing": "late" if now > row.due else "soon" if now >= row.warn else "running",
            "due": row.due,
            "left": row.due - now,
        }
        for row in rows
    ]


def _mail(request: Request) -> QuerySet[SummonsRow]:
    sent = SummonsRow.objects.filter(platform__iexact=request.actor.platform).exclude(sent=None)
    return sent.exclude(platform="")


def audit(request: Request, verified: object = None) -> HttpResponse:
    """The latest facts: which kind, where, by whom, when; never what was told."""
    number, link = desk().house.log.end()
    latest = EventRow.objects.order_by("-number").only("number", "stream", "kind", "at", "by")
    return page(
        request, "audit", number=number, link=link, latest=list(latest[:LATEST]), verified=verified
    )


def verified(request: Request) -> HttpResponse:
    """Compute the whole chain again."""
    broken = desk().house.log.verify()
    return audit(request, {"broken": broken})
