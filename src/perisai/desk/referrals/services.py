"""Sends what was sealed to those who follow it up: link, words, hash and time, never a picture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import transaction

from perisai.desk.cases.models import ConflictRow
from perisai.desk.complaints.services import told_for_referral
from perisai.desk.events import Event
from perisai.desk.outbox import services as outbox
from perisai.desk.referrals import domain

if TYPE_CHECKING:
    from perisai.desk.actors import Actor
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.house import House
    from perisai.settings import Settings

KIND = "referral"


def send(house: House, settings: Settings, actor: Actor, key: str) -> Complaint:
    """Put the referral into the outbox. Raises NotAllowed, NotYet, or StorageError."""
    machine = settings.desk.referral_machine
    with transaction.atomic(using=house.alias):
        house.log.hold()
        known = house.complaint(key)
        domain.may_send(known, actor, _parties(house, known))
        receiver = machine or settings.desk.referral_receiver
        message = outbox.put(
            house,
            actor,
            channel="webhook" if machine else "hand",
            receiver=settings.desk.referral_receiver,
            address=machine or "",
            subject=f"Rujukan {key}",
            kind=KIND,
            about={"item": key, "case": known.case},
            secret=_document(house, known) if machine else "",
        )
        return house.write_complaint(known, domain.sent(receiver, message.id), actor)


def document(house: House, actor: Actor, key: str) -> str:
    """The document to be carried by hand; that it was opened is written down first."""
    with transaction.atomic(using=house.alias):
        house.log.hold()
        known = house.complaint(key)
        new = domain.opened(known, actor, _parties(house, known))
        return _document(house, house.write_complaint(known, new, actor))


def review(house: House, actor: Actor, key: str, note: str) -> Complaint:
    """Another person looks at it afterwards."""
    with transaction.atomic(using=house.alias):
        house.log.hold()
        known = house.complaint(key)
        new = domain.reviewed(known, actor, _parties(house, known), note)
        return house.write_complaint(known, new, actor)


def _document(house: House, known: Complaint) -> str:
    """Everything that is known of what was seen, as JSON; nothing of who complained."""
    told: dict[str, Any] = {
        "complaint": known.id,
        "source": known.source,
        "received": known.received.isoformat() if known.received else "",
        "sealed": known.sealed.isoformat() if known.sealed else "",
        "told": {name: text for name, text in told_for_referral(house, known.id).items() if text},
        "files": _files(house, known),
    }
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True)


def _files(house: House, known: Complaint) -> list[dict[str, str]]:
    """Hash and time of each file that was screened for the complaint."""
    if not known.case:
        return []
    return [
        {"sha256": fact.data["sha256"], "screened": fact.at.isoformat()}
        for fact in house.log.stream(f"case:{known.case}")
        if fact.kind == Event.SAMPLE_SCREENED and fact.data.get("complaint") == known.id
    ]


def _parties(house: House, known: Complaint) -> frozenset[str]:
    if not known.case:
        return frozenset()
    rows = ConflictRow.objects.using(house.alias).filter(case=known.case)
    return frozenset(rows.values_list("name", flat=True))
