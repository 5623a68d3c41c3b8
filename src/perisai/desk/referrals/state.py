"""How the referral of a sealed complaint stands. Sealing alone drafts it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perisai.desk.events import Event

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.storage.facts.records import Fact


@dataclass(frozen=True, slots=True)
class Referral:
    """``message`` is its number in the outbox; ``note`` is what the second person wrote."""

    sent: datetime | None = None
    sent_by: str = ""
    receiver: str = ""
    message: str = ""
    reviewed: datetime | None = None
    reviewed_by: str = ""
    note: str = ""


def after(known: Referral, fact: Fact) -> Referral:
    """The referral after one more fact."""
    told = fact.data
    if fact.kind == Event.REFERRAL_SENT:
        receiver, message = told["receiver"], told["message"]
        return replace(known, sent=fact.at, sent_by=fact.by, receiver=receiver, message=message)
    if fact.kind == Event.REFERRAL_REVIEWED:
        return replace(known, reviewed=fact.at, reviewed_by=fact.by, note=told["note"])
    return known
