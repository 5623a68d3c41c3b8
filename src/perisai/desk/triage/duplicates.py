"""Complaints about the same thing: the same link joins by itself, the rest by somebody's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from perisai.desk.actors import HOUSE, require
from perisai.desk.cases.models import CaseRow
from perisai.desk.complaints.domain import sealing
from perisai.desk.events import Event
from perisai.desk.permissions import Permission
from perisai.desk.triage import domain, locks
from perisai.desk.triage.models import QueueRow
from perisai.desk.triage.rows import HASH
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from perisai.desk.actors import Actor
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.house import House
    from perisai.storage.facts.records import Fact

AT_ONCE = 50
"""So many follow a complaint into its case at once; the rest with the next minute."""
A_MINUTE = 1_000


def received(house: House, fact: Fact) -> None:
    """Join a complaint that came just now with those about the very same link, item or file.

    If somebody of the house has sealed one of them, this one is closed in the same breath. Who
    wants something to be shown is joined with nobody: no digest is kept of an appeal.
    """
    key = _key(fact)
    row = _rows(house).filter(complaint=key, closed=False).exclude(exact="").first()
    if row is None:
        return
    others = _rows(house).exclude(complaint=key).exclude(exact="")
    first = others.filter(exact=row.exact).order_by("-closed", "received", "complaint").first()
    why = domain.LINK
    if first is None and row.place.startswith(HASH):
        first = others.filter(place=row.place).order_by("received", "complaint").first()
        why = domain.HASH
    if first is None:
        return
    known = house.complaint(key)
    if first.closed:
        house.write_complaint(known, [sealing(known.told)], HOUSE)
    elif known.sealed is None:
        house.write_complaint(known, [domain.grouped(first.entry, why)], HOUSE)


def sealed(house: House, fact: Fact) -> None:
    """Somebody of the house has sealed a complaint: those about the same link are closed, too."""
    row = _rows(house).filter(complaint=_key(fact), closed=True).first()
    if row is None or fact.by == HOUSE.by:
        return
    same = _rows(house).filter(exact=row.exact, closed=False)
    for key in list(same.values_list("complaint", flat=True)):
        house.seal_samples_of(key, HOUSE)
        known = house.complaint(key)
        house.write_complaint(known, [sealing(known.told)], HOUSE)


def joined(house: House, fact: Fact) -> None:
    """Somebody has put a complaint into a case: those that are joined with it come along."""
    if fact.stream.startswith("complaint:") and fact.by != HOUSE.by:
        row = _rows(house).filter(complaint=_key(fact)).first()
        if row is not None:
            _into(house, fact.data["case"], _rows(house).filter(entry=row.entry), AT_ONCE)


def settle(house: House) -> int:
    """Put what waits into the open case in which what it is joined with is; return how many."""
    moved = 0
    waiting = _rows(house).filter(waits=True).exclude(entry=F("complaint")).values("entry")
    inside = _rows(house).filter(entry__in=waiting, closed=False).exclude(case="")
    for entry, key in sorted(set(inside.values_list("entry", "case"))):
        with transaction.atomic(using=house.alias):
            house.log.hold()
            moved += _into(house, key, _rows(house).filter(entry=entry), A_MINUTE)
    return moved


def accept(house: House, actor: Actor, key: str, other: str) -> Complaint:
    """Somebody says that two complaints are about the same thing; what is joined comes along."""
    with transaction.atomic(using=house.alias):
        house.log.hold()
        known, with_this = house.complaint(key), house.complaint(other)
        for each in (known, with_this):
            locks.require_free(house, each, actor)
            _require_no_party(house, each, actor)
        entry = with_this.triage.entry or with_this.id
        new = domain.group(known, actor, entry)
        mine = _rows(house).filter(entry=known.triage.entry or key).exclude(complaint=key)
        followers = list(mine.values_list("complaint", flat=True))
        known = house.write_complaint(known, new, actor)
        for each in followers:
            follower = house.complaint(each)
            house.write_complaint(follower, [domain.grouped(entry, domain.LIKELY)], actor)
        if with_this.case:
            _into(house, with_this.case, _rows(house).filter(entry=entry), AT_ONCE)
        return house.complaint(key)


def reject(house: House, actor: Actor, key: str, other: str) -> Complaint:
    """Somebody says that two complaints have nothing to do with each other: both remember.

    So does the first of each entry, so that nothing of the one is proposed for the other again.
    """
    with transaction.atomic(using=house.alias):
        house.log.hold()
        pair = house.complaint(key), house.complaint(other)
        for each in pair:
            locks.require_free(house, each, actor)
            _require_no_party(house, each, actor)
        entries = [each.triage.entry or each.id for each in pair]
        for each, mine, apart in zip(pair, entries, reversed(entries), strict=True):
            for one in sorted({each.id, mine}) if mine != apart else ():
                known = house.complaint(one)
                house.write_complaint(known, domain.part(known, actor, apart), actor)
        return house.complaint(key)


def part(house: House, actor: Actor, key: str) -> Complaint:
    """Undo: a complaint stands for itself again, and leaves the case that it followed into."""
    with transaction.atomic(using=house.alias):
        house.log.hold()
        known = house.complaint(key)
        locks.require_free(house, known, actor)
        _require_no_party(house, known, actor)
        if not known.triage.entry:
            return known
        new = domain.part(known, actor, known.triage.entry)
        if known.case and _followed(house, known):
            left = [NewFact(Event.CASE_LEFT, {"complaint": key})]
            house.write_case(house.case(known.case), left, actor)
            new.append(NewFact(Event.CASE_LEFT, {"case": known.case}))
        return house.write_complaint(known, new, actor)


def _require_no_party(house: House, complaint: Complaint, actor: Actor) -> None:
    """Raise NotAllowed for a party to the case that the complaint is in."""
    conflicted = house.case(complaint.case).conflicted if complaint.case else ()
    require(actor, Permission.COMPLAINT_JOIN, conflicted)


def _into(house: House, key: str, rows: QuerySet[QueueRow], most: int) -> int:
    """Put those that wait among these into a case by themselves, unless its result is public."""
    still = CaseRow.objects.using(house.alias).filter(id=key, published=None)
    if not still.exclude(status="merged").exists():
        return 0
    waiting = rows.filter(waits=True).order_by("received", "complaint")
    keys = list(waiting.values_list("complaint", flat=True)[:most])
    known = [house.complaint(each) for each in keys]
    free = [each for each in known if not _held(house, each)]
    case = house.case(key)
    into = [NewFact(Event.CASE_JOINED, {"complaint": each.id}) for each in free]
    house.write_case(case, into, HOUSE)
    for each in free:
        house.write_complaint(each, [NewFact(Event.CASE_JOINED, {"case": key})], HOUSE)
    return len(free)


def _held(house: House, complaint: Complaint) -> bool:
    """Whether somebody works on it: then it stays where it is until they are done."""
    return bool(complaint.triage.holder) and (
        locks.held(house).filter(complaint=complaint.id).exists()
    )


def _followed(house: House, complaint: Complaint) -> bool:
    """Whether it came into its case by itself."""
    facts = house.log.stream(f"complaint:{complaint.id}")
    last = [fact for fact in facts if fact.kind == Event.CASE_JOINED][-1]
    return last.by == HOUSE.by


def _rows(house: House) -> QuerySet[QueueRow]:
    return QueueRow.objects.using(house.alias)


def _key(fact: Fact) -> str:
    return fact.stream.removeprefix("complaint:")
