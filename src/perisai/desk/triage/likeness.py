"""Which complaints are likely to be about the same thing: proposed, never decided, by a machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.triage.models import QueueRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from perisai.desk.house import House
    from perisai.desk.triage.state import Triage

AT_LEAST = 78
"""Likeness of the words in percent from which on it is proposed."""
SHORTEST = 12
"""Characters below which words say too little to be compared."""
FEWEST = 3
"""Words below which they say too little; a link alone is compared as a link."""
LOOKED_AT = 200
PROPOSED = 5
PLACE, TOPIC, WORDS = "place", "topic", "words"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One complaint that may be about the same thing, and why: ``likeness`` is in percent."""

    row: QueueRow
    why: str
    likeness: int


def proposals(house: House, key: str, triage: Triage) -> list[Proposal]:
    """What is likely to be about the same thing as a complaint, the most likely first.

    The same page with other parameters, the same search words, or words that are much alike.
    Nothing of what somebody has said to be apart, and one of each entry.
    """
    row = QueueRow.objects.using(house.alias).filter(complaint=key, closed=False).first()
    if row is None or not row.waits:
        return []
    apart = {*triage.apart, key}
    if triage.entry:
        apart |= house.complaint(triage.entry).triage.apart
    found: dict[str, Proposal] = {}
    for each in sorted(_candidates(house, row), key=lambda each: -each.likeness):
        other = each.row
        if other.entry != row.entry and not {other.complaint, other.entry} & apart:
            found.setdefault(other.entry, each)
    return list(found.values())[:PROPOSED]


def alike(text: str, others: Iterable[str]) -> list[tuple[int, int]]:
    """Which of the others are much like a text: place and likeness in percent, the most first."""
    said, plain = _plain(text), [_plain(each) for each in others]
    if not said:
        return []
    found = process.extract(
        said, [each or None for each in plain], scorer=fuzz.token_sort_ratio,
        score_cutoff=AT_LEAST, limit=PROPOSED,
    )  # fmt: skip
    return [(place, round(score)) for _, score, place in found]


def _candidates(house: House, row: QueueRow) -> list[Proposal]:
    table = QueueRow.objects.using(house.alias).filter(closed=False)
    others = table.exclude(complaint=row.complaint)
    newest = others.order_by("-received")
    made = []
    if row.place:
        near = newest.filter(place=row.place)[:LOOKED_AT]
        made += [Proposal(each, PLACE, 90) for each in near]
    topic = ComplaintRow.objects.using(house.alias).filter(id=row.complaint).values("topic")
    same = ComplaintRow.objects.using(house.alias).filter(topic__in=topic).exclude(topic="")
    words = newest.filter(complaint__in=same.values("id")[:LOOKED_AT])
    made += [Proposal(each, TOPIC, 100) for each in words[:PROPOSED]]
    recent = list(newest.filter(app=row.app, leads=True)[:LOOKED_AT])
    texts = alike(row.summary, (each.summary for each in recent))
    made += [Proposal(recent[place], WORDS, score) for place, score in texts]
    return made


def _plain(text: str) -> str:
    """The words of a text; none if they say too little to be compared."""
    plain = " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())
    return plain if len(plain) >= SHORTEST and len(text.split()) >= FEWEST else ""
