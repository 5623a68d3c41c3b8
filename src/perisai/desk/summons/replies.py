"""What a receiver says besides its answer: an objection, which is decided, and a promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perisai.desk.actors import require, require_another
from perisai.desk.clocks import domain as clocks
from perisai.desk.events import Event
from perisai.desk.permissions import Permission
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from datetime import date, datetime

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.clocks.calendars import Calendar
    from perisai.desk.procedures import Procedure

STEP = "objection"
WORKING_DAYS = 3
"""For the decision on an objection, where the procedure has no step for it."""
RIGHT = "right"
OUTCOMES = (RIGHT, "partly", "not-right")
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Besides:
    """What comes with an answer. ``decide_by``: until when an objection is to be decided."""

    now: datetime
    decide_by: datetime
    objects: bool = False
    promise: str = ""
    promise_by: date | None = None

    def facts(self) -> dict[str, Any]:
        """What is added to the fact of the answer. Raises NotYet for half a promise."""
        told: dict[str, Any] = {"objects": True} if self.objects else {}
        promise = self.promise.strip()
        if bool(promise) != bool(self.promise_by):
            raise NotYet("A promise says what and by which day.")
        if len(promise) > LONGEST:
            raise NotYet(f"This is longer than {LONGEST:,} characters; shorten it.")
        if self.promise_by:
            told |= {"promise": promise, "promise_by": self.promise_by.isoformat()}
        return told

    def clocks(self, case: Case, key: str) -> list[NewFact]:
        """The clock of a decision on the objection, unless one runs."""
        known = case.clocks.get(clock_of(key))
        if not self.objects or (known and not known.met):
            return []
        return [clocks.start(clock_of(key), self.now, self.decide_by)]


def until(now: datetime, procedure: Procedure, calendar: Calendar) -> datetime:
    """Until when an objection that comes now is to be decided."""
    step = procedure.steps.get(STEP)
    return (
        step.span.after(now, calendar) if step else calendar.after_working_days(now, WORKING_DAYS)
    )


def decide_objection(
    case: Case, actor: Actor, key: str, outcome: str, reason: str
) -> list[NewFact]:
    """Somebody who has neither written nor approved the letter decides on the objection to it."""
    require(actor, Permission.SUMMONS_RECORD, case.conflicted)
    summons = case.summons.get(key)
    if summons is None or summons.objection or not summons.objects:
        raise NotYet("There is no objection to this letter that waits for a decision.")
    for each in (summons.drafted_by, *sorted(summons.editors), summons.approved_by):
        require_another(actor, each)
    told = {"summons": key, **decision(outcome, reason)}
    return [NewFact(Event.OBJECTION_DECIDED, told), *clocks.met(case.clocks, clock_of(key))]


def decision(outcome: str, reason: str) -> dict[str, str]:
    """What the fact of a decision on an objection says. Raises NotYet."""
    if outcome not in OUTCOMES:
        raise NotYet("An objection is right, partly right, or not right.")
    if not reason.strip():
        raise NotYet("Write the reason.")
    return {"outcome": outcome, "reason": reason.strip()[:LONGEST]}


def clock_of(key: str) -> str:
    """The clock of the decision on an objection to a letter, or to a request."""
    return f"objection:{key}"
