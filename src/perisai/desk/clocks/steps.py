"""Steps of the country's procedure that somebody starts in a case: each is a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import require
from perisai.desk.clocks import domain as clocks
from perisai.desk.permissions import Permission
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.clocks.calendars import Calendar
    from perisai.desk.procedures import Step

KIND = "step"
MOST = 20
"""How often one step may be started in a case."""


def begin(case: Case, actor: Actor, now: datetime, step: Step, calendar: Calendar) -> list[NewFact]:
    """A step of the procedure begins: its time runs. Raises NotAllowed, or NotYet if it runs."""
    require(actor, Permission.CLOCK_START, case.conflicted)
    names = [f"{KIND}:{step.key}", *(f"{KIND}:{step.key}.{n}" for n in range(2, MOST + 1))]
    known = [case.clocks[name] for name in names if name in case.clocks]
    if any(each.met is None for each in known):
        raise NotYet("This step runs already; end it first.")
    if len(known) == MOST:
        raise NotYet("This step was started too often; open a new case.")
    started = clocks.start(names[len(known)], now, step.span.after(now, calendar), step.warn)
    return [NewFact(started.kind, {**started.data, "source": step.source})]


def end(case: Case, actor: Actor, name: str, reason: str) -> list[NewFact]:
    """What a step waited for has happened. Raises NotAllowed or NotYet."""
    require(actor, Permission.CLOCK_START, case.conflicted)
    if not name.startswith(f"{KIND}:"):
        raise NotYet("This clock ends by itself, with what it waits for.")
    if not reason.strip():
        raise NotYet("Write down what has happened.")
    found = clocks.met(case.clocks, name)
    if not found:
        raise NotYet("This clock does not run.")
    return [NewFact(each.kind, {**each.data, "reason": reason.strip()}) for each in found]


def key_of(clock: str) -> str:
    """The key of the step that a clock is of; empty if it is of none."""
    kind, _, key = clock.partition(":")
    return key.partition(".")[0] if kind == KIND else ""
