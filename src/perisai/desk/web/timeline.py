"""What has happened in a case, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perisai.desk.attachments.domain import RETENTION
from perisai.desk.attachments.domain import seen as attachments_seen
from perisai.desk.cases.domain import notes_for
from perisai.desk.clocks.steps import key_of
from perisai.desk.commitments.verifying import evidence_of
from perisai.desk.events import Event
from perisai.desk.improvements.domain import requests_for
from perisai.desk.permissions import Permission
from perisai.desk.summons.domain import letters_seen
from perisai.desk.web.running import desk
from perisai.desk.web.wording import language, moment, say, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.storage.facts.records import Fact

_OF_SEALED = ("attachment", "sha256", "step", "why")
"""What a fact may say of something that is sealed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: when, by whom (as it stands in the fact), what, and what was written with it."""

    at: datetime
    by: str
    text: str
    detail: str = ""


def timeline(case: Case, facts: Iterable[Fact], actor: Actor) -> Iterator[Entry]:
    """Every fact of a case that this actor may read of, newest first."""
    return reversed(list(_entries(case, facts, actor)))


def _entries(case: Case, facts: Iterable[Fact], actor: Actor) -> Iterator[Entry]:
    sealed = {each.sha256 for each in case.samples if each.sealed}
    letters = {each.id for each in letters_seen(case, actor)}
    asked = {"", *(each.id for each in requests_for(case, actor))}
    documents = {each.id for each in attachments_seen(case, actor)}
    sees_looks = actor.may(Permission.PREVIEW_AUDIT)
    seen, number = {each.number for each in notes_for(case, actor)}, 0
    for fact in facts:
        told = dict(fact.data)
        if fact.kind in (Event.CASE_NOTED, Event.NOTE_AGREED):
            number += fact.kind == Event.CASE_NOTED
            if told.get("note", number) not in seen:
                continue
        if told.get("improvement", "") not in asked:
            continue
        if told.get("summons", "") and told["summons"] not in letters:
            continue
        if told.get("attachment") and told["attachment"] not in documents:
            continue
        if fact.kind in _LOOKS and not (fact.by == actor.by or sees_looks):
            continue
        if told.get("sha256") in sealed:
            told = {name: told[name] for name in _OF_SEALED if name in told}
        detail = _DETAILS.get(fact.kind, _nothing)(told)
        yield Entry(fact.at, fact.by, _text(fact.kind, told), detail)


def _text(kind: str, told: dict[str, Any]) -> str:
    values = {
        "about": told.get("complaint") or str(told.get("sha256", ""))[:12],
        "receiver": told.get("receiver", ""),
        "complaint": told.get("complaint", ""),
        "attachment": told.get("attachment", ""),
        "summons": told.get("summons", ""),
        "other": told.get("into", told.get("from", "")),
        "number": told.get("number", ""),
        "clock": clock_word(str(told.get("clock", ""))),
        "due": moment(told.get("due")),
        "outcome": word(told.get("outcome", ""), "outcome"),
        "done": word(told.get("outcome", ""), "asked"),
        "improvement": told.get("improvement", ""),
        "agency": told.get("agency", ""),
        "kept": word(told.get("outcome", ""), "kept"),
        "audience": word(told.get("audience", ""), "audience"),
        "sha256": str(told.get("sha256", ""))[:12],
        "step": told.get("step", ""),
        "words": told.get("words", ""),
        "band": word(told.get("band", ""), "band"),
        "shown": told.get("shown", ""),
        "withheld": told.get("withheld", ""),
        "who": told.get("who", ""),
        "name": told.get("name", ""),
        "how": word(told.get("how", ""), "how"),
    }
    return say(f"event.{kind.replace('.', '-')}", **values)


def clock_word(name: str) -> str:
    """What a clock is for."""
    kind, _, item = name.partition(":")
    if step := desk().procedure.steps.get(key_of(name)):
        _, _, again = item.partition(".")
        return f"{step.names[language()]} {again}".strip()
    return f"{word(kind, 'clock')} {item}".strip()


def _nothing(told: dict[str, Any]) -> str:  # noqa: ARG001
    return ""


def _field(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda told: str(told.get(name, ""))


def _now(told: dict[str, Any]) -> str:
    """How something is that was judged."""
    evidence = evidence_of(told["after"])
    measure = evidence.measure
    if measure is None:
        return f"{evidence.text} ({evidence.document})" if evidence.document else evidence.text
    return say("measure.counts", shown=measure.shown, withheld=measure.withheld)


def _dry_run(told: dict[str, Any]) -> str:
    """What a dry run found; nothing of one whose sample is sealed."""
    names = ("compared", "unread", "hits")
    return say("listing.counts", **{name: told[name] for name in names}) if "hits" in told else ""


def _why_preview_went(told: dict[str, Any]) -> str:
    return word(told.get("why", ""), "preview-gone")


def _why_purged(told: dict[str, Any]) -> str:
    """What somebody wrote, or that its time was over."""
    reason = str(told.get("reason", ""))
    return say("attachment.over") if reason == RETENTION else reason


_DETAILS: dict[str, Callable[[dict[str, Any]], str]] = {
    Event.ATTACHMENT_KEPT: _field("name"),
    Event.ATTACHMENT_PURGED: _why_purged,
    Event.CASE_ABSORBED: _field("reason"),
    Event.CASE_MERGED: _field("reason"),
    Event.CASE_SPLIT: _field("reason"),
    Event.CASE_NOTED: _field("text"),
    Event.CLAIM_DECIDED: _field("reason"),
    Event.CLOCK_MET: _field("reason"),
    Event.CLAIM_SECONDED: _field("reason"),
    Event.CLOCK_PAUSED: _field("reason"),
    Event.CLOCK_STARTED: _field("source"),
    Event.COMMITMENT_JUDGED: _now,
    Event.COMMITMENT_MADE: _field("what"),
    Event.IMPROVEMENT_ANSWERED: _field("text"),
    Event.IMPROVEMENT_ASKED: _field("what"),
    Event.IMPROVEMENT_DECIDED: _field("reason"),
    Event.IMPROVEMENT_DROPPED: _field("reason"),
    Event.IMPROVEMENT_JUDGED: _now,
    Event.IMPROVEMENT_RESENT: _field("reason"),
    Event.EXPOSURE_MEASURED: _field("source"),
    Event.LISTING_CHECKED: _dry_run,
    Event.LISTING_PROPOSED: _field("reason"),
    Event.LISTING_REFUSED: _field("reason"),
    Event.LISTING_WITHDRAWN: _field("reason"),
    Event.PREVIEW_PURGED: _why_preview_went,
    Event.SAMPLE_FREED: _field("reason"),
    Event.SAMPLE_SCREENED: _field("seen"),
    Event.SAMPLE_WITHHELD: _field("reason"),
    Event.SEAL_KEPT: _field("reason"),
    Event.SEAL_QUESTIONED: _field("reason"),
    Event.SUMMONS_ATTENDED: _field("minutes"),
    Event.OBJECTION_DECIDED: _field("reason"),
    Event.SUMMONS_DROPPED: _field("reason"),
    Event.SUMMONS_VERIFIED: _field("refused"),
}

_LOOKS = frozenset({Event.PREVIEW_OPENED, Event.PREVIEW_CLOSED})
"""Who has looked at pictures for how long is between them and the auditor."""
