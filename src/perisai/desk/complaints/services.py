"""What is done with complaints besides receiving them and writing back and forth."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from django.db import transaction

from perisai.desk.complaints import domain, telling
from perisai.desk.complaints.state import Complaint, after, fold
from perisai.errors import NotYet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from perisai.desk.actors import Actor
    from perisai.desk.house import House


def read_many(house: House, keys: Iterable[str]) -> Iterator[Complaint]:
    """These complaints, opened, in their order; facts and keys are asked for many at a time."""
    left = iter(keys)
    while some := list(itertools.islice(left, telling.TOGETHER)):
        facts = house.log.streams([f"complaint:{key}" for key in some])
        folded = (fold(key, facts[f"complaint:{key}"]) for key in some)
        yield from telling.all_opened(folded, house.people)


def told_for_referral(house: House, key: str) -> dict[str, Any]:
    """What was told in a sealed complaint, link and all: for the referral, and nothing else.

    Whoever calls this writes down, in the same transaction, that it was opened, by whom and why.
    Raises NotYet if there is no such complaint, or it is not sealed.
    """
    facts = house.log.stream(f"complaint:{key}")
    if fold(key, facts).sealed is None:
        raise NotYet("There is no such complaint, or it is not sealed.")
    return telling.opened(after(Complaint(key), facts[0]), house.people).told or {}


def erase(house: House, actor: Actor, key: str, reason: str) -> Complaint:
    """Erase who complained: their key is destroyed, and with it all that they told and wrote.

    The facts stay as they were written, and their chain verifies.
    """
    with transaction.atomic(using=house.alias):
        known = house.complaint(key)
        new = domain.erase(known, actor, reason)
        house.people.erase(known.person)
        bare = house.complaint(key)
        return house.write_complaint(bare, new, actor)
