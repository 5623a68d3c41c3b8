"""How a seal stands: who set it, who asks for it to be undone, what a second person said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perisai.desk.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from perisai.storage.facts.records import Fact

SETS = (Event.COMPLAINT_SEALED, Event.SAMPLE_SEALED)


@dataclass(frozen=True, slots=True)
class Seal:
    """The seal of a complaint, or of a sample; the last one, if it was set more than once.

    ``reason`` is what was asked with and ``answer`` why it was refused. ``asked`` is None again
    once a second person has decided.
    """

    since: datetime | None = None
    by: str = ""
    asked: datetime | None = None
    asked_by: str = ""
    reason: str = ""
    kept: datetime | None = None
    kept_by: str = ""
    answer: str = ""
    lifted: datetime | None = None
    lifted_by: str = ""

    @property
    def stands(self) -> bool:
        """Whether something is sealed by it now."""
        return self.since is not None and self.lifted is None


def after(known: Seal, fact: Fact) -> Seal:
    """The seal after one more fact about what it closes."""
    told = fact.data
    if fact.kind in SETS and not known.stands:
        return Seal(fact.at, fact.by)
    if fact.kind == Event.SEAL_QUESTIONED:
        return Seal(known.since, known.by, fact.at, fact.by, told["reason"])
    if fact.kind == Event.SEAL_KEPT:
        return replace(known, asked=None, kept=fact.at, kept_by=fact.by, answer=told["reason"])
    if fact.kind == Event.SEAL_LIFTED:
        return replace(known, asked=None, lifted=fact.at, lifted_by=fact.by)
    return known


def after_sample(known: Mapping[str, Seal], fact: Fact) -> Mapping[str, Seal]:
    """The seals of a case's samples after one more fact of the case, by SHA-256."""
    if fact.kind not in (Event.SAMPLE_SEALED, *_ABOUT):
        return known
    sha256 = fact.data["sha256"]
    return {**known, sha256: after(known.get(sha256, Seal()), fact)}


def undone(facts: Iterable[Fact]) -> frozenset[int]:
    """The positions of those facts of one stream that seal what was opened again later."""
    closed: dict[str, list[int]] = {}
    gone: set[int] = set()
    for fact in facts:
        if fact.kind in SETS:
            closed.setdefault(_what(fact), []).append(fact.position)
        elif fact.kind == Event.SEAL_LIFTED:
            gone.update(closed.pop(_what(fact), ()))
    return frozenset(gone)


def _what(fact: Fact) -> str:
    """The sample that a fact is about; empty for the complaint whose stream it stands in."""
    return "" if fact.kind == Event.COMPLAINT_SEALED else str(fact.data.get("sha256", ""))


_ABOUT = (Event.SEAL_KEPT, Event.SEAL_LIFTED, Event.SEAL_QUESTIONED)
