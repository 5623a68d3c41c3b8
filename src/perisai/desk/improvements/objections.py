"""Deciding on what an agency has against a request: by somebody else, with a reason, in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import require, require_another
from perisai.desk.clocks import domain as clocks
from perisai.desk.events import Event
from perisai.desk.improvements.domain import clock_of
from perisai.desk.outbox import services as outbox
from perisai.desk.permissions import Permission
from perisai.desk.summons import replies
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.house import House


def decide(case: Case, actor: Actor, key: str, outcome: str, reason: str) -> list[NewFact]:
    """Somebody who has neither written nor agreed to the request decides on the objection to it.

    If that is right, the request is withdrawn; else it stands, and its clock never stopped.
    """
    require(actor, Permission.IMPROVEMENT_ASK, case.conflicted)
    known = case.improvements.get(key)
    if known is None or not known.contested:
        raise NotYet("There is no objection to this request that waits for a decision.")
    for each in (known.asked_by, known.approved_by):
        require_another(actor, each)
    told = {"improvement": key, **replies.decision(outcome, reason)}
    over = [replies.clock_of(key), *([clock_of(key)] if outcome == replies.RIGHT else [])]
    ends = [fact for each in over for fact in clocks.met(case.clocks, each)]
    return [NewFact(Event.IMPROVEMENT_DECIDED, told), *ends]


def decide_and_tell(
    house: House, actor: Actor, case: str, key: str, outcome: str, reason: str
) -> None:
    """The same, and the agency is told through the outbox, the way it was asked: both or neither.

    Raises NotAllowed or NotYet.
    """
    with house.together():
        new = house.change_case(case, actor, lambda c: decide(c, actor, key, outcome, reason))
        known = new.improvements[key]
        channel, address = outbox.way_of(house, case, key)
        said = known.objection or {}
        outbox.put(
            house,
            actor,
            channel=channel,
            receiver=known.agency,
            address=address,
            subject=f"{case}/{key}",
            kind="objection",
            about={"case": case, "item": f"{key}-objection", "request": key},
            payload={"outcome": said["outcome"], "reason": said["reason"]},
        )
