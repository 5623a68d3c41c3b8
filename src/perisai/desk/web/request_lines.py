"""The improvement requests of a case, each with the forms that it has now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.desk.improvements.domain import OPEN, clock_of, requests_for
from perisai.desk.outbox.services import unreceived
from perisai.desk.permissions import Permission
from perisai.desk.web import forms
from perisai.desk.web.case_lines import plain_clock
from perisai.desk.web.forms import verifying
from perisai.desk.web.letter_lines import answer_line, offer_lines
from perisai.desk.web.running import desk

if TYPE_CHECKING:
    from collections.abc import Collection

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.improvements.state import Improvement
    from perisai.desk.web.case_lines import Bound, ClockLine
    from perisai.desk.web.forms import Form
    from perisai.desk.web.letter_lines import AnswerLine

P = Permission


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request with its clock, and what may be done with it now."""

    request: Improvement
    clock: ClockLine | None
    forms: dict[str, Form]
    answers: tuple[AnswerLine, ...] = ()


def request_lines(case: Case, actor: Actor, bound: Bound) -> list[RequestLine]:
    """The requests of a case that somebody may see."""
    known = requests_for(case, actor)
    sent = any(each.sent and not each.answers for each in known) and actor.may(P.IMPROVEMENT_ASK)
    waiting = unreceived(desk().house, case.id) if sent else frozenset()
    return [_line(each, case, actor, bound, waiting) for each in known]


def _line(
    known: Improvement, case: Case, actor: Actor, bound: Bound, waiting: Collection[str]
) -> RequestLine:
    """``waiting``: the parts of the case of which nobody knows whether their receivers have it."""
    may, made = actor.may, dict[str, "Form"]()
    if known.standing == "draft":
        own = known.asked_by.partition(":")[2] == actor.name
        if may(P.IMPROVEMENT_APPROVE) and not own and not case.merged_into:
            seen = {"seen": case.position}
            made["agree"] = bound(forms.Nothing, f"agree-{known.id}", initial=seen)
        if may(P.IMPROVEMENT_ASK):
            made["drop"] = bound(forms.Drop, known.id)
    if known.standing in OPEN:
        if may(P.IMPROVEMENT_ASK) and not known.sent:
            made["send"] = bound(forms.SendRequest, known.id, initial={"seen": case.position})
        if may(P.IMPROVEMENT_ASK) and known.id in waiting and not known.answers:
            made["again"] = bound(forms.SendAgain, known.id, initial={"seen": case.position})
        if may(P.IMPROVEMENT_ASK):
            made["paper"] = bound(forms.RequestPaper, known.id)
        if may(P.IMPROVEMENT_ANSWER):
            made["answer"] = bound(forms.AnswerRequest, known.id)
        made |= _deciding(known, case, actor, bound)
    clock = case.clocks.get(clock_of(known.id))
    offered = offer_lines(known.id, known.agency, case, actor, bound)
    answers = tuple(
        answer_line(each, known.id, case, actor, bound, offered, records=P.IMPROVEMENT_ASK)
        for each in known.answers
    )
    return RequestLine(known, plain_clock(clock) if clock else None, made, answers)


def _deciding(known: Improvement, case: Case, actor: Actor, bound: Bound) -> dict[str, Form]:
    """The form that decides on an objection, for somebody else; without one, that which judges."""
    if known.contested:
        first = {each.partition(":")[2] for each in (known.asked_by, known.approved_by)}
        may = actor.may(P.IMPROVEMENT_ASK) and actor.name not in first
        return {"objection": bound(forms.Objection, known.id)} if may else {}
    if not actor.may(P.IMPROVEMENT_JUDGE):
        return {}
    kind, more = verifying.judging(known.verify, case, actor)
    return {"judge": bound(kind, known.id, outcomes="asked", **more)}
