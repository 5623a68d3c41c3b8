"""Referrals of what was sealed: sent by one person, acknowledged, reviewed by another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Min, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from perisai.desk.cases.models import ConflictRow
from perisai.desk.outbox.models import MessageRow
from perisai.desk.permissions import Permission
from perisai.desk.referrals import services
from perisai.desk.referrals.models import ReferralRow
from perisai.desk.web import forms
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, Table
from perisai.desk.web.views.acting import attempt, known_case
from perisai.desk.web.wording import moment, who, word
from perisai.errors import NotYet

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from perisai.desk.web.access import Request

P = Permission
STANDINGS = (
    "drafted",
    "sent",
    "acknowledged",
    "reviewed",
    "reviewed-open",
    "more",
    "lifted",
    "lifted-sent",
    "withdrawn",
    "withdrawn-told",
)


def rows(request: Request) -> QuerySet[ReferralRow]:
    """The referrals that who asks may see: not those of cases to which they are a party."""
    party = ConflictRow.objects.filter(name=request.actor.name).values("case")
    return ReferralRow.objects.exclude(case__in=party)


def waiting(request: Request) -> dict[str, Any]:
    """How many are to be sent and since when, and how many seals wait for a second person."""
    theirs = ~Q(asked_by__endswith=f":{request.actor.name}")
    return rows(request).aggregate(
        unsent=Count("id", filter=Q(sent=None, lifted=None)),
        since=Min("drafted", filter=Q(sent=None, lifted=None)),
        wrote=Min("more", filter=Q(lifted=None)),
        more=Count("id", filter=Q(more__isnull=False, lifted=None)),
        asked=Count("id", filter=Q(asked__isnull=False) & theirs),
    )


def table(request: Request) -> Table[ReferralRow]:
    """The table; what waits to be sent comes first."""
    arrived = arrived_messages()
    columns = (
        Column("standing", "", lambda row: word(standing(row, arrived), "referral")),
        Column("complaint", "id", lambda row: row.id),
        Column("drafted", "drafted", lambda row: moment(row.drafted)),
        Column("sent", "sent", lambda row: moment(row.sent)),
        Column("sent-by", "sent_by", lambda row: who(row.sent_by) if row.sent_by else ""),
        Column("recipient", "receiver", lambda row: row.receiver),
        Column("reviewed", "reviewed", lambda row: moment(row.reviewed)),
        Column("message", "message", lambda row: row.message),
    )
    return Table(request, rows(request), columns, "referrals", first="-drafted")


def standing(row: ReferralRow, arrived: set[str]) -> str:
    """One word: how it stands."""
    if row.withdrawal:
        return "withdrawn-told" if row.withdrawal in arrived else "withdrawn"
    if row.lifted:
        return "lifted-sent" if row.sent else "lifted"
    if row.more:
        return "more"
    if row.reviewed:
        return "reviewed" if row.message in arrived else "reviewed-open"
    if row.sent:
        return "acknowledged" if row.message in arrived else "sent"
    return "drafted"


def _red(row: ReferralRow, arrived: set[str]) -> bool:
    """Whether somebody is still to know of it, or of its seal being undone."""
    if row.lifted:
        return bool(row.withdrawal) and row.withdrawal not in arrived
    return bool(row.more) or row.message not in arrived


def _has_document(row: ReferralRow) -> bool:
    return bool(row.sent) and (not row.lifted or bool(row.withdrawal))


def arrived_messages() -> set[str]:
    """The messages that their receivers have."""
    kinds = (services.KIND, services.WITHDRAWN)
    found = MessageRow.objects.filter(kind__in=kinds).exclude(acknowledged=None)
    return set(found.values_list("id", flat=True))


def listed(request: Request, sent: forms.Form | None = None, status: int = 200) -> HttpResponse:
    """The list, each with what may be done about it now."""
    shown, may, name = table(request), request.actor.may, request.actor.name
    arrived, lines = arrived_messages(), []
    for row in shown.rows:
        form: forms.Form | None = None
        own = row.sent_by.partition(":")[2] == name
        if may(P.REFERRAL_REVIEW) and row.sent and not row.reviewed and not own:
            form = forms.ReviewReferral(item=row.id)
            form = sent if sent is not None and sent.key == form.key else form
        lines.append(
            {
                "row": row,
                "standing": standing(row, arrived),
                "red": _red(row, arrived),
                "send": may(P.REFERRAL_SEND) and not row.lifted and (row.more or not row.sent),
                "document": may(P.REFERRAL_SEND) and _has_document(row),
                "review": form,
            }
        )
    return page(request, "referrals", status, table=shown, lines=lines)


def as_csv(request: Request) -> HttpResponse:
    """The same list for a spreadsheet."""
    return table(request).csv()


def sent(request: Request, key: str, sha256: str = "") -> HttpResponse:
    """Send it: one person is enough."""
    _known(key, sha256)
    services.send(desk().house, desk().settings, request.actor, key, sha256)
    return redirect("/referrals?done=referral-sent")


def document(request: Request, key: str, sha256: str = "") -> HttpResponse:
    """Give out the document that is carried by hand."""
    _known(key, sha256)
    text = services.document(desk().house, request.actor, key, sha256)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    name = f"rujukan-{key}-{sha256[:12]}".rstrip("-")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response


def reviewed(request: Request, key: str, sha256: str = "") -> HttpResponse:
    """Another person looks at it afterwards."""
    _known(key, sha256)

    def do(said: dict[str, Any]) -> HttpResponse:
        services.review(desk().house, request.actor, key, said["note"], sha256)
        return redirect("/referrals?done=referral-reviewed")

    return attempt(
        forms.ReviewReferral(request.POST, item=f"{key}:{sha256}" if sha256 else key),
        do,
        lambda form, status: listed(request, form, status),
    )


def _known(key: str, sha256: str) -> None:
    if sha256:
        known_case(key)
        return
    try:
        desk().house.complaint(key)
    except NotYet as error:
        raise Http404 from error
