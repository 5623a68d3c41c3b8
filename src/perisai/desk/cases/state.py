"""What the facts of one case add up to. Nothing here decides; everything can be computed again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from perisai.desk.attachments import state as attachments
from perisai.desk.cases.evidence import Measure, Sample
from perisai.desk.clocks.clock import Clock, folded
from perisai.desk.commitments.state import Commitment
from perisai.desk.commitments.verifying import evidence_of, verify_of
from perisai.desk.events import Event
from perisai.desk.improvements import state as improvements
from perisai.desk.listing import state as listing
from perisai.desk.opinions import state as opinions
from perisai.desk.opinions.state import Opinions
from perisai.desk.previews import state as previews
from perisai.desk.referrals import state as referrals
from perisai.desk.results.state import Result
from perisai.desk.seals import state as seals
from perisai.desk.summons import state as letters
from perisai.desk.summons.state import Summons
from perisai.desk.withholding import state as withholding
from perisai.terms import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from perisai.desk.attachments.state import Attachment
    from perisai.desk.improvements.state import Improvement
    from perisai.desk.listing.state import Listing
    from perisai.desk.previews.state import Preview
    from perisai.desk.referrals.state import Referral
    from perisai.desk.seals.state import Seal
    from perisai.desk.withholding.state import Withholding
    from perisai.storage.facts.records import Fact


@dataclass(frozen=True, slots=True)
class Note:
    """A note; ``audience`` is ``internal``, ``agencies`` or ``public``.

    A public one is public only once a second person has agreed to it.
    """

    text: str
    audience: str
    by: str
    at: datetime
    number: int = 0
    agreed_by: str = ""
    agreed: datetime | None = None

    @property
    def shown_to(self) -> str:
        """The audience that may read it now: the house alone, while a public one waits."""
        waits = self.audience == "public" and not self.agreed_by
        return "internal" if waits else self.audience


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it stands after ``position`` facts."""

    id: str
    position: int = 0
    title: str = ""
    platform: str = ""
    """The one that it was opened for; see :attr:`platforms`."""
    also: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    opened: datetime | None = None
    opened_by: str = ""
    complaints: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()
    claim: str = "open"
    claim_reason: str = ""
    claim_by: str = ""
    claim_at: datetime | None = None
    measures: tuple[Measure, ...] = ()
    summons: dict[str, Summons] = field(default_factory=dict)
    commitments: dict[str, Commitment] = field(default_factory=dict)
    improvements: Mapping[str, Improvement] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    clocks: dict[str, Clock] = field(default_factory=dict)
    conflicted: frozenset[str] = frozenset()
    result: Result | None = None
    opinions: Opinions = field(default_factory=Opinions)
    withholdings: Mapping[str, Withholding] = field(default_factory=dict)
    seals: Mapping[str, Seal] = field(default_factory=dict)
    referrals: Mapping[str, Referral] = field(default_factory=dict)
    listings: Mapping[str, Listing] = field(default_factory=dict)
    merged_into: str = ""
    absorbed: tuple[str, ...] = ()
    split_from: str = ""
    attachments: dict[str, Attachment] = field(default_factory=dict)
    previews: Mapping[str, Preview] = field(default_factory=dict)

    @property
    def platforms(self) -> tuple[str, ...]:
        """All platforms that it is about, the one that it was opened for first."""
        return (self.platform, *self.also)

    def platform_of(self, letter: Summons) -> str:
        """Whose letter it is: that of the case, unless it says another one of the case."""
        return str(letter.letter.get("platform") or self.platform)

    @property
    def status(self) -> str:
        """One word: what the case waits for or has come to."""
        if self.merged_into:
            return "merged"
        if self.result and self.result.published:
            return "published"
        if self.claim == "open":
            return "clarifying"
        if self.claim != "confirmed":
            return self.claim
        if self.after_answer:
            return "measured"
        standings = [each.standing for each in self.summons.values()]
        for word in ("answered", "attended", "missed"):
            if word in standings:
                return word
        return "summoned" if any(each.sent for each in self.summons.values()) else "confirmed"

    @property
    def heard(self) -> datetime | None:
        """When somebody first answered or was heard, or failed to come."""
        moments = [
            moment
            for each in self.summons.values()
            for moment in (each.attended, each.missed, *(a.at for a in each.heard))
            if moment
        ]
        return min(moments, default=None)

    @property
    def after_answer(self) -> tuple[Measure, ...]:
        """What was measured after somebody answered or was heard, or failed to come."""
        heard = self.heard
        return tuple(m for m in self.measures if heard and m.at > heard)


def fold(case: str, facts: Iterable[Fact]) -> Case:
    """Return the case that these facts add up to, oldest first."""
    stood, state = tuple(facts), Case(case)
    undone = seals.undone(stood)
    for fact in stood:
        state = after(state, fact, undone=fact.position in undone)
    return state


def after(state: Case, fact: Fact, *, undone: bool = False) -> Case:
    """Return the case after one more fact; see :func:`perisai.desk.complaints.state.after`."""
    state = replace(
        state,
        position=fact.position,
        clocks=folded(state.clocks, fact),
        opinions=opinions.after(state.opinions, fact),
        improvements=improvements.after(state.improvements, fact),
        withholdings=withholding.after(state.withholdings, fact),
        referrals=referrals.after_sample(state.referrals, fact),
        seals=seals.after_sample(state.seals, fact),
        listings=listing.after(state.listings, fact),
        attachments=attachments.after(state.attachments, fact),
        previews=previews.after(state.previews, fact),
    )
    change = None if undone else _CHANGES.get(fact.kind)
    return change(state, fact) if change else state


def _opened(state: Case, fact: Fact) -> Case:
    told = fact.data
    return replace(
        state,
        title=told["title"],
        platform=told["platform"],
        words=tuple(told["words"]),
        opened=fact.at,
        opened_by=fact.by,
        split_from=told.get("split_from", ""),
    )


def _widened(state: Case, fact: Fact) -> Case:
    return replace(state, also=(*state.also, fact.data["platform"]))


def _joined(state: Case, fact: Fact) -> Case:
    return replace(state, complaints=(*state.complaints, fact.data["complaint"]))


def _left(state: Case, fact: Fact) -> Case:
    stay = (each for each in state.complaints if each != fact.data["complaint"])
    return replace(state, complaints=tuple(stay))


def _merged(state: Case, fact: Fact) -> Case:
    return replace(state, merged_into=fact.data["into"])


def _absorbed(state: Case, fact: Fact) -> Case:
    told = fact.data
    return replace(
        state,
        absorbed=(*state.absorbed, told["from"]),
        complaints=(*state.complaints, *told["complaints"]),
    )


def _split(state: Case, fact: Fact) -> Case:
    gone = set(fact.data["complaints"])
    return replace(state, complaints=tuple(c for c in state.complaints if c not in gone))


def _noted(state: Case, fact: Fact) -> Case:
    number = len(state.notes) + 1
    note = Note(fact.data["text"], fact.data["audience"], fact.by, fact.at, number)
    return replace(state, notes=(*state.notes, note))


def _note_agreed(state: Case, fact: Fact) -> Case:
    notes = list(state.notes)
    place = fact.data["note"] - 1
    notes[place] = replace(notes[place], agreed_by=fact.by, agreed=fact.at)
    return replace(state, notes=tuple(notes))


def _screened(state: Case, fact: Fact) -> Case:
    told = fact.data
    sample = Sample(
        told["sha256"],
        told["seen"],
        told["decisions"],
        told["rule"],
        tuple(told["findings"]),
        fact.at,
        fact.by,
        told.get("rules", {}),
        told.get("media", ""),
        told.get("error", ""),
        told.get("complaint", ""),
        prints=told.get("prints", {}),
    )
    return replace(state, samples=(*state.samples, sample))


def _sealed(state: Case, fact: Fact) -> Case:
    def closed(each: Sample) -> Sample:
        # What was found stays in the facts for the referral; no view can come by it from here.
        found = any(one.get("label") == Label.ABUSE for one in each.findings)
        return Sample(
            each.sha256, "", {}, "", (), each.at, each.by,
            complaint=each.complaint, sealed=fact.at, matched=each.matched or found,
        )  # fmt: skip

    sha256, document = fact.data["sha256"], fact.data.get("document", "")
    samples = [closed(each) if each.sha256 == sha256 else each for each in state.samples]
    if document and not any(each.sha256 == sha256 for each in samples):
        made = Sample(sha256, "", {}, "", (), fact.at, fact.by, sealed=fact.at, document=document)
        samples.append(made)
    return replace(state, samples=tuple(samples))


def _decided(state: Case, fact: Fact) -> Case:
    told = fact.data
    return replace(
        state,
        claim=told["outcome"],
        claim_reason=told["reason"],
        claim_by=fact.by,
        claim_at=fact.at,
    )


def _measured(state: Case, fact: Fact) -> Case:
    told = fact.data
    measure = Measure(
        told["words"],
        told["band"],
        told["shown"],
        told["withheld"],
        told["rules"],
        fact.at,
        fact.by,
        told.get("source", ""),
    )
    return replace(state, measures=(*state.measures, measure))


def _conflict(state: Case, fact: Fact) -> Case:
    return replace(state, conflicted=state.conflicted | {fact.data["name"]})


def _promised(state: Case, fact: Fact) -> Case:
    told = fact.data
    made = Commitment(
        told["commitment"],
        told["who"],
        told["what"],
        verify_of(told["verify"]),
        datetime.fromisoformat(told["due"]),
        fact.at,
        fact.by,
        source=told.get("source", ""),
    )
    return replace(state, commitments=state.commitments | {made.id: made})


def _judged(state: Case, fact: Fact) -> Case:
    told = fact.data
    judged = replace(
        state.commitments[told["commitment"]],
        outcome=told["outcome"],
        before=evidence_of(told["before"]),
        after=evidence_of(told["after"]),
        judged=fact.at,
        judged_by=fact.by,
    )
    return replace(state, commitments=state.commitments | {judged.id: judged})


def _drafted(state: Case, fact: Fact) -> Case:
    made = Summons(fact.data["summons"], fact.data["letter"], fact.by, fact.at)
    return replace(state, summons=state.summons | {made.id: made})


def _of_summons(change: Callable[[Summons, Fact], Summons]) -> Callable[[Case, Fact], Case]:
    def changed(state: Case, fact: Fact) -> Case:
        key = fact.data["summons"]
        return replace(state, summons=state.summons | {key: change(state.summons[key], fact)})

    return changed


def _result_drafted(state: Case, fact: Fact) -> Case:
    return replace(state, result=Result(fact.data["texts"], fact.by))


def _of_result(change: Callable[[Result, Fact], Result]) -> Callable[[Case, Fact], Case]:
    def changed(state: Case, fact: Fact) -> Case:
        assert state.result is not None  # noqa: S101 - the domain lets no other order through
        return replace(state, result=change(state.result, fact))

    return changed


_CHANGES: dict[str, Callable[[Case, Fact], Case]] = {
    Event.CASE_OPENED: _opened,
    Event.CASE_JOINED: _joined,
    Event.CASE_WIDENED: _widened,
    Event.CASE_MERGED: _merged,
    Event.CASE_ABSORBED: _absorbed,
    Event.CASE_SPLIT: _split,
    Event.CASE_LEFT: _left,
    Event.CASE_NOTED: _noted,
    Event.NOTE_AGREED: _note_agreed,
    Event.SAMPLE_SCREENED: _screened,
    Event.CLAIM_DECIDED: _decided,
    Event.EXPOSURE_MEASURED: _measured,
    Event.SAMPLE_SEALED: _sealed,
    Event.COMMITMENT_MADE: _promised,
    Event.COMMITMENT_JUDGED: _judged,
    Event.CONFLICT_NAMED: _conflict,
    Event.SUMMONS_DRAFTED: _drafted,
    Event.SUMMONS_APPROVED: _of_summons(letters.approved),
    Event.SUMMONS_EDITED: _of_summons(letters.edited),
    Event.SUMMONS_SENT: _of_summons(lambda s, f: replace(s, sent=f.at)),
    Event.SUMMONS_ACKNOWLEDGED: _of_summons(lambda s, f: replace(s, acknowledged=f.at)),
    Event.SUMMONS_ANSWERED: _of_summons(letters.answered),
    Event.SUMMONS_VERIFIED: _of_summons(letters.verified),
    Event.OBJECTION_DECIDED: _of_summons(letters.objection_decided),
    Event.SUMMONS_ATTENDED: _of_summons(letters.attended),
    Event.SUMMONS_DROPPED: _of_summons(lambda s, f: replace(s, dropped=f.at)),
    Event.SUMMONS_MISSED: _of_summons(lambda s, f: replace(s, missed=f.at)),
    Event.RESULT_DRAFTED: _result_drafted,
    Event.RESULT_APPROVED: _of_result(lambda r, f: replace(r, approved_by=f.by)),
    Event.RESULT_PUBLISHED: _of_result(lambda r, f: replace(r, published=f.at)),
}
