"""What the facts of a case say of its improvement requests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from perisai.desk.commitments.verifying import evidence_of, verify_of
from perisai.desk.events import Event
from perisai.desk.summons.replies import RIGHT
from perisai.desk.summons.state import Answer, answer_of, compared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.desk.commitments.verifying import Evidence, Verify
    from perisai.storage.facts.records import Fact


@dataclass(frozen=True, slots=True)
class Improvement:
    """Which agency is asked what by when, how it will be verified, and what came of it.

    It has left the house once ``approved``. ``outcome`` is ``kept``, ``late`` or ``broken``, and
    empty until a person has judged. ``door`` is the SHA-256 of the link it was last sent with, and
    ``again`` why it was sent anew.
    """

    id: str
    agency: str
    what: str
    verify: Verify
    due: datetime
    asked: datetime
    asked_by: str
    approved: datetime | None = None
    approved_by: str = ""
    dropped: datetime | None = None
    sent: datetime | None = None
    how: str = ""
    door: str = ""
    again: str = ""
    answers: tuple[Answer, ...] = ()
    objection: Mapping[str, Any] | None = None
    """How the objection to it was decided: ``outcome``, ``reason``, ``by``, ``at``."""
    outcome: str = ""
    before: Evidence | None = None
    after: Evidence | None = None
    judged: datetime | None = None
    judged_by: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """The documents that came with all answers."""
        return tuple(file for each in self.answers for file in each.files)

    @property
    def heard(self) -> tuple[Answer, ...]:
        """The answers that count: one on paper once a second person has compared it."""
        return tuple(each for each in self.answers if each.counts)

    @property
    def contested(self) -> bool:
        """Whether an answer that counts objects to it, and nobody has decided on that."""
        objects = any(each.objects for each in self.heard)
        return objects and self.objection is None and not self.outcome

    @property
    def withdrawn(self) -> bool:
        """Whether the objection to it was found right: nothing is asked any more."""
        return self.objection is not None and self.objection["outcome"] == RIGHT

    @property
    def standing(self) -> str:
        """One word: what it waits for or has come to."""
        if self.outcome:
            return self.outcome
        if self.dropped:
            return "dropped"
        if not self.approved:
            return "draft"
        if self.withdrawn:
            return "withdrawn"
        if self.contested:
            return "objected"
        # Whoever only objected has answered nothing that could be judged.
        return "answered" if any(not each.objects for each in self.heard) else "asked"


def after(state: Mapping[str, Improvement], fact: Fact) -> Mapping[str, Improvement]:
    """Return the requests of a case after one more fact of it."""
    if not fact.kind.startswith("improvement."):
        return state
    key = fact.data["improvement"]
    known = _asked(fact) if fact.kind == Event.IMPROVEMENT_ASKED else _changed(state[key], fact)
    return {**state, key: known}


def _asked(fact: Fact) -> Improvement:
    told = fact.data
    return Improvement(
        told["improvement"],
        told["agency"],
        told["what"],
        verify_of(told["verify"]),
        datetime.fromisoformat(told["due"]),
        fact.at,
        fact.by,
    )


def _changed(known: Improvement, fact: Fact) -> Improvement:
    told = fact.data
    if fact.kind == Event.IMPROVEMENT_APPROVED:
        return replace(known, approved=fact.at, approved_by=fact.by)
    if fact.kind == Event.IMPROVEMENT_DROPPED:
        return replace(known, dropped=fact.at)
    if fact.kind in (Event.IMPROVEMENT_SENT, Event.IMPROVEMENT_RESENT):
        door, again = told.get("door", ""), told.get("reason", "")
        return replace(known, sent=fact.at, how=told["how"], door=door, again=again)
    if fact.kind == Event.IMPROVEMENT_ANSWERED:
        answer = answer_of(fact, len(known.answers) + 1)
        return _heard(replace(known, answers=(*known.answers, answer)), answer)
    if fact.kind == Event.IMPROVEMENT_VERIFIED:
        answers = compared(known.answers, fact)
        return _heard(replace(known, answers=answers), answers[told["answer"] - 1])
    if fact.kind == Event.IMPROVEMENT_DECIDED:
        said = {"outcome": told["outcome"], "reason": told["reason"], "by": fact.by, "at": fact.at}
        return replace(known, objection=said)
    return replace(
        known,
        outcome=told["outcome"],
        before=evidence_of(told["before"]),
        after=evidence_of(told["after"]),
        judged=fact.at,
        judged_by=fact.by,
    )


def _heard(known: Improvement, answer: Answer) -> Improvement:
    """Who objects anew waits for another decision."""
    return replace(known, objection=None) if answer.objects and answer.counts else known
