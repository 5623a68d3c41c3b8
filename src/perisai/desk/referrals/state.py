"""How the referral of a sealed complaint stands. Sealing alone drafts it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perisai.desk.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from perisai.storage.facts.records import Fact


@dataclass(frozen=True, slots=True)
class Referral:
    """``message`` is its number in the outbox; ``note`` is what the second person wrote.

    ``more`` is since when something waits that who complained wrote after it was sent; ``sendings``
    are the numbers of all messages that it was sent with. ``withdrawal`` is the number of the one
    which says that the seal was undone.
    """

    sent: datetime | None = None
    sent_by: str = ""
    receiver: str = ""
    message: str = ""
    reviewed: datetime | None = None
    reviewed_by: str = ""
    note: str = ""
    more: datetime | None = None
    sendings: tuple[str, ...] = ()
    withdrawn: datetime | None = None
    withdrawal: str = ""


def after(known: Referral, fact: Fact) -> Referral:
    """The referral after one more fact."""
    told = fact.data
    if fact.kind == Event.REFERRAL_SENT:
        receiver, message = told["receiver"], told["message"]
        sendings = (*known.sendings, message)
        return Referral(fact.at, fact.by, receiver, message, sendings=sendings)
    if fact.kind == Event.REFERRAL_REVIEWED:
        return replace(known, reviewed=fact.at, reviewed_by=fact.by, note=told["note"])
    if fact.kind == Event.COMPLAINT_FOLLOWED and known.sent:
        return replace(known, more=known.more or fact.at)
    if fact.kind == Event.REFERRAL_WITHDRAWN:
        return replace(known, withdrawn=fact.at, withdrawal=told["message"])
    return known


def after_sample(known: Mapping[str, Referral], fact: Fact) -> Mapping[str, Referral]:
    """The referrals of a case's samples after one more fact of the case, by SHA-256.

    Those have one that came without a complaint: a complaint's says which files came with it.
    """
    if fact.kind == Event.SAMPLE_SEALED:
        return {**known, fact.data["sha256"]: Referral()}  # sealed anew, referred anew
    if fact.kind in _OF_SAMPLES and "sha256" in fact.data:
        sha256 = fact.data["sha256"]
        return {**known, sha256: after(known.get(sha256, Referral()), fact)}
    return known


_OF_SAMPLES = (Event.REFERRAL_SENT, Event.REFERRAL_REVIEWED, Event.REFERRAL_WITHDRAWN)
