"""How a complaint stands, for who made it: derived from its facts and those of its case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.desk.cases.state import Case
    from perisai.desk.complaints.state import Complaint


@dataclass(frozen=True, slots=True)
class Stage:
    """One step on the way. ``at`` is None while it is not reached, or not dated."""

    name: str
    done: bool
    at: datetime | None = None


def standing(complaint: Complaint, case: Case | None) -> str:
    """One word, for which ``stands_…`` has the sentence."""
    if complaint.withdrawn:
        return "withdrawn"
    if complaint.sealed:
        return "sealed"
    if complaint.appeal.asked:
        return f"appeal-{complaint.appeal.outcome if complaint.appeal.decided else 'open'}"
    if case is None:
        return "received"
    if case.result and case.result.published:
        return "published"
    if case.claim == "open":
        return "looking"
    if case.claim != "confirmed":
        return case.claim
    letters = case.summons.values()
    if any(each.heard or each.attended for each in letters):
        return "heard"
    if any(each.missed for each in letters):
        return "missed"
    return "invited" if any(each.sent for each in letters) else "confirmed"


def stages(complaint: Complaint, case: Case | None) -> list[Stage]:
    """The way from receiving to the result. Of a closed complaint only that it came."""
    received = Stage("received", done=True, at=complaint.received)
    if complaint.sealed or complaint.withdrawn:
        return [received]
    if complaint.appeal.asked:
        at = complaint.appeal.decided
        return [received, Stage("answered", done=at is not None, at=at)]
    if case is None:
        names = ("looking", "decided", "invited", "published")
        return [received, *(Stage(name, done=False) for name in names)]
    decided = case.claim != "open"
    published = case.result.published if case.result else None
    sent = min((each.sent for each in case.summons.values() if each.sent), default=None)
    way = [
        received,
        Stage("looking", done=True),
        Stage(case.claim if decided else "decided", done=decided, at=case.claim_at),
    ]
    if sent or not decided or case.claim == "confirmed":
        way.append(Stage("invited", done=sent is not None, at=sent))
    return [*way, Stage("published", done=published is not None, at=published)]
