"""Appeals, with what the house knows of who decided first."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from django.db import transaction

from perisai.desk.appeals import domain
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.triage import locks
from perisai.desk.withholding import services as withholding
from perisai.desk.withholding.models import WithholdingRow
from perisai.desk.withholding.state import FREED
from perisai.errors import Outdated

if TYPE_CHECKING:
    from collections.abc import Callable

    from perisai.desk.actors import Actor
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.house import House
    from perisai.storage.facts.records import NewFact


def propose(
    house: House, actor: Actor, key: str, outcome: str, text: str, *, seen: int
) -> Complaint:
    """Propose an answer to an appeal. ``seen`` is the position that the actor has looked at."""
    return _change(
        house,
        actor,
        key,
        seen,
        lambda c: domain.propose(
            c, actor, outcome, text, functools.partial(house.people.seal, c.person)
        ),
    )


def decide(house: House, actor: Actor, key: str, *, seen: int) -> Complaint:
    """Agree to what was proposed, as the second person.

    What need not be withheld after all, and is a file that this house's gateway told of, is freed
    there in the same breath. Raises NotAllowed if that file is sealed anywhere.
    """

    def decided(known: Complaint) -> list[NewFact]:
        new = domain.decide(known, actor, first_deciders(house, known))
        freed = domain.frees(known)
        for fact in freed:
            withholding.require_unsealed(house, fact.data["sha256"], FREED)
        return [*new, *freed]

    return _change(house, actor, key, seen, decided)


def first_deciders(house: House, complaint: Complaint) -> set[str]:
    """Who decided the claim in the case of this complaint, or of others about the same thing.

    Of a file that the gateway told of, it is also who has the gateway withhold or show it.
    """
    cases = {complaint.case}
    rows = ComplaintRow.objects.using(house.alias)
    topic = rows.filter(id=complaint.id).values_list("topic", flat=True).first()
    if topic:
        cases |= set(rows.filter(topic=topic).values_list("case", flat=True))
    found = {house.case(key).claim_by for key in sorted(cases - {""})}
    sha256 = (complaint.told or {}).get("sha256", "")
    decided = WithholdingRow.objects.using(house.alias).filter(sha256=sha256).exclude(case="")
    for key in decided.values_list("case", flat=True) if sha256 else ():
        found.add(house.case(key).withholdings[sha256].by)
    return found - {""}


def _change(
    house: House,
    actor: Actor,
    key: str,
    seen: int,
    decide: Callable[[Complaint], list[NewFact]],
) -> Complaint:
    with transaction.atomic(using=house.alias):
        house.log.hold()  # what an appeal frees is sealed by nobody meanwhile
        known = house.complaint(key)
        new = decide(known)
        locks.require_free(house, known, actor)
        if known.position != seen:
            raise Outdated("Somebody else has changed this meanwhile; look again first.")
        return house.write_complaint(known, new, actor)
