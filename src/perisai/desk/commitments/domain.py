"""Writing a promise down, and judging it by what was seen before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import require
from perisai.desk.cases.domain import require_open
from perisai.desk.clocks import domain as clocks
from perisai.desk.commitments import offers, verifying
from perisai.desk.commitments.papers import digests
from perisai.desk.commitments.verifying import OUTCOMES
from perisai.desk.events import Event
from perisai.desk.permissions import Permission
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case

__all__ = ["OUTCOMES", "clock_of", "judge", "make"]
LONGEST = 4_000


def make(
    case: Case,
    actor: Actor,
    now: datetime,
    *,
    who: str,
    what: str,
    verify: Mapping[str, str],
    due: datetime,
    source: str = "",
) -> list[NewFact]:
    """Somebody promised something by a day; a clock runs for it.

    ``verify`` says how it will be seen whether the promise was kept: its ``kind`` (see
    :mod:`perisai.desk.commitments.verifying`) with ``words`` and ``band``, or a ``text``. A promise
    that nobody can verify is none. ``source`` names the offer that it takes up
    (:mod:`perisai.desk.commitments.offers`); each is taken up once.
    """
    require(actor, Permission.COMMITMENT_RECORD, case.conflicted)
    require_open(case)
    key = f"c-{len(case.commitments) + 1}"
    told = {
        "commitment": key,
        "who": _needed(who, "who promised it"),
        "what": _needed(what, "what was promised"),
        "verify": verifying.chosen(case.measures, verify),
        "due": due.isoformat(),
    }
    if source:
        if source not in {each.source for each in offers.offers(case)}:
            raise NotYet("There is no such promise in this case.")
        if source in offers.taken(case):
            raise NotYet("This promise is a commitment already.")
        told["source"] = source
    return [NewFact(Event.COMMITMENT_MADE, told), clocks.start(clock_of(key), now, due)]


def judge(
    case: Case, actor: Actor, key: str, *, outcome: str, before: str, after: str, document: str = ""
) -> list[NewFact]:
    """Kept, late or broken: a person says so, with the evidence before and after.

    For a search both are numbers of measures of the case.
    """
    require(actor, Permission.COMMITMENT_JUDGE, case.conflicted)
    known = case.commitments.get(key)
    if known is None:
        raise NotYet("There is no such commitment in this case.")
    if known.outcome:
        raise NotYet("This commitment was judged already.")
    clock = case.clocks.get(clock_of(key))
    evidence = verifying.judged(
        case.measures,
        known.verify,
        {"outcome": outcome, "before": before, "after": after, "document": document},
        since=known.made,
        due=clock.due if clock else known.due,
        documents=digests(case, actor),
    )
    told = {"commitment": key, **evidence}
    return [NewFact(Event.COMMITMENT_JUDGED, told), *clocks.met(case.clocks, clock_of(key))]


def clock_of(key: str) -> str:
    """The name of the clock of a commitment."""
    return f"commitment:{key}"


def _needed(text: str, what: str) -> str:
    text = text.strip()
    if not text:
        raise NotYet(f"Write {what}.")
    if len(text) > LONGEST:
        raise NotYet(f"This is longer than {LONGEST:,} characters; shorten it.")
    return text
