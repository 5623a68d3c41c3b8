"""The rows of the house's list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.listing.models import ListingRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.desk.cases.state import Case

SUMMARY = 200


def of_case(case: Case) -> Iterator[ListingRow]:
    """The rows of one case."""
    prints = {each.sha256: each.prints for each in case.samples}
    for each in case.listings.values():
        check, lines = each.check, prints.get(each.sha256, {}).get("pdq", ())
        yield ListingRow(
            case=case.id,
            sha256=each.sha256,
            standing=each.standing,
            category=each.category,
            reason=each.reason[:SUMMARY],
            pictures=len({line[0] for line in lines}),
            proposed_by=each.by,
            proposed=each.at,
            checked=check.at if check else None,
            compared=check.compared if check else None,
            unread=check.unread if check else None,
            hits=check.hits if check else None,
            agreed_by=each.agreed_by,
            agreed=each.agreed,
        )
