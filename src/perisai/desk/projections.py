"""Rows to look things up by, computed from facts: written with each fact, and made anew at will."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.cases import state as cases
from perisai.desk.cases.models import CaseRow, ClockRow, DoorRow
from perisai.desk.complaints import state as complaints
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model

    from perisai.desk.cases.state import Case
    from perisai.desk.complaints.state import Complaint
    from perisai.storage.facts.records import Fact

TABLES: tuple[type[Model], ...] = (CaseRow, ClockRow, DoorRow, ComplaintRow)
SUMMARY = 200
TOGETHER = 500


def of_case(case: Case) -> Iterator[Model]:
    """The rows of one case."""
    assert case.opened is not None  # noqa: S101 - its first fact opens it
    promise = case.clocks.get("result")
    yield CaseRow(
        id=case.id,
        title=case.title,
        platform=case.platform[:200],
        status=case.status,
        claim=case.claim,
        opened=case.opened,
        complaints=len(case.complaints),
        promised=promise.due if promise else None,
        published=case.result.published if case.result else None,
        position=case.position,
    )
    for each in case.clocks.values():
        yield ClockRow(
            case=case.id,
            name=each.name,
            warn=each.warn,
            due=each.due,
            paused=each.paused,
            met=each.met,
            late=each.late,
        )


def of_complaint(complaint: Complaint) -> Iterator[Model]:
    """The row of one complaint."""
    told = complaint.told or {}
    said = told.get("what") or told.get("words") or told.get("link") or ""
    hidden = complaint.sealed is not None
    yield ComplaintRow(
        id=complaint.id,
        locator=complaint.locator,
        proof=complaint.proof,
        source=complaint.source,
        app="" if hidden else str(told.get("app", ""))[:200],
        summary="" if hidden else said[:SUMMARY],
        received=complaint.received,
        case=complaint.case,
        waiting=not (complaint.case or complaint.withdrawn or complaint.sealed),
        sealed=hidden,
        withdrawn=complaint.withdrawn is not None,
        messages=len(complaint.messages),
        position=complaint.position,
    )


def of_door(fact: Fact) -> Iterator[Model]:
    """The row of the link that a letter was sent with."""
    if fact.kind == Event.SUMMONS_SENT and fact.data.get("door"):
        case = fact.stream.removeprefix("case:")
        yield DoorRow(door=fact.data["door"], case=case, summons=fact.data["summons"])


def put(rows: Iterable[Model], alias: str) -> None:
    """Write rows in the place of those that were there."""
    for row in rows:
        if isinstance(row, ClockRow):
            ClockRow.objects.using(alias).filter(case=row.case, name=row.name).delete()
        row.save(using=alias)


def everything(facts: Iterable[Fact]) -> Iterator[Model]:
    """Every row that these facts, which are all of them, add up to."""
    every_case: dict[str, Case] = {}
    every_complaint: dict[str, Complaint] = {}
    for fact in facts:
        kind, _, key = fact.stream.partition(":")
        if kind == "case":
            every_case[key] = cases.after(every_case.get(key, cases.Case(key)), fact)
            yield from of_door(fact)
        elif kind == "complaint":
            before = every_complaint.get(key, complaints.Complaint(key))
            every_complaint[key] = complaints.after(before, fact)
    for case in every_case.values():
        yield from of_case(case)
    for complaint in every_complaint.values():
        yield from of_complaint(complaint)


def values(row: Model) -> tuple[Any, ...]:
    """What a row says, without its number: to compare with what is written."""
    fields = (f for f in row._meta.concrete_fields if f.name != "row")
    return (type(row).__name__, *(getattr(row, field.attname) for field in fields))
