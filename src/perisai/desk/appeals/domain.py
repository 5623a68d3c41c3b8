"""Answering an appeal: one proposes, another decides, and neither is left alone with their own."""

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
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.complaints.telling import Seal

OVERTURNED = "overturned"
OUTCOMES = ("upheld", OVERTURNED)
"""It stays as it was decided first, or it does not."""
LONGEST = 4_000


def propose(
    complaint: Complaint, actor: Actor, outcome: str, text: str, seal: Seal
) -> list[NewFact]:
    """Somebody says how the appeal should be answered, in plain words for who appeals.

    Written anew, it takes the place of what was proposed before. ``seal`` is called only if there
    is something to write.
    """
    require(actor, Permission.APPEAL_DECIDE)
    _open(complaint)
    if outcome not in OUTCOMES:
        raise NotYet("Say whether it stays as it was decided, or not.")
    text = text.strip()
    if not text:
        raise NotYet("Write down why, in words that who appeals understands.")
    sealed = dict(seal(text[:LONGEST]))
    return [NewFact(Event.APPEAL_PROPOSED, {"outcome": outcome, "text": sealed})]


def decide(complaint: Complaint, actor: Actor, first: Collection[str]) -> list[NewFact]:
    """Somebody else agrees to what was proposed; from now on who appeals sees it.

    ``first`` are those who decided the matter the first time, as facts name them.
    """
    require(actor, Permission.APPEAL_DECIDE)
    _open(complaint)
    appeal = complaint.appeal
    if not appeal.proposed:
        raise NotYet("Nobody has proposed an answer yet.")
    require_another(actor, appeal.proposed_by)
    if actor.name in {each.partition(":")[2] for each in first}:
        raise NotAllowed("You decided this the first time; somebody else decides the appeal.")
    return [NewFact(Event.APPEAL_DECIDED, {"outcome": appeal.outcome})]


def frees(complaint: Complaint) -> list[NewFact]:
    """What an appeal that was right lets the gateway show again: the file that it is about."""
    sha256 = (complaint.told or {}).get("sha256", "")
    if complaint.appeal.outcome != OVERTURNED or not sha256:
        return []
    return [NewFact(Event.SAMPLE_FREED, {"sha256": sha256, "reason": ""})]


def _open(complaint: Complaint) -> None:
    if not complaint.appeal.asked:
        raise NotYet("This is no appeal.")
    if complaint.sealed:
        raise NotYet("This complaint is sealed; it is referred, not worked on here.")
    if complaint.withdrawn:
        raise NotYet("This complaint was withdrawn.")
    if complaint.erased:
        raise NotYet("Who complained is erased already.")
    if complaint.appeal.decided:
        raise NotYet("This appeal is decided already.")
