"""What the facts of a case say of second opinions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perisai.desk.events import Event

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.storage.facts.records import Fact


@dataclass(frozen=True, slots=True)
class Opinion:
    """A decision that was drawn, and what a second reviewer found; ``outcome`` is empty till then.

    ``decision`` is the position of the fact that decided; ``first_by`` and ``by`` are names;
    ``number`` is that of the fact which drew it, by which those of all cases are in order.
    """

    decision: int
    first: str
    first_by: str
    drawn: datetime
    number: int
    outcome: str = ""
    reason: str = ""
    by: str = ""
    given: datetime | None = None

    @property
    def agrees(self) -> bool:
        """Whether both found the same."""
        return self.outcome == self.first


@dataclass(frozen=True, slots=True)
class Opinions:
    """All second opinions of a case, and the decisions that one may be drawn for."""

    decided: tuple[tuple[int, str, str], ...] = ()
    every: tuple[Opinion, ...] = ()

    @property
    def waiting(self) -> Opinion | None:
        """The one that is to be given next."""
        return next((each for each in self.every if each.given is None), None)


def after(state: Opinions, fact: Fact) -> Opinions:
    """Return the state after one more fact of the case."""
    told = fact.data
    if fact.kind == Event.CLAIM_DECIDED:
        made = (fact.position, told["outcome"], fact.by.partition(":")[2])
        return replace(state, decided=(*state.decided, made))
    if fact.kind == Event.CLAIM_DRAWN:
        (_, outcome, name) = next(e for e in state.decided if e[0] == told["decision"])
        drawn = Opinion(told["decision"], outcome, name, fact.at, fact.number)
        return replace(state, every=(*state.every, drawn))
    if fact.kind == Event.CLAIM_SECONDED:
        name = fact.by.partition(":")[2]
        every = (
            replace(each, outcome=told["outcome"], reason=told["reason"], by=name, given=fact.at)
            if each.decision == told["decision"]
            else each
            for each in state.every
        )
        return replace(state, every=tuple(every))
    return state
