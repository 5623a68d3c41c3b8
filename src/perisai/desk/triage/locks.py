"""Who has which complaint alone: at most one person, until they have done nothing for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from perisai.desk.actors import HOUSE
from perisai.desk.triage import domain
from perisai.desk.triage.models import LockRow
from perisai.errors import NotYet

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from django.db.models import QuerySet

    from perisai.desk.actors import Actor
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.house import House
    from perisai.storage.facts.records import NewFact

HANDED = timedelta(hours=8)
"""How long a complaint stays with a colleague who was given it, and has not looked yet."""


def take(house: House, actor: Actor, key: str, span: timedelta) -> Complaint:
    """Have a complaint alone until nothing was done with it for ``span``.

    Of several who take it at the same time one gets it, the others NotYet.
    """
    return _change(house, actor, key, span, lambda known, holder: domain.take(known, actor, holder))


def hand_over(
    house: House, actor: Actor, key: str, to: str, colleagues: Collection[str]
) -> Complaint:
    """Give it to one of the colleagues, as :func:`perisai.desk.triage.domain.hand_over` has it."""

    def decide(known: Complaint, holder: str) -> list[NewFact]:
        return domain.hand_over(known, actor, to, colleagues, holder)

    return _change(house, actor, key, HANDED, decide)


def release(house: House, actor: Actor, key: str) -> Complaint:
    """Give it back to the queue."""
    return _change(
        house, actor, key, HANDED, lambda known, holder: domain.release(known, actor, holder)
    )


def take_next(house: House, actor: Actor, keys: Iterable[str], span: timedelta) -> Complaint | None:
    """Take the first of these that is still free; None if there is none."""
    for key in keys:
        try:
            return take(house, actor, key, span)
        except NotYet:
            continue  # somebody was faster, or it has left the queue meanwhile
    return None


def held(house: House) -> QuerySet[LockRow]:
    """The locks that hold now."""
    return LockRow.objects.using(house.alias).filter(until__gt=house.clock())


def still_here(house: House, actor: Actor, key: str, span: timedelta) -> LockRow | None:
    """Who has it, if somebody does; looking at what one has oneself keeps it longer."""
    lock = held(house).filter(complaint=key).first()
    if lock is not None and lock.name == actor.name:
        until = house.clock() + span
        # Not written at every look: one in a tenth of the time is often enough.
        if until - lock.until > span / 10:
            held(house).filter(complaint=key, name=actor.name).update(until=until)
            lock.until = until
    return lock


def require_free(house: House, complaint: Complaint, actor: Actor) -> None:
    """Raise NotYet if a colleague has this complaint. The public and the house always may."""
    holder = complaint.triage.holder
    if actor.role is None or holder in ("", actor.name):
        return
    if held(house).filter(complaint=complaint.id).exclude(name=actor.name).exists():
        raise domain.taken_by(holder)


def lapse(house: House) -> int:
    """Write down what nobody has any more because nothing was done; return how many."""
    table = LockRow.objects.using(house.alias)
    lapsed = 0
    for key in list(table.filter(until__lte=house.clock()).values_list("complaint", flat=True)):
        with transaction.atomic(using=house.alias):
            house.log.hold()
            lock = table.filter(complaint=key, until__lte=house.clock()).first()
            if lock is None:
                continue  # it was taken again meanwhile
            known = house.complaint(key)
            if known.triage.holder:
                new = [domain.released(lock.name, domain.IDLE)]
                house.write_complaint(known, new, HOUSE)
                lapsed += 1
            lock.delete()
    return lapsed


def _change(
    house: House,
    actor: Actor,
    key: str,
    span: timedelta,
    decide: Callable[[Complaint, str], list[NewFact]],
) -> Complaint:
    """Let the domain decide who has it, one after the other, and keep facts and lock together."""
    with transaction.atomic(using=house.alias):
        # Who comes second waits here, and then sees what the first has written.
        house.log.hold()
        known = house.complaint(key)
        lock = held(house).filter(complaint=key).first()
        holder = lock.name if lock and lock.name == known.triage.holder else ""
        known = house.write_complaint(known, decide(known, holder), actor)
        _keep(house, known, span)
        return known


def _keep(house: House, known: Complaint, span: timedelta) -> None:
    table, now = LockRow.objects.using(house.alias), house.clock()
    if not known.triage.holder:
        table.filter(complaint=known.id).delete()
        return
    LockRow(
        complaint=known.id,
        name=known.triage.holder,
        since=known.triage.since or now,
        until=now + span,
    ).save(using=house.alias)
