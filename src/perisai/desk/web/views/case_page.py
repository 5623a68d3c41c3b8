"""The page of one case: everything that is known, and the forms that may be filled now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.http import Http404

from perisai.desk.cases import domain as cases
from perisai.desk.cases.models import CaseRow
from perisai.desk.permissions import Permission as P
from perisai.desk.web import forms
from perisai.desk.web.letter_files import proposed_number
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.timeline import clock_word, timeline
from perisai.errors import NotYet
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from django.http import HttpResponse

    from perisai.desk.cases.state import Case, Commitment, Measure, Summons
    from perisai.desk.clocks.clock import Clock
    from perisai.desk.web.access import Request
    from perisai.desk.web.forms import Form


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock, as it is shown."""

    clock: Clock
    label: str
    standing: str
    left: timedelta
    share: int
    pause: Form | None
    resume: bool


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One letter with what may be done with it now."""

    letter: Summons
    clock: ClockLine | None
    own: bool
    forms: dict[str, Form]


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """One commitment with its clock, and the form that judges it."""

    commitment: Commitment
    clock: ClockLine | None
    judge: Form | None


@dataclass(frozen=True, slots=True)
class Compared:
    """What was measured for the same words and age, before anybody was heard and after."""

    words: str
    band: str
    before: Measure | None
    after: Measure | None


class Bound:
    """Gives forms: the one that was sent as it was filled, all others fresh."""

    def __init__(self, sent: Form | None) -> None:
        self._sent = sent

    def __call__(self, kind: type[Form], item: str = "", **more: Any) -> Form:  # noqa: ANN401
        """Return the form of this kind for this item."""
        fresh = kind(item=item, **more)
        return self._sent if self._sent is not None and self._sent.key == fresh.key else fresh


def show(
    request: Request, key: str, sent: Form | None = None, status: int = 200, **more: object
) -> HttpResponse:
    """Show a case. Raises Http404, or NotAllowed for a party to the case."""
    try:
        case, facts = desk().house.history(key)
    except NotYet as error:
        raise Http404 from error
    actor = request.actor
    cases.read(case, actor)
    bound = Bound(sent)
    values: dict[str, object] = {
        "case": case,
        "timeline": list(timeline(case, facts, actor)),
        "clocks": [_clock(each, case, actor, bound) for each in case.clocks.values()],
        "letters": [_letter(each, case, actor, bound) for each in case.summons.values()],
        "promises": [_promise(each, case, actor, bound) for each in case.commitments.values()],
        "compared": compared(case),
        "notes": cases.notes_for(case, actor),
        "bands": list(AgeBand),
        "others": CaseRow.objects.filter(platform=case.platform[:200]).exclude(id=case.id).count(),
        "measuring": desk().measuring is not None,
        "forms": _forms(case, request, bound),
        "sent": sent,
        **more,
    }
    return page(request, "case", status, **values)


def _forms(case: Case, request: Request, bound: Bound) -> dict[str, Form]:
    """The forms that are not of one letter, clock or commitment."""
    actor = request.actor
    seen = {"seen": case.position}
    open_ = not (case.result and case.result.published)
    may = actor.may
    made: dict[str, Form] = {}
    if may(P.CASE_NOTE):
        made["note"] = bound(forms.Note, audiences=cases.audiences_of(actor))
    if may(P.SAMPLE_SCREEN) and open_:
        made["sample"] = bound(forms.Sample, complaints=case.complaints)
    if may(P.CLAIM_DECIDE) and case.samples and open_:
        made["decide"] = bound(forms.Decide, initial=seen)
    if may(P.EXPOSURE_MEASURE):
        first = {"words": case.words[0] if case.words else ""}
        made["measure"] = bound(forms.Measure, initial=first)
        made["measured"] = bound(forms.MeasureByHand, initial=first)
    if may(P.SUMMONS_DRAFT) and case.claim == "confirmed":
        made["draft"] = bound(forms.Draft, initial={"recipient": case.platform})
    if may(P.COMMITMENT_RECORD):
        made["promise"] = bound(forms.Promise, initial={"party": case.platform})
    if may(P.RESULT_DRAFT) and case.claim != "open" and open_:
        texts = case.result.texts if case.result else {}
        first = {"text_id": texts.get("id", ""), "text_en": texts.get("en", "")}
        made["result"] = bound(forms.Result, initial=first)
    if may(P.RESULT_APPROVE) and case.result and case.result.standing == "draft":
        made["agree_result"] = bound(forms.Nothing, "agree-result", initial=seen)
    if may(P.RESULT_DRAFT) and case.result and case.result.standing == "approved":
        made["publish"] = bound(forms.Nothing, "publish", initial=seen)
    if may(P.CONFLICT_NAME):
        made["conflict"] = bound(forms.Conflict, people=people())
    return made


def people() -> list[str]:
    """The names of those who have an account."""
    found = User.objects.filter(is_active=True).order_by("username")
    return list(found.values_list("username", flat=True))


def _clock(clock: Clock, case: Case, actor: Any, bound: Bound | None) -> ClockLine:  # noqa: ANN401
    now: datetime = desk().house.clock()
    standing = clock.standing(now)
    whole = (clock.due - clock.started).total_seconds() or 1
    passed = whole - clock.left(now).total_seconds()
    may = actor.may(P.CLOCK_PAUSE) and bound is not None
    return ClockLine(
        clock,
        clock_word(clock.name),
        standing,
        clock.left(now),
        100 if standing == "met" else max(0, min(100, round(100 * passed / whole))),
        bound(forms.Pause, clock.name)
        if bound and may and standing in ("running", "soon", "late")
        else None,
        may and standing == "paused",
    )


def _letter(letter: Summons, case: Case, actor: Any, bound: Bound) -> LetterLine:  # noqa: ANN401
    may, seen, key = actor.may, {"seen": case.position}, letter.id
    made: dict[str, Form] = {}
    standing = letter.standing
    own = letter.drafted_by.partition(":")[2] == actor.name
    if standing == "draft":
        if may(P.SUMMONS_APPROVE) and not own:
            made["agree"] = bound(forms.Agree, key, initial=seen, next_number=proposed_number())
        if may(P.SUMMONS_DRAFT):
            made["redraft"] = bound(forms.Draft, key, initial=_initial(letter))
    if standing in ("draft", "approved") and may(P.SUMMONS_DRAFT):
        made["drop"] = bound(forms.Drop, key)
    if standing == "approved" and may(P.SUMMONS_RECORD):
        made["send"] = bound(forms.Send, key, initial=seen)
    if letter.sent and may(P.SUMMONS_RECORD):
        if not letter.acknowledged:
            made["acknowledge"] = bound(forms.Acknowledge, key)
        made["answer"] = bound(forms.LetterAnswer, key)
        if not (letter.attended or letter.missed):
            made["attended"] = bound(forms.Attended, key)
            made["missed"] = bound(forms.Nothing, f"missed-{key}", initial=seen)
    clock = case.clocks.get(f"reply:{key}")
    return LetterLine(letter, _clock(clock, case, actor, None) if clock else None, own, made)


def _initial(letter: Summons) -> dict[str, Any]:
    from django.utils.dateparse import parse_datetime  # noqa: PLC0415
    from django.utils.timezone import localtime  # noqa: PLC0415

    moment = parse_datetime(str(letter.letter.get("at", "")))
    return {**letter.letter, "at": localtime(moment) if moment else None}


def _promise(each: Commitment, case: Case, actor: Any, bound: Bound) -> PromiseLine:  # noqa: ANN401
    clock = case.clocks.get(f"commitment:{each.id}")
    judge = (
        bound(forms.Judge, each.id)
        if actor.may(P.COMMITMENT_JUDGE) and not each.outcome
        else None
    )
    return PromiseLine(each, _clock(clock, case, actor, None) if clock else None, judge)


def compared(case: Case) -> list[Compared]:
    """The measures of a case by words and age: the last before anybody was heard, the last after."""
    after = set(map(id, case.after_answer))
    found: dict[tuple[str, str], dict[bool, Measure]] = {}
    for each in case.measures:
        found.setdefault((each.words, each.band), {})[id(each) in after] = each
    return [
        Compared(words, band, pair.get(False), pair.get(True))
        for (words, band), pair in found.items()
    ]
