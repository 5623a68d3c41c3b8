"""What is public of a case once its result is: facts of a fixed list, and nothing besides.

No name of an officer, no note that is not public, no letter or answer, no search words (they lead
to what they were measured for), nothing of who reported but how many did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perisai.desk.cases.domain import RESULT_CLOCK
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from perisai.desk.cases.evidence import Measure
    from perisai.desk.cases.state import Case


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the timeline; ``text`` is a public note, if ``what`` is one."""

    at: datetime
    what: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """How many results of a search were unfit for an age."""

    at: datetime
    unfit: int
    all: int

    @property
    def share(self) -> float:
        """0 to 1; 0 if there was nothing."""
        return self.unfit / self.all if self.all else 0.0


@dataclass(frozen=True, slots=True)
class Compared:
    """One age band before the platform was heard, and after it."""

    band: str
    before: Measured | None
    after: Measured | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A published case."""

    id: str
    title: str
    platform: str
    claim: str
    complaints: int
    texts: dict[str, str]
    published: datetime
    promised: datetime | None
    timeline: tuple[Happened, ...]
    compared: tuple[Compared, ...]

    @property
    def kept(self) -> bool | None:
        """Whether the promised day was kept; None if none was promised."""
        return None if self.promised is None else self.published <= self.promised


def outcome(case: Case) -> Outcome | None:
    """What is public of a case; None while it is not published."""
    result = case.result
    if result is None or result.published is None:
        return None
    promise = case.clocks.get(RESULT_CLOCK)
    return Outcome(
        case.id,
        case.title,
        ", ".join(case.platforms),
        case.claim,
        len(case.complaints),
        dict(result.texts),
        result.published,
        promise.due if promise else None,
        tuple(sorted(_timeline(case), key=lambda each: each.at)),
        tuple(_compared(case)),
    )


def _timeline(case: Case) -> Iterator[Happened]:
    if case.opened:
        yield Happened(case.opened, "opened")
    if case.claim_at:
        yield Happened(case.claim_at, case.claim)
    for letter in case.summons.values():
        dated = {
            "invited": letter.sent,
            "acknowledged": letter.acknowledged,
            "attended": letter.attended,
            "missed": letter.missed,
        }
        yield from (Happened(at, what) for what, at in dated.items() if at)
        yield from (Happened(answer.at, "answered") for answer in letter.heard)
    for at in sorted({each.at for each in case.measures}):
        yield Happened(at, "measured")
    for note in case.notes:
        if note.shown_to == "public" and note.agreed:
            yield Happened(note.agreed, "note", note.text)
    if case.result and case.result.published:
        yield Happened(case.result.published, "published")


def _compared(case: Case) -> Iterator[Compared]:
    """The last measure of each band before the platform was heard, and the last one after."""
    heard = case.heard
    for band in AgeBand:
        of_band = [each for each in case.measures if each.band == band]
        before = [each for each in of_band if heard is None or each.at <= heard]
        after = [each for each in of_band if heard is not None and each.at > heard]
        if of_band:
            yield Compared(str(band), _measured(before), _measured(after))


def _measured(measures: list[Measure]) -> Measured | None:
    """Each search as it was measured last, all of them together."""
    if not measures:
        return None
    last: dict[str, Measure] = {each.words: each for each in measures}
    unfit = sum(each.withheld for each in last.values())
    shown = sum(each.shown for each in last.values())
    return Measured(max(each.at for each in last.values()), unfit, unfit + shown)


def as_data(outcome: Outcome) -> dict[str, Any]:
    """The same for programs; times are ISO 8601 in UTC."""
    return {
        "id": outcome.id,
        "title": outcome.title,
        "platform": outcome.platform,
        "finding": outcome.claim,
        "complaints": outcome.complaints,
        "published": outcome.published.isoformat(),
        "promised": outcome.promised.isoformat() if outcome.promised else None,
        "kept": outcome.kept,
        "result": outcome.texts,
        "timeline": [
            {"at": each.at.isoformat(), "event": each.what}
            | ({"text": each.text} if each.text else {})
            for each in outcome.timeline
        ],
        "measured": [
            {"age": each.band, "before": _numbers(each.before), "after": _numbers(each.after)}
            for each in outcome.compared
        ],
    }


def _numbers(measured: Measured | None) -> dict[str, Any] | None:
    if measured is None:
        return None
    return {"at": measured.at.isoformat(), "unfit": measured.unfit, "of": measured.all}
