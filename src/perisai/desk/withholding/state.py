"""What the facts of a case say of its samples for this house's gateway."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perisai.desk.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from perisai.storage.facts.records import Fact

WITHHELD, FREED, SEALED = "withheld", "freed", "sealed"
_DECIDES = {
    Event.SAMPLE_WITHHELD: WITHHELD,
    Event.SAMPLE_FREED: FREED,
    # What is sealed is shown by nobody, whatever was decided before.
    Event.SAMPLE_SEALED: WITHHELD,
    # The same of the file that a complaint names.
    Event.COMPLAINT_SEALED: WITHHELD,
}


@dataclass(frozen=True, slots=True)
class Withholding:
    """The last decision on a file: ``withheld`` or ``freed``.

    ``decision`` is the position of its fact; ``applied`` is when the gateway
    had it, None till then. ``anew``: a seal was undone since, so that somebody decides once more.
    """

    sha256: str
    what: str
    reason: str
    by: str
    at: datetime
    decision: int
    applied: datetime | None = None
    anew: bool = False


def after(state: Mapping[str, Withholding], fact: Fact) -> Mapping[str, Withholding]:
    """Return the decisions after one more fact of the case or complaint, by SHA-256."""
    told = fact.data
    if fact.kind in _DECIDES and "sha256" in told:
        what, reason = _DECIDES[Event(fact.kind)], told.get("reason", "")
        made = Withholding(told["sha256"], what, reason, fact.by, fact.at, fact.position)
        return {**state, made.sha256: made}
    if fact.kind == Event.SAMPLE_APPLIED:
        known = state[told["sha256"]]
        if known.decision == told["decision"]:
            return {**state, known.sha256: replace(known, applied=fact.at)}
    if fact.kind == Event.SEAL_LIFTED:
        about = [told["sha256"]] if "sha256" in told else list(state)
        open_again = {each: replace(state[each], anew=True) for each in about if each in state}
        return {**state, **open_again}
    return state
