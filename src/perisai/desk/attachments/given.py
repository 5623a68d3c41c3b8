"""Documents that come with an answer, from somebody outside: few, small, and of known kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.desk.actors import HOUSE
from perisai.desk.attachments import domain, services
from perisai.desk.attachments.sniffing import kind_of
from perisai.desk.withholding.sealing import is_sealed_in_a_case

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.house import House
    from perisai.storage.facts.records import NewFact
    from perisai.storage.objects import ObjectStore

    Decide = Callable[[Case, tuple[str, ...]], list[NewFact]]
    """Decides with the numbers that the documents get."""

AUDIENCE = "agencies"
"""Whoever may read the answer may open what came with it."""


@dataclass(frozen=True, slots=True)
class Given:
    """A document as it came: what its sender calls it, and its bytes."""

    name: str
    data: bytes


def unfit(given: Sequence[Given]) -> list[str]:
    """The names of those that are not kept, as their bytes say: pictures, videos, programs."""
    return [each.name for each in given if kind_of(each.data) is None]


def keep_with(
    house: House,
    store: ObjectStore,
    actor: Actor,
    case: str,
    given: Sequence[Given],
    decide: Decide,
    *,
    days: int,
) -> Case:
    """Write what ``decide`` decides, and keep the documents with it: all, or nothing at all.

    Who may answer is decided there, not here. A document that somebody has sealed in a case is
    sealed here, too, and not kept; its sender learns nothing of that. Raises what ``decide``
    raises, NotYet, or StorageError.
    """
    with house.together():
        made = [services.wrap(house, each.data, name=each.name) for each in given]
        shut: list[services.Wrapped] = []

        def decided(known: Case) -> list[NewFact]:
            # Asked here, where nobody else writes: it may be sealed at this very moment.
            shut.extend(e for e in made if is_sealed_in_a_case(e.sha256, house.alias))
            told = [each.told for each in made]
            kept = domain.facts(known, house.clock(), told, audience=AUDIENCE, days=days)
            new = decide(known, tuple(each.data["attachment"] for each in kept))
            for each in made:
                if each not in shut:
                    each.put(store)
            return [*kept, *new]

        changed = house.change_case(case, actor, decided)
        for each in shut:
            house.people.erase(each.told["key"])
            (key,) = (k for k, v in changed.attachments.items() if v.key == each.told["key"])
            changed = house.write_case(changed, domain.closed(key, each.sha256), HOUSE)
        return changed
