"""Cases: the list, opening one, and what is written in it besides letters and results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.cases import domain, platforms
from perisai.desk.cases.models import CaseRow, ClockRow
from perisai.desk.complaints.domain import read
from perisai.desk.search import services as search
from perisai.desk.web import forms
from perisai.desk.web.forms.cases import COMPLAINT
from perisai.desk.web.reading import about, readable
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, Table
from perisai.desk.web.views import case_page
from perisai.desk.web.views.acting import attempt, change, known_case, to_case
from perisai.desk.web.wording import day, word
from perisai.errors import NotYet, PerisaiError, ServiceError, UpstreamError
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from perisai.desk.cases.state import Case
    from perisai.desk.web.access import Request
    from perisai.storage.facts.records import NewFact

STATUSES = (
    "clarifying", "confirmed", "not-confirmed", "unclear", "summoned", "answered", "attended",
    "missed", "measured", "published", "merged",
)  # fmt: skip
PROMISED_DAYS = 5
"""Working days that the form for a new case offers for the public result."""


def columns() -> tuple[Column, ...]:
    """What the table of cases shows."""
    return (
        Column("number", "id", lambda row: row.id),
        Column("title", "title", lambda row: row.title),
        Column("platform", "platform", lambda row: row.platform),
        Column("status", "status", lambda row: word(row.status, "status")),
        Column("complaints", "complaints", lambda row: row.complaints),
        Column("opened", "opened", lambda row: day(row.opened)),
        Column("promised", "promised", lambda row: day(row.promised)),
    )


def table(request: Request) -> Table[CaseRow]:
    """The table of cases; the address may say ``q``, ``status``, ``platform`` and ``clock``."""
    rows, asked, now = readable(request), request.GET, desk().house.clock()
    if text := asked.get("q", "").strip():
        number = search.number_in(text)
        rows = rows.filter(id=number) if number else search.cases(request.actor, rows, text)
    if asked.get("status") in STATUSES:
        rows = rows.filter(status=asked["status"])
    if platform := asked.get("platform", ""):
        rows = about(rows, platform)
    running = ClockRow.objects.filter(met=None, paused=None)
    if asked.get("clock") == "late":
        rows = rows.filter(id__in=running.filter(due__lt=now).values("case"))
    elif asked.get("clock") == "soon":
        rows = rows.filter(id__in=running.filter(warn__lte=now, due__gte=now).values("case"))
    return Table(request, rows, columns(), "cases", first="promised", few=bool(text))


def listed(request: Request) -> HttpResponse:
    """The list of cases."""
    shown = table(request)
    clocks = clocks_of([row.id for row in shown.rows])
    return page(
        request,
        "cases",
        table=shown,
        rows=[(row, clocks.get(row.id, [])) for row in shown.rows],
        statuses=STATUSES,
        asked=request.GET,
    )


def as_csv(request: Request) -> HttpResponse:
    """The same list for a spreadsheet."""
    return table(request).csv()


def clocks_of(keys: list[str]) -> dict[str, list[tuple[str, str, datetime]]]:
    """For each case its clocks that still run: name, standing, due; what is due first first."""
    now = desk().house.clock()
    found: dict[str, list[tuple[str, str, datetime]]] = {}
    for row in ClockRow.objects.filter(case__in=keys, met=None).order_by("due"):
        standing = "paused" if row.paused else "late" if now > row.due else "running"
        if standing == "running" and now >= row.warn:
            standing = "soon"
        found.setdefault(row.case, []).append((row.name, standing, row.due))
    return found


def new(request: Request, sent: forms.OpenCase | None = None, status: int = 200) -> HttpResponse:
    """The form for a new case; with ``?complaint=``, for one that begins with a complaint."""
    form = sent or forms.OpenCase(initial=_first(request))
    known = readable(request).order_by("platform").values_list("platform", flat=True)
    return page(request, "case_new", status, form=form, platforms=list(known.distinct()[:200]))


def _first(request: Request) -> dict[str, Any]:
    house, calendar = desk().house, desk().calendar
    promised = calendar.after_working_days(house.clock(), PROMISED_DAYS)
    first: dict[str, Any] = {"promised": promised.date()}
    key = request.GET.get("complaint", "")
    if COMPLAINT.match(key):
        try:
            complaint = read(house.complaint(key), request.actor)
        except PerisaiError:
            return first
        said = complaint.told or {}
        first |= {
            "complaint": key,
            "platform": said.get("app", "")[:200],
            "words": said.get("words", ""),
        }
    return first


def opened(request: Request) -> HttpResponse:
    """Open a case, with the complaint that it begins with."""
    form = forms.OpenCase(request.POST)

    def do(said: dict[str, Any]) -> HttpResponse:
        wanted = {name: said[name] for name in ("title", "platform", "words", "promised")}
        case = desk().house.open_case(request.actor, **wanted, complaint=said["complaint"] or None)
        return to_case(case.id, "opened")

    return attempt(form, do, lambda form, status: new(request, form, status))  # type: ignore[arg-type]


def shown(request: Request, key: str) -> HttpResponse:
    """The page of a case."""
    return case_page.show(request, key)


def noted(request: Request, key: str) -> HttpResponse:
    """Write a note."""
    form = forms.Note(request.POST, audiences=domain.AUDIENCES)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return domain.note(case, request.actor, said["text"], said["audience"])

    return change(request, key, form, decide, done="noted", at="notes")


def note_agreed(request: Request, key: str, number: str) -> HttpResponse:
    """A second person agrees to a note for everyone."""
    form = forms.Nothing(request.POST, item=f"note-{number}")

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:  # noqa: ARG001
        return domain.agree_to_note(case, request.actor, int(number))

    return change(request, key, form, decide, done="note-agreed", at="notes")


def decided(request: Request, key: str) -> HttpResponse:
    """Say whether the claim is confirmed."""
    form = forms.Decide(request.POST)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return domain.decide(case, request.actor, said["outcome"], said["reason"])

    return change(request, key, form, decide, done="decided", at="claim")


def widened(request: Request, key: str) -> HttpResponse:
    """The case is about another platform, too."""
    form = forms.Widen(request.POST)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return platforms.widen(case, request.actor, said["platform"])

    return change(request, key, form, decide, done="widened")


def conflict(request: Request, key: str) -> HttpResponse:
    """Name somebody who is a party to the case."""
    form = forms.Conflict(request.POST, people=case_page.people())

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return domain.name_conflict(case, request.actor, said["person"])

    return change(request, key, form, decide, done="conflict")


def paused(request: Request, key: str, name: str) -> HttpResponse:
    """Let a clock stand still."""
    form = forms.Pause(request.POST, item=name)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return domain.pause(case, request.actor, name, said["reason"])

    return change(request, key, form, decide, done="paused")


def resumed(request: Request, key: str, name: str) -> HttpResponse:
    """Let it go on."""
    desk().house.change_case(
        key, request.actor, lambda case: domain.resume(case, request.actor, name)
    )
    return to_case(key, "resumed")


def measured(request: Request, key: str) -> HttpResponse:
    """Have a search measured now."""
    form, measuring, actor = forms.Measure(request.POST), desk().measuring, request.actor
    domain.may_measure(known_case(key), actor)

    def do(said: dict[str, Any]) -> HttpResponse:
        if measuring is None:
            raise NotYet("No patrol is set up here; enter what was measured by hand.")
        try:
            found = measuring.measure(said["words"], AgeBand(said["band"]))
        except (UpstreamError, ServiceError) as error:
            raise NotYet("Nothing answered the search; try again later.") from error
        told = {"shown": found.shown, "withheld": found.withheld, "rules": dict(found.rules)}
        desk().house.change_case(
            key, actor, lambda case: domain.measured(case, actor, {**said, **told})
        )
        return to_case(key, "measured", "measures")

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def measured_by_hand(request: Request, key: str) -> HttpResponse:
    """Write down what somebody else measured."""
    form = forms.MeasureByHand(request.POST)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return domain.measured(case, request.actor, {**said, "rules": {}})

    return change(request, key, form, decide, done="measured", at="measures")
