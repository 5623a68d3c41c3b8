"""Rows to look things up by, computed from facts: written with each fact, and made anew at will."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from perisai.desk.attachments import rows as attachments
from perisai.desk.attachments.models import AttachmentRow
from perisai.desk.cases import state as cases
from perisai.desk.cases.models import (
    CaseRow,
    ClockRow,
    CommitmentRow,
    ConflictRow,
    DoorRow,
    PlatformRow,
    SampleRow,
    SummonsRow,
)
from perisai.desk.commitments.domain import clock_of
from perisai.desk.complaints import state as complaints
from perisai.desk.complaints import telling
from perisai.desk.complaints.models import ComplaintRow, TopicRow
from perisai.desk.events import Event
from perisai.desk.improvements import services as improvements
from perisai.desk.improvements.models import ImprovementRow
from perisai.desk.intake.models import ReportRow
from perisai.desk.listing import rows as listing
from perisai.desk.listing.models import ListingRow
from perisai.desk.looks.models import LookRow
from perisai.desk.looks.services import of_look
from perisai.desk.opinions import services as opinions
from perisai.desk.opinions.models import OpinionRow
from perisai.desk.outbox import state as outbox
from perisai.desk.outbox.models import MessageRow
from perisai.desk.outbox.rows import of_message
from perisai.desk.people import rows as accounts
from perisai.desk.people import state as account_state
from perisai.desk.previews import rows as previews
from perisai.desk.previews.models import PreviewRow, ViewRow
from perisai.desk.referrals import rows as referrals
from perisai.desk.referrals.models import ReferralRow
from perisai.desk.search import rows as search
from perisai.desk.search.models import SearchRow
from perisai.desk.summons.state import paper_by
from perisai.desk.triage import rows as triage
from perisai.desk.triage.models import QueueRow
from perisai.desk.withholding import services as withholding
from perisai.desk.withholding.models import WithholdingRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model

    from perisai.desk.cases.state import Case
    from perisai.desk.complaints.state import Complaint
    from perisai.storage.facts.people import People
    from perisai.storage.facts.records import Fact

PARTS: tuple[type[Model], ...] = (
    ClockRow,
    ConflictRow,
    PlatformRow,
    SampleRow,
    SummonsRow,
    CommitmentRow,
    OpinionRow,
    ImprovementRow,
    WithholdingRow,
    ListingRow,
    AttachmentRow,
    PreviewRow,
)
"""Rows of which a case may have several."""
TABLES: tuple[type[Model], ...] = (
    CaseRow,
    *PARTS,
    DoorRow,
    ViewRow,
    ComplaintRow,
    TopicRow,
    MessageRow,
    ReferralRow,
    QueueRow,
    SearchRow,
    *accounts.TABLES,
    LookRow,
    ReportRow,
)
SUMMARY = 200
DOORS = (Event.SUMMONS_SENT, Event.IMPROVEMENT_SENT, Event.IMPROVEMENT_RESENT)
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
        result=case.result.standing if case.result else "",
        result_by=case.result.drafted_by if case.result else "",
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
            warned=each.warned,
        )
    for platform in case.platforms:
        yield PlatformRow(
            case=case.id,
            platform=platform[:SUMMARY],
            opened=case.opened,
            published=case.result.published if case.result else None,
        )
    for one in case.samples:
        yield SampleRow(case=case.id, sha256=one.sha256, sealed=one.sealed is not None)
    yield from (ConflictRow(case=case.id, name=name) for name in case.conflicted)
    yield from _letters_of(case)
    yield from _commitments_of(case)
    yield from opinions.of_case(case)
    yield from improvements.of_case(case)
    yield from withholding.of_case(case)
    yield from listing.of_case(case)
    yield from attachments.of_case(case.id, case.attachments)
    yield from previews.of_case(case)


def _letters_of(case: Case) -> Iterator[Model]:
    for each in case.summons.values():
        reply = case.clocks.get(f"reply:{each.id}")
        yield SummonsRow(
            case=case.id,
            summons=each.id,
            platform=case.platform_of(each)[:SUMMARY],
            recipient=str(each.letter.get("recipient", ""))[:SUMMARY],
            standing=each.standing,
            number=each.number[:SUMMARY],
            drafted_by=each.drafted_by,
            sent=each.sent,
            due=reply.due if reply else None,
            paper_by=paper_by(each.answers),
        )


def _promised_by(case: Case, who: str) -> str:
    """The platform that promised: the one of that name, else the one that the case is about."""
    named = (each for each in case.platforms if each.casefold() == who.strip().casefold())
    return next(named, case.platform)


def _commitments_of(case: Case) -> Iterator[Model]:
    for each in case.commitments.values():
        clock = case.clocks.get(clock_of(each.id))
        yield CommitmentRow(
            case=case.id,
            commitment=each.id,
            platform=_promised_by(case, each.who)[:SUMMARY],
            who=each.who[:SUMMARY],
            what=each.what[:SUMMARY],
            due=clock.due if clock else each.due,
            outcome=each.outcome,
        )


def of_complaint(complaint: Complaint, people: People) -> Iterator[ComplaintRow]:
    """The row of one complaint, which was opened."""
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
        topic=_topic(told, people),
        received=complaint.received,
        case=complaint.case,
        appeal=complaint.appeal.asked,
        decision=complaint.appeal.outcome if complaint.appeal.decided else "",
        waiting=complaint.waits,
        sealed=hidden,
        withdrawn=complaint.withdrawn is not None,
        messages=len(complaint.messages),
        unanswered=None if hidden else complaint.unanswered,
        danger=complaint.danger and not hidden,
        position=complaint.position,
    )


def _topic(told: dict[str, Any], people: People) -> str:
    """What groups complaints about the same thing: link or words, however they were typed.

    A keyed digest, so that nobody who has the rows can try links until one fits. Whoever is erased
    leaves the group.
    """
    link = str(told.get("link", "")).strip().casefold()
    link = link.partition("://")[2] or link
    link = link.partition("#")[0].rstrip("/").removeprefix("www.")
    link = link or str(told.get("item", ""))
    said = link or " ".join(str(told.get("words", "")).casefold().split())
    return people.blind("topic", said) if said else ""


def of_report(fact: Fact) -> Iterator[Model]:
    """The row of a report of the gateway that was taken in."""
    if fact.kind == Event.COMPLAINT_RECEIVED and "report" in fact.data:
        key = fact.stream.removeprefix("complaint:")
        yield ReportRow(fact=fact.number, number=fact.data["report"], complaint=key)


def of_door(fact: Fact) -> Iterator[Model]:
    """The row of the link that a letter or a request was sent with."""
    told = fact.data
    if fact.kind in DOORS and told.get("door"):
        case = fact.stream.removeprefix("case:")
        item = told["summons"] if fact.kind == Event.SUMMONS_SENT else told["improvement"]
        yield DoorRow(door=told["door"], case=case, item=item)


def of_fact(fact: Fact) -> Iterator[Model]:
    """The rows that a single fact of a case makes."""
    yield from of_door(fact)
    yield from previews.of_view(fact)


def put(rows: Iterable[Model], alias: str) -> None:
    """Write rows in the place of those that were there."""
    for row in rows:
        row.save(using=alias)


def put_case(case: Case, alias: str) -> None:
    """Write all rows of one case in the place of those that were there."""
    rows = list(of_case(case))
    for table in PARTS:
        objects = table._default_manager.using(alias)
        objects.filter(case=case.id).delete()
        objects.bulk_create(row for row in rows if isinstance(row, table))
    put((row for row in rows if isinstance(row, CaseRow)), alias)
    referrals.put(referrals.of_case(case), alias)
    search.put(case.id, search.of_case(case), alias)


def put_complaint(complaint: Complaint, people: People, alias: str) -> None:
    """Write the row of one complaint, and how many are about the same thing."""
    rows = ComplaintRow.objects.using(alias)
    before = rows.filter(id=complaint.id).values_list("topic", flat=True).first()
    (row,) = of_complaint(complaint, people)
    row.save(using=alias, force_insert=before is None)
    for topic in {before or "", row.topic} - {""} if before != row.topic else ():
        number = rows.filter(topic=topic).count()
        if number:
            TopicRow(topic=topic, number=number).save(using=alias)
        else:
            TopicRow.objects.using(alias).filter(topic=topic).delete()
    referrals.put(referrals.of_complaint(complaint, people), alias)
    withholding.put(complaint, alias)
    triage.put(complaint, people, alias)
    search.put(row.id, search.of_complaint(row), alias)


def everything(facts: Iterable[Fact], people: People) -> Iterator[Model]:
    """Every row that these facts add up to: all of them, one stream after the other."""
    told = _Told(people)
    for stream, of_stream in groupby(facts, key=lambda fact: fact.stream):
        kind, _, key = stream.partition(":")
        if kind == "case":
            stood = tuple(of_stream)
            case = cases.fold(key, stood)
            for fact in stood:
                yield from of_fact(fact)
            yield from of_case(case)
            yield from referrals.of_case(case)
            yield from search.of_case(case)
        elif kind == "complaint":
            stood = tuple(of_stream)
            yield from of_report(stood[0])
            yield from told.rows(complaints.fold(key, stood))
        elif kind == "outbox":
            yield of_message(outbox.fold(key, of_stream))
        elif kind == "look":
            yield from map(of_look, of_stream)
        elif kind == "account":
            yield from accounts.of_account(account_state.fold(key, of_stream))
    yield from told.rest()


class _Told:
    """The rows of complaints. They are opened many at a time."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._closed: list[Complaint] = []
        self._topics: Counter[str] = Counter()
        self._queue: list[QueueRow] = []

    def rows(self, complaint: Complaint) -> Iterator[Model]:
        """The rows of this one and of those before it; they may come with a later one."""
        self._closed.append(complaint)
        if len(self._closed) == telling.TOGETHER:
            yield from self._opened()

    def _opened(self) -> Iterator[Model]:
        for complaint in telling.all_opened(self._closed, self._people):
            for row in of_complaint(complaint, self._people):
                self._topics[row.topic] += bool(row.topic)
                yield row
                yield from search.of_complaint(row)
            yield from referrals.of_complaint(complaint, self._people)
            yield from withholding.of_complaint(complaint)
            for waiting in triage.of_complaint(complaint, self._people):
                # Who leads can be said only when all are known that wait.
                if waiting.waits:
                    self._queue.append(waiting)
                else:
                    yield waiting
        self._closed.clear()

    def rest(self) -> Iterator[Model]:
        """All rows that are left, once every complaint is known."""
        yield from self._opened()
        topics = self._topics.items()
        yield from (TopicRow(topic=topic, number=number) for topic, number in topics if topic)
        triage.lead(self._queue)
        yield from self._queue


def values(row: Model) -> tuple[Any, ...]:
    """What a row says, without its number: to compare with what is written."""
    fields = (f for f in row._meta.concrete_fields if f.name != "row")
    return (type(row).__name__, *(getattr(row, field.attname) for field in fields))
