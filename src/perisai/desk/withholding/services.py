"""Takes what was decided at the desk to the gateway's store, until it is there.

The fact comes first. Whatever is killed or cannot be reached afterwards, the decision stands and is
shown as waiting; each minute it is tried again. What the gateway is told carries the time of the
fact, so that a second attempt finds the first one and adds nothing.
"""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING

from perisai.desk.actors import HOUSE
from perisai.desk.withholding import domain
from perisai.desk.withholding.models import WithholdingRow
from perisai.desk.withholding.sealing import is_sealed
from perisai.desk.withholding.state import FREED, SEALED
from perisai.errors import NotAllowed, StorageError
from perisai.storage.records import Opinion
from perisai.terms import Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.gateway_store import GatewayStore
    from perisai.desk.house import House
    from perisai.desk.withholding.state import Withholding
    from perisai.storage.facts.records import NewFact
    from perisai.storage.ports import Store

CLEARED = tuple(each for each in Label if each is not Label.ABUSE)
"""What is said not to be so of a file that is freed: nobody clears a match with an abuse list."""
_LOG = logging.getLogger("perisai.desk")


def decide(
    house: House,
    actor: Actor,
    gateway: GatewayStore,
    key: str,
    sha256: str,
    what: str,
    reason: str,
) -> Case:
    """Write down what a reviewer decided, and let the gateway know at once if it can be reached.

    A file that is sealed in any case is freed in none.
    """

    def decided(case: Case) -> list[NewFact]:
        new = domain.decide(case, actor, sha256, what, reason)
        require_unsealed(house, sha256, what)
        return new

    house.change_case(key, actor, decided)
    apply_waiting(house, gateway, key)
    return house.case(key)


def decide_named(
    house: House, actor: Actor, gateway: GatewayStore, key: str, what: str, reason: str
) -> Withholding:
    """The same for the file that a complaint names whose seal was undone."""

    def decided(known: Complaint) -> list[NewFact]:
        new = domain.decide_named(known, actor, what, reason)
        for each in known.withholdings:
            require_unsealed(house, each, what)
        return new

    house.change_complaint(key, actor, decided)
    apply_waiting(house, gateway)
    (known,) = house.complaint(key).withholdings.values()
    return known


def require_unsealed(house: House, sha256: str, what: str) -> None:
    """Raise NotAllowed if a file is to be freed that is sealed in any case or complaint."""
    if what == FREED and is_sealed(sha256, house.alias):
        raise NotAllowed(domain.IS_SEALED)


def apply_waiting(house: House, gateway: GatewayStore, case: str = "") -> int:
    """Take to the gateway what it does not have yet, oldest first; return how much that was.

    What cannot be taken there now waits for the next time.
    """
    rows = WithholdingRow.objects.using(house.alias).filter(applied=None)
    waiting = list((rows.filter(case=case) if case else rows).order_by("decided", "row"))
    if not waiting:
        return 0
    try:
        store = gateway.open()
        if store is None:
            return 0
        try:
            return sum(_apply(house, store, row) for row in waiting)
        finally:
            store.release()
    except StorageError as error:
        _LOG.warning("decisions for the gateway wait: %s", type(error).__name__)
        return 0


def of_case(case: Case) -> Iterator[WithholdingRow]:
    """The rows of one case."""
    sealed = {each.sha256 for each in case.samples if each.sealed}
    for each in case.withholdings.values():
        yield WithholdingRow(
            case=case.id,
            sha256=each.sha256,
            what=SEALED if each.sha256 in sealed else each.what,
            decided=each.at,
            applied=each.applied,
        )


def of_complaint(complaint: Complaint) -> Iterator[WithholdingRow]:
    """The row of the file that a complaint names, if it was ever sealed."""
    for each in complaint.withholdings.values():
        yield WithholdingRow(
            case="",
            complaint=complaint.id,
            sha256=each.sha256,
            what=SEALED if complaint.sealed else each.what,
            decided=each.at,
            applied=each.applied,
        )


def put(complaint: Complaint, alias: str) -> None:
    """Write it."""
    if complaint.withholdings:
        table = WithholdingRow.objects.using(alias)
        table.filter(complaint=complaint.id).delete()
        table.bulk_create(of_complaint(complaint))


def _apply(house: House, store: Store, row: WithholdingRow) -> int:
    about = house.case(row.case) if row.case else house.complaint(row.complaint)
    known = about.withholdings[row.sha256]
    _tell(store, known)

    def noted(about: Case | Complaint) -> list[NewFact]:
        return domain.applied(about, known.sha256, known.decision)

    if row.case:
        house.change_case(row.case, HOUSE, noted)
    else:
        house.change_complaint(row.complaint, HOUSE, noted)
    return 1


def _tell(store: Store, known: Withholding) -> None:
    """Add what was decided to what people said of the file, all of it or nothing.

    What somebody else said later, at the gateway or for another case, stands.
    """
    said = store.opinions([known.sha256]).get(known.sha256, ())
    new = [each for each in _opinions(known) if not any(_stands(one, each) for one in said)]
    for _, error in store.together([functools.partial(store.add_opinion, each) for each in new]):
        if error is not None:
            raise StorageError("the gateway did not take the decision") from error


def _stands(said: Opinion, new: Opinion) -> bool:
    """Whether what was said makes the new opinion needless: it came later, or is the very same."""
    same = (said.at, said.score, said.by) == (new.at, new.score, new.by)
    return said.label == new.label and (same or said.at > new.at)


def _opinions(known: Withholding) -> Iterator[Opinion]:
    labels, score = (CLEARED, 0.0) if known.what == FREED else ((Label.EXPLICIT,), 1.0)
    for label in labels:
        # The reason may tell of a complaint: it stays at the desk.
        yield Opinion(known.sha256, label, score, known.by, "decided at the desk", known.at)
