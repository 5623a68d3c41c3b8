"""The clocks, commitments and measures of a case, each with the forms that it has now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from perisai.desk.attachments.domain import seen
from perisai.desk.clocks.steps import key_of
from perisai.desk.commitments.domain import clock_of
from perisai.desk.permissions import Permission
from perisai.desk.web import forms
from perisai.desk.web.forms import verifying
from perisai.desk.web.running import desk
from perisai.desk.web.timeline import clock_word

if TYPE_CHECKING:
    from datetime import timedelta

    from perisai.desk.actors import Actor
    from perisai.desk.attachments.state import Attachment
    from perisai.desk.cases.evidence import Measure
    from perisai.desk.cases.state import Case, Note
    from perisai.desk.clocks.clock import Clock
    from perisai.desk.commitments.state import Commitment
    from perisai.desk.web.forms import Form

P = Permission
RUNS = ("running", "soon", "late")


class Bound:
    """Gives forms: the one that was sent as it was filled, all others fresh."""

    def __init__(self, sent: Form | None) -> None:
        self._sent = sent

    def __call__(self, kind: type[Form], item: str = "", **more: Any) -> Form:  # noqa: ANN401
        """Return the form of this kind for this item."""
        fresh = kind(item=item, **more)
        return self._sent if self._sent is not None and self._sent.key == fresh.key else fresh


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock, as it is shown. ``share`` of its time has passed, in percent."""

    clock: Clock
    label: str
    standing: str
    left: timedelta
    share: int
    pause: Form | None = None
    resume: bool = False
    end: Form | None = None


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """One commitment with its clock, and the form that judges it."""

    commitment: Commitment
    clock: ClockLine | None
    judge: Form | None


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One note; ``waits``: it is for everyone, and nobody else has agreed to it yet."""

    note: Note
    waits: bool
    agree: Form | None


@dataclass(frozen=True, slots=True)
class Compared:
    """What was measured for the same words and age, before anybody was heard and after."""

    words: str
    band: str
    before: Measure | None
    after: Measure | None


def clock_line(clock: Clock, actor: Actor, bound: Bound) -> ClockLine:
    """A clock, with the form that pauses it."""
    line = plain_clock(clock)
    runs = line.standing in RUNS
    may_pause, may_end = actor.may(P.CLOCK_PAUSE), actor.may(P.CLOCK_START) and key_of(clock.name)
    return replace(
        line,
        pause=bound(forms.Pause, clock.name) if may_pause and runs else None,
        resume=may_pause and line.standing == "paused",
        end=bound(forms.EndStep, clock.name) if may_end and runs else None,
    )


def note_line(note: Note, case: Case, actor: Actor, bound: Bound) -> NoteLine:
    """A note, with the button of the second person if it waits for one."""
    waits = note.audience == "public" and not note.agreed_by
    own = note.by.partition(":")[2] == actor.name
    agrees = waits and not own and actor.may(P.NOTE_AGREE)
    first = {"seen": case.position}
    form = bound(forms.Nothing, f"note-{note.number}", initial=first) if agrees else None
    return NoteLine(note, waits, form)


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document, with what may be done about it."""

    document: Attachment
    open: Form | None = None
    purge: Form | None = None


def document_lines(case: Case, actor: Actor, bound: Bound) -> list[DocumentLine]:
    """The documents that this actor may know of."""
    lines = []
    for each in seen(case, actor):
        opens = actor.may(P.ATTACHMENT_OPEN) and not each.purged
        purges = actor.may(P.ATTACHMENT_PURGE) and not each.purged
        first = {"seen": case.position}
        lines.append(
            DocumentLine(
                each,
                bound(forms.Nothing, f"open-{each.id}", initial=first) if opens else None,
                bound(forms.PurgeDocument, each.id) if purges else None,
            )
        )
    return lines


def documents_of(
    keys: tuple[str, ...], of: str, case: Case, actor: Actor, bound: Bound
) -> tuple[DocumentLine, ...]:
    """Documents that came with something: their names, and the buttons that open them."""
    known = {each.id: each for each in seen(case, actor)}
    found = [known[key] for key in keys if key in known]
    first = {"seen": case.position}
    opens = actor.may(P.ATTACHMENT_OPEN)
    return tuple(
        DocumentLine(
            each,
            bound(forms.Nothing, f"open-{each.id}-{of}", initial=first)
            if opens and not each.purged
            else None,
        )
        for each in found
    )


def promise_line(promise: Commitment, case: Case, actor: Actor, bound: Bound) -> PromiseLine:
    """A commitment, with the form that judges it."""
    clock = case.clocks.get(clock_of(promise.id))
    judges = actor.may(P.COMMITMENT_JUDGE) and not promise.outcome
    kind, more = verifying.judging(promise.verify, case, actor)
    judge = bound(kind, promise.id, **more) if judges else None
    return PromiseLine(promise, plain_clock(clock) if clock else None, judge)


def compared(case: Case) -> list[Compared]:
    """The measures by words and age: the last before anybody was heard, and the last after."""
    after = set(map(id, case.after_answer))
    found: dict[tuple[str, str], dict[bool, Measure]] = {}
    for each in case.measures:
        found.setdefault((each.words, each.band), {})[id(each) in after] = each
    return [
        Compared(words, band, pair.get(False), pair.get(True))
        for (words, band), pair in found.items()
    ]


def plain_clock(clock: Clock) -> ClockLine:
    """A clock, without its forms."""
    now = desk().house.clock()
    standing, left = clock.standing(now), clock.left(now)
    whole = (clock.due - clock.started).total_seconds() or 1
    share = 100 if standing == "met" else round(100 - 100 * left.total_seconds() / whole)
    return ClockLine(clock, clock_word(clock.name), standing, left, max(0, min(100, share)))
