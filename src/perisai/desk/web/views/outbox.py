"""What leaves the house: what was not received first, tried again, or written down as received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect

from perisai.desk.cases.models import ConflictRow
from perisai.desk.outbox import services
from perisai.desk.outbox.models import MessageRow
from perisai.desk.outbox.state import ORDER, OVER
from perisai.desk.permissions import Permission
from perisai.desk.web import forms
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, Table
from perisai.desk.web.views.acting import attempt
from perisai.desk.web.wording import moment, told, word
from perisai.errors import NotYet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from perisai.desk.web.access import Request

RED = "red"


def rows(request: Request) -> QuerySet[MessageRow]:
    """The messages that who asks may see: not those of cases to which they are a party."""
    party = ConflictRow.objects.filter(name=request.actor.name).values("case")
    return MessageRow.objects.exclude(case__in=party)


def unreceived(request: Request) -> dict[str, int] | None:
    """How many messages are red, for the home page; None if there are none."""
    red = rows(request).filter(rank__lt=ORDER.index(OVER[0]))
    failed, hand = Count("id", filter=Q(standing="failed")), Count("id", filter=Q(channel="hand"))
    found = red.aggregate(all=Count("id"), failed=failed, hand=hand)
    return found if found["all"] else None


def table(request: Request) -> Table[MessageRow]:
    """The table of messages; the address may say ``standing``, also ``red``."""
    found, asked = rows(request), request.GET.get("standing", "")
    if asked == RED:
        found = found.exclude(standing__in=OVER)
    elif asked in ORDER:
        found = found.filter(standing=asked)
    columns = (
        Column("standing", "rank", lambda row: word(row.standing, "outbox-standing")),
        Column("recipient", "receiver", lambda row: row.receiver),
        Column("subject", "subject", lambda row: row.subject),
        Column("kind", "kind", lambda row: word(row.kind, "outbox-kind")),
        Column("case", "case", lambda row: row.case),
        Column("put", "put", lambda row: moment(row.put)),
        Column("attempts", "attempts", lambda row: row.attempts),
        Column("next-try", "due", lambda row: moment(row.due)),
        Column("why", "", lambda row: told(row.why)),
        Column("message", "id", lambda row: row.id),
    )
    return Table(request, found, columns, "outbox", first="standing")


def listed(request: Request, sent: forms.Form | None = None, status: int = 200) -> HttpResponse:
    """The list of messages, each with what may be done about it now."""
    shown, may = table(request), request.actor.may(Permission.OUTBOX_RECORD)
    lines: list[dict[str, Any]] = []
    for row in shown.rows:
        form: forms.Form | None = None
        if may and row.standing not in OVER:
            form = forms.Received(item=row.id)
            form = sent if sent is not None and sent.key == form.key else form
        lines.append(
            {
                "row": row,
                "why": told(row.why),
                "received": form,
                "urge": form is not None and row.channel != "hand",
            }
        )
    return page(
        request,
        "outbox",
        status,
        table=shown,
        lines=lines,
        standings=(RED, *ORDER),
        asked=request.GET,
        mail=bool(desk().settings.mail.host),
    )


def as_csv(request: Request) -> HttpResponse:
    """The same list for a spreadsheet."""
    return table(request).csv()


def urged(request: Request, key: str) -> HttpResponse:
    """Try a message now."""
    _known(key)
    services.urge(desk().house, key, request.actor)
    return redirect("/outbox?done=urged")


def recorded(request: Request, key: str) -> HttpResponse:
    """Write down that the receiver has it."""
    _known(key)
    form = forms.Received(request.POST, item=key)

    def do(said: dict[str, Any]) -> HttpResponse:
        services.record(desk().house, key, request.actor, said["how"])
        return redirect("/outbox?done=received")

    return attempt(form, do, lambda form, status: listed(request, form, status))


def _known(key: str) -> None:
    try:
        services.message(desk().house, key)
    except NotYet as error:
        raise Http404 from error
