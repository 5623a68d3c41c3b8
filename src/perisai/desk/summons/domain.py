"""Writing, agreeing, sending and hearing: two people before anything leaves the house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.actors import require, require_another
from perisai.desk.attachments import limits
from perisai.desk.cases.domain import require_open
from perisai.desk.cases.platforms import addressed
from perisai.desk.clocks import domain as clocks
from perisai.desk.events import Event
from perisai.desk.permissions import Permission, Role
from perisai.desk.summons.letters.told import BESIDES, check
from perisai.desk.summons.paper import came, compare
from perisai.errors import NotAllowed, NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.summons.replies import Besides
    from perisai.desk.summons.state import Point, Summons

NEEDED = ("recipient", "address", "agenda", "questions", "documents", "place", "at")
LONGEST_ANSWER = 50_000
LONGEST_REPLY_DAYS = 60
MOST_POINTS = 30


def draft(case: Case, actor: Actor, letter: Mapping[str, Any], key: str = "") -> list[NewFact]:
    """Write a letter: to whom, about what, which questions, what to bring, where and when.

    With ``key``, write one anew that nobody has agreed to yet. Letter.of (``letters``) says what
    else it may have. Raises NotAllowed or NotYet.
    """
    require(actor, Permission.SUMMONS_DRAFT, case.conflicted)
    require_open(case)
    if case.claim != "confirmed":
        raise NotYet("Nobody is invited before a person has confirmed the claim.")
    if key and (_known(case, key).approved_by or _known(case, key).dropped):
        raise NotYet("Somebody has agreed to this letter already; write another one.")
    missing = [name for name in NEEDED if not letter.get(name)]
    if missing:
        raise NotYet(f"The letter lacks: {', '.join(missing)}.")
    check(letter)
    told = {name: letter[name] for name in (*NEEDED, *BESIDES) if name in letter}
    platform = addressed(case, str(letter.get("platform") or ""))
    if platform != case.platform:
        told["platform"] = platform
    key = key or f"s-{len(case.summons) + 1}"
    return [NewFact(Event.SUMMONS_DRAFTED, {"summons": key, "letter": told})]


def drop(case: Case, actor: Actor, key: str, reason: str) -> list[NewFact]:
    """The letter will not be sent. Raises NotYet once it has left the house."""
    require(actor, Permission.SUMMONS_DRAFT, case.conflicted)
    summons = _known(case, key)
    if summons.sent or summons.dropped:
        raise NotYet("It was sent already.")
    if not reason.strip():
        raise NotYet("Write down why it is not sent.")
    return [NewFact(Event.SUMMONS_DROPPED, {"summons": key, "reason": reason.strip()})]


def edited(
    case: Case, actor: Actor, key: str, language: str, *, attachment: str, sha256: str
) -> list[NewFact]:
    """What an officer edited by hand is the letter now; whoever agreed before must agree again."""
    require(actor, Permission.SUMMONS_DRAFT, case.conflicted)
    require_open(case)
    summons = _known(case, key)
    if summons.sent or summons.dropped:
        raise NotYet("A letter that was sent or dropped is not edited any more.")
    told = {"summons": key, "language": language, "attachment": attachment, "sha256": sha256}
    return [NewFact(Event.SUMMONS_EDITED, told)]


def approve(
    case: Case,
    actor: Actor,
    key: str,
    number: str,
    files: Mapping[str, Mapping[str, str]] | None = None,
) -> list[NewFact]:
    """A second person agrees; the letter gets the house's own number.

    Where it was edited by hand, ``files`` has for each language ``of``, the SHA-256 of the very
    version that is agreed to, with ``attachment`` and ``sha256`` of the same with its number.
    """
    require(actor, Permission.SUMMONS_APPROVE, case.conflicted)
    summons = _known(case, key)
    for each in (summons.drafted_by, *sorted(summons.editors)):
        require_another(actor, each)
    if summons.approved_by or summons.dropped:
        raise NotYet("Somebody has agreed to this letter already.")
    if not number.strip():
        raise NotYet("The letter needs the house's own number.")
    files = files or {}
    if {each: file["of"] for each, file in files.items()} != {
        each: known.sha256 for each, known in summons.edited.items()
    }:
        raise NotYet("The letter was edited since; look at it again first.")
    told: dict[str, Any] = {"summons": key, "number": number.strip()}
    if files:
        told["files"] = {language: dict(each) for language, each in files.items()}
    return [NewFact(Event.SUMMONS_APPROVED, told)]


def send(
    case: Case, actor: Actor, key: str, now: datetime, *, how: str, door: str, reply_by: datetime
) -> list[NewFact]:
    """It leaves the house. A clock runs for the reply; "sent" is not yet "arrived".

    ``door`` is the SHA-256 of the one-time link through which the receiver may answer.
    """
    require(actor, Permission.SUMMONS_RECORD, case.conflicted)
    summons = _known(case, key)
    if not summons.approved_by:
        raise NotYet("Two people are needed before a letter leaves the house.")
    if summons.sent or summons.dropped:
        raise NotYet("It was sent already.")
    if any(case.attachments[each.attachment].purged for each in summons.numbered.values()):
        raise NotYet("This document was deleted; only its hash is known.")
    return [
        NewFact(Event.SUMMONS_SENT, {"summons": key, "how": how.strip(), "door": door}),
        clocks.start(f"reply:{key}", now, reply_by),
    ]


def acknowledge(case: Case, key: str, how: str) -> list[NewFact]:
    """The receiver has it: by opening the one-time link, or as an officer was told."""
    summons = _sent(case, key)
    if summons.acknowledged:
        return []
    return [NewFact(Event.SUMMONS_ACKNOWLEDGED, {"summons": key, "how": how})]


def acknowledge_by_hand(case: Case, actor: Actor, key: str, how: str) -> list[NewFact]:
    """An officer was told that the receiver has it: how is written down."""
    require(actor, Permission.SUMMONS_RECORD, case.conflicted)
    if not how.strip():
        raise NotYet("Write down how the receiver said so.")
    return acknowledge(case, key, how.strip())


def record_answer(
    case: Case,
    actor: Actor,
    key: str,
    text: str,
    how: str,
    files: tuple[str, ...] = (),
    besides: Besides | None = None,
) -> list[NewFact]:
    """An officer enters what the receiver wrote on paper or said at the counter.

    ``files``: the scan of it, as a document of the case. An objection in it waits for a decision
    once a second person has compared it.
    """
    require(actor, Permission.SUMMONS_RECORD, case.conflicted)
    return answer(case, key, text, came(how), paper=True, besides=besides, files=files)


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

    What is not the same was no answer: the clock for the reply runs again, as if it had never come.
    ``objection`` says until when one in it is to be decided.
    """
    require(actor, Permission.SUMMONS_RECORD, case.conflicted)
    summons = _sent(case, key)
    compared, told = compare(summons.answers, actor, number, same=same, reason=reason)
    fact = NewFact(Event.SUMMONS_VERIFIED, {"summons": key, **told})
    if same:
        return [fact, *(objection.clocks(case, key) if objection and compared.objects else [])]
    others = any(each.counts for each in summons.answers)
    return [fact, *([] if others else clocks.again(case.clocks, f"reply:{key}"))]


def letters_seen(case: Case, actor: Actor) -> tuple[Summons, ...]:
    """The letters that somebody who reads the case may see: agencies those that were sent."""
    require(actor, Permission.CASE_READ, case.conflicted)
    inside = actor.role is not Role.MINISTRY
    return tuple(each for each in case.summons.values() if inside or each.sent)


def letters_for(case: Case, actor: Actor) -> tuple[Summons, ...]:
    """The letters that a platform's liaison may see: sent ones, and to its own platform."""
    require(actor, Permission.SUMMONS_REPLY, case.conflicted)
    mine = actor.platform.casefold()
    if not mine or mine not in {each.casefold() for each in case.platforms}:
        raise NotAllowed("This letter is addressed to somebody else.")
    sent = (each for each in case.summons.values() if each.sent)
    return tuple(each for each in sent if case.platform_of(each).casefold() == mine)


def reply(
    case: Case,
    actor: Actor,
    key: str,
    text: str,
    besides: Besides | None = None,
    files: tuple[str, ...] = (),
) -> list[NewFact]:
    """A platform's liaison answers with its own account."""
    if key not in {each.id for each in letters_for(case, actor)}:
        raise NotAllowed("This letter is addressed to somebody else.")
    return answer(case, key, text, "account", besides=besides, files=files)


def answer(
    case: Case,
    key: str,
    text: str,
    how: str,
    *,
    paper: bool = False,
    besides: Besides | None = None,
    files: tuple[str, ...] = (),
) -> list[NewFact]:
    """The receiver writes back, through whichever door it prefers; ``besides`` comes with it.

    ``files`` are documents that are kept with the case in the same breath.
    """
    limits.enough(len(_sent(case, key).files), len(files))
    text = text.strip()
    if not text:
        raise NotYet("The answer is empty.")
    if len(text) > LONGEST_ANSWER:
        raise NotYet(f"The answer is longer than {LONGEST_ANSWER:,} characters; shorten it.")
    told: dict[str, Any] = {"summons": key, "text": text, "how": how}
    if paper:
        told["paper"] = True
    if besides:
        told |= besides.facts()
    if files:
        told["files"] = list(files)
    return [
        *acknowledge(case, key, how),
        NewFact(Event.SUMMONS_ANSWERED, told),
        *clocks.met(case.clocks, f"reply:{key}"),
        *(besides.clocks(case, key) if besides and not paper else ()),
    ]


def attended(
    case: Case, actor: Actor, key: str, minutes: str, points: Sequence[Point] = ()
) -> list[NewFact]:
    """They came; the minutes hold what was said, ``points`` what was agreed and by which day."""
    require(actor, Permission.SUMMONS_RECORD, case.conflicted)
    _open(case, key)
    if not minutes.strip():
        raise NotYet("Write the minutes: who came, what was said, what was agreed.")
    if len(points) > MOST_POINTS:
        raise NotYet(f"At most {MOST_POINTS} points are agreed on; write the others as minutes.")
    told: dict[str, Any] = {"summons": key, "minutes": minutes.strip()}
    if points:
        told["points"] = [
            {"what": each.what} | ({"by": each.by} if each.by else {}) for each in points
        ]
    return [
        NewFact(Event.SUMMONS_ATTENDED, told),
        *clocks.met(case.clocks, f"reply:{key}"),
    ]


def missed(case: Case, actor: Actor, key: str) -> list[NewFact]:
    """Nobody came. It is written down; there is no penalty that the commission could impose."""
    require(actor, Permission.SUMMONS_RECORD, case.conflicted)
    _open(case, key)
    return [NewFact(Event.SUMMONS_MISSED, {"summons": key})]


def _known(case: Case, key: str) -> Summons:
    if key not in case.summons:
        raise NotYet("There is no such letter in this case.")
    return case.summons[key]


def _sent(case: Case, key: str) -> Summons:
    summons = _known(case, key)
    if not summons.sent:
        raise NotYet("This letter has not left the house.")
    return summons


def _open(case: Case, key: str) -> Summons:
    summons = _sent(case, key)
    if summons.attended or summons.missed:
        raise NotYet("It is written down already whether somebody came.")
    return summons
