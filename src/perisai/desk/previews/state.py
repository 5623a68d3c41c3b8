"""What the facts of a case say about its previews."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from perisai.desk.events import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from perisai.storage.facts.records import Fact


@dataclass(frozen=True, slots=True)
class Reached:
    """How far somebody has opened a preview, and when they did so last."""

    step: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview of one sample. ``key`` names its key among the keys outside the facts."""

    sha256: str
    frames: int
    box: str
    key: str
    until: datetime
    at: datetime
    by: str
    complaint: str = ""
    purged: datetime | None = None
    why: str = ""
    reached: Mapping[str, Reached] = field(default_factory=dict)
    """By name: who has put it away, or never opened it, is not in here."""


def after(known: Mapping[str, Preview], fact: Fact) -> Mapping[str, Preview]:
    """The previews after one more fact, by the SHA-256 of their samples."""
    told = fact.data
    if fact.kind == Event.PREVIEW_KEPT:
        made = Preview(
            told["sha256"],
            told["frames"],
            told["box"],
            told["key"],
            datetime.fromisoformat(told["until"]),
            fact.at,
            fact.by,
            told["complaint"],
        )
        return {**known, made.sha256: made}
    if fact.kind not in _CHANGES:
        return known
    return {**known, told["sha256"]: _CHANGES[fact.kind](known[told["sha256"]], fact)}


def _opened(known: Preview, fact: Fact) -> Preview:
    name = fact.by.partition(":")[2]
    return replace(known, reached={**known.reached, name: Reached(fact.data["step"], fact.at)})


def _closed(known: Preview, fact: Fact) -> Preview:
    name = fact.by.partition(":")[2]
    return replace(known, reached={k: v for k, v in known.reached.items() if k != name})


def _purged(known: Preview, fact: Fact) -> Preview:
    return replace(known, purged=fact.at, why=fact.data["why"], reached={})


_CHANGES: dict[str, Callable[[Preview, Fact], Preview]] = {
    Event.PREVIEW_OPENED: _opened,
    Event.PREVIEW_CLOSED: _closed,
    Event.PREVIEW_PURGED: _purged,
}
