"""The samples of a case and the house's list, each with the forms that it has now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perisai.desk.listing.domain import may_propose
from perisai.desk.listing.state import PROPOSED
from perisai.desk.permissions import Permission
from perisai.desk.web import forms
from perisai.desk.web.running import desk
from perisai.desk.withholding.sealing import sealed_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.listing.state import Listing
    from perisai.desk.web.case_lines import Bound
    from perisai.desk.web.forms import Form

P = Permission


@dataclass(frozen=True, slots=True)
class ListingLine:
    """A sample, by how many of its pictures it could be told, and what may be done with it now.

    ``hits`` are the items that the dry run names; of one that is sealed since, nothing but its
    hash.
    """

    known: Listing | None
    pictures: int
    forms: dict[str, Form]
    hits: list[Mapping[str, Any]]


def listing_lines(case: Case, actor: Actor, bound: Bound) -> dict[str, ListingLine]:
    """The samples that are not sealed, by SHA-256; nothing for who may not read the list."""
    if not actor.may(P.LIST_READ):
        return {}
    return {
        each.sha256: ListingLine(
            case.listings.get(each.sha256),
            len({line[0] for line in each.prints.get("pdq", ())}),
            _forms(case, actor, each.sha256, bound),
            _hits(case.listings.get(each.sha256)),
        )
        for each in case.samples
        if not each.sealed
    }


def _hits(known: Listing | None) -> list[Mapping[str, Any]]:
    items = known.check.items if known and known.check else ()
    if not items:
        return []
    sealed = sealed_of({each["sha256"] for each in items}, desk().house.alias)
    return [
        {"sha256": each["sha256"], "sealed": True} if each["sha256"] in sealed else each
        for each in items
    ]


def agreeing(*, gap: bool) -> type[forms.AgreeListing]:
    """The form of the second person."""
    return forms.AgreeWithGap if gap else forms.AgreeListing


def _forms(case: Case, actor: Actor, sha256: str, bound: Bound) -> dict[str, Form]:
    may, made, item = actor.may, dict[str, "Form"](), sha256[:12]
    known = case.listings.get(sha256)
    if may(P.LIST_PROPOSE) and may_propose(case, sha256):
        made["propose"] = bound(forms.ProposeListing, item)
    if known is None or not known.alive:
        return made
    other, proposed = known.by.partition(":")[2] != actor.name, known.standing == PROPOSED
    if proposed and may(P.LIST_AGREE) and other:
        check = known.check
        if check is not None and not check.hits:
            first = {"seen": case.position}
            made["agree"] = bound(agreeing(gap=check.gap), item, initial=first)
        else:
            made["again"] = bound(forms.AgreeListing, item, initial={"seen": case.position})
        made["refuse"] = bound(forms.RefuseListing, item)
    if may(P.LIST_WITHDRAW) and not (proposed and other):
        made["withdraw"] = bound(forms.WithdrawListing, item)
    return made
