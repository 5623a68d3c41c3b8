"""Sends what was sealed to those who follow it up: link, words, hash and time, never a picture.

Once two people have undone the seal, whoever had it is told so.

Each function is about a complaint or, with ``sha256``, about a sample of the case ``key`` that was
sealed without having come with a complaint.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from perisai.desk.cases.models import ConflictRow
from perisai.desk.complaints.services import told_for_referral
from perisai.desk.events import Event
from perisai.desk.outbox import services as outbox
from perisai.desk.referrals import domain
from perisai.desk.referrals.state import Referral
from perisai.desk.seals.state import Seal
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Callable

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.house import House
    from perisai.settings import Settings

KIND, WITHDRAWN = "referral", "referral-withdrawn"
BY_TWO = ("dicabut oleh dua orang", "withdrawn by two people")


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What is referred. ``tell`` says everything that is known of it; ``write`` keeps facts."""

    name: str
    item: str
    case: str
    seal: Seal
    referral: Referral
    parties: frozenset[str]
    tell: Callable[[], dict[str, Any]]
    write: Callable[[list[NewFact]], object]


def send(house: House, settings: Settings, actor: Actor, key: str, sha256: str = "") -> None:
    """Put the referral into the outbox. Raises NotAllowed, NotYet, or StorageError."""
    machine = settings.desk.referral_machine
    with transaction.atomic(using=house.alias):
        house.log.hold()
        known = _found(house, actor, key, sha256)
        domain.may_send(known.seal, known.referral, actor, known.parties)
        receiver = machine or settings.desk.referral_receiver
        message = outbox.put(
            house,
            actor,
            channel="webhook" if machine else "hand",
            receiver=settings.desk.referral_receiver,
            address=machine or "",
            subject=f"Rujukan {known.name}",
            kind=KIND,
            about={"item": known.item, "case": known.case},
            secret=_document(known) if machine else "",
        )
        known.write(domain.sent(receiver, message.id))


def document(house: House, actor: Actor, key: str, sha256: str = "") -> str:
    """The document to be carried by hand; that it was opened is written down first."""
    with transaction.atomic(using=house.alias):
        house.log.hold()
        known = _found(house, actor, key, sha256)
        known.write(domain.opened(known.seal, known.referral, actor, known.parties))
        return _document(known)


def withdraw(house: House, actor: Actor, key: str, sha256: str = "") -> None:
    """Tell whoever had the referral that two people have undone the seal; whoever agreed does.

    Nothing, where none was sent; called in the transaction in which the seal is undone.
    """
    known = _found(house, actor, key, sha256)
    if not known.referral.sent or known.referral.withdrawn:
        return
    new: list[NewFact] = []
    sendings = [outbox.message(house, each) for each in known.referral.sendings]
    # Sent more than once, it may have gone to another receiver before: each is told once.
    for first in {(each.channel, each.receiver, each.address): each for each in sendings}.values():
        message = outbox.put(
            house,
            actor,
            channel=first.channel,
            receiver=first.receiver,
            address=first.address,
            subject=f"Pencabutan rujukan {known.name}",
            kind=WITHDRAWN,
            about={"item": known.item, "case": known.case},
            payload={"name": known.name, "withdraws": list(known.referral.sendings)},
            secret=_document(known) if first.channel == "webhook" else "",
        )
        new += domain.withdrawn(first.address or first.receiver, message.id)
    known.write(new)
    if known.case and not sha256:
        told = [NewFact(each.kind, {**each.data, "complaint": key}) for each in new]
        house.write_case(house.case(known.case), told, actor)


def review(house: House, actor: Actor, key: str, note: str, sha256: str = "") -> None:
    """Another person looks at it afterwards."""
    with transaction.atomic(using=house.alias):
        house.log.hold()
        known = _found(house, actor, key, sha256)
        known.write(domain.reviewed(known.referral, actor, known.parties, note))


def _found(house: House, actor: Actor, key: str, sha256: str) -> _Sealed:
    if not sha256:
        return _of_complaint(house, actor, house.complaint(key))
    case = house.case(key)
    mine = [each for each in case.samples if each.sha256 == sha256 and not each.complaint]
    if not mine:
        raise NotYet("There is no such referral.")
    return _of_sample(house, actor, case, sha256)


def _of_complaint(house: House, actor: Actor, known: Complaint) -> _Sealed:
    rows = ConflictRow.objects.using(house.alias).filter(case=known.case) if known.case else ()

    def tell() -> dict[str, Any]:
        """Nothing of who complained, but what they wrote; the link alone once it was undone."""
        told = told_for_referral(house, known.id) if known.sealed else _link(known)
        return {
            "complaint": known.id,
            "source": known.source,
            "received": known.received.isoformat() if known.received else "",
            "sealed": known.seal.since.isoformat() if known.seal.since else "",
            "told": {name: text for name, text in told.items() if text},
            **({"messages": _messages(house, known)} if known.sealed else {}),
            "files": _files(house, known),
        }

    return _Sealed(
        name=known.id,
        item=known.id,
        case=known.case,
        seal=known.seal,
        referral=known.referral,
        parties=frozenset(row.name for row in rows),
        tell=tell,
        write=lambda new: house.write_complaint(known, new, actor),
    )


def _of_sample(house: House, actor: Actor, case: Case, sha256: str) -> _Sealed:
    seal = case.seals.get(sha256, Seal())

    def tell() -> dict[str, Any]:
        (sample,) = (each for each in case.samples if each.sha256 == sha256)
        file = {"sha256": sha256, "screened": sample.at.isoformat()}
        if sample.document:
            kept = case.attachments[sample.document]
            file = {"sha256": sha256, "document": kept.id, "received": kept.at.isoformat()}
            file |= {"from": kept.by, "kind": kept.kind}
        return {
            "case": case.id,
            "sealed": seal.since.isoformat() if seal.since else "",
            "files": [file],
        }

    def write(new: list[NewFact]) -> None:
        about = [NewFact(each.kind, {**each.data, "sha256": sha256}) for each in new]
        house.write_case(case, about, actor)

    return _Sealed(
        name=f"{case.id} {sha256[:12]}",
        item=f"sample-{sha256[:12]}",
        case=case.id,
        seal=seal,
        referral=case.referrals.get(sha256, Referral()),
        parties=case.conflicted,
        tell=tell,
        write=write,
    )


def _document(known: _Sealed) -> str:
    """Everything that is known of what was seen, as JSON; or that the seal was undone."""
    told, undone, sent = known.tell(), known.seal.lifted, known.referral.sent
    if undone and sent:
        told |= {"withdrawn": BY_TWO, "withdraws": known.referral.sendings}
        told |= {"referred": sent.isoformat(), "undone": undone.isoformat()}
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True)


def _link(known: Complaint) -> dict[str, str]:
    """What is known again by whoever had the referral, once the seal was undone."""
    return {"link": (known.told or {}).get("link", "")}


def _messages(house: House, known: Complaint) -> list[dict[str, str]]:
    """What who complained wrote again, and what the house wrote to them, oldest first."""
    texts = house.people.open_all([each.sealed for each in known.messages])
    return [
        {
            "from": "house" if each.from_house else "reporter",
            "at": each.at.isoformat(),
            "text": text,
        }
        for each, text in zip(known.messages, texts, strict=True)
        if text is not None
    ]


def _files(house: House, known: Complaint) -> list[dict[str, str]]:
    """Hash and time of each file that was screened for the complaint."""
    if not known.case:
        return []
    return [
        {"sha256": fact.data["sha256"], "screened": fact.at.isoformat()}
        for fact in house.log.stream(f"case:{known.case}")
        if fact.kind == Event.SAMPLE_SCREENED and fact.data.get("complaint") == known.id
    ]
