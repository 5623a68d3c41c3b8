"""What the facts of one complaint add up to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from perisai.desk.appeals import state as appeals
from perisai.desk.appeals.state import Appeal
from perisai.desk.events import Event
from perisai.desk.referrals import state as referrals
from perisai.desk.referrals.state import Referral
from perisai.desk.seals import state as seals
from perisai.desk.seals.state import Seal
from perisai.desk.triage import state as triage
from perisai.desk.triage.state import Triage
from perisai.desk.withholding import state as withholding
from perisai.terms import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from perisai.desk.withholding.state import Withholding
    from perisai.storage.facts.records import Fact

CHOSEN = ("kind", "wish")
"""What is kept in clear: a choice from a list, which says nothing of anybody."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message between the house and who complained; the text is sealed (see ``people``)."""

    sealed: dict[str, str]
    from_house: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Complaint:
    """One complaint. ``told`` is what was seen and where; ``reporter`` is sealed or empty.

    Of ``told``, the facts have in clear only what was chosen from a list; the words are in ``text``
    until :mod:`perisai.desk.complaints.telling` opens it. All three are None as long as the
    complaint is sealed. ``erased``: the key to what who complained wrote was destroyed.
    """

    id: str
    position: int = 0
    source: str = ""
    told: dict[str, Any] | None = None
    text: dict[str, str] | None = None
    erased: bool = False
    reporter: dict[str, str] | None = None
    person: str = ""
    locator: str = ""
    proof: str = ""
    received: datetime | None = None
    entered_by: str = ""
    case: str = ""
    messages: tuple[Message, ...] = ()
    unanswered: datetime | None = None
    """Since when something that who complained wrote again has waited for the house."""
    danger: bool = False
    """Whether that had words that tell of a child in danger."""
    withdrawn: datetime | None = None
    unproven: bool = False
    """It came without a proof of work, and waits behind the others."""
    looked: Mapping[str, Any] | None = None
    """What was found in a file that came with it; its SHA-256 is in ``told``."""
    matched: bool = False
    """Whether the file that was sent with it matches a list of child abuse."""
    sealed: datetime | None = None
    triage: Triage = field(default_factory=Triage)
    appeal: Appeal = field(default_factory=Appeal)
    referral: Referral = field(default_factory=Referral)
    seal: Seal = field(default_factory=Seal)
    withholdings: Mapping[str, Withholding] = field(default_factory=dict)
    """What was decided for the gateway on the file that it names, by SHA-256."""

    @property
    def waits(self) -> bool:
        """Whether somebody still has to do something with it."""
        return not (self.case or self.withdrawn or self.sealed or self.appeal.decided)


def fold(complaint: str, facts: Iterable[Fact]) -> Complaint:
    """Return the complaint that these facts add up to, oldest first."""
    stood, state = tuple(facts), Complaint(complaint)
    undone = seals.undone(stood)
    for fact in stood:
        state = after(state, fact, undone=fact.position in undone)
    return state


def after(state: Complaint, fact: Fact, *, undone: bool = False) -> Complaint:
    """Return the complaint after one more fact. ``undone``: a seal that hides nothing any more.

    What a seal has hidden comes back by folding all facts anew.
    """
    if fact.kind == Event.COMPLAINT_SEALED and state.seal.lifted:
        state = replace(state, referral=Referral())  # sealed anew, referred anew
    state = replace(
        state,
        position=fact.position,
        triage=triage.after(state.triage, fact),
        appeal=appeals.after(state.appeal, fact),
        referral=referrals.after(state.referral, fact),
        seal=seals.after(state.seal, fact),
        withholdings=withholding.after(state.withholdings, fact),
    )
    told = fact.data
    if fact.kind == Event.COMPLAINT_RECEIVED:
        return replace(
            state,
            source=told["source"],
            told=told["told"],
            text=told.get("text"),
            reporter=told.get("reporter"),
            person=told["person"],
            locator=told.get("locator", ""),
            proof=told.get("proof", ""),
            unproven=told.get("unproven", False),
            looked=told.get("looked"),
            matched=any(
                each.get("label") == Label.ABUSE
                for each in (told.get("looked") or {}).get("findings", ())
            ),
            received=fact.at,
            entered_by=fact.by,
        )
    if fact.kind in (Event.COMPLAINT_FOLLOWED, Event.COMPLAINT_ANSWERED):
        ours = fact.kind == Event.COMPLAINT_ANSWERED
        message = Message(told["text"], ours, fact.at)
        return replace(
            state,
            messages=(*state.messages, message),
            unanswered=None if ours else state.unanswered or fact.at,
            danger=state.danger or told.get("danger", False),
        )
    if fact.kind == Event.COMPLAINT_HEARD:
        return replace(state, unanswered=None)
    if fact.kind == Event.CASE_JOINED:
        return replace(state, case=told["case"])
    if fact.kind == Event.CASE_LEFT:
        return replace(state, case="")
    if fact.kind == Event.COMPLAINT_WITHDRAWN:
        return replace(state, withdrawn=fact.at)
    if fact.kind == Event.PERSON_ERASED:
        # Facts of old have the words in clear: no view shows them any more.
        chosen = {name: text for name, text in (state.told or {}).items() if name in CHOSEN}
        left = None if state.told is None else chosen
        known = replace(state, erased=True, reporter=None, told=left, looked=None)
        return replace(known, unanswered=None, danger=False)
    if fact.kind == Event.COMPLAINT_SEALED and not undone:
        # What was told stays in the facts for the referral; no view can come by it from here.
        return replace(state, sealed=fact.at, told=None, text=None, reporter=None, looked=None)
    return state
