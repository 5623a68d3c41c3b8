"""A clock: due at a time, with a warning before, pauses with reasons, and lateness as a fact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from perisai.desk.events import Event

if TYPE_CHECKING:
    from perisai.storage.facts.records import Fact


@dataclass(frozen=True, slots=True)
class Clock:
    """What is due. ``name`` says what for, as in ``result`` or ``reply:s-1``.

    ``late`` and ``warned`` say when that was noticed; when it began is ``due`` and ``warn``.
    """

    name: str
    started: datetime
    warn: datetime
    due: datetime
    paused: datetime | None = None
    met: datetime | None = None
    late: datetime | None = None
    warned: datetime | None = None

    def standing(self, now: datetime) -> str:
        """``met``, ``paused``, ``late``, ``soon`` (over the first threshold) or ``running``."""
        if self.met is not None:
            return "met"
        if self.paused is not None:
            return "paused"
        if now > self.due:
            return "late"
        return "soon" if now >= self.warn else "running"

    def until(self, now: datetime) -> datetime:
        """Until when it has run: when it was paused or met, or now. Met while paused, it stood."""
        return self.paused or self.met or now

    def left(self, now: datetime) -> timedelta:
        """Time until it is due; negative when it is late. A paused clock keeps what it had."""
        return self.due - (self.paused or now)


def folded(clocks: dict[str, Clock], fact: Fact) -> dict[str, Clock]:
    """Return the clocks after one more fact; facts about anything else change nothing."""
    name = fact.data.get("clock")
    if fact.kind == Event.CLOCK_STARTED:
        warn, due = (datetime.fromisoformat(fact.data[each]) for each in ("warn", "due"))
        return clocks | {str(name): Clock(str(name), fact.at, warn, due)}
    known = clocks.get(str(name))
    if known is None:
        return clocks
    if fact.kind == Event.CLOCK_PAUSED:
        known = replace(known, paused=fact.at)
    elif fact.kind == Event.CLOCK_RESUMED and known.paused:
        stood = fact.at - known.paused
        known = replace(known, paused=None, warn=known.warn + stood, due=known.due + stood)
    elif fact.kind == Event.CLOCK_MET:
        known = replace(known, met=fact.at)
    elif fact.kind == Event.CLOCK_LATE:
        known = replace(known, late=fact.at)
    elif fact.kind == Event.CLOCK_WARNED:
        known = replace(known, warned=fact.at)
    return clocks | {str(name): known}
