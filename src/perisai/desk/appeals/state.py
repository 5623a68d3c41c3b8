"""What the facts of a complaint say of it as an appeal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perisai.desk.events import Event

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.storage.facts.records import Fact

SHOW = "show"
"""The wish that something withheld be shown: an appeal, whichever way it came."""


@dataclass(frozen=True, slots=True)
class Appeal:
    """``asked``: the complaint is one. An answer is proposed by one person, decided by another.

    ``outcome`` is that of the proposal until ``decided``, and ``text`` says why, sealed under the
    key of who appeals.
    """

    asked: bool = False
    outcome: str = ""
    text: dict[str, str] | None = None
    proposed_by: str = ""
    proposed: datetime | None = None
    decided_by: str = ""
    decided: datetime | None = None

    @property
    def standing(self) -> str:
        """``none`` (no appeal), ``open``, ``proposed``, or how it was decided."""
        if not self.asked:
            return "none"
        if self.decided:
            return self.outcome
        return "proposed" if self.proposed else "open"


def after(state: Appeal, fact: Fact) -> Appeal:
    """Return the state after one more fact of the complaint."""
    told = fact.data
    if fact.kind == Event.COMPLAINT_RECEIVED:
        wish = told.get("told", {}).get("wish")
        return replace(state, asked=told["source"] == "appeal" or wish == SHOW)
    if fact.kind == Event.APPEAL_PROPOSED:
        return replace(
            state,
            outcome=told["outcome"],
            text=told["text"],
            proposed_by=fact.by,
            proposed=fact.at,
        )
    if fact.kind == Event.APPEAL_DECIDED:
        return replace(state, decided_by=fact.by, decided=fact.at)
    return state
