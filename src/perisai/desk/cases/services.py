"""What is done with several cases at once: all of it is written, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from perisai.desk.cases import domain, merging
from perisai.desk.complaints import domain as complaints

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.house import House


def merge(house: House, actor: Actor, key: str, other: str, reason: str) -> Case:
    """Let the case ``other`` go into the case ``key``. Raises NotAllowed or NotYet."""
    with transaction.atomic(using=house.alias):
        house.log.hold()
        case, gone = house.case(key), house.case(other)
        here, there = merging.merge(case, gone, actor, reason)
        _move(house, actor, gone.complaints, key)
        house.write_case(gone, there, actor)
        return house.write_case(case, here, actor)


def split(
    house: House,
    actor: Actor,
    key: str,
    gone: Collection[str],
    *,
    title: str,
    reason: str,
    promised: datetime,
) -> Case:
    """Take complaints out of a case into a new one, which is returned.

    It is about the same platform and found with the same words. Raises NotAllowed or NotYet.
    """
    with transaction.atomic(using=house.alias):
        house.log.hold()
        case = house.case(key)
        domain.read(case, actor)
        made = house.open_case(
            actor,
            title=title,
            platform=case.platform,
            words=case.words,
            promised=promised,
            split_from=key,
        )
        here, there = merging.split(case, actor, gone, reason, made.id)
        house.write_case(case, here, actor)
        _move(house, actor, gone, made.id)
        return house.write_case(made, there, actor)


def _move(house: House, actor: Actor, keys: Collection[str], case: str) -> None:
    for each in keys:
        known = house.complaint(each)
        house.write_complaint(known, complaints.moved(known, case), actor)
