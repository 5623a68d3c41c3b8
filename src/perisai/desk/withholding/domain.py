"""Who may withhold a file from this house's gateway or free it, and when not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import require
from perisai.desk.events import Event
from perisai.desk.opinions.domain import require_sight
from perisai.desk.permissions import Permission
from perisai.desk.withholding.state import FREED, WITHHELD
from perisai.errors import NotAllowed, NotYet
from perisai.storage.facts.records import NewFact
from perisai.terms import Label

if TYPE_CHECKING:
    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.withholding.state import Withholding

CHOICES = (WITHHELD, FREED)
LONGEST = 4_000
IS_SEALED = "This sample is sealed; the gateway withholds it from everyone."


def decide(case: Case, actor: Actor, sha256: str, what: str, reason: str) -> list[NewFact]:
    """A reviewer withholds a screened sample in the gateway, or frees it, and says why.

    Raises NotAllowed for what matches a list of child abuse or is sealed: nobody frees that.
    """
    require(actor, Permission.SAMPLE_WITHHOLD, case.conflicted)
    require_sight(case, actor)
    found = next((each for each in case.samples if each.sha256 == sha256), None)
    if found is None:
        raise NotYet("There is no such sample in this case.")
    if found.sealed or any(each.get("label") == Label.ABUSE for each in found.findings):
        raise NotAllowed(IS_SEALED)
    known = case.withholdings.get(sha256)
    return _decided(known, sha256, what, reason)


def decide_named(complaint: Complaint, actor: Actor, what: str, reason: str) -> list[NewFact]:
    """The same for the file that a complaint names, once its seal was undone."""
    require(actor, Permission.SAMPLE_WITHHOLD)
    known = next(iter(complaint.withholdings.values()), None)
    if known is None:
        raise NotYet("This complaint names no file on which something was decided.")
    if complaint.sealed:
        raise NotAllowed(IS_SEALED)
    return _decided(known, known.sha256, what, reason)


def _decided(known: Withholding | None, sha256: str, what: str, reason: str) -> list[NewFact]:
    if what not in CHOICES:
        raise NotYet("Say whether the sample is withheld or freed.")
    reason = reason.strip()
    if not reason:
        raise NotYet("Write the reason.")
    if known is not None and known.what == what and not known.anew:
        raise NotYet("This was decided already; it need not be decided twice.")
    kind = Event.SAMPLE_WITHHELD if what == WITHHELD else Event.SAMPLE_FREED
    return [NewFact(kind, {"sha256": sha256, "reason": reason[:LONGEST]})]


def applied(about: Case | Complaint, sha256: str, decision: int) -> list[NewFact]:
    """The gateway has a decision; nothing if another one came after it, or if this is known."""
    known = about.withholdings.get(sha256)
    if known is None or known.decision != decision or known.applied:
        return []
    return [NewFact(Event.SAMPLE_APPLIED, {"sha256": sha256, "decision": decision})]
