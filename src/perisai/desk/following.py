"""What follows from a fact by itself, in the same transaction: all of it or nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import HOUSE, PUBLIC
from perisai.desk.cases import domain as cases
from perisai.desk.cases.models import SampleRow
from perisai.desk.complaints.domain import sealing
from perisai.desk.events import Event
from perisai.desk.listing import services as listing
from perisai.desk.opinions import services as opinions
from perisai.desk.outbox import services as outbox
from perisai.desk.previews import services as previews
from perisai.desk.triage import duplicates
from perisai.desk.withholding.sealing import is_sealed
from perisai.storage.facts.records import NewFact

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


def _request_received(house: House, fact: Fact) -> None:
    """Whoever answers a request has it."""
    case = fact.stream.removeprefix("case:")
    how = "link" if fact.by.endswith(":link") else fact.data.get("how", "account")
    outbox.acknowledge_about(house, case, fact.data["improvement"], how)


def _joined(house: House, fact: Fact) -> None:
    """A complaint is in a case now: so is what was found in its file, and what it is alike."""
    _, _, key = fact.stream.partition("complaint:")
    known = house.complaint(key) if key else None
    if known and known.looked and (sha256 := (known.told or {}).get("sha256")):
        case = house.case(fact.data["case"])
        sample = {**known.looked, "sha256": sha256}
        house.write_case(case, cases.came_with(case, key, sample), HOUSE)
    duplicates.joined(house, fact)


def _received(house: House, fact: Fact) -> None:
    """A file that somebody sends is sealed already: so is what comes with it."""
    duplicates.received(house, fact)
    if "looked" not in fact.data:
        return
    known = house.complaint(fact.stream.removeprefix("complaint:"))
    if known.told and is_sealed(known.told.get("sha256", ""), house.alias):
        house.write_complaint(known, [sealing(known.told)], HOUSE)


def _complaint_sealed(house: House, fact: Fact) -> None:
    previews.complaint_sealed(house, fact)
    duplicates.sealed(house, fact)
    listing.ended(house, fact)
    # What a stranger says of a file closes their own complaint, and nothing of anybody else.
    if "sha256" in fact.data and fact.by != PUBLIC.by:
        _seal_everywhere(house, fact.data["sha256"])


def _sample_sealed(house: House, fact: Fact) -> None:
    previews.sample_sealed(house, fact)
    listing.ended(house, fact)
    _seal_everywhere(house, fact.data["sha256"])


def _seal_everywhere(house: House, sha256: str) -> None:
    """A file is sealed: so it is in every other case, with what it came with there."""
    rows = SampleRow.objects.using(house.alias).filter(sha256=sha256, sealed=False)
    for key in sorted(rows.values_list("case", flat=True)):
        case = house.case(key)
        came_with = {each.complaint for each in case.samples if each.sha256 == sha256}
        house.write_case(case, [NewFact(Event.SAMPLE_SEALED, {"sha256": sha256})], HOUSE)
        for complaint in sorted(came_with - {""}):
            known = house.complaint(complaint)
            if not known.sealed:
                house.seal_samples_of(complaint, HOUSE)
                house.write_complaint(known, [sealing(known.told)], HOUSE)


_FOLLOWS: dict[str, Callable[[House, Fact], None]] = {
    Event.COMPLAINT_RECEIVED: _received,
    Event.COMPLAINT_SEALED: _complaint_sealed,
    Event.CASE_JOINED: _joined,
    Event.CLAIM_DECIDED: opinions.decided,
    Event.IMPROVEMENT_ANSWERED: _request_received,
    Event.SAMPLE_FREED: listing.ended,
    Event.SAMPLE_SEALED: _sample_sealed,
    Event.SUMMONS_ACKNOWLEDGED: _letter_received,
}
