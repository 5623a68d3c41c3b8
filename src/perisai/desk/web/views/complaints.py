"""Complaints: the list, one of them, entering what came by phone, answering, sealing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from perisai.desk.complaints import domain
from perisai.desk.complaints.models import ComplaintRow, TopicRow
from perisai.desk.complaints.receipts import Receipt
from perisai.desk.permissions import Permission
from perisai.desk.search import services as search
from perisai.desk.web import forms, unsealing
from perisai.desk.web.appealing import appeal_of, lines_of
from perisai.desk.web.holding import holding, likely, of_queue, together
from perisai.desk.web.reading import readable, readable_complaints
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, Table
from perisai.desk.web.views.acting import attempt, to_case
from perisai.desk.web.wording import moment, say, word
from perisai.desk.withholding.services import apply_waiting
from perisai.errors import NotYet
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from perisai.desk.complaints.state import Complaint
    from perisai.desk.web.access import Request
    from perisai.desk.web.forms import Form

P = Permission

STATES = ("waiting", "unanswered", "appeal", "in-case", "decided", "sealed", "withdrawn")


def state_of(row: ComplaintRow) -> str:
    """One word for where a complaint stands."""
    if row.sealed:
        return "sealed"
    if row.withdrawn:
        return "withdrawn"
    if row.decision:
        return "decided"
    if row.case:
        return "in-case"
    return "appeal" if row.appeal else "waiting"


def columns() -> tuple[Column, ...]:
    """What the table of complaints shows. A sealed one shows number, time and state."""

    def unless_sealed(value: Any) -> Any:  # noqa: ANN401 - a function in, a function out
        return lambda row: "" if row.sealed else value(row)

    return (
        Column("number", "id", lambda row: row.id),
        Column("received", "received", lambda row: moment(row.received)),
        Column("state", "", lambda row: word(state_of(row), "state")),
        Column("app", "app", unless_sealed(lambda row: row.app)),
        Column("summary", "", unless_sealed(lambda row: row.summary)),
        Column("source", "source", unless_sealed(lambda row: word(row.source, "source"))),
        Column("same", "", unless_sealed(lambda row: row.same or "")),
        Column("case", "case", unless_sealed(lambda row: row.case)),
    )


def with_same(rows: QuerySet[ComplaintRow]) -> QuerySet[ComplaintRow]:
    """Add ``same``: how many complaints are about the same link or words, this one among them."""
    alike = TopicRow.objects.filter(topic=OuterRef("topic")).values("number")
    counted = Coalesce(Subquery(alike, output_field=IntegerField()), Value(0))
    return rows.annotate(same=counted)


def table(request: Request) -> Table[ComplaintRow]:
    """The table of complaints, as the address asks for it: ``q``, ``state``, ``source``."""
    asked, rows = request.GET, readable_complaints(request)
    if text := asked.get("q", "").strip():
        number = search.number_in(text)
        rows = rows.filter(id=number) if number else search.complaints(request.actor, rows, text)
    chosen = {
        "waiting": Q(waiting=True),
        "unanswered": Q(unanswered__isnull=False),
        "appeal": Q(appeal=True, waiting=True),
        "decided": ~Q(decision="") & Q(sealed=False, withdrawn=False),
        "in-case": ~Q(case="") & Q(sealed=False, withdrawn=False),
        "sealed": Q(sealed=True),
        "withdrawn": Q(withdrawn=True, sealed=False),
    }.get(asked.get("state", ""))
    if chosen is not None:
        rows = rows.filter(chosen)
    if asked.get("source") in domain.SOURCES:
        rows = rows.filter(source=asked["source"], sealed=False)
    return Table(
        request, rows, columns(), "complaints", first="received", more=with_same, few=bool(text)
    )


def listed(request: Request) -> HttpResponse:
    """The list of complaints."""
    shown = table(request)
    return page(
        request,
        "complaints",
        table=shown,
        rows=[(row, state_of(row)) for row in shown.rows],
        states=STATES,
        sources=domain.SOURCES,
        asked=request.GET,
    )


def as_csv(request: Request) -> HttpResponse:
    """The same list for a spreadsheet."""
    return table(request).csv()


def new(request: Request, sent: Form | None = None, status: int = 200) -> HttpResponse:
    """The form for what came by phone, visit or press."""
    form = sent or forms.Enter(initial={"receipt": True})
    return page(request, "complaint_new", status, form=form)


def entered(request: Request) -> HttpResponse:
    """Enter it. A receipt, if one is given, is on the page that follows and nowhere else."""
    form = forms.Enter(request.POST)

    def do(said: dict[str, Any]) -> HttpResponse:
        receipt = Receipt.new() if said["receipt"] else None
        told = {name: said[name] for name in domain.FIELDS if name in said}
        made = desk().house.receive(
            told,
            source=said["source"],
            reporter=said["reporter"],
            receipt=receipt,
            actor=request.actor,
        )
        if receipt is None:
            return redirect(f"{reverse('complaint', args=[made.id])}?done=entered")
        return show(request, made, receipt=receipt, status=201)

    return attempt(form, do, lambda form, status: new(request, form, status))


def shown(request: Request, key: str) -> HttpResponse:
    """The page of one complaint."""
    return show(request, known(request, key))


def show(
    request: Request,
    complaint: Complaint,
    sent: Form | None = None,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    """Show a complaint; of a sealed one its number, times and state."""
    actor = request.actor
    domain.read(complaint, actor)
    if complaint.sealed:
        named = list(complaint.withholdings.values())
        undo = unsealing.of_complaint(request, complaint, sent)
        return page(
            request, "complaint_sealed", status, complaint=complaint, named=named, undo=undo
        )
    house, may = desk().house, actor.may

    def bound(form: Form) -> Form:
        return sent if sent is not None and sent.key == form.key else form

    has = holding(request, complaint, bound)
    made = _forms(request, complaint, bound)
    messages: list[tuple[object, str | None]] = []
    if may(P.COMPLAINT_ANSWER):
        texts = house.people.open_all([each.sealed for each in complaint.messages])
        messages = list(zip(complaint.messages, texts, strict=True))
    appeal = appeal_of(request, complaint, bound, made)
    if has.others:
        made.clear()
    row = with_same(ComplaintRow.objects.filter(id=complaint.id)).first()
    alike = ComplaintRow.objects.none()
    if row and row.topic:
        same = readable_complaints(request).filter(topic=row.topic, sealed=False)
        alike = same.exclude(id=complaint.id).order_by("received")[:10]
    near = readable(request).exclude(status="published").order_by("-opened")[:20]
    return page(
        request,
        "complaint",
        status,
        complaint=complaint,
        state=state_of(row) if row else "waiting",
        told=lines_of(complaint),
        bands=list(AgeBand),
        appeal=appeal,
        messages=messages,
        named=list(complaint.withholdings.values()),
        forms=made,
        has=has,
        together=together(complaint),
        likely=[] if has.others else likely(request, complaint),
        queue=of_queue(request.GET if request.method == "GET" else request.POST),
        same=getattr(row, "same", 0),
        alike=list(alike),
        near=list(near) if "join" in made else [],
        sent=sent,
        **more,
    )


def _forms(
    request: Request, complaint: Complaint, bound: Callable[[Form], Form]
) -> dict[str, Form]:
    """The forms that may be filled now, but for those of an appeal."""
    may = request.actor.may
    made: dict[str, Form] = {}
    read = {"seen": len(complaint.messages)}
    if may(P.COMPLAINT_ANSWER) and not complaint.withdrawn and not complaint.erased:
        made["answer"] = bound(forms.Answer(initial=read))
    if may(P.COMPLAINT_ANSWER) and complaint.unanswered:
        made["hear"] = bound(forms.Hear(initial=read))
    if may(P.IDENTITY_READ) and complaint.reporter:
        made["identity"] = bound(forms.Identity())
    if may(P.PERSON_ERASE) and not complaint.erased:
        made["erase"] = bound(forms.Erase())
    if may(P.COMPLAINT_JOIN) and not complaint.case and not complaint.withdrawn:
        made["join"] = bound(forms.Join())
    if may(P.SAMPLE_WITHHOLD) and complaint.withholdings:
        made["withhold"] = bound(forms.Withhold(item="named"))
    return made


def answered(request: Request, key: str) -> HttpResponse:
    """Write to who complained."""
    known(request, key)

    def do(said: dict[str, Any]) -> HttpResponse:
        desk().house.answer(key, request.actor, said["text"], seen=said["seen"])
        return redirect(f"{reverse('complaint', args=[key])}?done=answered#messages")

    return attempt(forms.Answer(request.POST), do, _again(request, key))


def heard(request: Request, key: str) -> HttpResponse:
    """What who complained wrote again was read, and needs no answer."""
    known(request, key)

    def do(said: dict[str, Any]) -> HttpResponse:
        desk().house.change_complaint(
            key, request.actor, lambda c: domain.hear(c, request.actor, seen=said["seen"])
        )
        return redirect(f"{reverse('complaint', args=[key])}?done=heard#messages")

    return attempt(forms.Hear(request.POST), do, _again(request, key))


def joined(request: Request, key: str) -> HttpResponse:
    """Put it into a case that there is."""
    known(request, key)

    def do(said: dict[str, Any]) -> HttpResponse:
        desk().house.join(said["case"], key, request.actor)
        return to_case(said["case"], "joined")

    return attempt(forms.Join(request.POST), do, _again(request, key))


def identity(request: Request, key: str) -> HttpResponse:
    """Look at who complained: written down first, shown once, on this page only."""
    known(request, key)

    def do(said: dict[str, Any]) -> HttpResponse:
        reporter = desk().house.identity(key, request.actor, said["reason"])
        return show(request, known(request, key), reporter=reporter or say("complaint.erased"))

    return attempt(forms.Identity(request.POST), do, _again(request, key))


def sealed(request: Request, key: str) -> HttpResponse:
    """Suspected abuse of a child: closed to everyone, at once."""
    known(request, key)
    desk().house.seal(key, request.actor)
    apply_waiting(desk().house, desk().gateway)
    return redirect(f"{reverse('complaint', args=[key])}?done=sealed")


def known(request: Request, key: str) -> Complaint:
    """The complaint with this number, if who asks may read complaints. Raises Http404."""
    try:
        return domain.read(desk().house.complaint(key), request.actor)
    except NotYet as error:
        raise Http404 from error


def _again(request: Request, key: str) -> Any:  # noqa: ANN401 - see acting.Again
    return lambda form, status: show(request, known(request, key), form, status)
