"""Which decisions get a second opinion, who gives it, and what they may see before."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from perisai.desk.actors import require, require_another
from perisai.desk.events import Event
from perisai.desk.permissions import Permission
from perisai.errors import NotAllowed, NotYet
from perisai.storage.facts import chain
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.storage.facts.records import Fact

OUTCOMES = ("confirmed", "not-confirmed", "unclear")
LONGEST = 20_000


def draw(fact: Fact, share: float) -> list[NewFact]:
    """Say whether a decision goes to a second reviewer: by its own digest, for a share of all.

    The digest is that of the chain: it has number, time and reason in it, so that nobody knows it
    before the decision is written, and everybody can compute it after.

    >>> from datetime import datetime, UTC
    >>> from perisai.storage.facts.records import Fact
    >>> at = datetime(2026, 11, 6, tzinfo=UTC)
    >>> fact = Fact(9, "case:K-2026-0001", 4, "claim.decided", at, "reviewer:budi", {})
    >>> [len(draw(fact, share)) for share in (0.0, 1.0)]
    [0, 1]
    """
    if lot(fact) >= share:
        return []
    return [NewFact(Event.CLAIM_DRAWN, {"decision": fact.position, "share": share})]


def lot(fact: Fact) -> float:
    """The number in 0..1 that a fact draws."""
    at = fact.at.astimezone(UTC).isoformat(timespec="microseconds")
    data = chain.canonical(fact.data)
    digest = chain.digest(fact.number, fact.stream, fact.position, fact.kind, at, fact.by, data)
    return int(digest[:13], 16) / 16**13


def blind(case: Case, actor: Actor) -> bool:
    """Whether somebody is to give a second opinion, and so must not see the first."""
    waiting = case.opinions.waiting
    return (
        waiting is not None
        and actor.may(Permission.CLAIM_SECOND)
        and waiting.first_by != actor.name
    )


def require_sight(case: Case, actor: Actor) -> None:
    """Raise NotAllowed for whoever has to give a second opinion before the case opens."""
    if blind(case, actor):
        raise NotAllowed("Give your second opinion first; then this case opens.")


def look(case: Case, actor: Actor) -> int:
    """The decision that this actor may give a second opinion on now. Raises NotAllowed, NotYet."""
    require(actor, Permission.CLAIM_SECOND, case.conflicted)
    waiting = case.opinions.waiting
    if waiting is None:
        raise NotYet("No second opinion is waited for in this case.")
    require_another(actor, f":{waiting.first_by}")
    return waiting.decision


def give(case: Case, actor: Actor, decision: int, outcome: str, reason: str) -> list[NewFact]:
    """Say what one finds, without having seen what the first has found."""
    if look(case, actor) != decision:
        raise NotYet("No second opinion is waited for in this case.")
    if outcome not in OUTCOMES:
        raise NotYet("A claim is confirmed, not confirmed, or unclear.")
    reason = reason.strip()
    if not reason:
        raise NotYet("Write the reason.")
    told = {"decision": decision, "outcome": outcome, "reason": reason[:LONGEST]}
    return [NewFact(Event.CLAIM_SECONDED, told)]
