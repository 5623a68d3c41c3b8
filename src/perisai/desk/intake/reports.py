"""Takes in what people say on the gateway's pages: *must not be shown*, *need not be hidden*.

The gateway keeps reports in its own tables and knows nothing of the desk. Each is taken in exactly
once: the number of the last one is read from the facts, and the complaint's own number is made from
the report, so that no second one can be written, whatever is killed in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from perisai.desk.appeals.state import SHOW
from perisai.desk.intake.models import ReportRow
from perisai.errors import Outdated

if TYPE_CHECKING:
    from perisai.desk.house import House
    from perisai.storage.records import ItemReport

AT_ONCE = 200
HIDE = "hide"
"""The wish that something be hidden; the other one, to show it, makes an appeal."""


class Reported(Protocol):
    """What is needed of the gateway's store."""

    def reports(self, since: int = 0, limit: int = 1000) -> tuple[tuple[int, ItemReport], ...]:
        """Reports with a number above ``since``, each with its number, oldest first."""


def take_in(house: House, store: Reported) -> int:
    """Take in what was reported since the last time; return how much that was.

    Raises StorageError if the gateway's tables cannot be read: the next time takes it in.
    """
    since, taken = _last(house, store), 0
    while found := store.reports(since, AT_ONCE):
        for number, report in found:
            taken += _one(house, number, report)
            since = number
    return taken


def _last(house: House, store: Reported) -> int:
    """The number from which on to ask: 0 for a gateway whose tables are not those of last time."""
    row = ReportRow.objects.using(house.alias).order_by("-fact").first()
    if row is None:
        return 0
    before = store.reports(row.number - 1, 1)
    if before and before[0][0] == row.number:
        known = house.complaint(row.complaint)
        return row.number if known.id == _key(*before[0]) else 0
    return 0


def _one(house: House, number: int, report: ItemReport) -> int:
    told = {
        "app": report.upstream,
        "item": report.number,
        "sha256": report.sha256,
        "what": report.reason,
        "wish": SHOW if report.kind == "hidden" else HIDE,
    }
    data = {"report": number, "reported": report.at.isoformat()}
    try:
        house.receive(told, source="gateway", once=_once(number, report), more=data)
    except Outdated:  # taken in already
        return 0
    return 1


def _once(number: int, report: ItemReport) -> str:
    return f"gateway:{number}:{report.number}:{report.at.isoformat()}"


def _key(number: int, report: ItemReport) -> str:
    from perisai.desk.house import key_of  # noqa: PLC0415 - the house follows facts through us

    return key_of(_once(number, report))
