"""Sending a referral, opening it, and looking at it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import require, require_another
from perisai.desk.events import Event
from perisai.desk.permissions import Permission
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Collection

    from perisai.desk.actors import Actor
    from perisai.desk.referrals.state import Referral
    from perisai.desk.seals.state import Seal

NOTE = 2_000


def may_send(seal: Seal, known: Referral, actor: Actor, parties: Collection[str]) -> None:
    """Raise NotAllowed or NotYet if this actor cannot send it now. One person is enough.

    It is sent again when who complained has written more.
    """
    require(actor, Permission.REFERRAL_SEND, parties)
    _sealed(seal)
    if known.sent and not known.more:
        raise NotYet("This referral was sent already.")


def sent(receiver: str, message: str) -> list[NewFact]:
    """It was opened for the referral, and put into the outbox."""
    return [NewFact(Event.REFERRAL_SENT, {"receiver": receiver, "message": message})]


def opened(seal: Seal, known: Referral, actor: Actor, parties: Collection[str]) -> list[NewFact]:
    """Somebody takes the document that is carried by hand: each time is a fact.

    Once the seal was undone it is the one which says so.
    """
    require(actor, Permission.REFERRAL_SEND, parties)
    if not known.withdrawn:
        _sealed(seal)
    if not known.sent:
        raise NotYet("Send the referral first; then its document can be taken.")
    return [NewFact(Event.REFERRAL_OPENED, {})]


def reviewed(known: Referral, actor: Actor, parties: Collection[str], note: str) -> list[NewFact]:
    """Another person looks at how it was dealt with, once it was sent, sealed or not."""
    require(actor, Permission.REFERRAL_REVIEW, parties)
    if not known.sent:
        raise NotYet("This referral was not sent yet.")
    if known.reviewed:
        raise NotYet("This referral was reviewed already.")
    require_another(actor, known.sent_by)
    if not note.strip():
        raise NotYet("Write down what you found.")
    return [NewFact(Event.REFERRAL_REVIEWED, {"note": note.strip()[:NOTE]})]


def withdrawn(receiver: str, message: str) -> list[NewFact]:
    """Two people have undone the seal, and whoever had the referral is told so."""
    return [NewFact(Event.REFERRAL_WITHDRAWN, {"receiver": receiver, "message": message})]


def _sealed(seal: Seal) -> None:
    if seal.lifted:
        raise NotYet("The seal was undone: nothing is referred any more.")
    if seal.since is None:
        raise NotYet("There is no such referral.")
