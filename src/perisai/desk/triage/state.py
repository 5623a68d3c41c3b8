"""What the facts of a complaint say of triage: who works on it, and with which it is joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perisai.desk.events import Event
from perisai.desk.triage.links import exact

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.storage.facts.records import Fact

ENDS = (Event.CASE_JOINED, Event.COMPLAINT_SEALED, Event.COMPLAINT_WITHDRAWN)
"""With these a complaint has left the queue: nobody has it to themselves any more."""


@dataclass(frozen=True, slots=True)
class Triage:
    """``entry`` is the complaint that this one was joined with; empty while it stands for itself.

    ``apart`` are the complaints that somebody said it has nothing to do with.
    """

    link: str = ""
    """A keyed digest of the link that was told: all that is left of it when it is sealed."""
    clear: str = ""
    """The same without a key, of facts from before what is told was sealed."""
    closed: bool = False
    """Sealed by somebody of the house, and not only on the word of who complains."""
    holder: str = ""
    since: datetime | None = None
    entry: str = ""
    why: str = ""
    apart: frozenset[str] = frozenset()


def after(state: Triage, fact: Fact) -> Triage:
    """Return the state after one more fact of the complaint."""
    told = fact.data
    if fact.kind == Event.COMPLAINT_RECEIVED:
        clear = exact(str(told.get("told", {}).get("link") or ""))
        return replace(state, link=told.get("link", ""), clear=clear)
    if fact.kind == Event.PERSON_ERASED:
        return replace(state, link="", clear="")
    if fact.kind == Event.COMPLAINT_SEALED and not fact.by.startswith("public:"):
        state = replace(state, closed=True)
    if fact.kind == Event.SEAL_LIFTED:
        return replace(state, closed=False)
    if fact.kind == Event.COMPLAINT_TAKEN:
        return replace(state, holder=told["name"], since=fact.at)
    if fact.kind == Event.COMPLAINT_HANDED:
        return replace(state, holder=told["to"], since=fact.at)
    if fact.kind == Event.COMPLAINT_RELEASED or fact.kind in ENDS:
        return replace(state, holder="", since=None)
    if fact.kind == Event.COMPLAINT_GROUPED:
        return replace(state, entry=told["with"], why=told["why"])
    if fact.kind == Event.COMPLAINT_PARTED:
        left = told["from"] == state.entry
        return replace(
            state,
            entry="" if left else state.entry,
            why="" if left else state.why,
            apart=state.apart | {told["from"]},
        )
    return state
