"""A letter of invitation as it stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from perisai.storage.facts.records import Fact


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver wrote back. ``number`` counts from 1 within its letter.

    What an officer entered from ``paper`` counts once a second person has compared it with that;
    ``refused`` says why it is not what the paper says. The receiver may object with it
    (``objects``) and promise something by a day (``promise``, ``promise_by`` as in 2026-11-30).
    ``files`` are the documents of the case that came with it.
    """

    text: str
    by: str
    at: datetime
    number: int
    paper: bool = False
    verified_by: str = ""
    refused: str = ""
    objects: bool = False
    promise: str = ""
    promise_by: str = ""
    files: tuple[str, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether nobody has compared it with the paper yet."""
        return self.paper and not self.verified_by

    @property
    def counts(self) -> bool:
        """Whether it is an answer for all purposes."""
        return not (self.waits or self.refused)


def paper_by(answers: Iterable[Answer]) -> str:
    """Who entered the first answer on paper that waits to be compared; empty if none does."""
    return next((each.by for each in answers if each.waits), "")


@dataclass(frozen=True, slots=True)
class Point:
    """What was agreed on when they came; ``by`` is a day as in 2026-11-30, or empty."""

    what: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """A letter in one language as somebody edited it: a document of the case."""

    attachment: str
    sha256: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Summons:
    """An invitation to clarify. ``letter`` holds what was written; dates are None until then."""

    id: str
    letter: dict[str, Any]
    drafted_by: str
    drafted: datetime
    approved_by: str = ""
    approved: datetime | None = None
    number: str = ""
    sent: datetime | None = None
    acknowledged: datetime | None = None
    answers: tuple[Answer, ...] = ()
    attended: datetime | None = None
    missed: datetime | None = None
    minutes: str = ""
    points: tuple[Point, ...] = ()
    dropped: datetime | None = None
    objection: dict[str, Any] | None = None
    """How the objection to it was decided: ``outcome``, ``reason``, ``by``, ``at``."""
    edited: Mapping[str, Edition] = field(default_factory=dict)
    """By language, what somebody edited by hand; in other languages it is as the house made it."""
    numbered: Mapping[str, Edition] = field(default_factory=dict)
    """The same as it was agreed to, with its number."""
    editors: frozenset[str] = frozenset()

    def final(self, language: str) -> Edition | None:
        """The file that is the letter in this language; None if it is as the house made it."""
        return self.numbered.get(language) or self.edited.get(language)

    @property
    def files(self) -> tuple[str, ...]:
        """The documents that came with all answers."""
        return tuple(file for each in self.answers for file in each.files)

    @property
    def heard(self) -> tuple[Answer, ...]:
        """The answers that count."""
        return tuple(each for each in self.answers if each.counts)

    @property
    def objects(self) -> bool:
        """Whether an answer that counts objects to it."""
        return any(each.objects for each in self.heard)

    @property
    def standing(self) -> str:
        """One word for where it stands."""
        for word in ("dropped", "missed", "attended"):
            if getattr(self, word):
                return word
        if self.heard:
            return "answered"
        if self.acknowledged:
            return "acknowledged"
        if self.sent:
            return "sent"
        return "approved" if self.approved_by else "draft"


def approved(known: Summons, fact: Fact) -> Summons:
    """A second person agreed; what was edited has its number from now on."""
    files = {
        language: Edition(each["attachment"], each["sha256"], fact.by, fact.at)
        for language, each in fact.data.get("files", {}).items()
    }
    told = {"approved_by": fact.by, "approved": fact.at, "number": fact.data["number"]}
    return replace(known, numbered=files, **told)


def edited(known: Summons, fact: Fact) -> Summons:
    """It is another letter now: nobody has agreed to it, and it has no number."""
    told = fact.data
    made = Edition(told["attachment"], told["sha256"], fact.by, fact.at)
    return replace(
        known,
        edited={**known.edited, told["language"]: made},
        editors=known.editors | {fact.by},
        numbered={},
        approved_by="",
        approved=None,
        number="",
    )


def answer_of(fact: Fact, number: int) -> Answer:
    """An answer, as its fact tells of it."""
    told = fact.data
    return Answer(
        told["text"],
        fact.by,
        fact.at,
        number,
        told.get("paper", False),
        objects=told.get("objects", False),
        promise=told.get("promise", ""),
        promise_by=told.get("promise_by", ""),
        files=tuple(told.get("files", ())),
    )


def compared(answers: tuple[Answer, ...], fact: Fact) -> tuple[Answer, ...]:
    """The answers after a second person has compared one with its paper."""
    known, told = list(answers), fact.data
    place = told["answer"] - 1
    known[place] = replace(known[place], verified_by=fact.by, refused=told.get("refused", ""))
    return tuple(known)


def answered(summons: Summons, fact: Fact) -> Summons:
    """The receiver wrote back."""
    answer = answer_of(fact, len(summons.answers) + 1)
    # Who objects anew waits for another decision.
    objection = None if answer.objects and answer.counts else summons.objection
    return replace(summons, answers=(*summons.answers, answer), objection=objection)


def objection_decided(summons: Summons, fact: Fact) -> Summons:
    """Somebody decided on the objection to it."""
    told = fact.data
    said = {"outcome": told["outcome"], "reason": told["reason"], "by": fact.by, "at": fact.at}
    return replace(summons, objection=said)


def verified(summons: Summons, fact: Fact) -> Summons:
    """A second person compared an answer with its paper."""
    answers = compared(summons.answers, fact)
    answer = answers[fact.data["answer"] - 1]
    objection = None if answer.objects and answer.counts else summons.objection
    return replace(summons, answers=answers, objection=objection)


def attended(summons: Summons, fact: Fact) -> Summons:
    """They came, and something was agreed."""
    told = fact.data
    points = tuple(Point(each["what"], each.get("by", "")) for each in told.get("points", ()))
    return replace(summons, attended=fact.at, minutes=told["minutes"], points=points)
