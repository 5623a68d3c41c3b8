"""The letters of a case and what came back, each with the forms that it has now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime

from perisai.desk.commitments import offers
from perisai.desk.permissions import Permission
from perisai.desk.web import forms
from perisai.desk.web.case_lines import documents_of, plain_clock
from perisai.desk.web.forms.verifying import BETWEEN
from perisai.desk.web.letter_files import proposed_number
from perisai.desk.web.running import desk
from perisai.desk.web.wording import say

if TYPE_CHECKING:
    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.commitments.offers import Offer
    from perisai.desk.summons.state import Answer, Summons
    from perisai.desk.web.case_lines import Bound, ClockLine, DocumentLine
    from perisai.desk.web.forms import Form

P = Permission


@dataclass(frozen=True, slots=True)
class OfferLine:
    """What was offered; the commitment that it became, or the form that makes it one."""

    offer: Offer
    taken: str
    form: Form | None


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer, the form of who compares it with its paper, and what came with it."""

    answer: Answer
    verify: Form | None
    files: tuple[DocumentLine, ...] = ()
    offer: OfferLine | None = None


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One letter with what may be done with it now; ``own``: who looks has written it."""

    letter: Summons
    clock: ClockLine | None
    own: bool
    forms: dict[str, Form]
    answers: tuple[AnswerLine, ...] = ()
    points: tuple[OfferLine, ...] = ()


def letter_line(letter: Summons, case: Case, actor: Actor, bound: Bound) -> LetterLine:
    """A letter, with its forms."""
    writers = {letter.drafted_by, *letter.editors}
    own = actor.name in {each.partition(":")[2] for each in writers}
    seen = {"seen": case.position}
    made: dict[str, Form] = {}
    if actor.may(P.SUMMONS_APPROVE) and letter.standing == "draft" and not own:
        made["agree"] = bound(forms.Agree, letter.id, initial=seen, next_number=proposed_number())
    if actor.may(P.SUMMONS_DRAFT) and letter.standing == "draft":
        made["redraft"] = bound(
            forms.Draft,
            letter.id,
            initial=_written(letter),
            platforms=case.platforms,
            zones=desk().zones,
        )
    if actor.may(P.SUMMONS_DRAFT) and letter.standing in ("draft", "approved"):
        made["edit"] = bound(forms.EditLetter, letter.id, initial=seen)
        made["drop"] = bound(forms.Drop, letter.id)
    if actor.may(P.SUMMONS_RECORD):
        made |= _records(letter, seen, bound)
    known = {person.partition(":")[2] for person in (*writers, letter.approved_by)}
    objected = letter.objects and not letter.objection
    if objected and actor.may(P.SUMMONS_RECORD) and actor.name not in known:
        made["objection"] = bound(forms.Objection, letter.id)
    clock = case.clocks.get(f"reply:{letter.id}")
    offered = offer_lines(letter.id, case.platform_of(letter), case, actor, bound)
    answers = tuple(
        answer_line(each, letter.id, case, actor, bound, offered) for each in letter.answers
    )
    points = tuple(each for source, each in offered.items() if f"/{offers.POINT}/" in source)
    return LetterLine(letter, plain_clock(clock) if clock else None, own, made, answers, points)


def answer_line(
    answer: Answer,
    of: str,
    case: Case,
    actor: Actor,
    bound: Bound,
    offered: dict[str, OfferLine],
    *,
    records: Permission = P.SUMMONS_RECORD,
) -> AnswerLine:
    """An answer to a letter or request (``of``); who ``records`` may compare it with its paper."""
    other = answer.by.partition(":")[2] != actor.name
    verifies = answer.waits and other and actor.may(records)
    form = bound(forms.Verify, f"{of}-{answer.number}") if verifies else None
    files = documents_of(answer.files, of, case, actor, bound)
    source = offers.source_of(of, offers.ANSWER, answer.number)
    return AnswerLine(answer, form, files, offered.get(source))


def offer_lines(
    of: str, party: str, case: Case, actor: Actor, bound: Bound
) -> dict[str, OfferLine]:
    """What ``party`` offered with one letter or request, by where it was said."""
    taken, made = offers.taken(case), dict[str, OfferLine]()
    for each in offers.offers(case):
        if not each.source.startswith(f"{of}/"):
            continue
        known = taken.get(each.source, "")
        form = None
        if not known and actor.may(P.COMMITMENT_RECORD) and not case.merged_into:
            form = bound(
                forms.Promise,
                item_of(each.source),
                initial=_proposed(each, party, case),
                measures=case.measures,
            )
        made[each.source] = OfferLine(each, known, form)
    return made


def _proposed(offer: Offer, party: str, case: Case) -> dict[str, Any]:
    """A commitment as it was offered; a search that was measured already is measured again."""
    first: dict[str, Any] = {
        "party": party,
        "what": offer.what,
        "due": offer.by,
        "source": offer.source,
        "verify": say("offer.verify"),
    }
    if case.measures:
        last = case.measures[-1]
        first |= {"way": "search", "search": f"{last.band}{BETWEEN}{last.words}"}
    return first


def item_of(source: str) -> str:
    """What tells the form that takes an offer up from the others of a page."""
    return source.replace("/", "-")


def _records(letter: Summons, seen: dict[str, int], bound: Bound) -> dict[str, Form]:
    """What is written down of a letter that goes out, or has gone."""
    made: dict[str, Form] = {}
    if letter.standing == "approved":
        made["send"] = bound(forms.Send, letter.id, initial=seen)
    if not letter.sent:
        return made
    if not letter.acknowledged:
        made["acknowledge"] = bound(forms.Acknowledge, letter.id)
    made["answer"] = bound(forms.LetterAnswer, letter.id)
    if not (letter.attended or letter.missed):
        made["attended"] = bound(forms.Attended, letter.id)
        made["missed"] = bound(forms.Nothing, f"missed-{letter.id}", initial=seen)
    return made


def _written(letter: Summons) -> dict[str, Any]:
    """A letter as its form has it, in the zone of the meeting."""
    first: dict[str, Any] = dict(letter.letter)
    for name in ("about", "agenda", "questions", "documents"):
        if isinstance(value := first.get(name), dict):
            first |= {name: value.get("id", ""), f"{name}_en": value.get("en", "")}
    zone = ZoneInfo(str(first["zone"])) if first.get("zone") else None
    for name in ("at", "until"):
        moment = parse_datetime(str(first.get(name, "")))
        if moment and moment.tzinfo:  # without one, the form leaves it as it is
            moment = localtime(moment, zone).replace(tzinfo=None)
        first[name] = moment
    return first
