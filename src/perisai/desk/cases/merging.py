"""Two cases about one thing become one; what does not belong goes out into a case of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import require
from perisai.desk.cases.domain import RESULT_CLOCK, require_open
from perisai.desk.cases.platforms import further
from perisai.desk.clocks import domain as clocks
from perisai.desk.events import Event
from perisai.desk.permissions import Permission
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Collection

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case


def merge(
    case: Case, other: Case, actor: Actor, reason: str
) -> tuple[list[NewFact], list[NewFact]]:
    """``other`` goes into ``case``: return what is written down in ``case``, and in ``other``.

    Its complaints and platforms come along, and whoever was a party to it is one here. Its letters
    and what was promised stay in it and go on: an answer to them still arrives. Its promised day
    ends, since the result is that of ``case``. Raises NotAllowed or NotYet.
    """
    for each in (case, other):
        require(actor, Permission.CASE_MERGE, each.conflicted)
        require_open(each)
        if each.result and each.result.published:
            raise NotYet("The result is public; open a new case for what came after.")
    if case.id == other.id:
        raise NotYet("A case cannot go into itself.")
    reason = _reasoned(reason)
    here = [
        NewFact(
            Event.CASE_ABSORBED,
            {
                "from": other.id,
                "complaints": [c for c in other.complaints if c not in case.complaints],
                "reason": reason,
            },
        ),
        *further(case, other.platforms),
        *_parties(other.conflicted - case.conflicted),
    ]
    there = [
        NewFact(Event.CASE_MERGED, {"into": case.id, "reason": reason}),
        *clocks.met(other.clocks, RESULT_CLOCK),
    ]
    return here, there


def split(
    case: Case, actor: Actor, complaints: Collection[str], reason: str, into: str
) -> tuple[list[NewFact], list[NewFact]]:
    """Complaints go out of a case into the new one ``into``: what is written in the old, the new.

    Whoever is a party to the old case is one to the new. Raises NotAllowed or NotYet.
    """
    require(actor, Permission.CASE_MERGE, case.conflicted)
    require_open(case)
    gone = [each for each in case.complaints if each in complaints]
    if not gone or len(gone) != len(set(complaints)):
        raise NotYet("Choose complaints of this case.")
    told = {"into": into, "complaints": gone, "reason": _reasoned(reason)}
    joined = [NewFact(Event.CASE_JOINED, {"complaint": each}) for each in gone]
    return [NewFact(Event.CASE_SPLIT, told)], [*joined, *_parties(case.conflicted)]


def _parties(names: Collection[str]) -> list[NewFact]:
    return [NewFact(Event.CONFLICT_NAMED, {"name": name}) for name in sorted(names)]


def _reasoned(reason: str) -> str:
    if not reason.strip():
        raise NotYet("Write the reason.")
    return reason.strip()
