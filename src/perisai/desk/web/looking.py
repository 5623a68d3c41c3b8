"""What is behind an address: who may not see it for being a party, and that somebody looked.

Both are asked of every door by what its address names, so that a new door is covered by itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perisai.desk.cases.models import ConflictRow
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.looks import services
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Sheet
from perisai.errors import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http.response import HttpResponseBase

    from perisai.desk.actors import Actor

SHOWN = (200, 201, 409, 422)
"""Answers that show what is there: also a form that comes back with what is wrong in it."""
_PART = re.compile(r"<\w+:(\w+)>")


def require_no_party(actor: Actor, route: str, parts: Mapping[str, str]) -> None:
    """Raise NotAllowed if the address is of a case that the actor is a party to.

    Also if it is of a complaint within such a case.
    """
    named = ConflictRow.objects.filter(name=actor.name)
    if "<complaint:key>" in route:
        its = ComplaintRow.objects.filter(id=parts["key"]).exclude(case="")
        found = named.filter(case__in=its.values("case"))
    elif "<case:key>" in route:
        found = named.filter(case=parts["key"])
    else:
        return
    if found.exists():
        raise NotAllowed("You are named as a party to this case; somebody else must do this.")


def look_at(route: str, parts: Mapping[str, str]) -> tuple[str, str] | None:
    """What an address shows, and which one; None if nobody needs to know who looked."""
    if route.endswith(".csv"):
        return services.EXPORT, _filled(route.removesuffix(".csv"), parts)
    if route.endswith("<case:key>/links"):
        return services.LINKS, parts["key"]
    if "<complaint:key>" in route:
        return services.COMPLAINT, parts["key"]
    if "<letter:letter>" in route:
        return services.LETTER, f"{parts['key']}/{parts['letter']}"
    if "<case:key>" in route:
        return services.CASE, parts["key"]
    return None


def _filled(route: str, parts: Mapping[str, str]) -> str:
    """The address that a route stands for."""
    return _PART.sub(lambda found: parts[found[1]], route)


def looked(actor: Actor, route: str, parts: Mapping[str, str], answer: HttpResponseBase) -> None:
    """Write down what an answer shows, before it leaves: what cannot be is not shown."""
    found = look_at(route, parts)
    if found and answer.status_code in SHOWN:
        rows = answer.rows if isinstance(answer, Sheet) else 0
        services.look(desk().house, actor, *found, rows)
