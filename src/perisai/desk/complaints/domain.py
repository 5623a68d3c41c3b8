"""Receiving a complaint, writing back and forth, withdrawing, sealing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from perisai.desk.actors import require
from perisai.desk.complaints import telling
from perisai.desk.events import Event
from perisai.desk.permissions import Permission
from perisai.errors import NotYet, Outdated
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.desk.actors import Actor
    from perisai.desk.complaints.receipts import Kept
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.complaints.telling import Seal

FIELDS = ("app", "words", "link", "when", "kind", "what", "age")
"""What people are asked: where it was seen and what it was. Never the picture itself."""
BY_MACHINE = ("item", "sha256", "wish")
"""What machines say besides: number and digest of an item, and whether it shall be hidden."""
WISHES = ("hide", "show")
KINDS = ("naked", "sexual", "drawn", "other")
"""What ``kind`` may say; anything else is kept as nothing."""
LONGEST = 4_000
SOURCES = ("public", "phone", "visit", "press", "gateway", "api", "own", "appeal")
ENTERED = ("phone", "visit", "press", "own")
"""Those that an officer enters."""
_SHA256 = re.compile("[0-9a-f]{64}")


def receive(
    told: Mapping[str, str],
    *,
    source: str,
    person: str,
    seal: Seal,
    link: str = "",
    reporter: Mapping[str, str] | None = None,
    receipt: Kept | None = None,
    child: bool = False,
    more: Mapping[str, Any] | None = None,
) -> list[NewFact]:
    """Take a complaint in. ``told`` has the fields above, any of them empty but not all.

    ``seal`` seals what was written under the key of ``person``; ``reporter`` is sealed already.
    ``link`` is a keyed digest by which those about the same are found. With ``child``, who reports
    says that a child is shown: it is closed to everyone in the same breath, so that no queue ever
    has it. ``more`` is kept beside it, in clear. Raises NotYet if there is nothing in it.
    """
    if source not in SOURCES:
        raise NotYet("Say where the complaint comes from.")
    kept = {name: str(told.get(name, "")).strip()[:LONGEST] for name in (*FIELDS, *BY_MACHINE)}
    kept["kind"] = kept["kind"] if kept["kind"] in KINDS else ""
    kept["wish"] = kept["wish"] if kept["wish"] in WISHES else ""
    if not any(kept[name] for name in ("words", "link", "what", "item")):
        raise NotYet("Tell what was seen, the search words, or a link: one of them is enough.")
    data: dict[str, Any] = telling.sealed(kept, seal) | {"source": source, "person": person}
    appeal = source == "appeal" or kept["wish"] == "show"
    if link and not appeal:  # else it would join what it is against
        data["link"] = link
    data |= more or {}
    if reporter:
        data["reporter"] = dict(reporter)
    if receipt:
        data |= {"locator": receipt.locator, "proof": receipt.proof}
    received = [NewFact(Event.COMPLAINT_RECEIVED, data)]
    return [*received, sealing(kept)] if child else received


def enter(
    actor: Actor,
    told: Mapping[str, str],
    *,
    source: str,
    person: str,
    seal: Seal,
    link: str = "",
    reporter: Mapping[str, str] | None = None,
    receipt: Kept | None = None,
) -> list[NewFact]:
    """An officer enters what came by phone, visit or press."""
    require(actor, Permission.COMPLAINT_ENTER)
    if source not in ENTERED:
        raise NotYet("Say where the complaint comes from.")
    return receive(
        told,
        source=source,
        person=person,
        seal=seal,
        link=link,
        reporter=reporter,
        receipt=receipt,
    )


def require_reading(actor: Actor) -> None:
    """Raise NotAllowed for whoever may not read complaints."""
    require(actor, Permission.COMPLAINT_READ)


def read(complaint: Complaint, actor: Actor) -> Complaint:
    """The complaint, for somebody who may read it. Raises NotAllowed."""
    require_reading(actor)
    return complaint


def look_at_identity(complaint: Complaint, actor: Actor, reason: str) -> list[NewFact]:
    """Somebody looks at who complained: each look is a fact, with its reason."""
    require(actor, Permission.IDENTITY_READ)
    if complaint.sealed:
        raise NotYet("This complaint is sealed; it is referred, not worked on here.")
    if complaint.reporter is None:
        raise NotYet("Who complained did not say who they are.")
    reason = reason.strip()
    if not reason:
        raise NotYet("Write down why you need to know who complained.")
    return [NewFact(Event.IDENTITY_READ, {"reason": reason[:LONGEST]})]


def follow(
    complaint: Complaint, sealed: Mapping[str, str], *, danger: bool = False
) -> list[NewFact]:
    """Who complained writes again. The text comes sealed.

    ``danger``: it has words that tell of a child in danger. That alone stands in clear, so that the
    complaint goes to the front.
    """
    _open(complaint)
    told: dict[str, Any] = {"text": dict(sealed)} | ({"danger": True} if danger else {})
    return [NewFact(Event.COMPLAINT_FOLLOWED, told)]


def hear(complaint: Complaint, actor: Actor, *, seen: int | None = None) -> list[NewFact]:
    """Somebody has read what who complained wrote again, and it needs no answer.

    ``seen`` as for :func:`answer`.
    """
    require(actor, Permission.COMPLAINT_ANSWER)
    if complaint.sealed:
        raise NotYet("This complaint is sealed; it is referred, not worked on here.")
    if complaint.unanswered is None:
        raise NotYet("Nothing that who complained wrote waits here.")
    _read_all(complaint, seen)
    return [NewFact(Event.COMPLAINT_HEARD, {})]


def answer(
    complaint: Complaint, actor: Actor, sealed: Mapping[str, str], *, seen: int | None = None
) -> list[NewFact]:
    """The house writes to who complained. The text comes sealed.

    ``seen`` is how many messages the actor has read. Raises Outdated if there are more: what came
    meanwhile is not answered by this.
    """
    require(actor, Permission.COMPLAINT_ANSWER)
    _open(complaint)
    if complaint.sealed:
        raise NotYet("This complaint is sealed; it is referred, not worked on here.")
    _read_all(complaint, seen)
    return [NewFact(Event.COMPLAINT_ANSWERED, {"text": dict(sealed)})]


def withdraw(complaint: Complaint) -> list[NewFact]:
    """Who complained takes it back. What a case has found out by itself stays."""
    _open(complaint)
    return [NewFact(Event.COMPLAINT_WITHDRAWN, {})]


def into_case(complaint: Complaint, actor: Actor, case: str) -> list[NewFact]:
    """It belongs to a case from now on."""
    require(actor, Permission.COMPLAINT_JOIN)
    if complaint.sealed:
        raise NotYet("This complaint is sealed; it is referred, not worked on here.")
    if complaint.case == case:
        return []
    if complaint.case:
        raise NotYet(f"This complaint belongs to the case {complaint.case} already.")
    return [NewFact(Event.CASE_JOINED, {"case": case})]


def erase(complaint: Complaint, actor: Actor, reason: str) -> list[NewFact]:
    """Who complained asks to be erased: all that they told and wrote can never be read again.

    A sealed complaint is kept for its referral: that a crime is followed up goes before (UU
    27/2022, article 15).
    """
    require(actor, Permission.PERSON_ERASE)
    if complaint.sealed:
        raise NotYet("This complaint is sealed; it is referred, not worked on here.")
    if complaint.erased:
        raise NotYet("Who complained is erased already.")
    reason = reason.strip()
    if not reason:
        raise NotYet("Write down who asked for the erasure, and when.")
    return [NewFact(Event.PERSON_ERASED, {"person": complaint.person, "reason": reason[:LONGEST]})]


def moved(complaint: Complaint, case: str) -> list[NewFact]:
    """Its case went into another one, or was split; whoever did that may. Sealed, it stays so."""
    return [] if complaint.case == case else [NewFact(Event.CASE_JOINED, {"case": case})]


def seal(complaint: Complaint, actor: Actor) -> list[NewFact]:
    """Suspected abuse of a child: closed to everyone, at once, by one person."""
    require(actor, Permission.COMPLAINT_SEAL)
    if complaint.sealed:
        return []
    return [sealing(complaint.told)]


def sealing(told: Mapping[str, Any] | None) -> NewFact:
    """It is closed. A file that it names by its SHA-256 is withheld in the gateway from now on."""
    named = str((told or {}).get("sha256", ""))
    return NewFact(Event.COMPLAINT_SEALED, {"sha256": named} if _SHA256.fullmatch(named) else {})


def _read_all(complaint: Complaint, seen: int | None) -> None:
    if seen is not None and seen != len(complaint.messages):
        raise Outdated("Another message has come meanwhile; read it first.")


def _open(complaint: Complaint) -> None:
    if complaint.withdrawn:
        raise NotYet("This complaint was withdrawn.")
