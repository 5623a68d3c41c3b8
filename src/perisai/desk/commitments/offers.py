"""What was promised in an answer, or agreed on when they came: it may become a commitment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.desk.cases.state import Case

ANSWER, POINT = "answer", "point"


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody offered to do; ``by`` is a day as in 2026-11-30, or empty."""

    source: str
    what: str
    by: str


def source_of(of: str, kind: str, number: int) -> str:
    """How the facts refer to it: ``s-1/answer/2`` is the second answer to the letter s-1.

    ``i-1/answer/2`` is the same of a request to an agency.
    """
    return f"{of}/{kind}/{number}"


def offers(case: Case) -> Iterator[Offer]:
    """Everything that was offered in a case; not what waits to be compared with its paper."""
    for letter in case.summons.values():
        for answer in letter.heard:
            if answer.promise:
                source = source_of(letter.id, ANSWER, answer.number)
                yield Offer(source, answer.promise, answer.promise_by)
        for number, point in enumerate(letter.points, 1):
            yield Offer(source_of(letter.id, POINT, number), point.what, point.by)
    for request in case.improvements.values():
        for answer in request.heard:
            if answer.promise:
                source = source_of(request.id, ANSWER, answer.number)
                yield Offer(source, answer.promise, answer.promise_by)


def taken(case: Case) -> dict[str, str]:
    """Which offer became which commitment."""
    known = case.commitments.values()
    return {each.source: each.id for each in known if each.source}


def untaken(case: Case) -> set[str]:
    """Where that was said which is no commitment yet."""
    return {each.source for each in offers(case)} - set(taken(case))
