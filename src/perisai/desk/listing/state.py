"""What the facts of a case say of its samples for the list that the house gives to others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from perisai.desk.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from perisai.storage.facts.records import Fact

PROPOSED, AGREED, REFUSED, WITHDRAWN = "proposed", "agreed", "refused", "withdrawn"
STANDINGS = (PROPOSED, AGREED, REFUSED, WITHDRAWN)
ALIVE = (PROPOSED, AGREED)
CLAIM, FREED, SEALED = "claim", "freed", "sealed"
"""What takes a sample off the list by itself."""


@dataclass(frozen=True, slots=True)
class Check:
    """A dry run: what of the allowed items the entry would have blocked.

    ``gateway``: whether there was one to compare with; ``generation`` is that of its store then.
    ``unread`` items could not be looked at; ``items`` names the first that were hit.
    """

    at: datetime
    gateway: bool
    generation: int | None
    compared: int
    unread: int
    hits: int
    items: tuple[dict[str, Any], ...] = ()

    @property
    def gap(self) -> bool:
        """Whether nothing, or not everything, could be compared: somebody has to see that."""
        return not self.compared or bool(self.unread)


@dataclass(frozen=True, slots=True)
class Listing:
    """A sample and the house's list. ``number`` is the position of the proposal's fact.

    ``why`` says what ended it by itself; ``ended`` is the reason that somebody wrote.
    """

    sha256: str
    category: str
    reason: str
    by: str
    at: datetime
    number: int
    standing: str = PROPOSED
    check: Check | None = None
    agreed_by: str = ""
    agreed: datetime | None = None
    ended: str = ""
    ended_by: str = ""
    ended_at: datetime | None = None
    why: str = field(default="")

    @property
    def alive(self) -> bool:
        """Whether it is on the list, or waits to be."""
        return self.standing in ALIVE


def after(state: Mapping[str, Listing], fact: Fact) -> Mapping[str, Listing]:
    """Return what is listed after one more fact of the case, by SHA-256."""
    told = fact.data
    if fact.kind == Event.CLAIM_DECIDED and told["outcome"] != "confirmed":
        return {key: _off(each, fact, CLAIM) for key, each in state.items()}
    sha256 = told.get("sha256", "")
    if fact.kind == Event.LISTING_PROPOSED:
        made = Listing(sha256, told["category"], told["reason"], fact.by, fact.at, fact.position)
        return {**state, sha256: made}
    if sha256 not in state:
        return state
    if fact.kind == Event.SAMPLE_SEALED or told.get("why") == SEALED:
        # What is sealed is on no list and in no register: nothing of it is left here.
        return {key: each for key, each in state.items() if key != sha256}
    known = _changed(state[sha256], fact)
    return {**state, sha256: known}


def _changed(known: Listing, fact: Fact) -> Listing:
    told = fact.data
    if fact.kind == Event.LISTING_CHECKED and told["listing"] == known.number:
        items = tuple(told["items"])
        numbers = (told["compared"], told["unread"], told["hits"])
        check = Check(fact.at, told["gateway"], told["generation"], *numbers, items)
        return replace(known, check=check)
    if fact.kind == Event.LISTING_AGREED:
        return replace(known, standing=AGREED, agreed_by=fact.by, agreed=fact.at)
    if fact.kind == Event.LISTING_REFUSED:
        return _ended(known, fact, REFUSED)
    if fact.kind == Event.LISTING_WITHDRAWN:
        return replace(_ended(known, fact, WITHDRAWN), why=told.get("why", ""))
    return _off(known, fact, FREED) if fact.kind == Event.SAMPLE_FREED else known


def _off(known: Listing, fact: Fact, why: str) -> Listing:
    return replace(_ended(known, fact, WITHDRAWN), why=why) if known.alive else known


def _ended(known: Listing, fact: Fact, standing: str) -> Listing:
    reason = fact.data.get("reason", "")
    return replace(known, standing=standing, ended=reason, ended_by=fact.by, ended_at=fact.at)
