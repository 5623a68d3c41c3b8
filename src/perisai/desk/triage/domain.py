"""Taking, handing over and giving back a complaint; joining and parting those that are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import require
from perisai.desk.events import Event
from perisai.desk.permissions import Permission
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Collection

    from perisai.desk.actors import Actor
    from perisai.desk.complaints.state import Complaint

IDLE = "idle"
"""Why a complaint is free again: nothing was done for too long."""
GIVEN_BACK = "given-back"
LINK = "link"
"""Why complaints are joined: the same link, without anybody's doing."""
HASH = "hash"
"""The same file."""
LIKELY = "likely"
"""Somebody has said so."""


def take(complaint: Complaint, actor: Actor, other: str = "") -> list[NewFact]:
    """Have a complaint alone. ``other`` is who has it now: nobody else then gets it.

    Raises NotYet if somebody has it, or if it does not wait; nothing comes of taking it twice.
    """
    require(actor, Permission.COMPLAINT_TAKE)
    _waits(complaint)
    if other and other != actor.name:
        raise taken_by(other)
    if other:
        return []
    facts = []
    if complaint.triage.holder:
        facts.append(released(complaint.triage.holder, IDLE))
    return [*facts, NewFact(Event.COMPLAINT_TAKEN, {"name": actor.name})]


def hand_over(
    complaint: Complaint, actor: Actor, to: str, colleagues: Collection[str], other: str
) -> list[NewFact]:
    """Give it to a named colleague, who has it alone from now on. Only who has it may."""
    require(actor, Permission.COMPLAINT_TAKE)
    _waits(complaint)
    _mine(actor, other)
    if to == actor.name or to not in colleagues:
        raise NotYet("Choose a colleague who works on complaints.")
    return [NewFact(Event.COMPLAINT_HANDED, {"from": actor.name, "to": to})]


def release(complaint: Complaint, actor: Actor, other: str) -> list[NewFact]:
    """Give it back to the queue. Only who has it may."""
    require(actor, Permission.COMPLAINT_TAKE)
    _waits(complaint)
    _mine(actor, other)
    return [released(actor.name, GIVEN_BACK)]


def group(complaint: Complaint, actor: Actor, entry: str) -> list[NewFact]:
    """It is about the same thing as another one, says somebody who has looked at both."""
    require(actor, Permission.COMPLAINT_JOIN)
    _waits(complaint)
    if entry in (complaint.id, complaint.triage.entry):
        return []
    return [grouped(entry, LIKELY)]


def part(complaint: Complaint, actor: Actor, other: str) -> list[NewFact]:
    """It has nothing to do with another one, says somebody who has looked at both."""
    require(actor, Permission.COMPLAINT_JOIN)
    if complaint.sealed:
        raise NotYet("This complaint is sealed; it is referred, not worked on here.")
    if other in complaint.triage.apart and other != complaint.triage.entry:
        return []
    return [NewFact(Event.COMPLAINT_PARTED, {"from": other})]


def grouped(entry: str, why: str) -> NewFact:
    """It is about the same thing as ``entry``; ``why`` is one of the above."""
    return NewFact(Event.COMPLAINT_GROUPED, {"with": entry, "why": why})


def released(name: str, why: str) -> NewFact:
    """Nobody has it any more."""
    return NewFact(Event.COMPLAINT_RELEASED, {"name": name, "why": why})


def taken_by(name: str) -> NotYet:
    """What is said to whoever would act on what a colleague has."""
    return NotYet(
        f"{name} is working on this complaint; ask for it to be handed over, or wait until it "
        "is free."
    )


def _mine(actor: Actor, other: str) -> None:
    if other and other != actor.name:
        raise taken_by(other)
    if not other:
        raise NotYet("You do not have this complaint; take it first.")


def _waits(complaint: Complaint) -> None:
    if complaint.sealed:
        raise NotYet("This complaint is sealed; it is referred, not worked on here.")
    if complaint.withdrawn:
        raise NotYet("This complaint was withdrawn.")
    if complaint.case:
        raise NotYet(f"This complaint belongs to the case {complaint.case} already.")
