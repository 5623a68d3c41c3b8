"""Starting, stopping and watching clocks. Every function returns new facts of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.events import Event
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from perisai.desk.clocks.clock import Clock

WARN_AT = 0.75
"""Share of the time after which a clock warns: the first of the two thresholds."""


def start(name: str, now: datetime, due: datetime, warn_at: float = WARN_AT) -> NewFact:
    """Something is due. Raises NotYet if that time has passed already.

    ``warn_at``: share of the time, 0 to 1, after which it warns.
    """
    if due <= now:
        raise NotYet("What is due must lie ahead; choose a later time.")
    warn = now + (due - now) * warn_at
    times = {"warn": warn.isoformat(), "due": due.isoformat()}
    return NewFact(Event.CLOCK_STARTED, {"clock": name, **times})


def met(clocks: Mapping[str, Clock], name: str) -> list[NewFact]:
    """What the clock waited for has happened; nothing if it never ran or is met already."""
    known = clocks.get(name)
    if known is None or known.met is not None:
        return []
    return [NewFact(Event.CLOCK_MET, {"clock": name})]


def again(clocks: Mapping[str, Clock], name: str) -> list[NewFact]:
    """What a clock waited for has not happened after all: it runs again, with its old times."""
    known = clocks.get(name)
    if known is None or known.met is None:
        return []
    times = {"warn": known.warn.isoformat(), "due": known.due.isoformat()}
    return [NewFact(Event.CLOCK_STARTED, {"clock": name, **times})]


def pause(clocks: Mapping[str, Clock], name: str, reason: str) -> NewFact:
    """Let a clock stand still. Raises NotYet if it does not run, or without a reason."""
    known = clocks.get(name)
    if known is None or known.met or known.paused:
        raise NotYet("This clock does not run.")
    if not reason.strip():
        raise NotYet("A clock stands still only for a reason; write it down.")
    return NewFact(Event.CLOCK_PAUSED, {"clock": name, "reason": reason.strip()})


def resume(clocks: Mapping[str, Clock], name: str) -> NewFact:
    """Let it go on. Raises NotYet if it is not paused."""
    known = clocks.get(name)
    if known is None or known.paused is None or known.met:
        raise NotYet("This clock does not stand still.")
    return NewFact(Event.CLOCK_RESUMED, {"clock": name})


def noticed(clocks: Mapping[str, Clock], now: datetime) -> list[NewFact]:
    """What a tick writes down: each clock that is over one of its two thresholds.

    Said once for each of them. A clock that ran out before a tick saw it warn is late, and nothing
    else is said of it.
    """
    late = lateness(clocks, now)
    over = {fact.data["clock"] for fact in late}
    return late + [
        NewFact(Event.CLOCK_WARNED, {"clock": each.name, "due": each.due.isoformat()})
        for each in clocks.values()
        if each.standing(now) == "soon" and each.warned is None and each.name not in over
    ]


def lateness(clocks: Mapping[str, Clock], now: datetime) -> list[NewFact]:
    """Each clock that ran out and of which that was not yet said.

    A tick that missed a night says when it noticed (the fact's own time) beside when it was due;
    ``by`` is how late it is by now, or was when it was met or paused, in seconds. What came too
    late is late also if no tick ran in between.
    """
    return [
        NewFact(
            Event.CLOCK_LATE,
            {"clock": each.name, "due": each.due.isoformat(), "by": _seconds(until - each.due)},
        )
        for each in clocks.values()
        if each.late is None and (until := each.until(now)) > each.due
    ]


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
