"""The platforms that a case is about: the one that it was opened for, and others found later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import require
from perisai.desk.cases.domain import require_open
from perisai.desk.events import Event
from perisai.desk.permissions import Permission
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case

MOST = 20
LONGEST = 200


def widen(case: Case, actor: Actor, platform: str) -> list[NewFact]:
    """The same goes round on another platform: the case is about that one, too.

    Nothing comes of it if it is already. Raises NotAllowed, or NotYet for a case that went into
    another one or whose result is public, without a name, or if there are too many.
    """
    require(actor, Permission.CASE_OPEN, case.conflicted)
    require_open(case)
    if case.result and case.result.published:
        raise NotYet("The result is public; open a new case for what came after.")
    name = " ".join(platform.split())
    if not name:
        raise NotYet("Name the other platform.")
    if len(case.platforms) >= MOST:
        raise NotYet(f"A case is about {MOST} platforms at most; open another one.")
    return further(case, [name[:LONGEST]])


def further(case: Case, platforms: Iterable[str]) -> list[NewFact]:
    """Those of the platforms that the case is not about yet, in any case of letters."""
    known = {each.casefold() for each in case.platforms}
    new = (each for each in platforms if each.casefold() not in known)
    return [NewFact(Event.CASE_WIDENED, {"platform": each}) for each in dict.fromkeys(new)]


def addressed(case: Case, platform: str) -> str:
    """The platform of a case that somebody means by a name; the first for nothing.

    Raises NotYet if the case is not about it.
    """
    found = [each for each in case.platforms if each.casefold() == platform.strip().casefold()]
    if platform.strip() and not found:
        raise NotYet("This case is not about that platform; add it to the case first.")
    return found[0] if found else case.platform
