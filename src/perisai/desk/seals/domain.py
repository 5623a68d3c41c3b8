"""Who may ask for a seal to be undone, who may agree, and which seals nobody undoes here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import require, require_another
from perisai.desk.events import Event
from perisai.desk.permissions import Permission
from perisai.errors import NotAllowed, NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Collection

    from perisai.desk.actors import Actor
    from perisai.desk.seals.state import Seal

LONGEST = 2_000
MATCHED = (
    "A file matches a list of child abuse material; such a seal is not undone here. If the list "
    "is wrong, ask whoever keeps the list."
)


def question(
    seal: Seal, actor: Actor, parties: Collection[str], reason: str, *, matched: bool
) -> list[NewFact]:
    """Ask for a seal to be undone, and say why. Whoever set it may ask, too, but not decide alone.

    ``matched``: a file that is closed by it matches a list of child abuse. Raises NotAllowed for
    such a seal, for a party to the case, and for whoever has no right to it.
    """
    require(actor, Permission.SEAL_UNDO, parties)
    _stands(seal, matched=matched)
    if seal.asked:
        raise NotYet("Somebody has asked for this already; a second person decides.")
    if not reason.strip():
        raise NotYet("Write why the seal is to be undone.")
    return [NewFact(Event.SEAL_QUESTIONED, {"reason": reason.strip()[:LONGEST]})]


def lift(seal: Seal, actor: Actor, parties: Collection[str], *, matched: bool) -> list[NewFact]:
    """Agree, as the second person: what was sealed is open again."""
    _second(seal, actor, parties)
    _stands(seal, matched=matched)
    return [NewFact(Event.SEAL_LIFTED, {})]


def keep(seal: Seal, actor: Actor, parties: Collection[str], reason: str) -> list[NewFact]:
    """Refuse, as the second person: it stays sealed. Somebody may ask anew later."""
    _second(seal, actor, parties)
    if not reason.strip():
        raise NotYet("Write why the seal stays.")
    return [NewFact(Event.SEAL_KEPT, {"reason": reason.strip()[:LONGEST]})]


def _second(seal: Seal, actor: Actor, parties: Collection[str]) -> None:
    require(actor, Permission.SEAL_UNDO, parties)
    if not seal.stands or seal.asked is None:
        raise NotYet("Nobody has asked for this seal to be undone.")
    require_another(actor, seal.asked_by)


def _stands(seal: Seal, *, matched: bool) -> None:
    if not seal.stands:
        raise NotYet("This is not sealed.")
    if matched:
        raise NotAllowed(MATCHED)
