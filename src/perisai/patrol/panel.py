"""What the patrol last saw, on a case's page at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perisai.desk.panels import Panel
from perisai.desk.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.desk.actors import Actor
    from perisai.desk.cases.evidence import Measure
    from perisai.desk.cases.state import Case


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest search for some words and age, and the one before it."""

    now: Measure
    before: Measure | None

    @property
    def share(self) -> int | None:
        """What of it was unfit, in percent; None if nothing was found."""
        return _share(self.now)

    @property
    def share_before(self) -> int | None:
        """The same of the search before."""
        return _share(self.before) if self.before else None


def last_seen(case: Case, actor: Actor) -> Mapping[str, Any] | None:  # noqa: ARG001 - as panels are
    """The newest searches of the patrol in this case, newest first; None if there is none."""
    found: dict[tuple[str, str], list[Measure]] = {}
    for each in case.measures:
        if not each.source:  # what somebody measured by hand names its source
            found.setdefault((each.words, each.band), []).append(each)
    seen = [Seen(each[-1], each[-2] if len(each) > 1 else None) for each in found.values()]
    return {"seen": sorted(seen, key=lambda one: one.now.at, reverse=True)} if seen else None


def _share(measure: Measure) -> int | None:
    total = measure.shown + measure.withheld
    return round(100 * measure.withheld / total) if total else None


LAST_SEEN = Panel(
    name="patrol",
    title=("Yang terakhir dilihat patroli", "What the patrol last saw"),
    permission=Permission.CASE_READ,
    values=last_seen,
    templates=Path(__file__).with_name("templates"),
    template="last_seen.html",
    order=10,
)
