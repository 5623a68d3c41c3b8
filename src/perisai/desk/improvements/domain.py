"""Asking an agency to improve something: two people before it leaves the house.

The commission asks; it never orders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.actors import require, require_another
from perisai.desk.attachments import limits
from perisai.desk.cases.domain import require_open
from perisai.desk.clocks import domain as clocks
from perisai.desk.commitments import verifying
from perisai.desk.commitments.papers import digests
from perisai.desk.events import Event
from perisai.desk.permissions import Permission, Role
from perisai.desk.summons.paper import came, compare
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.improvements.state import Improvement
    from perisai.desk.summons.replies import Besides

OPEN = ("asked", "objected", "answered")
LEFT_THE_HOUSE = (*OPEN, *verifying.OUTCOMES, "withdrawn")
STANDINGS = ("draft", *LEFT_THE_HOUSE, "dropped")
LONGEST = 4_000
LONGEST_ANSWER = 20_000


def ask(
    case: Case,
    actor: Actor,
    now: datetime,
    *,
    agency: str,
    what: str,
    verify: Mapping[str, str],
    due: datetime,
) -> list[NewFact]:
    """Write down what an agency is to be asked by a day; nobody else sees it yet.

    ``verify`` is as for a commitment. Raises NotAllowed or NotYet.
    """
    require(actor, Permission.IMPROVEMENT_ASK, case.conflicted)
    require_open(case)
    if due <= now:
        raise NotYet("What is due must lie ahead; choose a later time.")
    told = {
        "improvement": f"i-{len(case.improvements) + 1}",
        "agency": _needed(agency, "who is asked"),
        "what": _needed(what, "what is asked"),
        "verify": verifying.chosen(case.measures, verify),
        "due": due.isoformat(),
    }
    return [NewFact(Event.IMPROVEMENT_ASKED, told)]


def approve(case: Case, actor: Actor, now: datetime, key: str) -> list[NewFact]:
    """A second person agrees: the ministry sees it from now on, and a clock runs."""
    require(actor, Permission.IMPROVEMENT_APPROVE, case.conflicted)
    require_open(case)
    known = _draft(case, key)
    require_another(actor, known.asked_by)
    told = {"improvement": key}
    return [
        NewFact(Event.IMPROVEMENT_APPROVED, told),
        clocks.start(clock_of(key), now, known.due),
    ]


def drop(case: Case, actor: Actor, key: str, reason: str) -> list[NewFact]:
    """It will not be asked. Raises NotYet once it has left the house."""
    require(actor, Permission.IMPROVEMENT_ASK, case.conflicted)
    _draft(case, key)
    told = {"improvement": key, "reason": _needed(reason, "the reason")}
    return [NewFact(Event.IMPROVEMENT_DROPPED, told)]


def requests_for(case: Case, actor: Actor) -> tuple[Improvement, ...]:
    """The requests of a case that this actor may see: the ministry those that left the house.

    Who may not read cases sees none.
    """
    if not actor.may(Permission.CASE_READ):
        return ()
    known = case.improvements.values()
    return tuple(each for each in known if each.approved or actor.role is not Role.MINISTRY)


def send(case: Case, actor: Actor, key: str, *, how: str, door: str) -> list[NewFact]:
    """It goes to the agency with a one-time link; ``door`` is the SHA-256 of that link."""
    require(actor, Permission.IMPROVEMENT_ASK, case.conflicted)
    if _open(case, key).sent:
        raise NotYet("It was sent already.")
    told = {"improvement": key, "how": _needed(how, "how it is sent"), "door": door}
    return [NewFact(Event.IMPROVEMENT_SENT, told)]


def send_again(
    case: Case, actor: Actor, key: str, *, how: str, door: str, reason: str
) -> list[NewFact]:
    """It came back, or never arrived: it goes out anew, with another link, and the old one is dead.

    Whether the receiver has it after all is asked of the outbox.
    """
    require(actor, Permission.IMPROVEMENT_ASK, case.conflicted)
    known = _open(case, key)
    if not known.sent:
        raise NotYet("It was not sent yet.")
    if known.answers:
        raise NotYet("It was answered already; nothing is sent again.")
    told = {"improvement": key, "how": _needed(how, "how it is sent"), "door": door}
    told["reason"] = _needed(reason, "why it is sent again")
    return [NewFact(Event.IMPROVEMENT_RESENT, told)]


def answer(
    case: Case,
    actor: Actor,
    key: str,
    text: str,
    besides: Besides | None = None,
    files: tuple[str, ...] = (),
) -> list[NewFact]:
    """The ministry writes what it has done or will do; more than once, until it is judged.

    ``besides``: it may object, and promise something by a day. ``files`` are documents that are
    kept with the case in the same breath.
    """
    require(actor, Permission.IMPROVEMENT_ANSWER, case.conflicted)
    return _answered(case, key, text, besides, files)


def answer_by_link(
    case: Case,
    key: str,
    text: str,
    besides: Besides | None = None,
    files: tuple[str, ...] = (),
) -> list[NewFact]:
    """The same by whoever holds the link that the request was sent with."""
    if not _open(case, key).sent:
        raise NotYet("There is no such improvement request in this case.")
    return _answered(case, key, text, besides, files)


def record_answer(
    case: Case,
    actor: Actor,
    key: str,
    text: str,
    how: str,
    besides: Besides | None = None,
    files: tuple[str, ...] = (),
) -> list[NewFact]:
    """An officer enters what the agency wrote on paper; a second person compares it with that."""
    require(actor, Permission.IMPROVEMENT_ASK, case.conflicted)
    told = {"paper": True, "how": came(how)}
    return _answered(case, key, text, besides, files, told)


def verify_answer(
    case: Case,
    actor: Actor,
    key: str,
    number: int,
    *,
    same: bool,
    reason: str = "",
    objection: Besides | None = None,
) -> list[NewFact]:
    """A second person compared what was entered with the paper: it is the same, or why not.

    ``objection`` says until when one in it is to be decided.
    """
    require(actor, Permission.IMPROVEMENT_ASK, case.conflicted)
    answers = _known(case, key).answers
    compared, told = compare(answers, actor, number, same=same, reason=reason)
    runs = objection.clocks(case, key) if same and objection and compared.objects else []
    return [NewFact(Event.IMPROVEMENT_VERIFIED, {"improvement": key, **told}), *runs]


def _answered(
    case: Case,
    key: str,
    text: str,
    besides: Besides | None,
    files: tuple[str, ...],
    paper: Mapping[str, Any] | None = None,
) -> list[NewFact]:
    limits.enough(len(_open(case, key).files), len(files))
    told: dict[str, Any] = {
        "improvement": key,
        "text": _needed(text, "the answer", LONGEST_ANSWER),
        **(paper or {}),
        **(besides.facts() if besides else {}),
    }
    if files:
        told["files"] = list(files)
    # One on paper waits until a second person has compared it.
    runs = besides.clocks(case, key) if besides and not paper else []
    return [NewFact(Event.IMPROVEMENT_ANSWERED, told), *runs]


def judge(
    case: Case, actor: Actor, key: str, *, outcome: str, before: str, after: str, document: str = ""
) -> list[NewFact]:
    """Done, late or not done: a person says so, with the evidence before and after."""
    require(actor, Permission.IMPROVEMENT_JUDGE, case.conflicted)
    known = _open(case, key)
    if known.contested:
        raise NotYet("Somebody else has to decide on the objection to this request first.")
    clock = case.clocks.get(clock_of(key))
    evidence = verifying.judged(
        case.measures,
        known.verify,
        {"outcome": outcome, "before": before, "after": after, "document": document},
        since=known.approved or known.asked,
        due=clock.due if clock else known.due,
        documents=digests(case, actor),
    )
    told = {"improvement": key, **evidence}
    return [NewFact(Event.IMPROVEMENT_JUDGED, told), *clocks.met(case.clocks, clock_of(key))]


def clock_of(key: str) -> str:
    """The name of the clock of a request."""
    return f"improvement:{key}"


def _known(case: Case, key: str) -> Improvement:
    if key not in case.improvements:
        raise NotYet("There is no such improvement request in this case.")
    return case.improvements[key]


def _draft(case: Case, key: str) -> Improvement:
    known = _known(case, key)
    if known.dropped:
        raise NotYet("This request was dropped; write another one.")
    if known.approved:
        raise NotYet("Somebody has agreed to this request already.")
    return known


def _open(case: Case, key: str) -> Improvement:
    known = _known(case, key)
    if not known.approved:
        # Whoever may not see a draft does not learn here that there is one.
        raise NotYet("There is no such improvement request in this case.")
    if known.outcome:
        raise NotYet("This request was judged already.")
    if known.withdrawn:
        raise NotYet("The objection to this request was right; nothing is asked any more.")
    return known


def _needed(text: str, what: str, longest: int = LONGEST) -> str:
    text = text.strip()
    if not text:
        raise NotYet(f"Write {what}.")
    if len(text) > longest:
        raise NotYet(f"This is longer than {longest:,} characters; shorten it.")
    return text
