"""Commitments and the public result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.cases.models import CommitmentRow
from perisai.desk.commitments import domain as commitments
from perisai.desk.commitments import offers
from perisai.desk.results import domain as results
from perisai.desk.web import forms
from perisai.desk.web.forms import verifying
from perisai.desk.web.letter_lines import item_of
from perisai.desk.web.reading import readable
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, Table
from perisai.desk.web.views.acting import change, known_case
from perisai.desk.web.wording import day, word

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.cases.state import Case
    from perisai.desk.web.access import Request
    from perisai.storage.facts.records import NewFact

OUTCOMES = ("open", *commitments.OUTCOMES)


def table(request: Request) -> Table[CommitmentRow]:
    """The register of commitments, as the address asks for it: ``outcome``, ``platform``."""
    rows, asked = CommitmentRow.objects.filter(case__in=readable(request).values("id")), request.GET
    if platform := asked.get("platform", ""):
        rows = rows.filter(platform=platform)
    if asked.get("outcome") in OUTCOMES:
        chosen = asked["outcome"]
        rows = rows.filter(outcome="" if chosen == "open" else chosen)
    columns = (
        Column("who", "who", lambda row: row.who),
        Column("what", "", lambda row: row.what),
        Column("due", "due", lambda row: day(row.due)),
        Column("outcome", "outcome", lambda row: word(row.outcome or "open", "kept")),
        Column("platform", "platform", lambda row: row.platform),
        Column("case", "case", lambda row: row.case),
    )
    return Table(request, rows, columns, "commitments", first="due")


def listed(request: Request) -> HttpResponse:
    """The register of commitments."""
    now = desk().house.clock()
    return page(
        request,
        "commitments",
        table=table(request),
        outcomes=OUTCOMES,
        asked=request.GET,
        now=now,
    )


def as_csv(request: Request) -> HttpResponse:
    """The same list for a spreadsheet."""
    return table(request).csv()


def promised(request: Request, key: str) -> HttpResponse:
    """Write a commitment down."""
    case, source = known_case(key), request.POST.get("source", "")
    # What cannot be taken up has no form of its own: what is wrong is told at the common one.
    item = item_of(source) if source in offers.untaken(case) else ""
    form = forms.Promise(request.POST, item=item, measures=case.measures)
    house = desk().house

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return commitments.make(
            case,
            request.actor,
            house.clock(),
            who=said["party"],
            what=said["what"],
            verify=verifying.told(said),
            due=said["due"],
            source=said["source"],
        )

    return change(request, key, form, decide, done="promised", at="commitments")


def judged(request: Request, key: str, item: str) -> HttpResponse:
    """Kept, late or broken."""
    case = known_case(key)
    promise = case.commitments.get(item)
    found = verifying.judging(promise.verify, case, request.actor) if promise else None
    kind, more = found or (forms.Judge, {})
    form = kind(request.POST, item=item, **more)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        wanted = {name: said.get(name, "") for name in verifying.JUDGED}
        return commitments.judge(case, request.actor, item, **wanted)

    return change(request, key, form, decide, done="judged", at="commitments")


def drafted(request: Request, key: str) -> HttpResponse:
    """Write what is to be made known."""
    form = forms.Result(request.POST)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        texts = {"id": said["text_id"], "en": said["text_en"]}
        return results.draft(case, request.actor, texts)

    return change(request, key, form, decide, done="result-drafted", at="result")


def agreed(request: Request, key: str) -> HttpResponse:
    """A second person agrees."""
    form = forms.Nothing(request.POST, item="agree-result")

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:  # noqa: ARG001
        return results.approve(case, request.actor)

    return change(request, key, form, decide, done="result-agreed", at="result")


def published(request: Request, key: str) -> HttpResponse:
    """It becomes public."""
    form = forms.Nothing(request.POST, item="publish")

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:  # noqa: ARG001
        return results.publish(case, request.actor)

    return change(request, key, form, decide, done="published", at="result")
