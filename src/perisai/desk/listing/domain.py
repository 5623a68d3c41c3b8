"""Who may put a sample on the list that others block by, and when not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import require, require_another
from perisai.desk.cases.domain import require_open
from perisai.desk.events import Event
from perisai.desk.listing.state import ALIVE, PROPOSED, SEALED
from perisai.desk.opinions.domain import require_sight
from perisai.desk.permissions import Permission
from perisai.desk.withholding.state import FREED
from perisai.errors import NotAllowed, NotYet
from perisai.storage.facts.records import NewFact
from perisai.terms import Label

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta
    from typing import Any

    from perisai.desk.actors import Actor
    from perisai.desk.cases.evidence import Sample
    from perisai.desk.cases.state import Case
    from perisai.desk.listing.state import Listing

CATEGORIES = tuple(each for each in Label if each not in (Label.LISTED, Label.ABUSE))
"""What a sample on the list shows. Abuse of a child goes to whom it is referred to, on no list."""
LONGEST = 4_000
IS_SEALED = "This sample is sealed; it is referred, and goes on no list of this house."


def may_propose(case: Case, sha256: str) -> bool:
    """Whether this sample could be proposed now, by whoever may."""
    found = next((each for each in case.samples if each.sha256 == sha256), None)
    known, decided = case.listings.get(sha256), case.withholdings.get(sha256)
    return (
        found is not None
        and not (found.sealed or case.merged_into)
        and case.claim == "confirmed"
        and not (known and known.alive)
        and not (decided and decided.what == FREED)
    )


def propose(case: Case, actor: Actor, sha256: str, category: str, reason: str) -> list[NewFact]:
    """A reviewer proposes a sample of a confirmed case for the house's list.

    Raises NotAllowed for what is sealed: that is referred, never listed here.
    """
    require(actor, Permission.LIST_PROPOSE, case.conflicted)
    require_sight(case, actor)
    require_open(case)
    _sample(case, sha256)
    if case.claim != "confirmed":
        raise NotYet("Only samples of a confirmed case are proposed for the list.")
    _require_not_freed(case, sha256)
    if category not in CATEGORIES:
        raise NotYet("Say what the sample shows.")
    known = case.listings.get(sha256)
    if known is not None and known.alive:
        raise NotYet("This sample is on the list or proposed for it already.")
    told = {"sha256": sha256, "category": str(category), "reason": _reason(reason)}
    return [NewFact(Event.LISTING_PROPOSED, told)]


def checked(case: Case, sha256: str, number: int, found: Mapping[str, Any]) -> list[NewFact]:
    """A dry run is over; nothing if the proposal that it was for does not wait any more."""
    known = case.listings.get(sha256)
    if known is None or known.number != number or known.standing != PROPOSED:
        return []
    return [NewFact(Event.LISTING_CHECKED, {"sha256": sha256, "listing": number, **found})]


def may_agree(case: Case, actor: Actor, sha256: str) -> Listing:
    """The proposal that this actor may agree to or refuse. Raises NotAllowed or NotYet."""
    require(actor, Permission.LIST_AGREE, case.conflicted)
    require_sight(case, actor)
    _sample(case, sha256)
    known = case.listings.get(sha256)
    if known is None or known.standing != PROPOSED:
        raise NotYet("Nothing is proposed here that waits for a second person.")
    require_another(actor, known.by)
    return known


def outdated(known: Listing, now: datetime, generation: int | None, lasts: timedelta) -> bool:
    """Whether the dry run has to be made again: it is missing or old, or something changed since.

    ``generation`` is that of the gateway's store now; None where there is no gateway.
    """
    check = known.check
    return check is None or now - check.at > lasts or check.generation != generation


def agree(
    case: Case,
    actor: Actor,
    now: datetime,
    sha256: str,
    *,
    generation: int | None,
    lasts: timedelta,
    saw_gap: bool,
) -> list[NewFact]:
    """A second person agrees to what the dry run let through; from then on it is on the list.

    ``saw_gap``: they say that they have seen what could not be compared.
    """
    known = may_agree(case, actor, sha256)
    require_open(case)
    _require_not_freed(case, sha256)
    if known.check is None or outdated(known, now, generation, lasts):
        raise NotYet("The dry run is missing or too old; it has to be made first.")
    if known.check.hits:
        raise NotYet(
            "Allowed items would be blocked: withhold them in the gateway first, or refuse this."
        )
    if known.check.gap and not saw_gap:
        raise NotYet("Not everything could be compared: say that you have seen that.")
    return [NewFact(Event.LISTING_AGREED, {"sha256": sha256, "gap": known.check.gap})]


def refuse(case: Case, actor: Actor, sha256: str, reason: str) -> list[NewFact]:
    """The second person refuses, and says why."""
    may_agree(case, actor, sha256)
    told = {"sha256": sha256, "reason": _reason(reason)}
    return [NewFact(Event.LISTING_REFUSED, told)]


def withdraw(case: Case, actor: Actor, sha256: str, reason: str) -> list[NewFact]:
    """Take a sample off the list, or a proposal back. One person suffices: it frees, not blocks."""
    require(actor, Permission.LIST_WITHDRAW, case.conflicted)
    require_sight(case, actor)
    known = case.listings.get(sha256)
    if known is None or known.standing not in ALIVE:
        raise NotYet("This sample is not on the list, nor proposed for it.")
    told = {"sha256": sha256, "reason": _reason(reason)}
    return [NewFact(Event.LISTING_WITHDRAWN, told)]


def ended_elsewhere(case: Case, sha256: str, why: str) -> list[NewFact]:
    """The same file was sealed or freed somewhere else: it is off the list at once.

    Of what is sealed nothing is left in the register, of what is freed it says so.
    """
    known = case.listings.get(sha256)
    if known is None or not (known.alive or why == SEALED):
        return []
    return [NewFact(Event.LISTING_WITHDRAWN, {"sha256": sha256, "reason": "", "why": why})]


def _sample(case: Case, sha256: str) -> Sample:
    found = next((each for each in case.samples if each.sha256 == sha256), None)
    if found is None:
        raise NotYet("There is no such sample in this case.")
    if found.sealed or any(each.get("label") == Label.ABUSE for each in found.findings):
        raise NotAllowed(IS_SEALED)
    return found


def _require_not_freed(case: Case, sha256: str) -> None:
    decided = case.withholdings.get(sha256)
    if decided is not None and decided.what == FREED:
        raise NotYet("This house's own gateway shows the sample; others are not told to block it.")


def _reason(reason: str) -> str:
    if not reason.strip():
        raise NotYet("Write the reason.")
    return reason.strip()[:LONGEST]
