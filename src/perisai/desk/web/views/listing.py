"""The list that the house gives to others: the page, and what is done with a sample for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse

from perisai.desk.listing import domain, services
from perisai.desk.listing.models import ListingRow
from perisai.desk.listing.state import PROPOSED, STANDINGS
from perisai.desk.permissions import Permission
from perisai.desk.web import forms
from perisai.desk.web.listing_lines import agreeing
from perisai.desk.web.reading import readable
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, Table
from perisai.desk.web.views import case_page
from perisai.desk.web.views.acting import attempt, change, known_case, to_case
from perisai.desk.web.wording import moment, who, word

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from perisai.desk.cases.state import Case
    from perisai.desk.web.access import Request
    from perisai.storage.facts.records import NewFact

P = Permission


def rows(request: Request) -> QuerySet[ListingRow]:
    """The samples that who asks may know of."""
    return ListingRow.objects.filter(case__in=readable(request).values("id"))


def to_agree(request: Request) -> QuerySet[ListingRow]:
    """The proposals that wait for who asks."""
    waiting = rows(request).filter(standing=PROPOSED)
    others = waiting.exclude(proposed_by__endswith=f":{request.actor.name}")
    return others.order_by("proposed", "sha256")


def columns() -> tuple[Column, ...]:
    """What the page shows."""
    return (
        Column("list-standing", "standing", lambda row: word(row.standing, "listing")),
        Column("list-file", "sha256", lambda row: row.sha256),
        Column("list-category", "category", lambda row: word(row.category, "label")),
        Column("list-proposed", "proposed", lambda row: moment(row.proposed)),
        Column("list-hits", "hits", lambda row: row.hits),
        Column("list-agreed", "agreed", lambda row: moment(row.agreed)),
        Column("case", "case", lambda row: row.case),
    )


def more_columns() -> tuple[Column, ...]:
    """What a spreadsheet shows beside that."""
    return (
        Column("list-reason", "", lambda row: row.reason),
        Column("list-pictures", "", lambda row: row.pictures),
        Column("list-proposed-by", "", lambda row: who(row.proposed_by)),
        Column("list-checked", "", lambda row: moment(row.checked)),
        Column("list-compared", "", lambda row: row.compared),
        Column("list-unread", "", lambda row: row.unread),
        Column("list-agreed-by", "", lambda row: who(row.agreed_by) if row.agreed_by else ""),
    )


def table(request: Request, more: tuple[Column, ...] = ()) -> Table[ListingRow]:
    """The table, as the address asks for it: ``standing``."""
    found, asked = rows(request), request.GET.get("standing")
    if asked in STANDINGS:
        found = found.filter(standing=asked)
    return Table(request, found, (*columns(), *more), "list", first="-list-proposed")


def listed(request: Request) -> HttpResponse:
    """What is on the list, what waits, and when it was handed out."""
    handed = services.exports(desk().house)
    export = forms.Nothing(item="list-export", initial={"seen": 0})
    return page(
        request,
        "list",
        table=table(request),
        standings=STANDINGS,
        asked=request.GET,
        handed=handed,
        receivers=", ".join(desk().settings.desk.list_receivers),
        export=export if request.actor.may(P.LIST_EXPORT) else None,
    )


def as_csv(request: Request) -> HttpResponse:
    """The same table for a spreadsheet."""
    return table(request, more_columns()).csv()


def exported(request: Request) -> HttpResponse:
    """The list as a file for others, as ``perisai lists import`` reads it."""
    data, _ = services.export(desk().house, desk().settings, request.actor)
    response = HttpResponse(data, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="list.json"'
    return response


def proposed(request: Request, key: str, sha256: str) -> HttpResponse:
    """A reviewer proposes a sample; its dry run begins at once."""
    known_case(key)

    def do(said: dict[str, Any]) -> HttpResponse:
        services.propose(
            desk().house,
            request.actor,
            desk().gateway,
            key,
            sha256,
            said["category"],
            said["reason"],
        )
        return to_case(key, "list-proposed", f"sample-{sha256[:12]}")

    form = forms.ProposeListing(request.POST, item=sha256[:12])
    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def agreed(request: Request, key: str, sha256: str) -> HttpResponse:
    """A second person agrees; first the dry run is made again if it does not count any more."""
    known = known_case(key).listings.get(sha256)
    gap = bool(known and known.check and known.check.gap)

    def do(said: dict[str, Any]) -> HttpResponse:
        done = services.agree(
            desk().house,
            request.actor,
            desk().gateway,
            key,
            sha256,
            seen=said["seen"],
            saw_gap=said.get("gap", False),
        )
        return to_case(key, "list-agreed" if done else "list-again", f"sample-{sha256[:12]}")

    form = agreeing(gap=gap)(request.POST, item=sha256[:12])
    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def refused(request: Request, key: str, sha256: str) -> HttpResponse:
    """The second person refuses."""
    known_case(key)
    form = forms.RefuseListing(request.POST, item=sha256[:12])

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return domain.refuse(case, request.actor, sha256, said["reason"])

    return change(request, key, form, decide, done="list-refused", at=f"sample-{sha256[:12]}")


def withdrawn(request: Request, key: str, sha256: str) -> HttpResponse:
    """A sample goes off the list again."""
    known_case(key)
    form = forms.WithdrawListing(request.POST, item=sha256[:12])

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return domain.withdraw(case, request.actor, sha256, said["reason"])

    return change(request, key, form, decide, done="list-withdrawn", at=f"sample-{sha256[:12]}")
