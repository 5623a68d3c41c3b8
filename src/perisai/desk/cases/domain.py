"""Opening a case, looking at evidence, deciding the claim, measuring. Facts out, or a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.actors import require, require_another
from perisai.desk.clocks import domain as clocks
from perisai.desk.events import Event
from perisai.desk.opinions.domain import require_sight
from perisai.desk.permissions import Permission, Role
from perisai.errors import NotAllowed, NotYet
from perisai.storage.facts.records import NewFact
from perisai.terms import Label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case, Note

RESULT_CLOCK = "result"
OUTCOMES = ("confirmed", "not-confirmed", "unclear")
AUDIENCES = ("internal", "agencies", "public")
LONGEST_TEXT = 20_000


def open_case(
    actor: Actor,
    now: datetime,
    *,
    title: str,
    platform: str,
    words: Sequence[str],
    promised: datetime,
    split_from: str = "",
) -> list[NewFact]:
    """An issue goes round, and the house looks into it.

    ``words`` are what it is found with in a GIF search. ``promised`` is when the result is to be
    known: a clock like any other. Raises NotAllowed, or NotYet for what is missing.
    """
    require(actor, Permission.CASE_OPEN)
    told: dict[str, Any] = {
        "title": _needed(title, "a title"),
        "platform": _needed(platform, "the platform it is about"),
        "words": [word.strip() for word in words if word.strip()],
    }
    if split_from:
        told["split_from"] = split_from
    return [NewFact(Event.CASE_OPENED, told), clocks.start(RESULT_CLOCK, now, promised)]


def read(case: Case, actor: Actor) -> Case:
    """The case, for somebody who may read it. Raises NotAllowed."""
    require(actor, Permission.CASE_READ, case.conflicted)
    require_sight(case, actor)
    return case


def require_open(case: Case) -> None:
    """Raise NotYet if the case went into another one: nothing new begins in it."""
    if case.merged_into:
        raise NotYet(f"This case went into {case.merged_into}; go on there.")


def join(case: Case, actor: Actor, complaint: str) -> list[NewFact]:
    """A complaint belongs to this case; nothing if it does already."""
    require(actor, Permission.COMPLAINT_JOIN, case.conflicted)
    require_open(case)
    if complaint in case.complaints:
        return []
    return [NewFact(Event.CASE_JOINED, {"complaint": complaint})]


def note(case: Case, actor: Actor, text: str, audience: str) -> list[NewFact]:
    """Write a note. Its audience is part of it, and cannot be widened later."""
    require(actor, Permission.CASE_NOTE, case.conflicted)
    require_open(case)
    if audience not in AUDIENCES:
        raise NotYet("Say who may read the note: the house, the agencies, or everyone.")
    if audience not in audiences_of(actor):
        raise NotAllowed("Notes of the house are written and read by the house alone.")
    return [NewFact(Event.CASE_NOTED, {"text": _needed(text, "a text"), "audience": audience})]


def audiences_of(actor: Actor) -> tuple[str, ...]:
    """Whose notes this actor reads, and may write: the ministry's officers not those of the house.

    Who may not read cases reads none.
    """
    if not actor.may(Permission.CASE_READ):
        return ()
    return AUDIENCES[1:] if actor.role is Role.MINISTRY else AUDIENCES


def notes_for(case: Case, actor: Actor) -> tuple[Note, ...]:
    """The notes that this actor may read."""
    return tuple(
        each for each in case.notes if each.shown_to in audiences_of(actor) or each.by == actor.by
    )


def agree_to_note(case: Case, actor: Actor, number: int) -> list[NewFact]:
    """A second person agrees to a note for everyone; it is public with the result of the case."""
    require(actor, Permission.NOTE_AGREE, case.conflicted)
    waiting = [n for n in case.notes if n.number == number and n.audience == "public"]
    if not waiting:
        raise NotYet("There is no such note for everyone in this case.")
    require_another(actor, waiting[0].by)
    if waiting[0].agreed_by:
        raise NotYet("Somebody has agreed to this note already.")
    return [NewFact(Event.NOTE_AGREED, {"note": number})]


def may_screen(case: Case, actor: Actor) -> None:
    """Raise NotAllowed unless this actor may give a file for this case: asked before it is read."""
    require(actor, Permission.SAMPLE_SCREEN, case.conflicted)
    require_open(case)


def screened(case: Case, actor: Actor, sample: Mapping[str, Any]) -> list[NewFact]:
    """A file was looked at for this case: findings and verdicts are written down, never bytes.

    A match with a list of child abuse seals the sample at once.
    """
    may_screen(case, actor)
    if any(each.sha256 == sample["sha256"] for each in case.samples):
        raise NotYet("This very file was looked at already; nobody needs to look at it twice.")
    facts = [NewFact(Event.SAMPLE_SCREENED, dict(sample))]
    if any(each.get("label") == Label.ABUSE for each in sample["findings"]):
        facts.append(NewFact(Event.SAMPLE_SEALED, {"sha256": sample["sha256"]}))
    return facts


def came_with(case: Case, complaint: str, sample: Mapping[str, Any]) -> list[NewFact]:
    """A file was looked at before its complaint came into the case: what was found comes along."""
    if any(each.sha256 == sample["sha256"] for each in case.samples):
        return []
    return [NewFact(Event.SAMPLE_SCREENED, {"seen": "", **sample, "complaint": complaint})]


def seal_sample(case: Case, actor: Actor, sha256: str) -> list[NewFact]:
    """Suspected abuse of a child: closed to everyone, at once, by one person."""
    require(actor, Permission.COMPLAINT_SEAL, case.conflicted)
    known = [each for each in case.samples if each.sha256 == sha256]
    if not known:
        raise NotYet("There is no such sample in this case.")
    return [] if known[0].sealed else [NewFact(Event.SAMPLE_SEALED, {"sha256": sha256})]


def seal_samples_of(case: Case, complaint: str) -> list[NewFact]:
    """A complaint of this case was sealed: so are the samples that came with it."""
    return [
        NewFact(Event.SAMPLE_SEALED, {"sha256": each.sha256})
        for each in case.samples
        if each.complaint == complaint and not each.sealed
    ]


def decide(case: Case, actor: Actor, outcome: str, reason: str) -> list[NewFact]:
    """A person says whether the claim is confirmed, on what was screened."""
    require(actor, Permission.CLAIM_DECIDE, case.conflicted)
    require_sight(case, actor)
    require_open(case)
    if outcome not in OUTCOMES:
        raise NotYet("A claim is confirmed, not confirmed, or unclear.")
    if all(each.document for each in case.samples):
        raise NotYet("Nothing was screened for this case yet; look at a sample first.")
    if case.result and case.result.published:
        raise NotYet("The result is public; open a new case for what came after.")
    told = {"outcome": outcome, "reason": _needed(reason, "the reason")}
    return [NewFact(Event.CLAIM_DECIDED, told)]


def may_measure(case: Case, actor: Actor) -> None:
    """Raise NotAllowed unless this actor may measure for this case: asked before it is done."""
    require(actor, Permission.EXPOSURE_MEASURE, case.conflicted)
    require_open(case)


def measured(case: Case, actor: Actor, measure: Mapping[str, Any]) -> list[NewFact]:
    """A search was measured: what it showed to an age band, and what was withheld by which rule."""
    may_measure(case, actor)
    _needed(str(measure["words"]), "the search words")
    if not _a_count(measure["shown"]) or not _a_count(measure["withheld"]):
        raise NotYet("What was shown and what was withheld are counts, from 0 up.")
    return [NewFact(Event.EXPOSURE_MEASURED, dict(measure))]


def pause(case: Case, actor: Actor, clock: str, reason: str) -> list[NewFact]:
    """A clock stands still, for a reason."""
    require(actor, Permission.CLOCK_PAUSE, case.conflicted)
    return [clocks.pause(case.clocks, clock, reason)]


def resume(case: Case, actor: Actor, clock: str) -> list[NewFact]:
    """It goes on."""
    require(actor, Permission.CLOCK_PAUSE, case.conflicted)
    return [clocks.resume(case.clocks, clock)]


def name_conflict(case: Case, actor: Actor, name: str) -> list[NewFact]:
    """Somebody is a party to the case, and has no access to it from now on."""
    require(actor, Permission.CONFLICT_NAME, case.conflicted)
    return [NewFact(Event.CONFLICT_NAMED, {"name": _needed(name, "who it is")})]


def _a_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _needed(text: str, what: str) -> str:
    text = text.strip()
    if not text:
        raise NotYet(f"Write {what}.")
    if len(text) > LONGEST_TEXT:
        raise NotYet(f"This is longer than {LONGEST_TEXT:,} characters; shorten it.")
    return text
