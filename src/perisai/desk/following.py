"""What follows from a fact by itself, in the same transaction: all of it or nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.events import Event
from perisai.desk.opinions import services as opinions
from perisai.desk.outbox import services as outbox
from perisai.desk.triage import duplicates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from perisai.desk.house import House
    from perisai.storage.facts.records import Fact


def follow(house: House, facts: Iterable[Fact]) -> None:
    """Do what follows from these facts, which were written just now."""
    for fact in facts:
        if fact.kind in _FOLLOWS:
            _FOLLOWS[fact.kind](house, fact)


def _letter_received(house: House, fact: Fact) -> None:
    case = fact.stream.removeprefix("case:")
    outbox.acknowledge_about(house, case, fact.data["summons"], fact.data["how"])


_FOLLOWS: dict[str, Callable[[House, Fact], None]] = {
    Event.COMPLAINT_RECEIVED: duplicates.received,
    Event.COMPLAINT_SEALED: duplicates.sealed,
    Event.CASE_JOINED: duplicates.joined,
    Event.CLAIM_DECIDED: opinions.decided,
    Event.SUMMONS_ACKNOWLEDGED: _letter_received,
}
