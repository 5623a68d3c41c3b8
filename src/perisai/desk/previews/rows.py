"""The rows of previews and of looks at them, computed from facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import HOUSE
from perisai.desk.events import Event
from perisai.desk.previews.models import PreviewRow, ViewRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.desk.cases.state import Case
    from perisai.storage.facts.records import Fact

ACTS = frozenset({
    Event.PREVIEW_OPENED, Event.PREVIEW_CLOSED, Event.SAMPLE_SEALED, Event.SAMPLE_WITHHELD,
    Event.SAMPLE_FREED, Event.CLAIM_DECIDED, Event.CLAIM_SECONDED,
})  # fmt: skip
"""What begins a look, or ends the one before."""


def of_case(case: Case) -> Iterator[PreviewRow]:
    """The rows of one case."""
    for each in case.previews.values():
        yield PreviewRow(
            case=case.id,
            sha256=each.sha256,
            complaint=each.complaint,
            box=each.box,
            until=each.until,
            purged=each.purged,
        )


def of_view(fact: Fact) -> Iterator[ViewRow]:
    """The row of what somebody opened, or did next."""
    if fact.kind in ACTS and fact.by != HOUSE.by:
        yield ViewRow(
            number=fact.number,
            person=fact.by.partition(":")[2],
            at=fact.at,
            seconds=fact.data.get("seconds", 0) if fact.kind == Event.PREVIEW_OPENED else 0,
        )
